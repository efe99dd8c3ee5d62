"""What differs between the layers of two networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Literal

from archcalc.analyses.difference.alignment import aligned
from archcalc.analyses.difference.change import Change, changes
from archcalc.analyses.difference.token import Pair
from archcalc.analyses.summary import Row
from archcalc.layers import LAYERS
from archcalc.layers.base import plain
from archcalc.record import Configuration

LayerState = Literal["same", "renamed", "affected", "moved", "changed", "added", "removed"]

#: What a layer's change is told by.
FIGURES = (
    "output", "params", "trainable", "buffers", "macs", "flops", "training_flops", "weights_bytes", "activations_bytes",
    "saved_bytes", "field",
)  # fmt: skip


class LayerChange(Configuration):
    """One layer of both networks, or of one: ``old`` is None where it was added, ``new`` where it was removed.

    ``attributes`` are what the text says of it: its kind, its numbers, what it reads. ``figures`` follow from these and
    from the layers before it.
    """

    old: Row | None
    new: Row | None
    attributes: tuple[Change, ...] = ()
    figures: tuple[Change, ...] = ()
    moved: bool = False

    @property
    def row(self) -> Row:
        """The layer as it is now, or as it was."""
        row = self.new or self.old
        assert row is not None, "a layer is on one side at least"
        return row

    @property
    def was(self) -> str | None:
        """Its name before, where it had another."""
        return self.old.name if self.old and self.new and self.old.name != self.new.name else None

    @property
    def state(self) -> LayerState:
        """``changed``: its own line says something else; ``affected``: only its figures are others."""
        if self.old is None or self.new is None:
            return "added" if self.old is None else "removed"
        if self.attributes or self.moved:
            return "changed" if self.attributes else "moved"
        return "affected" if self.figures else "renamed" if self.was else "same"


def layer_changes(old: Sequence[Row], new: Sequence[Row]) -> tuple[LayerChange, ...]:
    """The layers of both in order."""
    pairs = aligned(old, new)
    wires = _Wires(old, new, pairs)
    made = []
    for here, there, moved in pairs:
        if here is None or there is None:
            made.append(LayerChange(old=_at(old, here), new=_at(new, there)))
            continue
        before, after = old[here], new[there]
        figures = changes(_figures(before), _figures(after))
        made.append(
            LayerChange(
                old=before,
                new=after,
                attributes=(*_attributes(before, after), *wires.changes(before, after)),
                figures=figures,
                moved=moved,
            )
        )
    return tuple(made)


def _at(rows: Sequence[Row], index: int | None) -> Row | None:
    return None if index is None else rows[index]


def _figures(row: Row) -> dict[str, Any]:
    return {name: getattr(row, name) for name in FIGURES}


def _attributes(old: Row, new: Row) -> tuple[Change, ...]:
    if old.kind == new.kind and old.attributes == new.attributes:
        return ()
    names = dict.fromkeys((*old.attributes, *new.attributes))
    kind = changes({"kind": old.kind}, {"kind": new.kind})
    return (*kind, *changes(_full(old, names), _full(new, names)))


def _full(row: Row, names: Mapping[str, None]) -> dict[str, Any]:
    """A layer's attributes, those that it does not say at their default."""
    type_ = _TYPES.get(row.kind)
    return {name: row.attributes.get(name, plain(getattr(type_, name, None))) for name in names}


_TYPES = {type_.kind: type_ for type_ in LAYERS if isinstance(getattr(type_, "kind", None), str)}


class _Wires:
    """What layers read, in terms of layers that both networks have in the same order."""

    def __init__(self, old: Sequence[Row], new: Sequence[Row], pairs: Sequence[Pair]) -> None:
        self.old = {row.name: row for row in old}
        self.new = {row.name: row for row in new}
        both = [pair for pair in pairs if pair.old is not None and pair.new is not None and not pair.moved]
        self.now = {old[pair.old or 0].name: new[pair.new or 0].name for pair in both}

    @cached_property
    def kept(self) -> frozenset[str]:
        """The new layers that were there before, and have not moved."""
        return frozenset(self.now.values())

    def changes(self, old: Row, new: Row) -> tuple[Change, ...]:
        """What the layer reads, whose weights it uses, whether it is of a side head: where that is another."""
        found: dict[str, tuple[Any, Any]] = {"shares": (old.shares, new.shares), "aux": (old.aux, new.aux)}
        if old.shares is not None and self.now.get(old.shares) == new.shares:
            del found["shares"]
        before = [self.now.get(self._before(name), "") for name in old.inputs]
        if old.name in self.now and before != [self._after(name) for name in new.inputs]:
            found["inputs"] = old.inputs, new.inputs
        return changes({name: pair[0] for name, pair in found.items()}, {name: pair[1] for name, pair in found.items()})

    def _before(self, name: str) -> str:
        """The first layer at or before an old one that there still is: one taken out of a path does not rewire it."""
        while name not in self.now and self.old[name].inputs:
            name = self.old[name].inputs[0]
        return name

    def _after(self, name: str) -> str:
        """The first layer at or before a new one that there was before."""
        while name not in self.kept and self.new[name].inputs:
            name = self.new[name].inputs[0]
        return name if name in self.kept else ""
