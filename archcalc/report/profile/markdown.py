"""Measurements as Markdown, for a comment: the figures, every reason to doubt them, the layers folded away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from archcalc.analyses.latency.measured import Profile
from archcalc.report.markdown import escaped, row
from archcalc.report.numbers import exact
from archcalc.report.profile.figures import figures, rate
from archcalc.report.profile.rows import lines, shares, times
from archcalc.report.profile.several import columns
from archcalc.report.profile.words import conditions, of_stamps, versions, why_no_layers


def section(profile: Profile, *, depth: int | None = None, least: Fraction | None = None) -> str:
    """One measurement; groups of ``depth`` names are a row each."""
    return "".join(f"{line}\n" for line in _lines(profile, depth, least))


def _lines(profile: Profile, depth: int | None, least: Fraction | None) -> Iterator[str]:
    yield f"### {escaped(profile.network)}"
    yield ""
    said = conditions(profile)
    yield f"{escaped(said[:1].upper() + said[1:])}."
    yield ""
    for noise in profile.noise:
        yield f"> **Noisy**: {escaped(noise.seen)}"
    if profile.interrupted:
        yield "> **Interrupted**: fewer runs than were asked for"
    if profile.noise or profile.interrupted:
        yield ""
    yield from (row(("", "", "")), row(("---", "---:", "---")))
    for figure in figures(profile, least):
        name = figure.name.strip()
        yield row((f"**{name}**" if name == "median" else name, escaped(figure.value), escaped(figure.remark)))
    yield ""
    if profile.layers:
        yield from _layers(profile, depth)
    elif why := why_no_layers(profile):
        yield from (escaped(f"{why[:1].upper() + why[1:]}."), "")
    yield escaped(f"{versions(profile)}.")


def _layers(profile: Profile, depth: int | None) -> Iterator[str]:
    rows = lines(profile, depth)
    time, share = (count(rows, profile.whole.median) for count in (times, shares))
    yield from ("<details><summary>Where the time goes</summary>", "")
    yield row(("layer", "kind", f"time, {time.unit}", "share, %", "MACs", "FLOP/s", "bound"))
    yield row(("---", "---", "---:", "---:", "---:", "---:", "---"))
    for line, spent, part in zip(rows, time.rows, share.rows, strict=True):
        done = rate(line.flops, line.nanoseconds)
        yield row((escaped(line.name), escaped(line.kind), spent, part, exact(line.macs or None), done, line.bound))
    for name in ("layers", "other", "whole"):
        macs = "" if name == "other" else exact(profile.macs or None)
        yield row((f"**{_NAMES[name]}**", "", getattr(time, name), getattr(share, name), macs, "", ""))
    for said in of_stamps(profile):
        yield from ("", f"{escaped(said[:1].upper() + said[1:])}.")
    yield from ("", "</details>", "")


_NAMES = {"layers": "sum", "other": "other", "whole": "whole"}


def table(profiles: Sequence[Profile]) -> str:
    """A row a measurement."""
    made = [*columns(profiles)]
    lines = [row(escaped(column.title) for column in made), row("---:" if each.right else "---" for each in made)]
    lines += [row(map(escaped, cells)) for cells in zip(*(column.cells for column in made), strict=True)]
    return "".join(f"{line}\n" for line in lines)
