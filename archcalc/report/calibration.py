"""A calibration as text: each routine's rule, what it was learnt from and how far it errs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from archcalc.report.agreement import ellipsis, fit
from archcalc.report.layout import Column, draw, fitted, total
from archcalc.report.numbers import duration, exact, short
from archcalc.report.prediction.text import learnt, where
from archcalc.report.profile.text import printed
from archcalc.report.style import paint, wrapped

if TYPE_CHECKING:
    from archcalc.analyses.latency.calibration import Calibration, Routine
    from archcalc.report.text import Paper

_NEEDS = ("routine", "error", "layers")
_WISHES = ("overhead", "operations", "bytes", "band")
_ORDER = ("routine", "overhead", "operations", "bytes", "layers", "error", "band")
_SECOND = 10**9


def text(calibration: Calibration, paper: Paper) -> str:
    """The rules, a newline at the end."""
    lines = [*_head(calibration, paper), "", *_table(calibration.routines, paper), *_foot(calibration, paper)]
    return printed("\n".join(lines), paper)


def _head(calibration: Calibration, paper: Paper) -> Iterator[str]:
    yield paint(wrapped(where(calibration), paper.width), "bold", paper.colour)
    yield paint(fit(learnt(calibration), paper), "dim", paper.colour)


def _table(routines: Sequence[Routine], paper: Paper) -> Iterator[str]:
    made = {column.key: column for column in _columns(routines)}
    granted = {key: made[key] for key in _NEEDS}
    for key in _WISHES:
        wanted = granted | {key: made[key]}
        if paper.width is None or total(list(wanted.values())) <= paper.width:
            granted = wanted
    drawn = fitted([granted[key] for key in _ORDER if key in granted], paper.width, ellipsis(paper))
    yield from draw(drawn, colour=paper.colour, rule="-" if paper.ascii_only else "─", summed=False)


def _columns(routines: Sequence[Routine]) -> list[Column]:
    return [
        Column("routine", "routine", [each.name for each in routines], least=12),
        Column("overhead", "overhead", [duration(round(each.overhead)) for each in routines], right=True),
        Column("operations", "FLOP/s", [_rate(each.operation) for each in routines], right=True),
        Column("bytes", "bytes/s", [_rate(each.byte) for each in routines], right=True),
        Column("layers", "layers", [exact(each.rows) for each in routines], right=True),
        Column("error", "mean error", [f"{100 * each.error:.0f} %" for each in routines], right=True),
        Column("band", "nine of ten", [f"{each.below:.2f} to {each.above:.2f} times" for each in routines], right=True),
    ]


def _rate(each: float) -> str:
    """Of nanoseconds each; nothing where they are free."""
    return short(round(_SECOND / each)) if each else ""


def _foot(calibration: Calibration, paper: Paper) -> Iterator[str]:
    said = (
        "errors are on layers of networks that a rule was not learnt from; "
        f"whole networks take {calibration.whole:.3f} times their layers"
    )
    yield from (paint(line, "dim", paper.colour) for line in wrapped(said, paper.width, "").splitlines())
