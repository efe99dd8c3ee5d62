"""Several measurements in a table: a row each, and what tells one setting from another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from archcalc.analyses.latency.measured import Profile
from archcalc.report.agreement import ellipsis
from archcalc.report.layout import Column, draw, fitted, total
from archcalc.report.numbers import size
from archcalc.report.profile.figures import images_a_second, rate, scale
from archcalc.report.profile.text import printed
from archcalc.report.style import visible

if TYPE_CHECKING:
    from archcalc.report.text import Paper

#: Titles of what a setting says, where it is not the same in all rows; the batch always is told.
_SETTING = {
    "device": "device", "batch": "batch", "dtype": "dtype", "channels_last": "channels last", "compile": "compiled",
    "cuda_graph": "CUDA graph", "threads": "threads", "train": "training", "optimizer": "optimizer",
}  # fmt: skip
#: What goes first where there is no room for all.
_LEAVES = ("memory", "rate", "high", "low")
_LEAST = 12


def text(profiles: Sequence[Profile], paper: Paper) -> str:
    """The table, at least a row, a newline at its end."""
    made = [*columns(profiles)]
    for key in _LEAVES:
        if paper.width is not None and total(made) > paper.width:
            made = [column for column in made if column.key != key]
    rule = "-" if paper.ascii_only else "─"
    drawn = draw(fitted(made, paper.width, ellipsis(paper)), colour=paper.colour, rule=rule, summed=False)
    return printed("\n".join(drawn), paper)


def columns(profiles: Sequence[Profile]) -> Iterator[Column]:
    """A cell a measurement; times are all told in the shortest's unit."""
    to = scale(min(profile.whole.median for profile in profiles))
    yield Column("network", "network", [visible(each.network) for each in profiles], least=_LEAST)
    for name, title in told_of(profiles).items():
        cells = [_said(getattr(each.setting, name)) for each in profiles]
        yield Column(name, title, cells, right=name in ("batch", "threads"))
    wholes = [each.whole for each in profiles]
    yield Column("median", f"median, {to.unit}", [to.bare(each.median) for each in wholes], right=True, style="bold")
    yield Column("low", "95 % from", ["" if each.low is None else to.bare(each.low) for each in wholes], right=True)
    yield Column("high", "to", ["" if each.high is None else to.bare(each.high) for each in wholes], right=True)
    yield Column(
        "images", "images/s", [images_a_second(each.setting.batch, each.whole.median) for each in profiles], right=True
    )
    yield Column("rate", "FLOP/s", [rate(each.flops, each.whole.median) for each in profiles], right=True)
    yield Column("memory", "memory", [size(each.memory.measured) for each in profiles], right=True)
    marks = [mark(each) for each in profiles]
    if any(marks):
        yield Column("noisy", "", marks, style="warning")


def told_of(profiles: Sequence[Profile]) -> dict[str, str]:
    """The settings that differ among these, and the batch, with their titles."""
    return {
        name: title
        for name, title in _SETTING.items()
        if name == "batch" or len({getattr(each.setting, name) for each in profiles}) > 1
    }


def mark(profile: Profile) -> str:
    """``noisy`` with its signs, and ``interrupted``."""
    signs = ", ".join(dict.fromkeys(noise.sign for noise in profile.noise))
    words = [f"noisy: {visible(signs)}"] if signs else []
    return "; ".join([*words, *(["interrupted"] if profile.interrupted else [])])


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else visible(str(value))
