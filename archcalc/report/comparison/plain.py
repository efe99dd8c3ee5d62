"""Networks side by side as JSON (docs/schema/compare-1.json), CSV and Markdown."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from archcalc.analyses.latency.band import Latency
from archcalc.report.comparison.words import bands, conditions, inputs, legend, quantity, ratio, unknown, value
from archcalc.report.markdown import escaped, row
from archcalc.version import __version__

if TYPE_CHECKING:
    from archcalc.analyses.comparison import Comparison, Contender, Line
    from archcalc.analyses.latency.asked import Target

SCHEMA = 1


def document(found: Comparison) -> str:
    """The JSON object, a newline at its end."""
    under = {name: getattr(found.under, name) for name in ("batch", "dtype", "on", "optimizer")}
    made = {
        "schema": SCHEMA,
        "archcalc": __version__,
        **under,
        "aux": found.aux,
        **({} if found.target is None else {"device": _device(found.target)}),
        "networks": [_network(each) for each in found.contenders],
        "totals": [_line(line) for line in found.totals],
        "stages": [{"names": each.names, "quantities": [*map(_line, each.lines)]} for each in found.stages],
    }
    return "{\n" + ",\n".join(f"{json.dumps(key)}: {_lines(it)}" for key, it in made.items()) + "\n}\n"


def _lines(it: Any) -> str:
    """JSON with a line for each network, total and stage."""
    if not isinstance(it, list) or not it:
        return json.dumps(it)
    return "[\n" + ",\n".join(json.dumps(each, default=str) for each in it) + "\n]"


def _network(contender: Contender) -> dict[str, Any]:
    graph = contender.graph
    return {
        "name": contender.name,
        "network": graph.name,
        "file": graph.file,
        "settings": dict(graph.settings),
        "input": contender.input,
        "output": graph.nodes[graph.output].shape,
    }


def _device(target: Target) -> dict[str, Any]:
    known = target.calibration
    return {
        "name": target.name,
        "machine": known and known.machine,
        "threads": known and known.threads,
        "calibrated": known and known.started,
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "quantity": line.quantity,
        "best": line.best,
        "values": [_number(line.quantity, each) for each in line.values],
        "ratios": [None if ratio is None else float(ratio) for ratio in line.ratios],
        "marked": line.marked,
        **_bands(line),
    }


def _bands(line: Line) -> dict[str, Any]:
    """Of predicted times also both ends, and bounds."""
    if line.quantity != "latency":
        return {}
    return {name: [each and getattr(each, name) for each in line.values] for name in ("low", "high", "bound")}


def _number(name: str, it: Any) -> Any:
    """A time is nanoseconds, a fractional stride text, an intensity a number; closed forms are text by ``default``."""
    if isinstance(it, Latency):
        return it.time
    if isinstance(it, Fraction):
        return float(it) if name == "intensity" else str(it)
    return [_number(name, each) for each in it] if isinstance(it, tuple) else it


def rows(found: Comparison) -> str:
    """CSV: a line for each network, and one for each stage that it has; a column a quantity, raw numbers."""
    quantities = list(
        dict.fromkeys(
            line.quantity for lines in (found.totals, *(each.lines for each in found.stages)) for line in lines
        )
    )
    settings = list(dict.fromkeys(name for each in found.contenders for name in each.graph.settings))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["network", "file", *settings, "stage", *quantities])
    for place, contender in enumerate(found.contenders):
        graph = contender.graph
        start = [contender.name, graph.file, *(graph.settings.get(name) for name in settings)]
        parts = [("", found.totals), *((each.names[place], each.lines) for each in found.stages)]
        for stage, lines in parts:
            if stage is not None:
                figures = {line.quantity: _cell(line, place) for line in lines}
                writer.writerow([*start, stage, *(figures.get(name) for name in quantities)])
    return out.getvalue()


def _cell(line: Line, place: int) -> Any:
    it = line.values[place]
    if isinstance(it, Latency):
        return it.time
    return it if isinstance(it, int) else value(line.quantity, it)


def markdown(found: Comparison) -> str:
    """A table of totals, and one for each quantity of the stages; the best in bold."""
    lines = [f"{conditions(found)[0].upper()}{conditions(found)[1:]}."]
    if said := legend(found).replace("*:", "bold:").replace("x:", "×:"):
        lines.append(f"{said[0].upper()}{said[1:]}.")
    lines += [f"{said[0].upper()}{said[1:]}." for said in (bands(found), *unknown(found)) if said]
    first = [("input", inputs(found))] if inputs(found) else []
    lines += ["", *_table("total", found, [quantity(each.quantity) for each in found.totals], found.totals, first)]
    for place in range(len(found.stages[0].lines) if found.stages else 0):
        of_stages = [stage.lines[place] for stage in found.stages]
        title = f"stage: {quantity(of_stages[0].quantity)}"
        lines += ["", *_table(title, found, [each.name for each in found.stages], of_stages)]
    return "".join(f"{line}\n" for line in lines)


def _table(
    title: str,
    found: Comparison,
    names: Sequence[str],
    lines: Sequence[Line],
    first: Sequence[tuple[str, Sequence[str]]] = (),
) -> Iterator[str]:
    yield row((title, *map(escaped, found.names)))
    yield row(("---", *["---:"] * len(found.names)))
    for name, texts in first:
        yield row((name, *map(escaped, texts)))
    for name, line in zip(names, lines, strict=True):
        yield row((escaped(name), *(_bold(line, place) for place in range(len(line.values)))))


def _bold(line: Line, place: int) -> str:
    text = escaped(value(line.quantity, line.values[place]))
    text = f"**{text}**" if place in line.marked else text
    by = ratio(line.ratios[place]).replace("x", "×") if place else ""
    return f"{text} ({by})" if by else text
