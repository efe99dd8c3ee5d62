"""What a line says, as values: made by ``syntax``, read by ``elaborate``.

Places (``at``) are offsets in the line's own text, so that equal lines share one tree.
"""

from __future__ import annotations

from fractions import Fraction

from archcalc.record import Record

At = tuple[int, int]


# -- arithmetic ------------------------------------------------------------------------------------------------------


class Number(Record):
    value: int | Fraction
    at: At


class Name(Record):
    text: str
    at: At


class Operation(Record):
    """``operator`` applied to its operands: arithmetic, comparison, and/or/not, or a function's name."""

    operator: str
    operands: tuple[Arithmetic, ...]
    at: At


Arithmetic = Number | Name | Operation


# -- pieces of a phrase ----------------------------------------------------------------------------------------------


class Word(Record):
    text: str
    at: At


class Size(Record):
    """``3x3``: two numbers or more, tight or spaced."""

    dims: tuple[Arithmetic, ...]
    at: At


class Slash(Record):
    """``/2``, ``/s2``: a stride."""

    value: Arithmetic
    at: At


class Listed(Record):
    """``[012 123]``: the words of a connection table or a list."""

    words: tuple[str, ...]
    at: At


Atom = Word | Size | Slash | Listed | Number | Name | Operation


class Group(Record):
    """What stands between two commas."""

    atoms: tuple[Atom, ...]
    at: At


# -- items -----------------------------------------------------------------------------------------------------------


class Call(Record):
    block: str
    positional: tuple[Arithmetic, ...]
    named: tuple[tuple[str, Arithmetic], ...]
    at: At


class Items(Record):
    """Layers in sequence, in parentheses or under a word with a colon."""

    items: tuple[Item, ...]
    at: At


class Cell(Record):
    """``[3x3, 64; 3x3, 64]``: layers in brackets, as papers' tables print a block."""

    items: tuple[Item, ...]
    at: At


class From(Record):
    name: str
    at: At


class Shown(Record):
    """A printed shape ``[55x55x96]``, or a size after an arrow; ``sic`` is the true one given beside it."""

    dims: tuple[Arithmetic, ...]
    at: At
    sic: tuple[Arithmetic, ...] = ()


class Remark(Record):
    """``(1,600 params)``: a figure with its quantity behind a layer."""

    value: str
    quantity: str
    at: At


class Branch(Record):
    items: Items | None
    copies: Arithmetic | None
    at: At


class Merge(Record):
    """``sum:`` and the like; ``size`` is an affine warp's. Without branches they stand on the lines below."""

    kind: str
    branches: tuple[Branch, ...]
    flat: bool
    size: Size | None
    at: At


class Repeat(Record):
    count: Arithmetic
    body: Items | None
    at: At


class When(Record):
    """``when c = 64: ...``; ``condition`` None is ``otherwise:``."""

    condition: Arithmetic | None
    body: Items | None
    at: At


class Aux(Record):
    body: Items | None
    at: At


Element = Group | Call | Items | Cell | From | Shown | Remark


class Chain(Record):
    """Elements parted by commas: attributes of one layer, or layers in a row; ``x n`` or ``n x`` repeats.

    ``after`` are the elements behind ``x n``: more layers, or the stride of a cell's first turn.
    """

    elements: tuple[Element, ...]
    times: Arithmetic | None
    before: bool
    at: At
    after: tuple[Element, ...] = ()


Item = Chain | Merge | Repeat | When | Aux
