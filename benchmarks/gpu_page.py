"""The page of ``benchmarks/gpu.py``: what was measured on a device, beside what archcalc says of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any, NamedTuple

from gpu_memory import NETWORKS

import archcalc

if TYPE_CHECKING:
    from archcalc.analyses.latency.measured import Profile
    from archcalc.analyses.latency.predict import Prediction
    from archcalc.graph import Graph

#: Of so many nanoseconds and more, what lies between layers is to be this share of a run at most.
LONG = {"cuda": 2_000_000, "cpu": 5_000_000}
MOST_OTHER = 0.05
ABOUT = (
    "Made by `python benchmarks/gpu.py`. Times are medians of whole runs; `of the roof` is the share of a run that its",
    "layers would take at the published peaks; `other` what of a run no layer was charged with; `memory` is the peak",
    "beyond weights, workspaces of libraries included, which the one predicted is without; energy is an estimate.",
    "",
)
FACTS = ("torch", "cuda", "cudnn", "driver", "power_limit_watts", "processor", "archcalc")
HEAD = (
    "network", "run", "dtype", "batch", "median", "95 % between", "images/s", "FLOP/s", "of the roof", "other",
    "memory", "predicted", "off", "mJ an image", "",
)  # fmt: skip
TEXTS = {"network", "run", "dtype", "95 % between", ""}
PREDICTED = ("network", "dtype", "batch", "measured", "predicted", "nine of ten between", "off", "")


class Measured(NamedTuple):
    """A row of the results."""

    key: Mapping[str, Any]
    profile: Profile | None
    graph: Graph
    fault: str


def page(found: Mapping[str, Any], root: Path) -> Iterator[str]:
    """The page of what is found so far."""
    from archcalc.report.profile.json import profile_of

    rows = [
        Measured(each, profile_of(each["profile"]) if each.get("profile") else None,
                 graph_of(root, each["network"]), each["fault"])
        for each in found["rows"]
    ]  # fmt: skip
    predictions = [*predicted(rows, found["calibrations"])]
    yield f"# Latency on {found['device']}"
    yield ""
    profiles = [row.profile for row in rows if row.profile]
    if profiles:
        about = profiles[0].machine
        yield f"{', '.join(f'{name} {about[name]}' for name in FACTS if about.get(name))}, {profiles[0].started[:10]}"
        yield ""
    yield from ABOUT
    if profiles and profiles[0].setting.device == "cpu":
        yield "**This was a trial on a CPU: nothing here is a figure of a GPU.**"
        yield ""
    yield from (f"- {line}" for line in claims(rows, predictions))
    yield from ("", "## Measured", "")
    yield from table(HEAD, map(cells, rows))
    yield from ("", "## Predicted from a calibration, eager", "")
    yield from (f"{each['dtype']}: {each['fault']}" for each in found["calibrations"] if each["fault"])
    yield from table(PREDICTED, (predicted_cells(row, prediction) for row, prediction in predictions))


@cache
def graph_of(root: Path, name: str) -> Graph:
    """A network without side heads."""
    return archcalc.load(str(root / NETWORKS[name])).graph.without_aux()


def predicted(rows: Sequence[Measured], kept: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Measured, Prediction]]:
    """Each measurement that a calibration is of, and what that says."""
    from archcalc.analyses.latency.calibration import calibration_of
    from archcalc.analyses.latency.predict import predict

    rules = {each["dtype"]: calibration_of(each["calibration"]) for each in kept if not each["fault"]}
    for row in rows:
        if row.profile and row.key["mode"] == "eager" and row.key["dtype"] in rules:
            yield row, predict(row.graph, rules[row.key["dtype"]], batch=row.key["batch"])


def claims(rows: Sequence[Measured], predictions: Sequence[tuple[Measured, Prediction]]) -> Iterator[str]:
    """A line for each thing that is claimed: in how many it holds."""
    done = [row.profile for row in rows if row.profile]
    yield f"{len(done)} of {len(rows)} measured, {sum(each.noisy for each in done)} of them noisy"
    shares = [other / each.whole.median for each in done
              if (other := each.other) is not None and each.whole.median >= LONG[kind_of(each)]]  # fmt: skip
    if shares:
        good = sum(abs(share) <= MOST_OTHER for share in shares)
        yield f"`other` is at most {MOST_OTHER:.0%} in {good} of {len(shares)} that take long, {worst(shares)}"
    memory = [off for each in done if (off := off_memory(each)) is not None]
    if memory:
        yield f"memory predicted: {worst(memory)}"
    if predictions:
        errors = [off_time(row, each) for row, each in predictions]
        inside = sum(each.low <= row.profile.whole.median <= each.high for row, each in predictions if row.profile)
        mean = fmean(map(abs, errors))
        yield f"time predicted: off by {mean:.1%} on average, {worst(errors)}, {inside} of {len(errors)} in the band"


def worst(shares: Sequence[float]) -> str:
    return f"the worst {max(shares, key=abs):+.1%}"


def kind_of(profile: Profile) -> str:
    return profile.setting.device.partition(":")[0]


def off_memory(profile: Profile) -> float | None:
    """By what share the prediction departs from what was measured."""
    memory = profile.memory
    return memory.predicted / memory.measured - 1 if memory.measured and memory.predicted is not None else None


def off_time(row: Measured, prediction: Prediction) -> float:
    assert row.profile is not None
    return prediction.time / max(row.profile.whole.median, 1) - 1


def cells(row: Measured) -> tuple[str, ...]:
    """A row of the first table."""
    from archcalc.analyses.latency.bound import at_roof
    from archcalc.report.numbers import size
    from archcalc.report.profile.figures import images_a_second, interval, rate, scale
    from archcalc.report.profile.several import mark

    key, profile = row.key, row.profile
    first = (key["network"], key["mode"], key["dtype"], f"{key['batch']}")
    if profile is None:
        return (*first, *[""] * (len(HEAD) - len(first) - 1), row.fault)
    whole, memory, other, roof = profile.whole, profile.memory, profile.other, at_roof(profile, row.graph)
    return (
        *first, scale(whole.median).told(whole.median), interval(profile).removeprefix("95 % between "),
        images_a_second(profile.setting.batch, whole.median), rate(profile.flops, whole.median),
        share(roof and float(roof / whole.median), "{:.1%}"), share(other and other / whole.median),
        size(memory.measured), size(memory.predicted), share(off_memory(profile)),
        share(profile.millijoules, "{:.3g}"), mark(profile),
    )  # fmt: skip


def predicted_cells(row: Measured, prediction: Prediction) -> tuple[str, ...]:
    """A row of the second."""
    from archcalc.report.profile.figures import scale
    from archcalc.report.profile.several import mark

    assert row.profile is not None
    median = row.profile.whole.median
    to = scale(median)
    inside = prediction.low <= median <= prediction.high
    return (
        row.key["network"], row.key["dtype"], f"{row.key['batch']}", to.told(median), to.told(prediction.time),
        f"{to.bare(prediction.low)} and {to.told(prediction.high)}", share(off_time(row, prediction)),
        "; ".join([*([] if inside else ["beyond the band"]), *filter(None, [mark(row.profile)])]),
    )  # fmt: skip


def share(value: float | None, form: str = "{:+.1%}") -> str:
    return "" if value is None else form.format(value)


def table(head: Sequence[str], rows: Any) -> Iterator[str]:
    """A table in Markdown."""
    from archcalc.report.markdown import escaped, row

    yield row(head)
    yield row("---" if title in TEXTS else "---:" for title in head)
    yield from (row(map(escaped, each)) for each in rows)


def said(result: Mapping[str, Any]) -> str:
    """A result in a few words, for who waits."""
    from archcalc.report.numbers import duration

    if result["fault"]:
        return str(result["fault"])
    return duration(result["profile"]["whole"]["median_ns"]) if "profile" in result else "calibrated"
