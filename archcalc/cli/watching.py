"""A check again whenever a file is saved."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

import typer

#: Milliseconds for which a change waits for others, and after which nobody has told of a change: a look for oneself.
_GATHER, _LOOK = 20, 1000
_CLEAR = "\x1b[2J\x1b[3J\x1b[H"

#: Path, time of the last change and size of every file that a check hangs on.
Seen = dict[str, tuple[int, int] | None]


def watch(files: Callable[[], Iterable[str]], check: Callable[[], int]) -> int:
    """Calls ``check`` now and whenever one of ``files()`` has changed, come or gone, until it is interrupted.

    The last exit status. Raises BadParameter where there is nothing to watch with.
    """
    try:
        from watchfiles import watch as changes
    except ImportError:
        raise typer.BadParameter("it needs watchfiles: pip install 'archcalc[watch]'", param_hint="--watch") from None
    status, seen = 0, None
    # names are compared by ourselves: a check that begins late misses nothing
    wakes = changes(
        *_folders(files()), watch_filter=None, step=10, debounce=_GATHER, rust_timeout=_LOOK, yield_on_timeout=True,
        recursive=True, ignore_permission_denied=True,
    )  # fmt: skip
    with suppress(KeyboardInterrupt):
        for _ in _first_then(wakes):
            now = _seen(files())
            if now != seen:
                _announce(now, seen)
                status, seen = check(), now
    return status


def _first_then(wakes: Iterator[object]) -> Iterator[None]:
    """Once at once, then at every wake."""
    yield None
    for _ in wakes:
        yield None


def _folders(files: Iterable[str]) -> list[str]:
    """The folders of files, without those that stand in another of them."""
    found: list[str] = []
    for folder in sorted({os.path.dirname(os.path.abspath(file)) for file in files}):
        if os.path.isdir(folder) and not any(folder.startswith(os.path.join(above, "")) for above in found):
            found.append(folder)
    return found or [os.getcwd()]


def _seen(files: Iterable[str]) -> Seen:
    return {file: _stamp(file) for file in files}


def _stamp(file: str) -> tuple[int, int] | None:
    try:
        status = os.stat(file)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def _announce(now: Seen, before: Seen | None) -> None:
    """An empty screen on a terminal; elsewhere a line that says when, and what has changed."""
    if sys.stdout.isatty():
        sys.stdout.write(_CLEAR)
    elif before is not None:
        changed = sorted(file for file in now.keys() | before.keys() if now.get(file) != before.get(file))
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        sys.stdout.write(f"\n{time.strftime('%H:%M:%S')} {changed[0]}{more} changed\n")
    sys.stdout.flush()
