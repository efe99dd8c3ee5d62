"""A sweep's rows written as they come: CSV, JSON (docs/schema/sweep-1.json) and Parquet."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import IO, TYPE_CHECKING, Any, Protocol

from archcalc.report.sweep.heading import Swept, listed
from archcalc.version import __version__

if TYPE_CHECKING:
    from archcalc.analyses.sweep import Rows

SCHEMA = 1
#: What is not a whole number.
_FLOATS = ("intensity", "stride")
_CALIBRATED = ("device", "machine", "dtype", "threads", "channels_last", "noisy")


class TooLarge(ValueError):
    """A number has no place in a file's format."""


class Writer(Protocol):
    def rows(self, rows: Rows) -> None: ...
    def finish(self) -> None: ...


class Csv:
    """A header of keys, raw numbers; nothing where there is none."""

    def __init__(self, swept: Swept, out: IO[str]) -> None:
        self._writer = csv.writer(out, lineterminator="\n")
        self._writer.writerow([swept.key(name) for name in swept.sweep.columns])

    def rows(self, rows: Rows) -> None:
        self._writer.writerows(_by_row(rows))

    def finish(self) -> None:
        pass


class Json:
    """One object: what was swept, its ``rows``, and what became of the points."""

    def __init__(self, swept: Swept, out: IO[str]) -> None:
        self._swept, self._out, self._first = swept, out, True
        self._keys = [json.dumps(swept.key(name)) for name in swept.sweep.columns]
        head = json.dumps(_head(swept), ensure_ascii=False)
        out.write(f'{head[:-1]}, "rows": [')

    def rows(self, rows: Rows) -> None:
        lines = []
        for values in _by_row(rows):
            pairs = (f"{name}: {_plain(value)}" for name, value in zip(self._keys, values, strict=True))
            lines.append(f"{{{', '.join(pairs)}}}")
        self._out.write(("\n" if self._first else ",\n") + ",\n".join(lines))
        self._first = False

    def finish(self) -> None:
        tally, clock = self._swept.sweep.tally, self._swept.sweep.space.asked.clock
        tail = {
            "points": tally.points, "networks": tally.networks, "told": tally.told, "undefined": tally.undefined,
            "singly": tally.singly, "invalid": dict(tally.invalid), "failed": tally.failed,
            "unknown": [*(clock.unknown if clock is not None else ())],
        }  # fmt: skip
        self._out.write(f"], {json.dumps(tail, ensure_ascii=False)[1:]}\n")


def _head(swept: Swept) -> dict[str, Any]:
    request, sweep = swept.request, swept.sweep
    asked = request.asked
    varied = [
        {"name": each.name, "what": sweep.space.roles[each.name], "values": len(each.values),
         "first": _json(each.values[0]), "last": _json(each.values[-1])}
        for each in request.variables
    ]  # fmt: skip
    return {
        "schema": SCHEMA, "archcalc": __version__, "network": swept.network, "file": swept.file,
        "swaps": list(swept.swaps),
        "batch": asked.batch, "dtype": asked.dtype, "on": asked.on, "optimizer": asked.optimizer, "aux": asked.aux,
        "variables": varied, "tied": sweep.space.tied, "grid": sweep.grid.size,
        "sample": request.sample or None, "seed": request.seed if request.sample else None,
        "where": list(request.where), "top": request.top or None,
        "objectives": [{"sense": each.sense, "name": swept.key(each.name)} for each in request.objectives],
        "calibrations": [*_calibrations(swept)],
    }  # fmt: skip


def _calibrations(swept: Swept) -> Iterator[dict[str, Any]]:
    """What latency is predicted from."""
    clock = swept.sweep.space.asked.clock
    for each in clock.calibrations.values() if clock is not None else ():
        yield {name: getattr(each, name) for name in _CALIBRATED} | {"calibrated": each.started}


def _json(value: Any) -> Any:
    return str(value) if isinstance(value, Fraction) else value


def _plain(value: Any) -> str:
    return str(value) if type(value) is int else json.dumps(_json(value))


def _by_row(rows: Rows) -> Any:
    return zip(*(listed(column, rows.size) for column in rows.columns.values()), strict=True)


class Parquet:
    """Columns of 64 bits, a row group for each lot of rows; text for fractions and dtypes."""

    #: Rows of a group.
    GROUP = 1 << 18

    def __init__(self, swept: Swept, path: str) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._pa = pa
        fields = [(swept.key(name), self._type(swept, name)) for name in swept.sweep.columns]
        self._schema = pa.schema(fields)
        self._writer = pq.ParquetWriter(path, self._schema)
        self._held: list[Any] = []
        self._count = 0

    def _type(self, swept: Swept, name: str) -> Any:
        variable = next((each for each in swept.request.variables if each.name == name), None)
        if variable is not None:
            return self._pa.int64() if variable.whole else self._pa.string()
        return self._pa.float64() if name in _FLOATS else self._pa.int64()

    def rows(self, rows: Rows) -> None:
        self._held.append(self._pa.table(self._arrays(rows), schema=self._schema))
        self._count += rows.size
        if self._count >= self.GROUP:
            self._flush()

    def _arrays(self, rows: Rows) -> Sequence[Any]:
        pa, found = self._pa, []
        for (name, column), field in zip(rows.columns.items(), self._schema, strict=True):
            values: Any = column
            if not hasattr(column, "dtype") or column.dtype.kind == "O":
                values = listed(column, rows.size)
                values = [str(value) for value in values] if field.type == pa.string() else values
            try:
                found.append(pa.array(values, type=field.type))
            except (OverflowError, pa.ArrowInvalid):
                raise TooLarge(f"{name} exceeds the 64 bits of a Parquet column: write .csv or .json") from None
        return found

    def _flush(self) -> None:
        if self._held:
            table = self._pa.concat_tables(self._held)
            self._writer.write_table(table, row_group_size=self.GROUP)
        self._held, self._count = [], 0

    def finish(self) -> None:
        self._flush()
        self._writer.close()
