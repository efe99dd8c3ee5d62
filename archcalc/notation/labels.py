"""Names that are layers, or lend a layer its kind: POOL2, FC, pool1."""

from __future__ import annotations

from archcalc.notation import tree
from archcalc.notation.draft import Draft
from archcalc.notation.phrases import read_groups
from archcalc.notation.statements import LayerLine
from archcalc.notation.syntax import parse_items
from archcalc.notation.tokens import Unreadable
from archcalc.notation.vocabulary import kind_words, spelled


def lent_kind(name: str) -> str | None:
    """The kind that a name lends to a phrase without one: pool1 is a max pool, FC6 fully connected."""
    words = [word for word in kind_words(name.replace(" ", "-")) if not word.isdigit()]
    words = [word.rstrip("0123456789") for word in words]
    for count in range(len(words), 0, -1):
        kind = spelled(tuple(words[:count]))
        if kind:
            return kind
    return None


def label_layers(name: str, statement: LayerLine) -> tree.Items:
    """A name alone, as the layer that it says: CONV3-64, FC, POOL2."""
    assert statement.name_at is not None
    text = " " * statement.name_at[0] + name
    items = parse_items(text, frozenset())
    groups = tuple(
        e for item in items.items if isinstance(item, tree.Chain) for e in item.elements if isinstance(e, tree.Group)
    )
    drafts = read_groups(groups, text)
    for draft in drafts:
        _unambiguous(draft, statement.name_at)
    return items


def _unambiguous(draft: Draft, at: tree.At) -> None:
    """A pool of another window than 2x2 does not say its stride; a name that is no layer needs one behind it."""
    if draft.settled is None or draft.block is not None:
        raise Unreadable("this line names no layer", at, "say what it is: conv 3x3, 64 or fc 4096", "A108")
    if draft.settled in ("max pool", "avg pool") and (draft.window or draft.numbers):
        sides = [d.value for d in (draft.window or draft.numbers) if isinstance(d, tree.Number)]
        if any(side != 2 for side in sides):
            side = sides[0]
            raise Unreadable(
                f"a pool over {side}x{side} does not say its stride: {side}, or 2 with overlap?", at,
                f"write '{side}x{side}, stride 2' behind the name", "A106",
            )  # fmt: skip
