"""Names that a text declares, wherever in it: known before its first line is read."""

from __future__ import annotations

import re

from archcalc.notation.headed import begins_layer
from archcalc.notation.naming import same_name
from archcalc.notation.vocabulary import is_reserved

_DECLARED = re.compile(r"^\s*param\s+(\w+)|^\s*block\s+([\w\-/.]+)\s*(?:\(([^)]*)\))?\s*:", re.MULTILINE)
_OPEN_INPUT = re.compile(r"^\s*input\s+(?:\w+:\s*)?((?:[^\Wx]+\s*x\s*)+[^\Wx]+)", re.MULTILINE)


def declared(text: str) -> frozenset[str]:
    """Names of parameters (as they are) and of blocks (marked) that the text declares, ``in`` and ``i``."""
    names = {"in", "i"}
    for match in _DECLARED.finditer(text):
        if match[1]:
            names |= _free(match[1])
        elif match[2]:
            if not begins_layer(match[2]):
                names.add(f"\0{same_name(match[2])}")
            for part in (match[3] or "").split(","):
                names |= _free(part.split("=")[0].strip())
    for size in _OPEN_INPUT.findall(text):
        names |= {name for piece in size.split("x") for name in _free(piece.strip())}
    return frozenset(names)


def _free(name: str) -> set[str]:
    """A name that may be a parameter's; none else, so that a wrong declaration spoils nothing but its own line."""
    return {name} if name.isidentifier() and name != "x" and not is_reserved(name) else set()
