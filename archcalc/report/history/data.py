"""Kept measurements for other programs: JSON with all of each, which ``history import`` reads, and CSV, a row each."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from archcalc.analyses.latency.measured import MemoryUse, Setting
from archcalc.analyses.latency.timing import Timing

if TYPE_CHECKING:
    from archcalc.history import Row

#: A column is a fact of the row, or the place of one in its document.
_ROW = ("id", "kind", "at", "network", "device", "machine")
_PLACES = (
    "file", "digest", *(f"setting.{name}" for name in Setting.fields if name != "device"),
    *(f"whole.{name if name == 'count' else f'{name}_ns'}" for name in Timing.fields),
    "warmup", "noisy", "interrupted", "macs", "flops",
    *(f"memory.{name}" for name in MemoryUse.fields), "millijoules",
)  # fmt: skip


def json_lines(rows: Iterable[Row]) -> Iterator[str]:
    """An array, a measurement a line, as they come."""
    before = "[\n"
    for row in rows:
        head = {"id": row.id, "kind": row.kind, "at": row.at}
        yield f'{before}{json.dumps(head)[:-1]}, "document": {row.text}}}'
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def csv_lines(rows: Iterable[Row]) -> Iterator[str]:
    """A header, then raw numbers, a line a measurement; what a kind does not have is left empty."""
    yield _line([*_ROW, *(place.removeprefix("setting.").replace("whole.", "").replace(".", "_") for place in _PLACES)])
    for row in rows:
        yield _line([*(getattr(row, name) for name in _ROW), *(_at(row.document, place) for place in _PLACES)])


def _line(cells: Iterable[Any]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue()


def _at(document: Mapping[str, Any], place: str) -> Any:
    value: Any = document
    for key in place.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return str(value).lower() if isinstance(value, bool) else value


class Unreadable(ValueError):
    """A text is no export: why."""


def measurements(text: str) -> list[tuple[str, dict[str, Any], str | None]]:
    """The kind, document and time of each measurement of an export, or of what ``profile --format json`` prints.
    Raises Unreadable."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"it is not JSON: {error}") from None
    return [_measurement(each, place) for place, each in enumerate(found if isinstance(found, list) else [found], 1)]


def _measurement(found: Any, place: int) -> tuple[str, dict[str, Any], str | None]:
    if isinstance(found, dict):
        if isinstance(found.get("document"), dict) and isinstance(found.get("kind"), str):
            return found["kind"], found["document"], found.get("at")
        if "schema" in found and "samples_ns" in found:
            return "profile", found, None
    raise Unreadable(f"its object {place} is no measurement")
