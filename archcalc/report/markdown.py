"""A report as a Markdown table, for a README or an issue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from archcalc.report.columns import COLUMNS, cells, chosen
from archcalc.report.counting import words_of
from archcalc.report.numbers import exact, shape, short, size

if TYPE_CHECKING:
    from archcalc.analyses.summary import Report

#: Characters of a comment on GitHub, 65,536, but for a line that says what is left out; a job's summary holds more.
COMMENT = 65_536 - 256


def dumps(reports: Sequence[Report], *, keys: Sequence[str] = (), layout: str = "hwc") -> str:
    """A heading, a table of layers and a line of totals for each report. Raises UnknownColumn."""
    return "\n".join(section(report, keys, layout) for report in reports)


def section(report: Report, keys: Sequence[str] = (), layout: str = "hwc") -> str:
    """One report's heading, table and totals. Raises UnknownColumn."""
    return "".join(f"{line}\n" for line in _lines(report, chosen(keys), layout))


def _lines(report: Report, keys: Sequence[str], layout: str) -> Iterator[str]:
    yield f"### {escaped(report.network or report.file)}"
    yield ""
    totals = report.totals
    if totals is None:
        yield "Unreadable: no figures."
        return
    yield f"Input {shape(report.input, layout)}, batch {report.batch}, {report.dtype}."
    if hasattr(report, "device"):
        from archcalc.report.latency import conditions

        yield from (f"{line[0].upper()}{escaped(line[1:])}." for line in conditions(report.device))
    words = words_of(report.convention)
    if words.whose is not None:
        said = words.sentence(totals)
        yield f"{said[0].upper()}{said[1:]}."
    yield ""
    yield row(words.column if key == "macs" else COLUMNS[key].title for key in keys)
    yield row("---:" if COLUMNS[key].right else "---" for key in keys)
    for line in zip(*(cells(report.layers, key, layout) for key in keys), strict=True):
        yield row(map(escaped, line))
    yield ""
    yield (
        f"**{exact(totals.params)}** params ({short(totals.params)}, {size(totals.weights_bytes)}), "
        f"**{exact(totals.macs)}** {words.macs} ({short(totals.macs)}), activations {size(totals.activations_bytes)}."
    )
    if hasattr(totals, "latency"):
        from archcalc.report.latency import remark, told

        yield f"\nLatency **{told(totals.latency)}**: {remark(totals.latency)}."


def fitting(parts: Sequence[str], room: int) -> tuple[list[str], int]:
    """The first of these parts that fit ``room`` characters, a newline between two; and how many are left."""
    kept: list[str] = []
    for part in parts:
        if len(part) + 1 > room:
            break
        kept.append(part)
        room -= len(part) + 1
    return kept, room


def row(texts: Any) -> str:
    """A row of a table."""
    return f"| {' | '.join(texts)} |"


def escaped(text: str) -> str:
    """Text in which Markdown finds none of its own signs, and GitHub no person, issue or pull request to link."""
    safe = "".join(f"\\{sign}" if sign in "\\|*_`<>[]" else " " if sign == "\n" else sign for sign in text)
    return safe.replace("#", "#&#8203;").replace("@", "@&#8203;") if "@" in safe or "#" in safe else safe
