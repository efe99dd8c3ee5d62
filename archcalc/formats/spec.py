"""A graph as .arch text that reads back into an equal one: a line a layer, ``from`` where it does not read the last.

Layers, inputs, shapes and shared weights are those of the graph, and so are names, but for those that the notation has
no room for (``[0]``, a word of its own). Blocks, parameters and claims are not written: their numbers are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from archcalc.algebra import Dim, to_text
from archcalc.formats.numbers import Unwritable, number, size
from archcalc.formats.phrases import MERGES, SHARING, phrase
from archcalc.graph import Graph, Node, same_name
from archcalc.layers import IMAGE, TOKENS, Input, Warp, ZeroShortcut

_WIDE = 110
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.\- ]*[A-Za-z0-9_])?")
#: Names that begin a statement, a merge or a printed figure where a line could have one.
_TAKEN = re.compile(
    r"(?:network|inputs?|param|use|block|table|expect|erratum|fit)\b.*"
    r"|sum|add|concat|mean|max|product|flat|affine warp|aux|from|when|otherwise|repeat"
    r"|(?:.*\s)?(?:memory|params|parameters|weights|biases|macs|ops|flops|neurons|connections|activations|trainable)",
    re.IGNORECASE,
)


def write(graph: Graph) -> str:
    """The text of a network, a newline at its end. Raises Unwritable where the notation has no words for a layer."""
    title = " ".join(graph.title.replace('"', "'").split())
    head = f"network {_network_name(graph.name)}" + (f' "{title}"' if title else "")
    return "\n".join([head, *_Writer(graph).lines()]) + "\n"


def _network_name(name: str) -> str:
    return re.sub(r"[^\w.\-]+", "-", name).strip("-") or "network"


class _Writer:
    """Lines of one graph, in the order of its nodes."""

    def __init__(self, graph: Graph) -> None:
        self.graph, self.nodes = graph, graph.nodes
        self.labels = self._labels()
        #: the name by which later lines reach a node: that of the line which it ends
        self.reached = dict(enumerate(self.labels))
        self.owners = {node.shares for node in self.nodes if node.shares is not None}
        self.readers: dict[int, list[int]] = {}
        for index, node in enumerate(self.nodes):
            for source in node.inputs:
                self.readers.setdefault(source, []).append(index)
        paths = (same_name(label).split(".") for label in self.labels)
        self.members = Counter(".".join(path[:deep]) for path in paths for deep in range(1, len(path)))

    def _labels(self) -> list[str]:
        """For each node a name that a line can have: its own, unless that means something else there."""
        taken: set[str] = set()
        found = []
        for node in self.nodes:
            label = node.name
            if not _LABEL.fullmatch(label) or _TAKEN.fullmatch(label):
                label = "_" + re.sub(r"\W+", "_", label)
            while same_name(label) in taken:
                label += "_"
            taken.add(same_name(label))
            found.append(label)
        return found

    def lines(self) -> Iterator[str]:
        """Every layer; the last line goes back to the output where it is not the last layer."""
        current: int | None = None
        index, head = 0, False
        before_head: int | None = None
        while index < len(self.nodes):
            node = self.nodes[index]
            if node.aux and not head:
                before_head = current
                yield "aux:"
            elif head and not node.aux:
                current = before_head
            head = node.aux
            stop, line = self._line(index, current)
            yield from (f"    {part}" if head else part for part in line)
            current, index = stop - 1, stop
        if (before_head if head else current) != self.graph.output:
            yield f"from {self._reach(self.graph.output)}"

    def _line(self, index: int, current: int | None) -> tuple[int, list[str]]:
        """The line that begins with a node, and the first node behind it."""
        node = self.nodes[index]
        if isinstance(node.layer, Input):
            return index + 1, [self._input(index, node.layer)]
        if isinstance(node.layer, ZeroShortcut):
            return self._with_shortcuts(index)
        if isinstance(node.layer, MERGES):
            return index + 1, self._merge(index, self.labels[index], [self._origin(each) for each in node.inputs])
        stop = self._chain(index)
        label = self.labels[index]
        if stop > index + 1:
            label = label.rpartition(".")[0]
            self.reached |= dict.fromkeys(range(index, stop - 1), "") | {stop - 1: label}
        (source,) = node.inputs
        start = "" if source == current else f"{self._origin(source)}; "
        phrases = "; ".join(self._phrase(each) for each in range(index, stop))
        return stop, [f"{self._named(index, label)}{start}{phrases}"]

    def _input(self, index: int, layer: Input) -> str:
        if len(layer.shape) == TOKENS:
            raise Unwritable(f"{self.nodes[index].name}: the notation has no input of tokens")
        name = self.labels[index]
        given = "" if self.nodes[index].name == "input" else f"{_identifier(name)}: "
        if given:
            self.reached[index] = _identifier(name)
        else:
            self.reached[index] = "input"
        dims = (*layer.shape[1:], layer.shape[0]) if len(layer.shape) == IMAGE else layer.shape
        return f"input {given}{'x'.join(_open(dim) for dim in dims)}"

    def _named(self, index: int, label: str) -> str:
        """A line's name; none where the layer's own is one that the notation alone gives, and no line goes back."""
        node = self.nodes[index]
        after = [each for each in self.readers.get(index, ()) if each > index + 1 or len(self.nodes[each].inputs) > 1]
        back = after or (index == self.graph.output and index + 1 < len(self.nodes))
        return "" if label != node.name == _stem(node) and not back else f"{label}: "

    def _origin(self, node: int) -> str:
        return f"from {self._reach(node)}"

    def _reach(self, node: int) -> str:
        return re.sub(r"\s+", "_", self.reached[node])

    def _phrase(self, index: int) -> str:
        """A layer, and whose weights it uses."""
        node = self.nodes[index]
        try:
            written = phrase(node.layer, self.graph.input_shapes(node)[0])
        except Unwritable as error:
            raise Unwritable(f"{node.name}: {error}") from None
        if node.shares is None:
            return written
        owner = self._reach(node.shares)
        return f"{written}, share {owner}" if isinstance(node.layer, SHARING) else f"({written}), share all {owner}"

    def _chain(self, first: int) -> int:
        """Where a line ends that a name and its members' kinds describe: CONV1 for CONV1.conv and CONV1.relu."""
        group, dot, _ = self.labels[first].rpartition(".")
        if not dot or not _LABEL.fullmatch(group):
            return first + 1
        stop, stems = first, set()
        while stop < len(self.nodes) and self.labels[stop] == self.nodes[stop].name and self._is_member(stop, group):
            if stop > first and not self._follows(stop, first):
                break
            stems.add(_stem(self.nodes[stop]))
            stop += 1
        whole = self.members[same_name(group)] == len(stems) == stop - first > 1
        return stop if whole else first + 1

    def _is_member(self, index: int, group: str) -> bool:
        node = self.nodes[index]
        alone = not isinstance(node.layer, (Input, *MERGES, ZeroShortcut)) and index not in self.owners
        return alone and node.shares is None and node.name == f"{group}.{_stem(node)}"

    def _follows(self, index: int, first: int) -> bool:
        """Whether a node reads the one before it, alone."""
        same_line = self.nodes[index].aux == self.nodes[first].aux
        private = self.readers.get(index - 1) == [index] and index - 1 != self.graph.output
        return same_line and private and self.nodes[index].inputs == (index - 1,)

    def _merge(self, index: int, label: str, branches: list[str], start: str = "") -> list[str]:
        layer = self.nodes[index].layer
        word = f"affine warp {size((layer.height, layer.width))}" if isinstance(layer, Warp) else layer.kind
        head = f"{self._named(index, label)}{start}{word}:"
        line = " ".join([head, *(f"| {branch}" for branch in branches)])
        return [line] if len(line) <= _WIDE else [head, *(f"    | {branch}" for branch in branches)]

    def _with_shortcuts(self, first: int) -> tuple[int, list[str]]:
        """Shortcuts of option A, what follows each in its branch, and the merge that they end in: the notation has
        them nowhere else."""
        stop = first + 1
        while stop < len(self.nodes) and self._in_branch(stop, first):
            stop += 1
        ends = self._split(range(first, stop))
        if stop == len(self.nodes) or not self._as_read(stop, ends):
            raise Unwritable(f"{self.nodes[first].name}: a shortcut of option A stands in a sum, around its branch")
        branches = [self._shortcut(ends[each]) if each in ends else self._origin(each) for each in self._inputs(stop)]
        group, _, last = self.labels[stop].rpartition(".")
        plain = group and last == _stem(self.nodes[stop]) and self.labels[first] == f"{group}.shortcut"
        label = group if plain else self.labels[stop]
        self.reached |= {stop: label}
        (start,) = self._inputs(first)
        return stop + 1, self._merge(stop, label, branches, f"{self._origin(start)}; ")

    def _in_branch(self, index: int, first: int) -> bool:
        layer = self.nodes[index].layer
        return isinstance(layer, ZeroShortcut) or (not isinstance(layer, MERGES) and self._follows(index, first))

    def _inputs(self, node: int) -> tuple[int, ...]:
        return self.nodes[node].inputs

    def _split(self, nodes: range) -> dict[int, range]:
        """The branches that nodes make, each begun by a shortcut, by the node that ends them."""
        begins = [each for each in nodes if isinstance(self.nodes[each].layer, ZeroShortcut)]
        return {end - 1: range(begin, end) for begin, end in zip(begins, [*begins[1:], nodes.stop], strict=True)}

    def _shortcut(self, branch: range) -> str:
        return "; ".join(["shortcut A", *(self._phrase(each) for each in branch[1:])])

    def _as_read(self, merge: int, ends: dict[int, range]) -> bool:
        """Whether shortcuts around a merge's first other branch would be these: its strides, its channels."""
        inputs = self._inputs(merge)
        end = next((each for each in inputs if each not in ends), None)
        if end is None or [each for each in inputs if each in ends] != [*ends]:
            return False
        starts = {self._inputs(branch[0]) for branch in ends.values()}
        ((start, *_), *_) = starts
        height: Dim = 1
        width: Dim = 1
        node = end
        while node > start:
            high, wide = self.nodes[node].layer.strides(*self.graph.input_shapes(self.nodes[node]))
            height, width, node = height * high, width * wide, min(self._inputs(node)[:1], default=-1)
        channels = self.nodes[end].shape[0]
        changes = (height, width) != (1, 1) or channels != self.nodes[start].shape[0]
        wanted = ZeroShortcut(channels=channels, stride=(height, width))
        alike = all(self.nodes[branch[0]].layer == wanted for branch in ends.values())
        return len(starts) == 1 and node == start and changes and alike


def _stem(node: Node) -> str:
    """What the notation calls an unnamed layer of a named line: its kind's last word."""
    return node.layer.kind.split()[-1]


def _identifier(name: str) -> str:
    return re.sub(r"\W+", "_", name)


def _open(dim: Dim) -> str:
    """A size of the input: a number, or the name of a size left open."""
    name = to_text(dim) if not isinstance(dim, int) else ""
    return name if name.isidentifier() else number(dim)
