"""A drawing in Graphviz's language, for ``dot`` and whatever else reads it."""

from __future__ import annotations

from collections.abc import Iterator

from archcalc.report.draw.families import FAMILIES
from archcalc.report.draw.picture import Arrow, Box, Drawing

_FACE = 'fontname="Helvetica,Arial,sans-serif"'


def dot(drawing: Drawing) -> str:
    """A directed graph, a newline at its end: no library is needed."""
    return "\n".join(_lines(drawing)) + "\n"


def _lines(drawing: Drawing) -> Iterator[str]:
    title = "\n".join(filter(None, (drawing.name, drawing.title, drawing.summary)))
    yield f"digraph {_quoted(drawing.name)} {{"
    yield f"  graph [label={_quoted(title)}, labelloc=t, labeljust=l, fontsize=13, {_FACE}]"
    yield f'  node [shape=box, style="rounded,filled", fontcolor="#1f2328", fontsize=11, margin="0.12,0.06", {_FACE}]'
    yield f'  edge [color="#6e7781", fontcolor="#6e7781", fontsize=10, arrowsize=0.6, {_FACE}]'
    for number, box in enumerate(drawing.boxes):
        yield f"  n{number} [{_box(box)}]"
    straight = drawing.straight
    for number, arrow in enumerate(drawing.arrows):
        yield f"  n{arrow.source} -> n{arrow.target} [{_arrow(arrow, number in straight)}]"
    yield "}"


def _box(box: Box) -> str:
    colours = FAMILIES[box.family][1]
    text = "\n".join("  ".join(words for words, _ in line) for line in box.lines)
    shown = [f"label={_quoted(text)}", f"tooltip={_quoted(box.tooltip)}"]
    if box.aux:
        shown += [f'fillcolor="#ffffff", color="{colours.frame}", style="rounded,filled,dashed", fontcolor="#6e7781"']
    else:
        shown += [f'fillcolor="{colours.fill}", color="{colours.frame}"']
    return ", ".join([*shown, *(["peripheries=2"] if box.layers > 1 else [])])


def _arrow(arrow: Arrow, straight: bool) -> str:
    shown = [f"label={_quoted(arrow.shape)}", *(["weight=8"] if straight else [])]
    return ", ".join([*shown, *(["style=dashed"] if arrow.aux else [])])


def _quoted(text: str) -> str:
    """A string of Graphviz's: it knows escapes of its own behind a backslash, and entities."""
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")
    return '"' + text.replace("\n", "\\n") + '"'
