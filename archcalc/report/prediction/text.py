"""A prediction as text: how long the network would run, how sure that is, and where the time would go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from archcalc.report.agreement import ellipsis, fit
from archcalc.report.bars import bars
from archcalc.report.fold import parted
from archcalc.report.layout import Column, draw, fitted, total
from archcalc.report.numbers import duration, exact, shape, short
from archcalc.report.profile.figures import Figure, images_a_second, rate, scale
from archcalc.report.profile.rows import Line, shares, times
from archcalc.report.profile.text import aligned, printed
from archcalc.report.profile.words import moment
from archcalc.report.style import paint, visible, wrapped
from archcalc.report.text import heading

if TYPE_CHECKING:
    from archcalc.analyses.latency.asked import Forecast
    from archcalc.analyses.latency.calibration import Calibration
    from archcalc.analyses.latency.predict import PredictedLayer, Prediction
    from archcalc.graph import Graph
    from archcalc.report.text import Paper

_NEEDS = ("layer", "time")
_WISHES = ("band", "kind", "share", "rate", "routine", "bar")
_ORDER = ("layer", "kind", "routine", "time", "band", "share", "bar", "rate")
_FOOT = ("sum", "other", "whole")
_BAR, _LEAST = 10, 12
AT_LEAST = "≥"


def text(graph: Graph, forecast: Forecast, paper: Paper, *, depth: int | None = None) -> str:
    """The report of one prediction, a newline at its end; groups of ``depth`` names are a row each. Of a device that is
    not calibrated only the bound is told."""
    parts = [[*heading(graph.name, graph.title, graph.file, paper), *_setting(graph, forecast, paper)]]
    if forecast.prediction is None:
        parts.append([*_bounded(forecast, paper)])
    else:
        found = forecast.prediction
        parts += [[*_summary(found, paper)], [*_table(found, depth, paper)]]
    return printed("\n\n".join("\n".join(part) for part in parts), paper)


def _setting(graph: Graph, forecast: Forecast, paper: Paper) -> Iterator[str]:
    inputs = "".join(f"input {shape(graph.nodes[index].shape)}, " for index in graph.inputs)
    calibration, on = forecast.target.calibration, forecast.target
    place = f"{on.dtype}, on {on.name}" if calibration is None else where(calibration)
    yield wrapped(f"{inputs}batch {exact(forecast.batch)}, {place}", paper.width)
    if calibration is not None:
        yield paint(fit(learnt(calibration), paper), "dim", paper.colour)


def _bounded(forecast: Forecast, paper: Paper) -> Iterator[str]:
    bound = forecast.whole.bound
    told = f"{AT_LEAST} {duration(bound)}" if bound else "not known"
    remark = "no program on this device is faster: a bound by its published peaks, no estimate"
    yield from aligned([Figure("time", told, remark if bound else "")], paper)
    yield from (paint(line, "dim", paper.colour) for line in wrapped(forecast.target.missing, paper.width).splitlines())


def where(calibration: Calibration) -> str:
    """The device, and how it runs."""
    words = [calibration.dtype]
    if calibration.device == "cpu" and calibration.threads:
        words.append(f"{calibration.threads} thread{'s' if calibration.threads > 1 else ''}")
    words += ["channels last"] * calibration.channels_last
    return visible(", ".join([*words, f"on {calibration.device}, {calibration.machine}"]))


def learnt(calibration: Calibration) -> str:
    """From what, and when."""
    noisy = ", which was noisy" if calibration.noisy else ""
    versions = f", PyTorch {calibration.facts['torch']}" if "torch" in calibration.facts else ""
    count = len(calibration.networks)
    return visible(f"calibrated on {count} networks{noisy}{versions}, {moment(calibration.started)}")


def _summary(found: Prediction, paper: Paper) -> Iterator[str]:
    to = scale(found.time)
    flops = sum(layer.flops for layer in found.layers)
    band = f"nine of ten between {to.bare(found.low)} and {to.told(found.high)}"
    rows = [
        Figure("predicted", to.told(found.time), band),
        Figure("throughput", f"{images_a_second(found.batch, found.time)} images/s"),
        Figure("achieved", f"{rate(flops, found.time)}FLOP/s", f"{short(flops)}FLOPs a run"),
    ]
    yield from aligned(rows, paper)
    if found.beyond:
        count, first = len(found.beyond), visible(found.beyond[0])
        layers = f"{exact(count)} layers are, as {first}" if count > 1 else f"{first} is"
        said = f"{layers}, more than twice as large as any that was calibrated: their bands may not hold"
        yield from (paint(line, "warning", paper.colour) for line in wrapped(said, paper.width).splitlines())
    for routine in found.unknown:
        said = f"not calibrated: {routine}, taken for an average of all others"
        yield from (paint(line, "warning", paper.colour) for line in wrapped(said, paper.width).splitlines())


class _Row(Line):
    """A line whose time has a band."""

    low: int
    high: int
    routine: str


def _table(found: Prediction, depth: int | None, paper: Paper) -> Iterator[str]:
    rows = [*_rows(found, depth)]
    made = _columns(found, rows, paper)
    granted = {key: made[key] for key in _NEEDS}
    for key in _WISHES:
        wanted = granted | {key: made[key]}
        if any(made[key].cells) and (paper.width is None or total(list(wanted.values())) <= paper.width):
            granted = wanted
    drawn = fitted([granted[key] for key in _ORDER if key in granted], paper.width, ellipsis(paper))
    yield from draw(drawn, colour=paper.colour, rule="-" if paper.ascii_only else "─", foot=len(_FOOT))


def _rows(found: Prediction, depth: int | None) -> Iterator[_Row]:
    if depth is None:
        yield from (_row(layer.name, [layer]) for layer in found.layers)
    else:
        yield from (_row(name, members) for name, members in parted(found.layers, depth))


def _row(name: str, members: Sequence[PredictedLayer]) -> _Row:
    from archcalc.analyses.latency.predict import group

    alone, band = len(members) == 1, group(members)
    flops = sum(member.flops for member in members)
    return _Row(
        name=name, kind=members[0].kind if alone else f"{len(members)} layers", nanoseconds=band.time, macs=None,
        flops=flops, bound="", layers=len(members), low=band.low, high=band.high,
        routine=members[0].routine if alone else "",
    )  # fmt: skip


def _columns(found: Prediction, rows: Sequence[_Row], paper: Paper) -> dict[str, Column]:
    time, share = (count(rows, found.time) for count in (times, shares))
    drawn = [each.ljust(_BAR) for each in bars([row.nanoseconds for row in rows], _BAR, paper.ascii_only)]
    blank = [""] * len(_FOOT)
    each, digits = (1_000_000, 3) if time.unit == "ms" else (1000, 1)
    bands = [f"{row.low / each:,.{digits}f} to {row.high / each:,.{digits}f}" for row in rows]
    whole = f"{found.low / each:,.{digits}f} to {found.high / each:,.{digits}f}"
    made = [
        Column("layer", "layer", [*(visible(row.name) for row in rows), *_FOOT], least=_LEAST),
        Column("kind", "kind", [*(visible(row.kind) for row in rows), *blank], least=_LEAST, tail=True, style="dim"),
        Column("routine", "run as", [*(row.routine for row in rows), *blank], style="dim"),
        Column("time", f"time, {time.unit}", [*time.rows, time.layers, time.other, time.whole], right=True),
        Column("band", "nine of ten", [*bands, "", "", whole], right=True, style="dim"),
        Column("share", "share, %", [*share.rows, share.layers, share.other, share.whole], right=True),
        Column("bar", "", [*drawn, *blank] if paper.bars else [""] * (len(rows) + len(blank)), style="params"),
        Column("rate", "FLOP/s", [*(rate(row.flops, row.nanoseconds) for row in rows), *blank], right=True),
    ]
    return {column.key: column for column in made}
