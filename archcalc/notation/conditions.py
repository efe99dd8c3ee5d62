"""``(batch 32, adam, on RTX 4090)`` behind a quantity: what it is asked under."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archcalc.devices import UnknownDevice, device_named
from archcalc.diagnostics import nearest
from archcalc.notation.tokens import Unreadable
from archcalc.notation.tree import At

Said = dict[str, int | str | bool]

DTYPES = ("fp32", "fp16", "bf16", "int8")
OPTIMIZERS = (
    "sgd", "momentum", "nesterov", "adam", "adamw", "amsgrad", "adamax", "rmsprop", "adagrad", "adadelta",
)  # fmt: skip
#: Words that stand alone, and the condition and value that each is.
_WORDS: dict[str, tuple[str, str | bool]] = {
    **{dtype: ("dtype", dtype) for dtype in DTYPES},
    **{optimizer: ("optimizer", optimizer) for optimizer in OPTIMIZERS},
    "amp": ("amp", True),
    "aux": ("aux", True),
    "cpu": ("on", "cpu"),
    "cuda": ("on", "cuda"),
}
#: Words before a number.
_COUNTED = {"batch": "batch", "checkpoint": "segments", "threads": "threads"}
_LARGEST = 10**9
_COMMA = re.compile(r",(?!\d{3}(?!\d))")  # not the comma of 1,024
_TWO = re.compile(r"(.*?)(?:\s*=\s*|\s+|$)(.*)", re.DOTALL)
_EXAMPLE = "batch 32, fp16, adam, amp, checkpoint 4, threads 2, on cuda, on RTX 4090 or aux"


def read_conditions(text: str, offset: int) -> tuple[Said, dict[str, At]]:
    """What a text between parentheses says, and where each of it stands; ``offset``: of the text in its line.

    Raises Unreadable where a condition is unknown, impossible or given twice.
    """
    said: Said = {}
    spots: dict[str, At] = {}
    for part, at in _parts(text, offset):
        for name, value in _condition(part, at).items():
            if name in said:
                raise Unreadable(f"'{part}' is a second {name}", at, "one is wanted", "A107")
            said[name], spots[name] = value, at
    return said, spots


def device(text: str, at: At) -> Said:
    """What ``on TEXT`` says: a GPU has CUDA's rules. Raises Unreadable."""
    word = text.casefold()
    if word in ("cpu", "cuda"):
        return {"on": word}
    try:
        found = device_named(text)
    except UnknownDevice as error:
        message, told, help = str(error).partition("; ")
        if not told:  # several
            message, _, help = message.partition(": ")
        raise Unreadable(message, at, help or None, "A105") from None
    return {"on": "cuda" if found.cuda else "cpu", "device": found.id}


def _parts(text: str, offset: int) -> Iterator[tuple[str, At]]:
    """What stands between commas, blanks at its ends left off. Raises Unreadable where that is nothing."""
    start = 0
    for end in [*(comma.start() for comma in _COMMA.finditer(text)), len(text)]:
        part = text[start:end]
        first = offset + start + len(part) - len(part.lstrip())
        if not part.strip():
            raise Unreadable("a condition is wanted here", (offset + start, offset + end), _EXAMPLE, "A107")
        yield part.strip(), (first, first + len(part.strip()))
        start = end + 1


def _condition(text: str, at: At) -> Said:
    word = text.casefold()
    if word in _WORDS:
        name, value = _WORDS[word]
        return {name: value}
    head, rest = _TWO.match(text).groups()  # type: ignore[union-attr]  # it matches anything
    if head.casefold() in _COUNTED:
        return {_COUNTED[head.casefold()]: _count(head, rest, at)}
    if head.casefold() == "on" and rest:
        return device(rest, (at[1] - len(rest), at[1]))
    if _is_device(text):
        return device(text, at)
    raise Unreadable(f"unknown condition '{text}'", at, _repair(text, head, rest), "A105")


def _count(head: str, text: str, at: At) -> int:
    digits = text.replace(",", "")
    if not re.fullmatch(r"[0-9]{1,10}", digits) or not 1 <= int(digits) <= _LARGEST:
        raise Unreadable(f"'{head}' is followed by a whole number, at least 1", at, f"{head.lower()} 32", "A107")
    return int(digits)


def _is_device(text: str) -> bool:
    """Whether it is the name of a device, or of several."""
    try:
        device_named(text)
    except UnknownDevice as error:
        return "several" in str(error)
    return True


def _repair(text: str, head: str, rest: str) -> str:
    """The nearest condition."""
    close = nearest(head, (*_COUNTED, "on")) if rest else nearest(text, (*_WORDS, *_COUNTED))
    return close or f"known are {_EXAMPLE}"
