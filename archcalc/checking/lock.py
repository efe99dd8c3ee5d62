"""A lock file: the figures that networks had when it was written, for a project without git or beside it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from tempfile import NamedTemporaryFile
from typing import Any

from archcalc.analyses.field import Field
from archcalc.analyses.summary import Report, Row, Totals
from archcalc.diagnostics import Diagnostic
from archcalc.files import ArchcalcError
from archcalc.record import Configuration
from archcalc.report.agreement import spelled

SCHEMA = 1
_HEAD = "archcalc lock"
_TOTALS = tuple(name for name in Totals.fields if name != "intensity")
#: What of a layer is written where it is not 0; what else there is follows from these, or shows in a total.
_LAYER = ("params", "macs", "flops", "saved_bytes")
_ANEW = "--update-lock writes it anew"


class Entry(Configuration):
    """A network in a lock file: ``file`` is its path from the lock's folder, ``report`` holds the figures."""

    file: str
    report: Report

    @property
    def key(self) -> tuple[str, str]:
        return self.file, self.report.network or ""


def entry(file: str, report: Report) -> Entry:
    """A network as a lock file would give it back."""
    return _entry(json.loads(_line(file, report)), [json.loads(line) for line in _layers(report)], report.layers)


def read(path: str) -> dict[tuple[str, str], Entry] | None:
    """A lock file's networks by file and name; None where there is no such file.

    Raises ArchcalcError, with the repair, where it cannot be read, is none, or is of a newer archcalc.
    """
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "it is not text in UTF-8").lower()
        raise _wrong(f"cannot read {path}: {reason}", None) from None
    if any(line.startswith(("<<<<<<< ", ">>>>>>> ")) for line in text.splitlines()):
        raise _wrong(f"{path} holds both sides of a merge", f"settle the specs, then {_ANEW}")
    try:
        found = json.loads(text)
        schema = found[_HEAD]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _wrong(f"{path} is no lock file of archcalc", _ANEW) from None
    if schema != SCHEMA:
        repair = "a newer archcalc reads it" if isinstance(schema, int) and schema > SCHEMA else _ANEW
        raise _wrong(f"{path} has the schema {schema}, this archcalc reads {SCHEMA}", repair)
    try:
        entries = [_entry(each, each["layers"]) for each in found["networks"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _wrong(f"{path} is broken: a network lacks its figures", _ANEW) from None
    return {each.key: each for each in entries}


def write(path: str, entries: Mapping[tuple[str, str], Entry]) -> bool:
    """Writes a lock file, in one step: whatever happens there is the old one or the new one. Whether it was another.

    Raises ArchcalcError.
    """
    text = dumps(entries)
    whole = os.path.realpath(path)
    with suppress(OSError, ValueError), open(whole, encoding="utf-8") as file:
        if file.read() == text:
            return False
    made = None
    try:
        with NamedTemporaryFile(
            "w", encoding="utf-8", dir=os.path.dirname(whole), prefix=".lock-", delete=False
        ) as new:
            made = new.name
            new.write(text)
            new.flush()
            os.fsync(new.fileno())
        os.chmod(made, _mode(whole))
        os.replace(made, whole)
    except OSError as error:
        raise _wrong(f"cannot write {path}: {(error.strerror or str(error)).lower()}", None) from None
    finally:
        if made is not None:
            with suppress(OSError):
                os.unlink(made)
    return True


def dumps(entries: Mapping[tuple[str, str], Entry]) -> str:
    """A lock file's text: networks sorted by file and name, a network and a layer a line."""
    networks = []
    for key in sorted(entries):
        report = entries[key].report
        layers = ",\n".join(f"  {line}" for line in _layers(report))
        networks.append(f'{_line(entries[key].file, report)[:-1]}, "layers": [\n{layers}\n]}}')
    body = ",\n".join(networks)
    return f'{{"{_HEAD}": {SCHEMA},\n"networks": [\n{body}\n]}}\n'


def _mode(path: str) -> int:
    """The mode of the old file, or that of any new one."""
    try:
        return os.stat(path).st_mode & 0o777
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def _line(file: str, report: Report) -> str:
    totals = {name: getattr(report.totals, name) for name in _TOTALS}
    found = {
        "file": file,
        "network": report.network,
        "inputs": dict(report.inputs),
        "output": report.output,
        "settings": dict(report.settings),
        "totals": totals,
    }
    return json.dumps(found, default=str, ensure_ascii=False)


def _layers(report: Report) -> Iterator[str]:
    for row in report.layers:
        figures = {name: value for name in _LAYER if (value := getattr(row, name)) != 0}
        said = {"name": row.name, "kind": row.kind, "attributes": row.attributes, "output": row.output}
        yield json.dumps({**said, **figures, "field": _field(row.field)}, default=_plain, ensure_ascii=False)


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else str(value)


def _entry(found: Mapping[str, Any], layers: Sequence[Mapping[str, Any]], rows: Sequence[Row] = ()) -> Entry:
    """A network of a lock file's values; ``rows``: the layers that these were, if they are at hand."""
    inputs = {name: _dims(dims) for name, dims in found["inputs"].items()}
    first, *_ = inputs.values()
    lines = [row.line for row in rows] or [0] * len(layers)
    report = Report(
        network=_word(found["network"]),
        file=_word(found["file"]),
        status="ok",
        input=first,
        inputs=inputs,
        output=_dims(found["output"]),
        settings={name: _count(value) for name, value in found["settings"].items()},
        totals=Totals(**{name: _count(found["totals"][name]) for name in _TOTALS}),
        layers=tuple(_row(layer, line) for layer, line in zip(layers, lines, strict=True)),
    )
    return Entry(file=report.file, report=report)


def _row(layer: Mapping[str, Any], line: int) -> Row:
    figures = {name: _count(layer.get(name, 0)) for name in _LAYER}
    attributes = dict(layer["attributes"])
    if "shape" in attributes:
        _dims(attributes["shape"])
    return Row(
        name=_word(layer["name"]),
        block="",
        kind=_word(layer["kind"]),
        attributes=attributes,
        inputs=(),
        output=_dims(layer["output"]),
        tensors={},
        shares=None,
        aux=False,
        field=_said(layer["field"]),
        line=line,
        **figures,
    )


def _word(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _said(value: Any) -> Any:
    """What a layer sees, as it was written."""
    return value if value is None else _word(value)


def _count(value: Any) -> Any:
    """A number, a closed form, or None where there is no such figure."""
    return value if isinstance(value, int) and not isinstance(value, bool) else _said(value)


def _dims(value: Any) -> tuple[Any, ...]:
    """The sizes of a shape, numbers or closed forms."""
    if not isinstance(value, list) or None in value:
        raise TypeError
    return tuple(map(_count, value))


def _field(field: Field | str | None) -> str | None:
    """What a layer sees, in a line; as it is where a lock file gave it."""
    if not isinstance(field, Field):
        return field
    return spelled(field) if field.aligned else f"{spelled(field)}, misaligned"


def _wrong(message: str, repair: str | None) -> ArchcalcError:
    return ArchcalcError([Diagnostic("A602", message, help=repair)])
