"""Names of layers: a named line's, its members' by kind, turns by number; unique in the network."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache

from archcalc.graph import Place
from archcalc.graph import same_name as same_name


@dataclass(slots=True)
class Leaf:
    """One layer: its kind's word, or the name that its line gives it."""

    node: int
    stem: str


@dataclass(slots=True)
class Frame:
    """What a name, a call or a turn of a repeat covers. ``label`` is a name somebody wrote, ``stem`` a block's."""

    stem: str = ""
    label: str | None = None
    first: int = 0
    stop: int = 0
    output: int = 0
    members: list[Leaf | Frame] = field(default_factory=list)


@dataclass(slots=True)
class Names:
    """What ``resolve`` finds: each node's name, its kind's word and the path above it, and the places of names."""

    of: dict[int, str] = field(default_factory=dict)
    stems: dict[int, str] = field(default_factory=dict)
    blocks: dict[int, str] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)


def resolve(root: Frame) -> Names:
    """Final names for every layer under ``root``."""
    names = Names()
    _resolve(root, "", names, in_line=False)
    _make_unique(names)
    return names


def _resolve(frame: Frame, prefix: str, names: Names, in_line: bool) -> None:
    members = _hoisted(frame.members)
    each = tuple([(isinstance(m, Frame), m.label if isinstance(m, Frame) else None, m.stem) for m in members])
    for member, label in zip(members, _labels(each, in_line), strict=True):
        path = f"{prefix}.{label}" if prefix else label
        if isinstance(member, Leaf):
            names.of[member.node] = path
            names.stems[member.node] = member.stem
            names.blocks[member.node] = prefix
            continue
        _keep(names, path, member)
        inner = member
        while len(inner.members) == 1 and isinstance(inner.members[0], Frame) and inner.members[0].label is None:
            inner = inner.members[0]  # a line that is one call: its members are the line's
        if len(inner.members) == 1 and isinstance(inner.members[0], Leaf):
            names.of[inner.members[0].node] = path
            names.stems[inner.members[0].node] = inner.members[0].stem
            # a written name with points, conv2.1.bn, stands in conv2.1; so does the second of a name met again
            names.blocks[inner.members[0].node] = path.rpartition(".")[0]
        else:
            _resolve(inner, path, names, in_line=inner.label is not None)


def _keep(names: Names, path: str, frame: Frame) -> None:
    """Records a place; a name met again stretches over both."""
    key = same_name(path)
    earlier = names.places.get(key)
    first = min(frame.first, earlier.first) if earlier else frame.first
    names.places[key] = Place(first, frame.stop, frame.output)


def _hoisted(members: list[Leaf | Frame]) -> list[Leaf | Frame]:
    """Members, with those of an unnamed single call that names its own lines in its place."""
    calls = Counter(m.stem for m in members if isinstance(m, Frame) and m.label is None)
    flat: list[Leaf | Frame] = []
    for member in members:
        once = isinstance(member, Frame) and member.label is None and calls[member.stem] == 1
        if once and isinstance(member, Frame) and any(isinstance(m, Frame) and m.label for m in member.members):
            flat += _hoisted(member.members)
        else:
            flat.append(member)
    return flat


@lru_cache(maxsize=4096)
def _labels(members: tuple[tuple[bool, str | None, str], ...], in_line: bool) -> tuple[str, ...]:
    """Labels of members, each given as whether it is a frame, its written name and its stem.

    Written names stay as they are (numbered when met again); calls and turns of a named line go by number.
    """
    stems = [label or stem for _, label, stem in members]
    turns = sum(is_frame and label is None for is_frame, label, _ in members)
    counts = Counter(same_name(stem) for stem in stems)
    taken = {same_name(label) for _, label, _ in members if label}
    seen: Counter[str] = Counter()
    turn = 0
    labels: list[str] = []
    for (is_frame, written, _), stem in zip(members, stems, strict=True):
        key = same_name(stem)
        seen[key] += 1
        if written is not None:
            labels.append(f"{stem}.{seen[key]}" if counts[key] > 1 else stem)
        elif in_line and is_frame and (turns > 1 or not stem):
            turn += 1
            labels.append(str(turn))
        else:
            label = _numbered(stem, counts[key], seen, key, taken)
            labels.append(label)
    return tuple(labels)


def _numbered(stem: str, count: int, seen: Counter[str], key: str, taken: set[str]) -> str:
    """``conv`` alone, ``conv1``, ``conv2`` among several; a written name of that form is skipped."""
    if count == 1 and key not in taken:
        return stem
    while same_name(f"{stem}{seen[key]}") in taken:
        seen[key] += 1
    return f"{stem}{seen[key]}"


def _make_unique(names: Names) -> None:
    """Names as leaves of a tree: one that is met again gets a number, one that is also a group's its kind's word."""
    groups: set[str] = set()
    for parent in {name.casefold().rpartition(".")[0] for name in names.of.values()}:
        _add_groups(parent, groups)
    taken: set[str] = set()
    numbers: Counter[str] = Counter()
    for node in sorted(names.of):
        name = names.of[node]
        if name.casefold() in groups:
            name = f"{name}.{names.stems[node]}"
        base, key = name, same_name(name)
        while key in taken or name.casefold() in groups:
            numbers[same_name(base)] += 1
            name = f"{base}_{numbers[same_name(base)] + 1}"
            key = same_name(name)
        taken.add(key)
        if name != names.of[node]:
            _add_groups(name.casefold().rpartition(".")[0], groups)
            names.of[node] = name


def _add_groups(path: str, groups: set[str]) -> None:
    """A group and those that it stands in: conv3.1 and conv3."""
    while path and path not in groups:
        groups.add(path)
        path = path.rpartition(".")[0]
