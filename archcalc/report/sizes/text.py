"""Input sizes as text and Markdown: what is true of all, then a row each."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from archcalc.report.formula.text import ASCII
from archcalc.report.layout import Column, draw, total
from archcalc.report.markdown import escaped, row
from archcalc.report.numbers import shape
from archcalc.report.sizes.words import COLUMNS, cells, original, sentences
from archcalc.report.style import paint
from archcalc.report.text import heading

if TYPE_CHECKING:
    from archcalc.analyses.sizes import Sizes
    from archcalc.report.text import Paper

#: What gives way first where a terminal is narrow.
_DROPPED = ("output", "memory_ratio", "activations_bytes", "scale", "macs_ratio", "inference_peak_bytes", "grid")
_WIDEST = 120


def text(found: Sizes, *, paper: Paper) -> str:
    """A newline at its end."""
    lines = [*heading(found.network, found.title, found.file, paper), f"input {shape(found.input)}", ""]
    lines += _sentences(found, paper)
    if any(not each.why for each in found.rows):
        lines += ["", *_table(found, paper)]
    missing = [f"{each.size[0]}x{each.size[1]}: {each.why}" for each in found.rows if each.why]
    for number, line in enumerate(missing):
        lines += ([""] if number == 0 else []) + _wrapped(line, paper, "  ")
    made = "".join(f"{line}\n" for line in lines)
    return made.translate(ASCII) if paper.ascii_only else made


def _sentences(found: Sizes, paper: Paper) -> Iterator[str]:
    said = [*sentences(found)]
    width = max(len(label) for label, _ in said)
    for label, sentence in said:
        first, *more = _wrapped(sentence, paper, "", width + 2)
        yield f"{label:<{width}}  {first}"
        yield from (f"{'':<{width}}  {line}" for line in more)


def _wrapped(sentence: str, paper: Paper, indent: str, taken: int = 0) -> list[str]:
    room = max(min(paper.width or _WIDEST, _WIDEST) - taken, 16)
    return textwrap.wrap(sentence, room, subsequent_indent=indent, break_on_hyphens=False)


def _table(found: Sizes, paper: Paper) -> Iterator[str]:
    first = original(found)
    rows = [cells(each, first) for each in found.rows if not each.why]
    table = [
        Column(key, title, [each[key] for each in rows], right=right)
        for key, title, right in COLUMNS
        if any(each[key] for each in rows)
    ]
    out: list[str] = []
    for key in _DROPPED:
        if paper.width is not None and total(table) > paper.width:
            out += [column.title for column in table if column.key == key]
            table = [column for column in table if column.key != key]
    yield from draw(table, colour=paper.colour, rule="-" if paper.ascii_only else "─", summed=False)
    if first is not None and any(column.key.endswith("ratio") for column in table):
        for line in _wrapped("ratios are to the text's own size, memory is for one image in fp32", paper, ""):
            yield paint(line, "dim", paper.colour)
    if out:
        yield from _wrapped(f"no room for {', '.join(out)}: a wider terminal, or --format csv", paper, "")


def markdown(found: Sizes) -> str:
    """The same as Markdown; what does not fit has its reason in place of figures."""
    first = original(found)
    lines = [f"### {escaped(found.network)}", ""]
    lines += [f"- {escaped(f'{label}: ' if label else '')}{escaped(sentence)}" for label, sentence in sentences(found)]
    lines += ["", row(title for _, title, _ in COLUMNS), row("---:" if right else "---" for *_, right in COLUMNS)]
    for each in found.rows:
        made = cells(each, first)
        texts = [made.get(key, "") for key, *_ in COLUMNS]
        lines.append(row(map(escaped, [*texts[:2], each.why or texts[2], *texts[3:]])))
    return "\n".join(lines) + "\n"
