"""What a line says, as values: made by ``syntax``, read by ``elaborate``.

Places (``at``) are offsets in the line's own text, so that equal lines share one tree.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

At = tuple[int, int]


# -- arithmetic ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Number:
    value: int | Fraction
    at: At


@dataclass(frozen=True, slots=True)
class Name:
    text: str
    at: At


@dataclass(frozen=True, slots=True)
class Operation:
    """``operator`` applied to its operands: arithmetic, comparison, and/or/not, or a function's name."""

    operator: str
    operands: tuple[Arithmetic, ...]
    at: At


Arithmetic = Number | Name | Operation


# -- pieces of a phrase -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    at: At


@dataclass(frozen=True, slots=True)
class Size:
    """``3x3``: two numbers or more, tight or spaced."""

    dims: tuple[Arithmetic, ...]
    at: At


@dataclass(frozen=True, slots=True)
class Slash:
    """``/2``, ``/s2``: a stride."""

    value: Arithmetic
    at: At


@dataclass(frozen=True, slots=True)
class Listed:
    """``[012 123]``: the words of a connection table or a list."""

    words: tuple[str, ...]
    at: At


Atom = Word | Size | Slash | Listed | Number | Name | Operation


@dataclass(frozen=True, slots=True)
class Group:
    """What stands between two commas."""

    atoms: tuple[Atom, ...]
    at: At


# -- items --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Call:
    block: str
    positional: tuple[Arithmetic, ...]
    named: tuple[tuple[str, Arithmetic], ...]
    at: At


@dataclass(frozen=True, slots=True)
class Items:
    """Layers in sequence, in parentheses or under a word with a colon."""

    items: tuple[Item, ...]
    at: At


@dataclass(frozen=True, slots=True)
class Cell:
    """``[3x3, 64; 3x3, 64]``: layers in brackets, as papers' tables print a block."""

    items: tuple[Item, ...]
    at: At


@dataclass(frozen=True, slots=True)
class From:
    name: str
    at: At


@dataclass(frozen=True, slots=True)
class Shown:
    """A printed shape ``[55x55x96]``, or a size after an arrow."""

    dims: tuple[Arithmetic, ...]
    at: At


@dataclass(frozen=True, slots=True)
class Remark:
    """``(1,600 params)``: a figure with its quantity behind a layer."""

    value: str
    quantity: str
    at: At


@dataclass(frozen=True, slots=True)
class Branch:
    items: Items | None
    copies: Arithmetic | None
    at: At


@dataclass(frozen=True, slots=True)
class Merge:
    """``sum:`` and the like; ``size`` is an affine warp's. Without branches they stand on the lines below."""

    kind: str
    branches: tuple[Branch, ...]
    flat: bool
    size: Size | None
    at: At


@dataclass(frozen=True, slots=True)
class Repeat:
    count: Arithmetic
    body: Items | None
    at: At


@dataclass(frozen=True, slots=True)
class When:
    """``when c = 64: ...``; ``condition`` None is ``otherwise:``."""

    condition: Arithmetic | None
    body: Items | None
    at: At


@dataclass(frozen=True, slots=True)
class Aux:
    body: Items | None
    at: At


@dataclass(frozen=True, slots=True)
class Chain:
    """Elements parted by commas: attributes of one layer, or layers in a row; ``x n`` or ``n x`` repeats."""

    elements: tuple[Group | Call | Items | Cell | From | Shown | Remark, ...]
    times: Arithmetic | None
    before: bool
    at: At


Item = Chain | Merge | Repeat | When | Aux
