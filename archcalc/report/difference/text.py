"""What differs between networks, for a terminal: a verdict, the totals, the layers, the claims."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from archcalc.report.difference.runs import SIGNS, Line, lines
from archcalc.report.difference.words import ARROW, became, claims, failing, per_cent, quantity, signed, verdict
from archcalc.report.layout import Column, draw, fitted, fold, total
from archcalc.report.numbers import exact, short
from archcalc.report.style import paint, visible
from archcalc.report.text import ASCII, Paper

if TYPE_CHECKING:
    from archcalc.analyses.difference import Difference, FileDifference
    from archcalc.analyses.summary import Report

#: Rows of layers that are drawn; JSON and --all have every one.
MOST = 60
_ARROWS = {**ASCII, ord(ARROW): "->"}
#: Columns beyond the least that so many columns want before they are chosen: texts that are all cut tell nothing.
_SPARE = {2: 0, 3: 0, 4: 12, 5: 20, 6: 28}


def text(files: Sequence[FileDifference], paper: Paper, *, everything: bool = False) -> str:
    """All of it, a newline at its end; diagnostics are drawn elsewhere."""
    parts = [*_files(files, paper, everything)]
    made = "\n".join("".join(f"{line}\n" for line in part) for part in parts)
    return plainly(made, paper)


def plainly(words: str, paper: Paper) -> str:
    """The words in the characters that the paper has."""
    return words.translate(_ARROWS) if paper.ascii_only else words


def _files(files: Sequence[FileDifference], paper: Paper, everything: bool) -> Iterator[list[str]]:
    """What differs, network by network, and a line for all that is the same."""
    same = 0
    alone = len(files) == 1 and len(files[0].networks) == 1
    for file in files:
        for found in file.networks:
            if found.state == "same" and not alone:
                same += 1
            else:
                yield [*_network(found, file, paper, everything)]
    if same:
        others = "other " if any(each.state != "same" for file in files for each in file.networks) else ""
        yield [paint(f"{same:,} {others}network{' is' if same == 1 else 's are'} the same", "dim", paper.colour)]
    if not any(file.networks for file in files):
        yield [paint("no network differs", "dim", paper.colour)]


def _network(found: Difference, file: FileDifference, paper: Paper, everything: bool) -> Iterator[str]:
    yield paint(_fit(heading(found, file), paper), "bold", paper.colour)
    yield from _wrapped(verdict(found), paper)
    if found.totals and found.old and found.new:
        yield from ("", *_totals(found, paper))
    for each in found.settings:
        yield _fit(f"parameter {became(each)}", paper)
    shown = lines(found.layers, everything=everything, layout=paper.layout)
    if shown:
        yield from ("", *_layers(shown, paper, everything))
    changed = list(claims(found.claims))
    if changed:
        yield from ("", "claims of the text:")
        for said in changed:
            yield from _wrapped(said, paper, "  ")
    if found.broken:
        yield from ("", paint("not allowed:", "error", paper.colour))
        for broken in found.broken:
            yield from _wrapped(failing(broken, found), paper, "  ")


def heading(found: Difference, file: FileDifference) -> str:
    """Which networks of which files."""
    sides = [_side(found.old, file.old), _side(found.new, file.new)]
    if sides[0] is None or sides[1] is None:
        return visible(sides[0] or sides[1] or "")
    return visible(f"{sides[0]} {ARROW} {sides[1]}")


def _side(report: Report | None, file: str | None) -> str | None:
    return None if report is None else f"{file}:{report.network}"


def _totals(found: Difference, paper: Paper) -> Iterator[str]:
    def column(title: str, cells: list[str], **more: Any) -> Column:
        return Column(title, title, cells, **more)

    made = [
        column("total", [quantity(each.name) for each in found.totals], least=8),
        column("old", [exact(each.old) or "none" for each in found.totals], right=True),
        column("new", [exact(each.new) or "none" for each in found.totals], right=True),
        column("difference", [signed(each.difference) for each in found.totals], right=True),
        column("per cent", [per_cent(each) for each in found.totals], right=True),
    ]
    while paper.width is not None and len(made) > 1 and total(made) > paper.width:
        # the old value can be told from the new one and the difference
        made.pop(1 if len(made) == 5 else -2 if len(made) == 4 else -1)
    yield from draw(fitted(made, paper.width, _dots(paper)), colour=paper.colour, rule=_rule(paper), summed=False)


def _layers(shown: Sequence[Line], paper: Paper, everything: bool) -> Iterator[str]:
    drawn = shown if everything else [*_chief(shown)]
    yield from draw(_columns(drawn, paper), colour=paper.colour, rule=_rule(paper), summed=False)
    if len(drawn) < len(shown):
        yield _fit(f"and {len(shown) - len(drawn):,} more: --all has each layer", paper)
    signs = {line.state for line in drawn}
    legend = ", ".join(f"{SIGNS[state]} {state}" for state in SIGNS if state in signs and SIGNS[state])
    yield paint(_fit(legend, paper), "dim", paper.colour)


def _chief(shown: Sequence[Line]) -> Sequence[Line]:
    """As many rows as a person reads: of many, those whose own lines differ before those that are only affected."""
    if len(shown) > MOST:
        shown = [line for line in shown if line.state not in ("affected", "renamed")] or shown
    return shown[:MOST]


def _columns(shown: Sequence[Line], paper: Paper) -> list[Column]:
    def column(title: str, cell: Callable[[Line], str], **more: Any) -> Column:
        return Column(title, title, [cell(line) for line in shown], **more)

    def number(name: str, write: Callable[[Any], str]) -> Callable[[Line], str]:
        return lambda line: write(getattr(line, name)) if getattr(line, name) != 0 else ""

    sign = column("", lambda line: SIGNS[line.state] or " ")
    name = column("layer", lambda line: visible(line.name), least=14)
    what = column("what", lambda line: visible(line.what), least=16, tail=True, style="dim")
    change = column("change", lambda line: visible(line.change), least=18, tail=True)
    whole = [column(quantity(each), number(each, signed), right=True) for each in ("params", "macs")]
    brief = [column(quantity(each), number(each, _brief), right=True) for each in ("params", "macs")]
    whole, brief = ([each for each in side if any(each.cells)] for side in (whole, brief))
    wishes = (
        [sign, name, what, change, *whole], [sign, name, change, *whole], [sign, name, change, *brief],
        [sign, name, change], [sign, name],
    )  # fmt: skip
    chosen = next(
        (wish for wish in wishes if paper.width is None or total(wish) + _SPARE[len(wish)] <= paper.width), wishes[-1]
    )
    return fitted(chosen, paper.width, _dots(paper))


def _brief(by: Any) -> str:
    if not isinstance(by, int):
        return signed(by)
    return f"{'+' if by > 0 else '-'}{short(abs(by))}"


def _wrapped(words: str, paper: Paper, indent: str = "") -> list[str]:
    from textwrap import wrap

    width = 10**6 if paper.width is None else paper.width
    return wrap(visible(words), width, initial_indent=indent, subsequent_indent=f"{indent}  ", break_on_hyphens=False)


def _fit(words: str, paper: Paper) -> str:
    return words if paper.width is None else fold(words, paper.width, _dots(paper))


def _dots(paper: Paper) -> str:
    return "..." if paper.ascii_only else "…"


def _rule(paper: Paper) -> str:
    return "-" if paper.ascii_only else "─"
