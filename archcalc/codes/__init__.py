"""The page of each diagnostic code, ``A203.md`` and so on beside this file: what it means and how it is repaired."""

from __future__ import annotations

import re
from functools import lru_cache

#: The sections of a page, in order, behind what the code means.
SECTIONS = ("Why it matters", "Wrong", "Right", "Repair")


@lru_cache(maxsize=64)
def page(code: str) -> str:
    """A code's page in Markdown. Raises KeyError where it has none."""
    from importlib.resources import files

    try:
        return (files("archcalc.codes") / f"{code}.md").read_text(encoding="utf-8")
    except FileNotFoundError:
        raise KeyError(code) from None


def meaning(code: str) -> str:
    """The first sentence of a page. Raises KeyError."""
    _, paragraph = page(code).split("\n\n")[:2]
    return re.split(r"(?<=\.)\s", paragraph, maxsplit=1)[0].replace("\n", " ")
