"""Receptive fields against what outputs depend on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import lcm
from typing import Any, NamedTuple

import torch
from torch import Tensor

from archcalc.analyses.agreement import Agreement, Comparison, agreement
from archcalc.analyses.field import Field, fields
from archcalc.graph import Graph, Node
from archcalc.layers import IMAGE
from archcalc.pytorch.verify.run import Subject
from archcalc.pytorch.verify.sight import Hulls, Known, Misfit, hulls

_WITNESS = "changing an input"
_LARGEST = 1 << 14  # rows; beyond, trying each takes minutes
_NO_IMAGE = "vectors, tokens and what follows them"
_SAMPLED = "a sampler chooses what it sees"
_UNEVEN = "its outputs do not step evenly"
_TOO_FEW = "too few outputs see a window inside the image"


class _Seen(NamedTuple):
    """What was seen along one axis of an input of ``size`` rows."""

    size: int
    hulls: Sequence[Hulls | None]


def field(subject: Subject) -> Agreement:
    """The fields of all layers that give images, on an image larger than the network's where windows need it.

    A window is held to its size, stride and start; one whose size varies to its largest size.
    """
    graph, said = subject.graph, fields(subject.graph)
    if reason := _unseen(graph):
        return agreement("field", _WITNESS, [], skipped=reason)
    known: Known = {}
    try:
        axes = [_along(graph, said, axis, known) for axis in (0, 1)]
    except Misfit as misfit:
        return agreement("field", _WITNESS, [subject.compare(misfit.node, misfit.node.shape, f"refused: {misfit}")])
    rows = [
        _compare(subject, node, ours, index, axes)
        for index, (node, ours) in enumerate(zip(graph.nodes, said, strict=True))
        if ours is not None
    ]
    return agreement("field", _WITNESS, rows)


def _unseen(graph: Graph) -> str:
    """Why nothing is looked at, if nothing is."""
    images = {graph.nodes[i].shape[1:] for i in graph.inputs if len(graph.nodes[i].shape) == IMAGE}
    if len(images) > 1:
        return "the inputs are of different sizes"
    most: Any = max([size for image in images for size in image], default=0)
    return f"the image has more than {_LARGEST:,} rows or columns" if most > _LARGEST else ""


def _along(graph: Graph, said: Sequence[Field | None], axis: int, known: Known) -> _Seen:
    """What is seen along an axis, of an image of enough rows; of the network's own where others do not go through."""
    real: Any = max([graph.nodes[i].shape[1 + axis] for i in graph.inputs if len(graph.nodes[i].shape) == IMAGE] or [1])
    size = _enough(real, said, axis)
    try:
        return _Seen(size, hulls(graph, axis, size, known))
    except Misfit:
        if size == real:
            raise
        return _Seen(real, hulls(graph, axis, real, known))


def _enough(real: int, said: Sequence[Field | None], axis: int) -> int:
    """Rows of an image in which some outputs of every layer see a whole window, as many more as steps go into."""
    windows = {(int(each.size[axis]), each.stride[axis]) for each in said if each and each.size and each.stride}
    step = lcm(*(Fraction(stride).numerator for _, stride in windows if stride))
    missing = max((size for size, _ in windows), default=0) + 4 * step - real
    size = real + max(-(-missing // step), 0) * step
    return size if size <= _LARGEST else real


def _compare(subject: Subject, node: Node, ours: Field, index: int, axes: Sequence[_Seen]) -> Comparison:
    """A layer's field beside what was seen."""
    seen = [(hulls, axis.size) for axis in axes if (hulls := axis.hulls[index]) is not None]
    if len(seen) < len(axes) or ours.kind == "none":
        return subject.compare(node, ours, None, skipped=_SAMPLED if ours.kind == "none" else _NO_IMAGE)
    if ours.stride and None in ours.stride:
        return subject.compare(node, ours, None, skipped=_UNEVEN)
    if all(hulls.whole(size) for hulls, size in seen) and (ours.kind == "all" or _shows(ours, seen)):
        return subject.compare(node, _bare(ours), Field("all"))
    fits = [_fit(hulls, rows) for (hulls, _), rows in zip(seen, _inside(ours, seen), strict=True)]
    if None in fits:
        return subject.compare(node, ours, None, skipped=_TOO_FEW)
    sizes, strides, starts = zip(*(fit for fit in fits if fit), strict=True)
    return subject.compare(node, _bare(ours), _bare(Field("window", sizes, strides, starts)))


def _shows(field: Field, seen: Sequence[tuple[Hulls, int]]) -> bool:
    """Whether the image is so large that outputs with that field do not see all of it."""
    return field.size is not None and all(own < size for own, (_, size) in zip(field.size, seen, strict=True))


def _inside(field: Any, seen: Sequence[tuple[Hulls, int]]) -> Iterator[Tensor]:
    """The rows whose windows lie in the image, were the field right; all of them where there is no such window."""
    for axis, (each, size) in enumerate(seen):
        rows = torch.arange(len(each.first))
        if field.kind == "window" and field.start[axis] is not None:
            first = field.start[axis] + field.stride[axis] * rows
            rows = rows[(first >= 0) & (first + field.size[axis] <= size)]
        yield rows


def _bare(field: Field) -> Field:
    """What can be compared of a field: its largest size alone where outputs differ."""
    if field.size is None:
        return Field(field.kind)
    regular = field.kind == "window" and field.stride is not None and None not in field.stride
    return Field("window", field.size, field.stride, field.start) if regular else Field("phased", field.size)


def _fit(seen: Hulls, rows: Tensor) -> tuple[int, int | None, int | None] | None:
    """Size, stride and start by those rows of an output; the largest size alone where they do not step evenly; None
    where they are not two."""
    if len(rows) < 2:
        return None
    first, sizes = seen.first[rows], (seen.last - seen.first + 1)[rows]
    at, start = int(rows[0]), int(first[0])
    stride = (int(first[-1]) - start) // (int(rows[-1]) - at)
    even = bool((first == start + stride * (rows - at)).all() and (sizes == sizes[0]).all())
    return (int(sizes[0]), stride, start - stride * at) if even else (int(sizes.max()), None, None)
