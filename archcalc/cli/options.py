"""Options that several commands share: how they are written and what is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction
from typing import Annotated

import typer


class DType(StrEnum):
    fp32 = "fp32"
    fp16 = "fp16"
    bf16 = "bf16"
    int8 = "int8"


Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Give a parameter a value; repeatable.")
]
InputShape = Annotated[str, typer.Option("--input", metavar="HxWxC", help="Replace the input's shape.")]
Batch = Annotated[int, typer.Option("--batch", min=1, metavar="N", help="Images at once.")]
#: Of what would run: as many as ``archcalc profile`` takes.
RunBatch = Annotated[int, typer.Option("--batch", min=1, max=2**20, metavar="N", help="Images at once.")]
Numbers = Annotated[DType, typer.Option("--dtype", help="What numbers are stored as.")]
Aux = Annotated[bool, typer.Option("--aux", help="Count side heads in.")]


class Layout(StrEnum):
    hwc = "hwc"
    chw = "chw"


class On(StrEnum):
    cpu = "cpu"
    cuda = "cuda"


def columns_of(text: str, option: str = "--columns") -> tuple[str, ...]:
    """``name,params`` as keys of a row, given to an ``option``. Raises BadParameter."""
    if not text.strip():
        return ()
    from archcalc.report.columns import UnknownColumn, chosen

    try:
        return chosen([name.strip() for name in text.split(",") if name.strip()])
    except UnknownColumn as error:
        raise typer.BadParameter(str(error), param_hint=option) from None


def convention_of(name: str) -> str | None:
    """A convention's own name; None for none. Raises BadParameter, with the nearest one."""
    if not name.strip():
        return None
    from archcalc.analyses.conventions import named

    try:
        return named(name.strip()).name
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--as") from None


def optimizer_of(name: str) -> str:
    """An optimizer's own name. Raises BadParameter, with the nearest one."""
    from archcalc.analyses.memory.optimizers import OPTIMIZERS
    from archcalc.diagnostics import nearest

    wanted = name.strip().casefold()
    if wanted in OPTIMIZERS:
        return wanted
    repair = nearest(wanted, OPTIMIZERS) or f"known are {', '.join(OPTIMIZERS)}"
    raise typer.BadParameter(f"'{name}' is no optimizer: {repair}", param_hint="--optimizer")


def settings_of(pairs: Sequence[str]) -> dict[str, int | Fraction]:
    """``k=10``, ``alpha=0.75`` and ``alpha=3/4`` as exact numbers. Raises BadParameter."""
    found: dict[str, int | Fraction] = {}
    for pair in pairs:
        name, equals, value = (part.strip() for part in pair.partition("="))
        try:
            number = Fraction(value)
        except (ValueError, ZeroDivisionError):
            number = None
        if not equals or not name or number is None:
            raise typer.BadParameter(f"'{pair}' is not NAME=NUMBER, as in k=10", param_hint="--set")
        found[name] = number.numerator if number.denominator == 1 else number
    return found


def input_shape_of(text: str) -> tuple[int, ...] | None:
    """``384x384x3`` as ``(3, 384, 384)``; ``4096`` is a vector, ``197x768`` tokens. Raises BadParameter."""
    if not text.strip():
        return None
    parts = text.replace("×", "x").lower().split("x")
    if len(parts) > 3 or not all(part.strip().isdecimal() and int(part) > 0 for part in parts):
        raise typer.BadParameter(
            f"'{text}' is not a shape: height x width x channels, as in 384x384x3", param_hint="--input"
        )
    dims = tuple(int(part) for part in parts)
    return (dims[2], dims[0], dims[1]) if len(dims) == 3 else dims
