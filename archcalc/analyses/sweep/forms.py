"""Closed forms of figures, and what they come to over blocks of points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from archcalc.algebra import Dim, evaluate_many
from archcalc.analyses.memory.forms import Forms
from archcalc.analyses.sweep.grid import Block, spread

if TYPE_CHECKING:
    from archcalc.algebra.bounded import Array


class Closed(Protocol):
    """A figure that follows from some closed forms."""

    def dims(self) -> Sequence[Dim]:
        """What is to be evaluated."""
        ...

    def number(self, values: Iterator[Any], block: Block) -> Any:
        """The figure, as it follows from the values of these in order: a number, an array that broadcasts to the
        block's shape, or None."""
        ...


class Form(NamedTuple):
    """The largest of some closed forms or, with ``below``, the quotient of the one."""

    of: Forms
    below: Dim | None = None

    def dims(self) -> Sequence[Dim]:
        return (*self.of, *([] if self.below is None else [self.below]))

    def number(self, values: Iterator[Any], block: Block) -> Any:
        number = _largest([next(values) for _ in self.of], block.shape)
        return number if self.below is None else _quotient(number, next(values))


#: Nothing, at all points; or no closed form: each point is worked out for itself.
Known = Closed | None
POINTWISE = "point by point"


def evaluated(forms: Mapping[str, Known], block: Block) -> dict[str, Any]:
    """A number for all points of a block, or a flat array with one for each; None where there is none."""
    known = {name: form for name, form in forms.items() if form is not None}
    values = iter(_each([dim for form in known.values() for dim in form.dims()], block))
    found: dict[str, Any] = dict.fromkeys(forms)
    for name, form in known.items():
        number = form.number(values, block)
        found[name] = number if isinstance(number, int | float) or number is None else spread(number, block.shape)
    return found


def _each(dims: Sequence[Dim], block: Block) -> Iterator[Any]:
    """Their values; several figures may follow from one form, which is evaluated once."""
    once = list(dict.fromkeys(dims))
    values = dict(zip(once, evaluate_many(once, block.values), strict=True))
    return (values[dim] for dim in dims)


def _largest(values: list[Any], shape: tuple[int, ...]) -> Any:
    if len(values) == 1:
        return values[0]
    import numpy as np

    arrays = [value for value in values if not isinstance(value, int)]
    least = max((value for value in values if isinstance(value, int)), default=None)
    if not arrays:
        return least
    whole = all(array.dtype.kind != "O" for array in arrays)
    made: Array = np.array(np.broadcast_to(arrays[0], shape), dtype=np.int64 if whole else object)
    for array in arrays[1:]:
        np.maximum(made, array, out=made)
    return made if least is None else np.maximum(made, least)


def _quotient(above: Any, below: Any) -> Any:
    """As Python divides integers: correctly rounded, though they exceed what a float holds."""
    if isinstance(above, int) and isinstance(below, int):
        return above / below if below else None
    import numpy as np

    exact = all(isinstance(each, int) or each.dtype.kind != "O" for each in (above, below))
    if exact and max(int(np.max(above)), int(np.max(below))) < 2**53:
        return np.true_divide(above, below)
    shape = np.broadcast_shapes(np.shape(above), np.shape(below))
    pairs = (np.broadcast_to(np.asarray(each, dtype=object), shape).ravel().tolist() for each in (above, below))
    return np.array([one / other for one, other in zip(*pairs, strict=True)]).reshape(shape)
