"""What archcalc has to say about a text: one value per fault, drawn by ``report``."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from archcalc.source import Span

#: Characters of a message.
_LONGEST = 180

Severity = Literal["error", "warning", "note"]

#: What the codes that begin so are about.
GROUPS: dict[str, str] = {
    "A1": "reading a text",
    "A2": "printed and expected figures",
    "A3": "shapes and channels",
    "A4": "names and structure",
    "A5": "doubts",
    "A6": "the project around the texts",
}
#: Every code; ``archcalc/codes`` has a page for each.
CODES: dict[str, str] = {
    "A101": "the file cannot be read",
    "A102": "this is not text",
    "A103": "the text says nothing",
    "A104": "the line cannot be read",
    "A105": "an unknown word",
    "A106": "two readings",
    "A107": "a bad number or expression",
    "A108": "a layer lacks something",
    "A109": "a layer says something it cannot take",
    "A110": "a table cannot be read",
    "A201": "a printed shape is wrong",
    "A202": "the arithmetic of a printed figure is wrong",
    "A203": "a printed figure is wrong",
    "A204": "an expectation does not hold",
    "A205": "an erratum does not hold",
    "A206": "a budget is exceeded",
    "A207": "a figure has changed",
    "A208": "a limit on a predicted time is not decided",
    "A301": "a window does not fit its input",
    "A302": "channels do not fit",
    "A303": "branches do not agree",
    "A304": "a layer cannot take this shape",
    "A305": "a size is not a positive whole number",
    "A306": "rows or columns of the input are never read",
    "A401": "an unknown name",
    "A402": "a block is called wrongly",
    "A403": "no end to a repetition",
    "A404": "the network has no input",
    "A405": "a name stands for two things",
    "A406": "a statement in the wrong place",
    "A407": "a choice that hangs on an open symbol",
    "A408": "no such network",
    "A409": "no such parameter",
    "A501": "a pool without a stride",
    "A502": "a bias before a normalisation",
    "A503": "an even kernel under pad half",
    "A504": "branches are misaligned",
    "A505": "never used",
    "A506": "a name given twice",
    "A507": "an ignore that ignores nothing",
    "A601": "a wrong configuration",
    "A602": "nothing to compare with",
}


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One fault: where it is, what was expected and how it may be repaired.

    ``notes`` are further facts, a line each; ``help`` is a repair; ``also`` are spans underlined besides the main one.
    """

    code: str
    message: str
    span: Span | None = None
    severity: Severity = "error"
    notes: tuple[str, ...] = ()
    help: str | None = None
    also: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise KeyError(self.code)
        if len(self.message) > _LONGEST:  # it quotes the text, which may be anything
            half = _LONGEST // 2
            object.__setattr__(self, "message", f"{self.message[:half]}...{self.message[-half:]}")

    @property
    def order(self) -> tuple[str, int]:
        """Sorts diagnostics by place."""
        return (self.span.source.name, self.span.start) if self.span else ("", -1)


class Fault(Exception):
    """Ends the reading of one line or one network with the diagnostic that says why."""

    def __init__(self, diagnostic: Diagnostic, part: str = "") -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic
        self.part = part  # the attribute of the layer that it speaks of


def fault(code: str, message: str, span: Span | None, *notes: str, help: str | None = None) -> Fault:
    """The exception for an error with this code, ready to raise."""
    return Fault(Diagnostic(code, message, span, notes=notes, help=help))


def nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """``did you mean ...`` for the closest known word, or None if none is as near as ``cutoff`` (1: the same)."""
    spelled = {str(k).casefold(): str(k) for k in known}
    close = difflib.get_close_matches(word.casefold(), sorted(spelled), n=1, cutoff=cutoff)
    return f"did you mean '{spelled[close[0]]}'?" if close else None
