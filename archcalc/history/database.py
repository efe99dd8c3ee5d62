"""The file: made, brought up to date, read and written by several processes at once, and set aside where damaged."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path

#: Seconds that a process waits for another to finish writing.
_PATIENCE = 20.0
#: Marks the file as archcalc's ("arch"); SQLite keeps it in the header for that.
_OURS = 0x61726368
#: Each makes the next layout of the one before. Those that were published stay as they are.
LAYOUTS: tuple[tuple[str, ...], ...] = (
    (
        # numbers are never used again: a note may hold one
        """CREATE TABLE measurements (
            id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, at TEXT NOT NULL, network TEXT NOT NULL,
            device TEXT NOT NULL, machine TEXT NOT NULL, digest TEXT NOT NULL, median_ns INTEGER, document TEXT NOT NULL
        )""",
        "CREATE INDEX by_time ON measurements (kind, at)",
    ),
)
_COLUMNS = "id kind at network device machine digest median_ns document".split()
#: Bytes of a database's header; SQLite takes a shorter file for an empty one, and writes over it.
_HEADER = 100
#: Only a file that is named as a database is taken for a damaged one; any other is somebody's.
_ENDINGS = (".sqlite", ".sqlite3", ".db")


class Unusable(Exception):
    """The file cannot be read or written: ``str`` says why and what to do, in a line."""


class _Damaged(Exception):
    """The file's content is no history: why."""


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection | None]:
    """A connection to read by; None where there is no file yet. Raises Unusable."""
    try:
        missing = path.stat().st_size == 0
    except FileNotFoundError:
        missing = True
    except OSError as error:
        raise _unusable(path, error) from None
    if missing:
        yield None
        return
    try:
        with _connected(path, "rw") as connection:
            yield connection
    except _Damaged as error:
        remedy = "the next measurement sets it aside and begins another" if _named_so(path) else "name another file"
        raise Unusable(f"{path} is no history of archcalc: {error}; {remedy}") from None


@contextmanager
def writing(path: Path, say: Callable[[str], None]) -> Iterator[sqlite3.Connection]:
    """A connection within a transaction, of a file that is made if need be; a damaged one is set aside. Raises
    Unusable."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(path, error) from None
    _make_sound(path, say)
    try:
        with _connected(path, "rwc") as connection:
            connection.execute("BEGIN IMMEDIATE")
            with connection:
                yield connection
    except _Damaged as error:
        raise Unusable(f"{path} is damaged: {error}") from None


def _make_sound(path: Path, say: Callable[[str], None]) -> None:
    """Sets the file aside if it is damaged, unless another process has done so just now."""
    seen = _identity(path)
    if seen is None:
        return
    try:
        with _connected(path, "rw") as connection:
            for (verdict,) in connection.execute("PRAGMA quick_check(1)"):
                if verdict != "ok":
                    raise _Damaged(verdict.splitlines()[-1])
    except _Damaged as error:
        if not _named_so(path):
            raise Unusable(f"{path} is no history of archcalc: {error}; name another file") from None
        target = _set_aside(path, seen) if _identity(path) == seen else None
        if target is not None:
            say(f"{path} is damaged ({error}): set aside as {target.name}, and another begun")


def _identity(path: Path) -> tuple[int, int] | None:
    with suppress(OSError):
        found = path.stat()
        return found.st_dev, found.st_ino
    return None


def _set_aside(path: Path, seen: tuple[int, int]) -> Path | None:
    """Renames the file that was seen, and its journal with it: what is begun anew must not be rolled back to the old.
    None where another process had done so, and its new file is there."""
    try:
        for number in count(1):
            target = path.with_name(f"{path.name}.corrupt-{number}")
            with suppress(FileExistsError):
                os.close(os.open(target, os.O_CREAT | os.O_EXCL))  # the name is ours, whoever else looks for one
                break
        try:
            os.replace(path, target)
        except FileNotFoundError:
            target.unlink()
            return None
        if _identity(target) != seen:
            os.replace(target, path)
            return None
        with suppress(FileNotFoundError):
            os.replace(f"{path}-journal", f"{target}-journal")
    except OSError as error:
        raise _unusable(path, error) from None
    return target


def _named_so(path: Path) -> bool:
    return path.suffix in _ENDINGS


@contextmanager
def _connected(path: Path, mode: str) -> Iterator[sqlite3.Connection]:
    """A connection to a history of the newest layout. Its journal is rolled back, not a write-ahead log: that one
    needs memory shared by all who write, which a network's file system has not. Raises _Damaged and Unusable."""
    _look(path)
    place = f"{path.absolute().as_uri()}?mode={mode}"
    try:
        with closing(sqlite3.connect(place, uri=True, timeout=_PATIENCE, isolation_level=None)) as connection:
            _bring_up_to_date(connection, path)
            yield connection
    except sqlite3.Error as error:
        # an extended code holds the plain one in its last byte
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise _Damaged(str(error)) from None
        raise _unusable(path, error) from None


def _look(path: Path) -> None:
    """Whether what is at that place may be a database. Raises _Damaged and Unusable."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return
    except OSError as error:
        raise _unusable(path, error) from None
    if not stat.S_ISREG(found.st_mode):
        raise Unusable(f"{path} is no file; name another")
    if 0 < found.st_size < _HEADER:
        raise _Damaged("file is not a database")


def _bring_up_to_date(connection: sqlite3.Connection, path: Path) -> None:
    """Makes the layouts that the file has not. Raises _Damaged and Unusable where it is none of ours."""
    owner, version, tables = _nature(connection)
    if owner != _OURS and (owner or tables):
        raise Unusable(f"{path} is a database of another program; name another file")
    if version > len(LAYOUTS):
        newer = f"{path} was written by a newer archcalc (layout {version}, this one knows {len(LAYOUTS)})"
        raise Unusable(f"{newer}; update archcalc, or name another file with --db")
    if version < len(LAYOUTS):
        connection.execute("BEGIN IMMEDIATE")
        with connection:
            # another process may have done it while this one waited
            for layout in LAYOUTS[_version(connection) :]:
                for statement in layout:
                    connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {_OURS}")
            connection.execute(f"PRAGMA user_version = {len(LAYOUTS)}")
    known = [name for _, name, *_ in connection.execute("PRAGMA table_info(measurements)")]
    if not set(_COLUMNS) <= set(known):
        raise _Damaged("its table has not the columns that it should have")


def _nature(connection: sqlite3.Connection) -> tuple[int, int, int]:
    """Whose the file is, its layout, and how many tables it has, all at one moment."""
    connection.execute("BEGIN")
    with connection:
        (owner,) = connection.execute("PRAGMA application_id").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        return owner, _version(connection), tables


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _unusable(path: Path, error: OSError | sqlite3.Error) -> Unusable:
    """Why the system does not let the file be read or written."""
    if isinstance(error, OSError):
        reason = error.strerror or str(error)
    elif error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_CANTOPEN:
        reason = "it may not be opened, or not be made there"
    elif error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
        reason = f"another process has held it for {_PATIENCE:.0f} s"
    else:
        reason = str(error)
    return Unusable(f"{path} cannot be used: {reason[0].lower()}{reason[1:]}; name another file with --db")
