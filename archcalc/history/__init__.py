"""What was measured on this machine, kept in one SQLite file: every measurement, until it is deleted by its number."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from archcalc.history.database import Unusable, reading, writing
from archcalc.history.rows import COLUMNS, Row, condition, encoded, row_of

__all__ = ["VARIABLE", "History", "Row", "Unusable"]

#: Names the file where no option does.
VARIABLE = "ARCHCALC_DB"
_SELECT = f"SELECT id, {', '.join(COLUMNS)} FROM measurements"
_NEWEST = "ORDER BY at DESC, id DESC"


class History:
    """Measurements in a file, which the first of them makes; ``path`` None: ``ARCHCALC_DB``'s, or that of this user.

    A measurement is a JSON object of a kind, as ``profile`` or ``calibration``. Every method raises
    Unusable, in a line for a person, where the file cannot be read or written. ``say`` is told of a damaged file that
    was set aside.
    """

    def __init__(self, path: Path | str | None = None, say: Callable[[str], None] | None = None) -> None:
        self.path = _usual() if path is None else Path(path)
        self.say = say or (lambda line: None)

    def add(self, kind: str, document: Mapping[str, Any]) -> int:
        """Keeps a measurement; its number, which no other ever has."""
        return self._insert([encoded(kind, document)])[0]

    def merge(self, measurements: Iterable[tuple[str, Mapping[str, Any], str | None]]) -> list[int]:
        """Keeps those that are not there yet, all or none; the numbers of the new ones. Each is a kind, a document and,
        for one that does not say it itself, when it was begun."""
        return self._insert([encoded(*each) for each in measurements], twice=False)

    def _insert(self, rows: Sequence[Mapping[str, Any]], twice: bool = True) -> list[int]:
        """The new rows' numbers; unless ``twice``, what is there already is no new row."""
        same = "SELECT id FROM measurements WHERE kind = :kind AND at = :at AND document = :document"
        names = (", ".join(COLUMNS), ", ".join(f":{name}" for name in COLUMNS))
        added = []
        with writing(self.path, self.say) as connection:
            for row in rows:
                if twice or connection.execute(same, row).fetchone() is None:
                    made = connection.execute(f"INSERT INTO measurements ({names[0]}) VALUES ({names[1]})", row)
                    added.append(made.lastrowid or 0)
        return added

    def rows(
        self,
        kind: str | None = None,
        *,
        network: str | None = None,
        device: str | None = None,
        machine: str | None = None,
        digest: str | None = None,
        since: datetime | None = None,
        limit: int | None = None,
    ) -> Iterator[Row]:
        """Measurements, the newest first; ``network`` and ``device`` are patterns, of a device's name too.

        Each is read when it is asked for, so that whoever writes never waits for a slow reader.
        """
        where, values = condition(kind, network, device, machine, digest, since)
        with reading(self.path) as connection:
            if connection is None:
                return
            chosen = f"SELECT id FROM measurements {where} {_NEWEST} LIMIT ?"
            for (number,) in connection.execute(chosen, (*values, -1 if limit is None else limit)).fetchall():
                found = connection.execute(f"{_SELECT} WHERE id = ?", (number,)).fetchone()
                if found is not None:
                    yield row_of(found)

    def count(self, kind: str | None = None, **filters: Any) -> int:
        """How many there are, filtered as ``rows`` does."""
        names = ("network", "device", "machine", "digest", "since")
        where, values = condition(kind, *(filters.get(name) for name in names))
        with reading(self.path) as connection:
            if connection is None:
                return 0
            return int(connection.execute(f"SELECT count(*) FROM measurements {where}", values).fetchone()[0])

    def latest(self, kind: str, **filters: Any) -> Row | None:
        """The newest measurement of a kind, filtered as ``rows`` does; None where there is none."""
        return next(self.rows(kind, **filters, limit=1), None)

    def find(self, number: int) -> Row | None:
        """A measurement by its number."""
        with reading(self.path) as connection:
            found = connection and connection.execute(f"{_SELECT} WHERE id = ?", (number,)).fetchone()
        return row_of(found) if found else None

    def delete(self, numbers: Sequence[int]) -> tuple[int, ...]:
        """Deletes these; if some are unknown, none, and gives the unknown ones."""
        unknown = tuple(number for number in dict.fromkeys(numbers) if self.find(number) is None)
        if not unknown:
            with writing(self.path, self.say) as connection:
                connection.executemany("DELETE FROM measurements WHERE id = ?", [(number,) for number in numbers])
        return unknown


def _usual() -> Path:
    """The file that ``ARCHCALC_DB`` names, or the one among what programs keep for this user."""
    told = os.environ.get(VARIABLE)
    if told:
        return Path(told).expanduser()
    from platformdirs import user_data_path

    return user_data_path("archcalc", appauthor=False) / "history.sqlite"
