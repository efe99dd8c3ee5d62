"""Our figures beside a witness's as text: a row a quantity, what departs beneath it, and why something was left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from archcalc.report.columns import COLUMNS
from archcalc.report.layout import Column, draw, fitted, fold, total
from archcalc.report.numbers import exact, pair, shape
from archcalc.report.style import paint, visible

if TYPE_CHECKING:
    from archcalc.analyses.agreement import Agreement, Comparison, Verification
    from archcalc.report.text import Paper

#: Departures that are drawn; JSON has all.
_MOST = 20


def text(found: Verification, paper: Paper) -> str:
    """One network in full, a newline at its end."""
    head = "  ".join(filter(None, (visible(found.network or ""), visible(found.title), visible(found.file))))
    lines = [paint(fit(head, paper), "bold", paper.colour)]
    lines += [fit(f"against {found.against}, {_layers(found.layers)}", paper), ""]
    lines += [*_table(found.quantities, paper), "", *_outcome(found, paper), *departures(found, paper)]
    return "".join(f"{line}\n" for line in lines)


def title(quantity: str) -> str:
    """A quantity as the report's columns call it."""
    return COLUMNS[quantity].title if quantity in COLUMNS else quantity.replace("_", " ")


def _layers(count: int) -> str:
    return f"{count:,} layer{'' if count == 1 else 's'}"


def fit(line: str, paper: Paper) -> str:
    """A line cut at its end to the paper's width."""
    return line if paper.width is None else fold(line, paper.width, ellipsis(paper), tail=True)


def ellipsis(paper: Paper) -> str:
    """What stands for what was cut."""
    return "..." if paper.ascii_only else "…"


#: Columns in the order in which room is given; they are drawn in that of ``_DRAWN``.
_WISHES = ("quantity", "verdict", "agree", "compared", "ours", "theirs", "counted by")
_DRAWN = ("quantity", "compared", "agree", "ours", "theirs", "verdict", "counted by")


def _table(quantities: Sequence[Agreement], paper: Paper) -> Iterator[str]:
    """What every quantity came to, in as many columns as there is room for."""

    def column(name: str, cell: Callable[[Agreement], str], last: str = "", **more: Any) -> Column:
        return Column(name, name, [*map(cell, quantities), last], **more)

    compared, agreeing = (sum(getattr(each, name) for each in quantities) for name in ("compared", "agreeing"))
    made = (
        column(
            "quantity",
            lambda each: title(each.quantity),
            "total",
            least=8 if paper.width and paper.width < 40 else None,
        ),
        column("compared", lambda each: exact(each.compared or None), exact(compared), right=True),
        column("agree", lambda each: exact(each.agreeing if each.compared else None), exact(agreeing), right=True),
        column("ours", lambda each: _number(each.ours), right=True),
        column("theirs", lambda each: _number(each.theirs), right=True),
        column("verdict", lambda each: each.verdict),
        column("counted by", lambda each: each.witness),
    )
    granted: dict[str, Column] = {}
    for wish in _WISHES:
        tried = granted | {each.key: each for each in made if each.key == wish}
        if paper.width is not None and total(list(tried.values())) > paper.width:
            break
        granted = tried
    shown = fitted([granted[key] for key in _DRAWN if key in granted], paper.width, ellipsis(paper))
    yield from draw(shown, colour=paper.colour, rule="-" if paper.ascii_only else "─")


def _number(value: Any) -> str:
    return "" if value is None else exact(value)


def _outcome(found: Verification, paper: Paper) -> Iterator[str]:
    """The verdict on all of it, then what was left out and by which conventions the two would differ."""
    yield paint(
        fit(outcome(found, " quantities"), paper), "error" if found.status == "failed" else "good", paper.colour
    )
    for each in found.quantities:
        for reason, count in each.skipped:
            of = f"{_layers(count)} left out, " if count else "left out, "
            yield fit(f"{title(each.quantity)}: {of}{reason}", paper)
        yield from (fit(f"{title(each.quantity)}: {note}", paper) for note in each.notes)


def outcome(found: Verification, noun: str = "") -> str:
    """How many quantities agree, differ and were skipped."""
    verdicts = [each.verdict for each in found.quantities]
    differing = [title(each.quantity) for each in found.quantities if each.verdict == "differs"]
    skipped = f", {verdicts.count('skipped')} skipped" if "skipped" in verdicts else ""
    if differing:
        verb = "differs" if len(differing) == 1 else "differ"
        return f"{len(differing)} of {len(verdicts)}{noun} {verb}: {', '.join(differing)}{skipped}"
    return f"{verdicts.count('agrees')}{noun} agree{skipped}"


def departures(found: Verification, paper: Paper) -> Iterator[str]:
    """The comparisons that differ, the first of them where there are many."""
    pairs = [(each.quantity, departure) for each in found.quantities for departure in each.departures]
    if not pairs:
        return
    shown = pairs[:_MOST]
    named = any(departure.there for _, departure in shown)

    def column(name: str, cell: Callable[[str, Comparison], str], least: int | None, right: bool = False) -> Column:
        return Column(name, name, [cell(*each) for each in shown], right, least)

    columns = [
        column("quantity", lambda quantity, _: title(quantity), 8),
        column("layer", lambda _, each: visible(each.layer) or "(none)", 8),
        column("line", lambda _, each: exact(each.line), None, right=True),
        column("ours", lambda _, each: spelled(each.ours), 12),
        *([column("their layer", lambda _, each: visible(each.there) or "(none)", 12)] if named else []),
        column("theirs", lambda _, each: spelled(each.theirs), 12),
    ]
    yield ""
    rule = "-" if paper.ascii_only else "─"
    *lines, _, last = draw(fitted(columns, paper.width, ellipsis(paper)), colour=paper.colour, rule=rule)
    yield from (*lines, last)
    if len(pairs) > len(shown):
        yield fit(f"and {len(pairs) - len(shown):,} more: --format json has all", paper)


def spelled(value: Any) -> str:
    """A compared value: a number, a shape, a receptive field, or words."""
    if value is None:
        return "none"
    if hasattr(value, "kind"):
        return _field(value)
    return shape(value) if isinstance(value, tuple) else exact(value)


def _field(value: Any) -> str:
    if value.size is None:
        return str(value.kind)
    parts = [f"at most {pair(value.size)}" if value.kind == "phased" else pair(value.size)]
    parts += [f"stride {pair(value.stride)}"] if value.stride else []
    parts += [f"start {pair(value.start)}"] if value.start else []
    return ", ".join(parts)
