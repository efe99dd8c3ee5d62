"""A report as JSON: the schema is docs/schema/report-1.json."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from archcalc.diagnostics import Diagnostic
from archcalc.record import Configuration
from archcalc.version import __version__

if TYPE_CHECKING:
    from archcalc.analyses.summary import Report

SCHEMA = 1
#: Keys that Python cannot have as names.
_RENAMED = {"convention": "as"}


def dumps(reports: Sequence[Report], *, many: bool) -> str:
    """JSON text, a newline at its end: one object, or an array if ``many``.

    Closed forms are text, shapes lists ``[C, H, W]``, fractional strides ``"1/2"``. One key and one layer a line, so
    that a diff of two reports shows what changed.
    """
    documents = [document(report) for report in reports]
    if not many:
        return documents[0] + "\n"
    return "[\n" + ",\n".join(documents) + "\n]\n"


def document(report: Report) -> str:
    """One report's object, without a newline at its end."""
    return _object(_head() | _keys(report))


def _head() -> dict[str, Any]:
    return {"schema": SCHEMA, "archcalc": __version__}


def _keys(record: Any) -> dict[str, Any]:
    """A record's fields by their names in JSON; what is not known of an unreadable text is absent."""
    named = {_RENAMED.get(name, name): getattr(record, name) for name in record.fields}
    return {key: value for key, value in named.items() if key != "totals" or value is not None}


def _object(found: Mapping[str, Any]) -> str:
    return "{\n" + ",\n".join(f"{json.dumps(key)}: {_value(value)}" for key, value in found.items()) + "\n}"


def _value(value: Any) -> str:
    records = isinstance(value, tuple) and value and isinstance(value[0], Configuration | Diagnostic)
    if not records:
        return _encode(value)
    if hasattr(value[0], "place"):
        lines: Iterable[str] = _rows(value)
    elif isinstance(value[0], Diagnostic):
        lines = (_encode(diagnostic(each)) for each in value)
    else:
        names = _own_first(value[0])
        lines = (_encode({name: getattr(each, name) for name in names}) for each in value)
    return "[\n" + ",\n".join(lines) + "\n]"


def _rows(rows: Sequence[Any]) -> Iterator[str]:
    """The layers, a line each. What equal layers have in common is the same objects, and is written once."""
    common = [name for name in _own_first(rows[0]) if name not in rows[0].place]
    pick = itemgetter(*common)
    written: dict[tuple[int, ...], str] = {}
    fields: dict[int, str] = {}
    for row in rows:
        field = row.field
        if id(field) not in fields:
            fields[id(field)] = _encode(field)
        values = pick(vars(row))
        key = tuple(map(id, values))
        if key not in written:
            written[key] = _encode(dict(zip(common, values, strict=True)))[1:]
        inputs = ", ".join(map(_text, row.inputs))
        shares = "null" if row.shares is None else _text(row.shares)
        place = f'"name": {_text(row.name)}, "block": {_text(row.block)}, "inputs": [{inputs}], "shares": {shares}'
        aux = "true" if row.aux else "false"
        place += f', "aux": {aux}'
        saved = "null" if row.saved_bytes is None else row.saved_bytes
        place += f', "saved_bytes": {saved}, "field": {fields[id(field)]}, "line": {row.line}'
        place += "".join(f', "{name}": {_encode(value)}' for name, value in row.more().items())
        yield f"{{{place}, {written[key]}"


def _own_first(record: Any) -> list[str]:
    """A record's keys: what it is before what it inherits."""
    return sorted(record.fields, key=lambda name: name not in type(record).__annotations__)


def _plain(value: Any) -> Any:
    """What JSON has no word for: records by key, fractions and closed forms as they print themselves."""
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "plain"):
        return value.plain()
    return _keys(value) if isinstance(value, Configuration) else str(value)


_encode = json.JSONEncoder(default=_plain).encode
_text = json.encoder.encode_basestring_ascii


def diagnostic(value: Diagnostic) -> dict[str, Any]:
    """A diagnostic's place by line and column, both from 1, columns in characters; None where it has none."""
    span = value.span
    return {
        "code": value.code,
        "severity": value.severity,
        "message": value.message,
        "notes": list(value.notes),
        "help": value.help,
        "line": span and span.line,
        "column": span and span.column,
        "end_line": span and span.end_line,
        "end_column": span and span.end_column,
    }
