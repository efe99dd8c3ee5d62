"""What ``archcalc history`` does with measurements that were kept."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from archcalc.cli.paper import paper
from archcalc.cli.recorded import end

if TYPE_CHECKING:
    from archcalc.analyses.latency.measured import Profile
    from archcalc.history import History, Row

#: What measures a kind, for who has none of it.
_MEASURES = {
    "profile": "archcalc profile SPEC measures a network",
    "calibration": "archcalc calibrate measures this machine",
}


def list_(kept: History, kind: str, filters: dict[str, Any], limit: int) -> None:
    """The newest, a line each."""
    from archcalc.report.history.text import Entry, text
    from archcalc.report.profile.json import profile_of

    def entry(row: Row) -> Entry:
        try:
            return Entry(row, profile_of(row.document) if row.kind == "profile" else None)
        except ValueError:
            return Entry(row, None)

    entries = [entry(row) for row in kept.rows(kind, **filters, limit=limit)]
    if entries:
        sys.stdout.write(text(entries, paper(), kept.count(kind, **filters)))
    elif kept.count(kind):
        sys.stderr.write(f"none of {kept.count(kind)} in {kept.path} is as asked for\n")
    else:
        sys.stderr.write(f"nothing is kept in {kept.path} yet: {_MEASURES[kind]}\n")


def export(rows: Iterable[Row], format_: str) -> None:
    """All of each, for other programs."""
    from archcalc.report.history import data

    for part in data.json_lines(rows) if format_ == "json" else data.csv_lines(rows):
        sys.stdout.write(part)


def rows_of(kept: History, numbers: Sequence[int]) -> list[Row]:
    """The measurements of these numbers; ends where one is missing."""
    rows = []
    for number in numbers:
        row = kept.find(number)
        if row is None:
            end(f"there is no measurement {number} in {kept.path}; archcalc history lists them")
        rows.append(row)
    return rows


def _measured(row: Row) -> Profile:
    """The measured network; ends where it is none."""
    from archcalc.report.profile.json import profile_of

    if row.kind != "profile":
        end(f"no. {row.id} is a {row.kind}, no measured network; --format json shows it")
    try:
        return profile_of(row.document)
    except ValueError as error:
        end(f"no. {row.id} cannot be read: {error}")


def _rules(row: Row) -> str:
    """A calibration's rules; ends where it cannot be read."""
    from archcalc.analyses.latency.calibration import calibration_of
    from archcalc.report.calibration import text

    try:
        return text(calibration_of(row.document), paper())
    except (KeyError, TypeError):
        end(f"no. {row.id} is a calibration of another version of archcalc: archcalc calibrate makes a new one")


def show(row: Row, format_: str, depth: int | None) -> None:
    """One as it was printed when it was measured."""
    from archcalc.report.profile import csv, json, markdown, text

    if format_ == "json":
        sys.stdout.write(json.dumps(row.document) + "\n")
    elif row.kind == "calibration" and format_ == "text":
        sys.stdout.write(_rules(row))
    elif format_ == "csv":
        sys.stdout.write(csv.header() + csv.rows(_measured(row)))
    elif format_ == "markdown":
        sys.stdout.write(markdown.section(_measured(row), depth=depth))
    else:
        sys.stdout.write(text.text(_measured(row), paper(), depth=depth))


def compare(rows: Sequence[Row], format_: str, limit: int) -> None:
    """Two beside each other, and the ``limit`` layers that moved most."""
    from archcalc.analyses.latency.between import between
    from archcalc.report.history import between as shown
    from archcalc.report.history.text import Entry

    before, after = map(_measured, rows)
    sides = Entry(rows[0], before), Entry(rows[1], after)
    found = between(before, after)
    if format_ == "json":
        sys.stdout.write(shown.dumps(found, sides))
    else:
        sys.stdout.write(shown.text(found, sides, paper(), limit))


def import_(kept: History, files: Sequence[str]) -> None:
    """Adds what others exported, all files or none."""
    from archcalc.report.history.data import Unreadable, measurements

    found = []
    for file in files:
        try:
            found += measurements(_text(file))
        except Unreadable as error:
            end(f"{file} is no export of archcalc history: {error}")
    added = len(kept.merge(found))
    there = f", {len(found) - added} had been there" if len(found) > added else ""
    sys.stderr.write(f"{kept.path}: {added} added{there}\n")


def _text(file: str) -> str:
    """A file's text, or that of standard input for ``-``."""
    try:
        if file == "-":
            return sys.stdin.buffer.read().decode("utf-8")
        with open(file, encoding="utf-8") as opened:
            return opened.read()
    except UnicodeDecodeError:
        end(f"{file} is no export of archcalc history: it is not UTF-8")
    except OSError as error:
        end(f"cannot read {file}: {(error.strerror or str(error)).lower()}")


def delete(kept: History, numbers: Sequence[int]) -> None:
    """Deletes these, or none."""
    unknown = kept.delete(numbers)
    if unknown:
        end(f"there is no measurement {', '.join(map(str, unknown))} in {kept.path}: nothing is deleted")
    sys.stderr.write(f"{kept.path}: {len(set(numbers))} deleted\n")
