"""A measurement as a row: its JSON document, and the few facts of it that are looked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from archcalc.record import Record

#: The table's columns beside its number, in order.
COLUMNS = ("kind", "at", "network", "device", "machine", "digest", "median_ns", "document")
#: Numbers that SQLite can hold.
_LARGEST = 2**63 - 1


class Row(Record):
    """A kept measurement. ``at``: when it was begun, UTC, so written that sorting is by time; ``device`` as PyTorch
    names it, ``machine`` the processor's or GPU's name; ``median_ns`` of the whole, None where the kind has none;
    ``text`` the document as JSON."""

    id: int
    kind: str
    at: str
    network: str
    device: str
    machine: str
    digest: str
    median_ns: int | None
    text: str

    @cached_property
    def document(self) -> dict[str, Any]:
        """What was measured, as it was handed in."""
        made: dict[str, Any] = json.loads(self.text)
        return made

    @property
    def time(self) -> datetime:
        """When it was begun, where we are."""
        return datetime.fromisoformat(self.at).astimezone()


def encoded(kind: str, document: Mapping[str, Any], at: str | None = None) -> dict[str, str | int | None]:
    """A row's columns out of a document, whatever of them it has; ``at``: when it was begun, if it does not say so."""
    machine, whole = _part(document, "machine"), _part(document, "whole")
    median = whole.get("median_ns")
    return {
        "kind": kind,
        "at": moment(document.get("started") or at),
        "network": _text(document.get("network")),
        "device": _text(_part(document, "setting").get("device") or document.get("device")),
        "machine": _text(machine.get("name")),
        "digest": _text(document.get("digest")),
        "median_ns": median if isinstance(median, int) and abs(median) <= _LARGEST else None,
        # keys in their order; escapes keep whatever a file's name may hold
        "document": json.dumps(document, separators=(",", ":")),
    }


def row_of(values: tuple[Any, ...]) -> Row:
    """A row as the database gives it: its number, then ``COLUMNS``."""
    return Row(*values)


def moment(started: Any) -> str:
    """A time as rows have it; now, where a document tells none."""
    try:
        time = datetime.fromisoformat(started) if isinstance(started, str) else datetime.now(UTC)
        return time.astimezone(UTC).isoformat(timespec="microseconds")
    except (ValueError, OverflowError):
        return moment(None)


def condition(
    kind: str | None,
    network: str | None,
    device: str | None,
    machine: str | None,
    digest: str | None,
    since: datetime | None,
) -> tuple[str, tuple[str, ...]]:
    """What rows are asked for as an SQL clause and its values. A device is asked for by its type, its name in PyTorch
    or a pattern of what it is called."""
    clauses = {
        "kind = ?": kind,
        "lower(network) GLOB lower(?)": network,
        "(lower(?) IN (device, substr(device, 1, instr(device, ':') - 1)) OR lower(machine) GLOB lower(?))": device,
        "machine = ?": machine,
        "digest = ?": digest,
        "at >= ?": None if since is None else moment(since.isoformat()),
    }
    asked = {clause: value for clause, value in clauses.items() if value is not None}
    values = tuple(value for clause, value in asked.items() for _ in range(clause.count("?")))
    return ("WHERE " + " AND ".join(asked) if asked else ""), values


def _part(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = document.get(name)
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else ""
