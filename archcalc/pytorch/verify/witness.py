"""Asking another tool: what it raises is the reason why a comparison is left out, never the end of the run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Refused(Exception):
    """A witness cannot be asked about this network."""


@contextmanager
def asking() -> Iterator[None]:
    """Only a witness is asked in here: a fault of our own figures must not pass for one of its. Raises Refused."""
    try:
        yield
    except MemoryError:
        raise Refused("this machine has not enough memory for it") from None
    except Exception as error:  # tools raise what they please
        said = str(error).strip() or type(error).__name__
        raise Refused(f"torch fails: {said.splitlines()[0]}") from error
