"""Input sizes as CSV, a row a size, and as JSON: the schema is docs/schema/sizes-1.json."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from archcalc.report.formula import conditions
from archcalc.report.numbers import shape
from archcalc.report.sizes.words import original, ratio
from archcalc.version import __version__

if TYPE_CHECKING:
    from archcalc.analyses.formula.numbers import Numbers
    from archcalc.analyses.sizes import Sizes
    from archcalc.analyses.sizes.rows import Row

SCHEMA = 1


def dumps(found: Sequence[Sizes], *, many: bool) -> str:
    """One object, or an array if ``many``; a newline at its end."""
    made = [{"schema": SCHEMA, "archcalc": __version__} | _plain(each) for each in found]
    return json.dumps(made if many else made[0], indent=1) + "\n"


def _plain(found: Sizes) -> dict[str, Any]:
    first = original(found)
    return {
        "network": found.network,
        "file": found.file,
        "input": [dim if isinstance(dim, int) else str(dim) for dim in found.input],
        "smallest": found.smallest and list(found.smallest),
        "height": _axis(found, 0),
        "width": _axis(found, 1),
        "conditions": [conditions.text(each) for each in found.others],
        "wants": [
            {"layer": want.layer, "shape": want.shape and list(want.shape), "form": [str(dim) for dim in want.form]}
            for want in found.wants
        ],
        "gapped": list(found.gapped),
        "side_heads": found.side_heads,
        "sizes": [_row(row, first) for row in found.rows],
    }


def _axis(found: Sizes, place: int) -> dict[str, Any]:
    axis = found.axes[place]
    return {name: _numbers(getattr(axis, name)) for name in ("accepted", "fitting", "whole")}


def _numbers(numbers: Numbers | None) -> dict[str, Any] | None:
    """A set: None where it cannot be told."""
    if numbers is None:
        return None
    return {
        "least": None if numbers.empty else numbers.least,
        "most": numbers.most,
        "modulus": numbers.modulus,
        "remainders": list(numbers.remainders),
        "without": list(numbers.without),
        "first": numbers.first(8),
    }


def _row(row: Row, first: Row | None) -> dict[str, Any]:
    macs, peak = (first.macs, first.inference_peak_bytes) if first else (None, None)
    return {
        "scale": None if row.scale is None else float(row.scale),
        "size": list(row.size),
        "fits": not row.why,
        "why": row.why or None,
        "grid": row.grid and list(row.grid),
        "output": row.output and list(row.output),
        "macs": row.macs,
        "macs_ratio": ratio(row.macs, macs),
        "activations_bytes": row.activations_bytes,
        "inference_peak_bytes": row.inference_peak_bytes,
        "memory_ratio": ratio(row.inference_peak_bytes, peak),
    }


def rows(found: Sequence[Sizes]) -> str:
    """All rows under one header, raw numbers; a first column names the network where there are several."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    several = len(found) > 1
    keys = ("scale", "height", "width", "fits", "why", "grid", "output", "macs", "macs_ratio", "activations_bytes",
            "inference_peak_bytes", "memory_ratio")  # fmt: skip
    writer.writerow([*(["network"] if several else []), *keys])
    for each in found:
        first = original(each)
        for row in each.rows:
            made = _row(row, first) | {"height": row.size[0], "width": row.size[1]}
            made |= {"grid": shape(row.grid), "output": shape(row.output), "fits": "yes" if not row.why else "no"}
            writer.writerow([*([each.network] if several else []), *(made[key] for key in keys)])
    return out.getvalue()
