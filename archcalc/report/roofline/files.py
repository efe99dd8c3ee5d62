"""A network under a roof for programs: JSON (docs/schema/roofline-1.json), CSV and Markdown."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from archcalc.analyses.latency.roofline import Ceiling, Roof
from archcalc.report.markdown import escaped, row
from archcalc.report.roofline.rows import Shown
from archcalc.report.roofline.text import table
from archcalc.report.roofline.words import AT_ROOF, NO_BOUND, at_least, bounded, ceilings, inputs, taken
from archcalc.version import __version__

SCHEMA = 1
_KEYS = ("name", "block", "kind", "line", "macs", "flops", "moved_bytes")


def dumps(all_shown: Sequence[Shown], *, many: bool) -> str:
    """One object, or an array if ``many``; a newline at its end. Times are nanoseconds."""
    found = [_document(each) for each in all_shown]
    return json.dumps(found if many else found[0], indent=1, ensure_ascii=False) + "\n"


def _document(shown: Shown) -> dict[str, Any]:
    found = shown.roofline
    return {
        "schema": SCHEMA, "archcalc": __version__, "network": found.network, "title": found.title, "file": found.file,
        "inputs": [list(each) for each in found.inputs], "batch": found.batch, "aux": found.aux,
        "roof": _roof(found.roof),
        "time_ns": float(found.time), "bound_ns": _float(found.bound), "products_ns": float(found.products),
        "reading_ns": _float(found.reading), "measured": shown.measured or None, "layers": [*_rows(shown)],
    }  # fmt: skip


def _roof(roof: Roof) -> dict[str, Any]:
    return {name: _plain(getattr(roof, name)) for name in roof.fields}


def _plain(value: Any) -> Any:
    return value._asdict() if isinstance(value, Ceiling) else value


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def _rows(shown: Shown) -> list[dict[str, Any]]:
    return [
        {key: getattr(each, key) for key in _KEYS}
        | {"intensity": _float(each.intensity), "bound": each.bound, "time_ns": float(each.time), "share": float(share)}
        | {"measured_ns": took}
        for each, share, took in zip(shown.rows, shown.shares, shown.times, strict=True)
    ]


def comma_separated(all_shown: Sequence[Shown]) -> str:
    """Raw numbers under a header of keys, a row a layer."""
    out = io.StringIO()
    several = len(all_shown) > 1
    writer = csv.writer(out, lineterminator="\n")
    rows = [
        ({"network": each.roofline.network} if several else {}) | made for each in all_shown for made in _rows(each)
    ]
    writer.writerow(rows[0] if rows else ())
    writer.writerows(made.values() for made in rows)
    return out.getvalue()


def markdown(shown: Shown) -> str:
    """A heading, the table of layers, and the times of the whole."""
    found = shown.roofline
    columns = table(shown, short_=False)
    lines = [f"### {escaped(found.network)}", ""]
    lines += [f"Input {inputs(found)}, batch {found.batch:,}, {found.roof.dtype}; {', '.join(ceilings(found.roof))}."]
    lines += ["", row(column.title for column in columns)]
    lines += [row("---:" if column.right else "---" for column in columns)]
    lines += [row(map(escaped, cells)) for cells in zip(*(column.cells for column in columns), strict=True)]
    bound = (
        f" {NO_BOUND.capitalize()}."
        if found.bound is None
        else f" Lower bound {at_least(found.bound)}: {bounded(found)}."
    )
    lines += ["", f"At the roof {taken(found.time)}: {AT_ROOF}.{bound}"]
    return "".join(f"{line}\n" for line in lines)
