"""A drawing as a Mermaid flowchart, which GitHub and GitLab show in Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from archcalc.report.draw.families import FAMILIES
from archcalc.report.draw.picture import Box, Drawing

#: What Mermaid draws unless whoever shows it allows more (its maxEdges and maxTextSize).
MOST_ARROWS, MOST_TEXT = 500, 50_000
#: What means something inside a quoted text: Mermaid has entities for all, by number.
_MEANT = re.compile(r"[^\w .,:;+*/()|=·×⌊⌋²…–-]|(?<=\d)\.(?= )")


def mermaid(drawing: Drawing) -> str:
    """A flowchart, a newline at its end: no library is needed."""
    return "\n".join(_lines(drawing)) + "\n"


def _lines(drawing: Drawing) -> Iterator[str]:
    yield from ("---", f"title: {json.dumps(drawing.name, ensure_ascii=False)}", "---", "flowchart TD")
    for number, box in enumerate(drawing.boxes):
        left, right = ("[[", "]]") if box.layers > 1 else ("[", "]")
        yield f'  n{number}{left}"{_words(box)}"{right}'
    for arrow in drawing.arrows:
        line = "-.->" if arrow.aux else "-->"
        yield f'  n{arrow.source} {line}|"{_escaped(arrow.shape)}"| n{arrow.target}'
    yield from _colours(drawing)


def _words(box: Box) -> str:
    lines = ("&ensp;".join(_run(words, bold) for words, bold in line) for line in box.lines)
    return "<br/>".join(lines)


def _run(words: str, bold: bool) -> str:
    return f"<b>{_escaped(words)}</b>" if bold else _escaped(words)


def _escaped(text: str) -> str:
    return _MEANT.sub(lambda match: f"#{ord(match[0])};", text)


def _colours(drawing: Drawing) -> Iterator[str]:
    """A class for each family that there is, and one for side heads."""
    for family, (_, colours) in FAMILIES.items():
        members = [number for number, box in enumerate(drawing.boxes) if box.family == family]
        if members:
            yield f"  classDef k_{family} fill:{colours.fill},stroke:{colours.frame},color:#1f2328"
            yield f"  class {','.join(f'n{number}' for number in members)} k_{family}"
    side = [number for number, box in enumerate(drawing.boxes) if box.aux]
    if side:
        yield "  classDef side fill:#ffffff,color:#6e7781,stroke-dasharray:4 3"
        yield f"  class {','.join(f'n{number}' for number in side)} side"
