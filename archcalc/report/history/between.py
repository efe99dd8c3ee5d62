"""Two kept measurements beside each other: which is slower, how sure that is, what differs, and which layers moved."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from archcalc.report.agreement import ellipsis
from archcalc.report.history.text import Entry, setting, when
from archcalc.report.layout import Column, draw, fitted, total
from archcalc.report.numbers import exact, factor, shape
from archcalc.report.profile.figures import scale
from archcalc.report.profile.rows import Line, times
from archcalc.report.profile.text import printed
from archcalc.report.style import paint, visible, wrapped
from archcalc.version import __version__

if TYPE_CHECKING:
    from archcalc.analyses.latency.between import Between
    from archcalc.report.text import Paper

SCHEMA = 1
_COLOURS = {"slower": "error", "faster": "good"}
_TURNS = "they were taken apart: profile A B --compare measures two by turns, so that what slows one slows both"
#: Characters of a digest that tell it from any other.
_DIGEST = 12


def text(found: Between, sides: tuple[Entry, Entry], paper: Paper, limit: int) -> str:
    """Both, the verdict, every reason to doubt it, what differs, and the ``limit`` layers that moved most."""
    names = (f"no. {sides[0].row.id}", f"no. {sides[1].row.id}")
    parts = [[*_heads(sides, paper)], [*_verdict(found, names, paper)]]
    if found.differences:
        parts.append([*_differences(found, names, paper)])
    if found.parts:
        parts.append([*_moved(found, names, paper, limit)])
    return printed("\n\n".join("\n".join(part) for part in parts), paper)


def _heads(sides: tuple[Entry, Entry], paper: Paper) -> Iterator[str]:
    """What each is, a line each."""
    made = [
        Column("no.", "", [f"no. {side.row.id}" for side in sides], style="bold"),
        Column("when", "", [when(side.row) for side in sides]),
        Column("network", "", [visible(side.row.network) for side in sides], least=12),
        Column("setting", "", [setting(side) for side in sides], least=16, tail=True),
        Column("machine", "", [visible(side.row.machine) for side in sides], least=12, tail=True, style="dim"),
    ]
    _, _, *lines = draw(_fitting(made, paper), colour=paper.colour, rule="-", summed=False)
    yield from lines


def _fitting(made: Sequence[Column], paper: Paper) -> list[Column]:
    """Those that have room, from the first on."""
    kept = [*made]
    while paper.width is not None and len(kept) > 2 and total(kept) > paper.width:
        kept.pop()
    return fitted(kept, paper.width, ellipsis(paper))


def _verdict(found: Between, names: tuple[str, str], paper: Paper) -> Iterator[str]:
    medians = [profile.whole.median for profile in (found.before, found.after)]
    told = [scale(median).told(median) for median in medians]
    yield f"median {told[0]}, then {told[1]}"
    yield from _said(sentence(found, names), _COLOURS.get(found.verdict), paper)
    for name, profile in zip(names, (found.before, found.after), strict=True):
        if profile.noise:
            reasons = "; ".join(visible(noise.seen) for noise in profile.noise)
            yield from _said(f"{name} is noisy: {reasons}", "warning", paper)
        if profile.interrupted:
            yield from _said(f"{name} was interrupted: fewer runs than were asked for", "warning", paper)
    if found.verdict not in _COLOURS:
        yield from _said(_TURNS, "dim", paper)


def _said(sentence: str, style: str | None, paper: Paper) -> Iterator[str]:
    yield from (paint(line, style, paper.colour) for line in wrapped(sentence, paper.width).splitlines())


def sentence(found: Between, names: tuple[str, str]) -> str:
    """The verdict on the second."""
    whole, name = found.whole, names[1]
    takes = f"{factor(whole.ratio)} times as long"
    if found.verdict == "doubtful":
        noisy = [each for each, side in zip(names, (found.before, found.after), strict=True) if side.noisy]
        be = "is" if len(noisy) == 1 else "are"
        return f"in doubt, as {' and '.join(noisy)} {be} noisy: {name} takes {takes}"
    if whole.low is None or whole.high is None:
        return f"too few samples to tell: {name} takes {takes}"
    takes += f", 95 % sure to be {factor(whole.low)} to {factor(whole.high)}"
    if found.verdict == "open":
        return f"no difference seen: {name} takes {takes}"
    if found.verdict == "near":
        return f"{name} takes {takes}: no more than two runs of the same may differ by"
    return f"{name} is {found.verdict}: {takes}"


def _differences(found: Between, names: tuple[str, str], paper: Paper) -> Iterator[str]:
    def column(title: str, cells: list[str]) -> Column:
        return Column(title, title, cells, least=12, tail=True)

    made = [
        column("what differs", [visible(_called(each.name)) for each in found.differences]),
        column(names[0], [_value(each.name, each.before) for each in found.differences]),
        column(names[1], [_value(each.name, each.after) for each in found.differences]),
    ]
    yield from draw(
        fitted(made, paper.width, ellipsis(paper)),
        colour=paper.colour, rule="-" if paper.ascii_only else "─", summed=False,
    )  # fmt: skip


def _called(name: str) -> str:
    """``setting.cuda_graph`` as ``cuda graph``."""
    return {"digest": "the spec's text"}.get(name, name.partition(".")[2].replace("_", " ") or name)


def _value(name: str, value: Any) -> str:
    if name == "digest" and value:
        return str(value)[:_DIGEST]
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "inputs" and value:
        return ", ".join(shape(tuple(each)) for each in value)
    if isinstance(value, list | tuple):
        return ", ".join(_value("", each) for each in value) or "none"
    return visible(value) if isinstance(value, str) else exact(value)


def _moved(found: Between, names: tuple[str, str], paper: Paper, limit: int) -> Iterator[str]:
    """What moved most, the rest in a row, and the whole; each column adds up as it is printed, the change too."""
    rows, rest = [*found.parts[:limit]], found.parts[limit:]
    if rest:
        before, after = (sum(getattr(part, side) or 0 for part in rest) for side in ("before", "after"))
        rows.append(rest[0].but(name=f"{exact(len(rest))} more", before=before, after=after))
    longest = max(found.before.whole.median, found.after.whole.median)
    was = times([_line(part.before) for part in rows], found.before.whole.median, longest)
    now = times([_line(part.after) for part in rows], found.after.whole.median, longest)
    cells = [(*side.rows, side.other, side.whole) for side in (was, now)]
    pairs = [*zip(*cells, strict=True)]
    made = [
        Column("layer", "moved most", [*(visible(part.name) for part in rows), "other", "whole"], least=12),
        Column("before", f"{names[0]}, {was.unit}", _there(cells[0], [part.before for part in rows]), right=True),
        Column("after", f"{names[1]}, {now.unit}", _there(cells[1], [part.after for part in rows]), right=True),
        Column("change", "change", [_change(*pair) for pair in pairs], right=True, style="bold"),
        Column("ratio", "ratio", [_ratio(*pair) for pair in pairs], right=True),
    ]
    yield from draw(_fitting(made, paper), colour=paper.colour, rule="-" if paper.ascii_only else "─", foot=2)


def _there(cells: Sequence[str], times: Sequence[int | None]) -> list[str]:
    """The cells, empty for a layer that is not there."""
    told = ["" if time is None else cell for cell, time in zip(cells, times, strict=False)]
    return [*told, *cells[len(times) :]]


def _line(nanoseconds: int | None) -> Line:
    return Line(name="", kind="", nanoseconds=nanoseconds or 0, macs=None, flops=None, bound="")


def _number(cell: str) -> Decimal:
    return Decimal(cell.replace(",", ""))


def _change(before: str, after: str) -> str:
    change = _number(after) - _number(before)
    return f"{change:+,}" if change else f"{change}"


def _ratio(before: str, after: str) -> str:
    was, now = _number(before), _number(after)
    return f"{now / was:.2f}" if was > 0 and now > 0 else ""


def dumps(found: Between, sides: tuple[Entry, Entry]) -> str:
    """One object; times are nanoseconds."""
    whole = found.whole
    made = {
        "schema": SCHEMA, "archcalc": __version__,
        **{key: _side(side) for key, side in zip(("before", "after"), sides, strict=True)},
        "ratio": float(whole.ratio),
        "low": None if whole.low is None else float(whole.low),
        "high": None if whole.high is None else float(whole.high),
        "verdict": found.verdict,
        "differences": [{name: getattr(each, name) for name in each.fields} for each in found.differences],
        "layers": [
            {"name": part.name, "kind": part.kind, "before_ns": part.before, "after_ns": part.after}
            for part in found.parts
        ],
    }  # fmt: skip
    return json.dumps(made, indent=2) + "\n"


def _side(side: Entry) -> dict[str, Any]:
    assert side.profile is not None
    return {
        "id": side.row.id, "at": side.row.at, "network": side.row.network, "device": side.row.device,
        "machine": side.row.machine, "median_ns": side.profile.whole.median, "noisy": side.profile.noisy,
        "interrupted": side.profile.interrupted,
    }  # fmt: skip
