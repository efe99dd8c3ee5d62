"""Bracketed cells: the block that a paper's table prints as ``[3x3, 64; 3x3, 64]``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archcalc.layers import Activation, BatchNorm, Pair, Sum
from archcalc.notation import tree
from archcalc.notation.draft import Draft
from archcalc.notation.naming import Frame
from archcalc.notation.scope import Around, Scope
from archcalc.notation.text import Line
from archcalc.notation.tokens import Unreadable

if TYPE_CHECKING:
    from archcalc.notation.flowing import Flowing


def cell_rule(scope: Scope) -> str | None:
    """What ``[...] means`` says above, or None."""
    return next((rule.cell for rule in reversed(scope.means) if rule.cell is not None), None)


def lay_cell(flow: Flowing, cell: tree.Cell, scope: Scope, line: Line, current: int, stride: Pair = (1, 1)) -> int:
    """A cell's layers: as written, or under ``[...] means residual`` a residual unit, under ``plain`` a chain with
    bn and relu.

    ``stride`` goes to the first convolution, or the first 3x3 under ``stride on 3x3``.
    """
    rule = cell_rule(scope)
    frame = Frame(stem="unit")
    # a paper's cell is padded as its table is, wherever it stands
    inner = scope.but(frame=frame, in_cell=True, in_table=scope.in_table or rule is not None)
    first = len(flow.builder.layers)
    drafts = _drafts(flow, cell, line)
    if rule is None:
        node = current
        for draft in drafts:
            node = flow.lay(_strided(draft, stride, draft is drafts[0]), inner, line, node)
    elif rule.startswith("residual"):
        node = _residual(flow, drafts, rule, inner, line, current, stride)
    elif rule.startswith("plain"):
        node = current
        for draft, strided in zip(drafts, _which(drafts, rule), strict=True):
            node = _conv_bn(flow, _strided(draft, stride, strided), inner, line, node)
            node = flow.place(Activation(function="relu"), (node,), inner, line, draft.at)
    else:
        raise Unreadable(
            "[...] means residual or plain", cell.at, "[...] means residual, option B, stride on first", "A406"
        )
    flow._close(frame, scope, first, node)
    return node


def _drafts(flow: Flowing, cell: tree.Cell, line: Line) -> list[Draft]:
    drafts: list[Draft] = []
    for item in cell.items:
        if not isinstance(item, tree.Chain) or item.times is not None:
            raise Unreadable("a cell holds layers in a row", cell.at, "[3x3, 64; 3x3, 64]", "A110")
        groups = tuple(element for element in item.elements if isinstance(element, tree.Group))
        drafts += flow.drafts(groups, line)
    if not drafts:
        raise Unreadable("this cell is empty", cell.at, code="A110")
    return drafts


def _which(drafts: list[Draft], rule: str) -> list[bool]:
    """Which layer of a cell takes the stage's stride."""
    target = 0
    if "on 3x3" in rule:
        target = next(
            (index for index, draft in enumerate(drafts) if [_value(d) for d in draft.window[:2]] == [3, 3]), 0
        )
    return [index == target for index in range(len(drafts))]


def _value(node: tree.Arithmetic) -> object:
    return node.value if isinstance(node, tree.Number) else None


def _strided(draft: Draft, stride: Pair, wanted: bool) -> Draft:
    """The draft with the stage's stride, unless it says one itself."""
    if not wanted or stride == (1, 1) or "stride" in draft.said:
        return draft
    numbers = tuple(tree.Number(int(s), draft.at) for s in stride)
    return draft.but(said={**draft.said, "stride": numbers})


def _conv_bn(flow: Flowing, draft: Draft, scope: Scope, line: Line, node: int) -> int:
    node = flow._lower(draft, scope, line, node)
    return flow.place(BatchNorm(), (node,), scope, line, draft.at)


def _residual(
    flow: Flowing, drafts: list[Draft], rule: str, scope: Scope, line: Line, current: int, stride: Pair
) -> int:
    """Convolutions with bn after each and relu between, a shortcut around them, relu after the sum (He et al. 2016,
    figure 2)."""
    node = current
    for index, (draft, strided) in enumerate(zip(drafts, _which(drafts, rule), strict=True)):
        if index:
            node = flow.place(Activation(function="relu"), (node,), scope, line, draft.at)
        node = _conv_bn(flow, _strided(draft, stride, strided), scope, line, node)
    option = "a" if "option a" in rule else "c" if "option c" in rule else "b"
    around = Around(current, node, flow.strides_between(current, node))
    shortcut = Draft(kind="shortcut", said={"option": option}, at=drafts[-1].at)
    other = flow.lay(shortcut, scope.but(around=around), line, current)
    node = flow.place(Sum(), (node, other), scope, line, drafts[-1].at)
    return flow.place(Activation(function="relu"), (node,), scope, line, drafts[-1].at)
