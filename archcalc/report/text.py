"""A whole report as text: what the network is, its layers, its totals, and what became of its claims."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from archcalc.claims import TIMED, asked
from archcalc.record import Record
from archcalc.report.columns import chosen, field_text
from archcalc.report.counting import Words, words_of
from archcalc.report.layout import fold
from archcalc.report.numbers import computed, exact, shape, short, size
from archcalc.report.style import paint, visible
from archcalc.report.table import table

if TYPE_CHECKING:
    from archcalc.analyses.check import Expectation
    from archcalc.analyses.field import Field
    from archcalc.analyses.summary import Report, Row, Totals


class Paper(Record):
    """What a report is drawn on: its width in columns (None: no limit), and what may be used.

    ``layout``: shapes as ``hwc`` (papers) or ``chw`` (PyTorch). ``ascii_only``: the encoding has nothing else.
    """

    width: int | None = None
    colour: bool = False
    bars: bool = False
    ascii_only: bool = False
    layout: str = "hwc"


def text(report: Report, *, paper: Paper | None = None, keys: Sequence[str] = ()) -> str:
    """A report's text, a newline at its end; diagnostics are drawn elsewhere.

    ``keys``: the table's columns, the best that fit by default. Raises UnknownColumn.
    """
    paper = paper or Paper()
    columns = chosen(keys) if keys else ()
    lines = [*_head(report, paper)]
    if report.totals is not None:
        lines += ["", *_table(report, report.totals, paper, columns), "", *_totals(report, report.totals, paper)]
    lines += _claims(report, paper)
    made = "".join(f"{line}\n" for line in lines)
    return made.translate(ASCII) if paper.ascii_only else made


ASCII = str.maketrans({
    "×": "x", "–": "-", "…": "...", "·": "-", "✗": "x", "⌊": "floor(", "⌋": ")", "²": "^2", "µ": "u", "≥": ">=",
})  # fmt: skip


def heading(network: str | None, title: str, file: str, paper: Paper) -> Iterator[str]:
    """What a network is, in a line, or in three where one has no room."""
    name, title, file = visible(network or "no network"), visible(title), visible(file)
    if paper.width is not None and len(f"{name}  {title}  {file}") > paper.width:
        yield paint(_fit(name, paper), "bold", paper.colour)
        yield from (_fit(part, paper) for part in (title, file) if part)
    else:
        yield "  ".join(filter(None, (paint(name, "bold", paper.colour), title, paint(file, "dim", paper.colour))))


def _head(report: Report, paper: Paper) -> Iterator[str]:
    yield from heading(report.network, report.title, report.file, paper)
    if report.totals is None:
        yield "unreadable: no figures"
        return
    yield from (_fit(line, paper) for line in _conditions(report, report.totals, paper))


def _conditions(report: Report, totals: Totals, paper: Paper) -> Iterator[str]:
    """What the figures are for, and what their units mean."""
    inputs = report.inputs if len(report.inputs) > 1 else {"": report.input}
    parts = [f"input {f'{name} ' if name else ''}{shape(dims, paper.layout)}" for name, dims in inputs.items()]
    parts += [f"batch {report.batch}", report.dtype]
    parts += [f"{name} = {exact(value)}" for name, value in report.settings.items()]
    parts += ["side heads included"] if report.aux else []
    yield ", ".join(parts)
    axes = f"shapes are {_AXES[paper.layout]}"
    words = words_of(report.convention)
    if words.whose is None:
        yield f"1 MAC = 1 multiply-add; {axes}"
    else:
        yield from (words.sentence(totals), axes)
    if hasattr(report, "device"):
        from archcalc.report.latency import conditions as of_device

        yield from of_device(report.device)


_AXES = {"hwc": "height x width x channels", "chw": "channels x height x width"}


def _table(report: Report, totals: Totals, paper: Paper, keys: Sequence[str]) -> Iterator[str]:
    yield from table(
        report.layers, totals, width=paper.width, colour=paper.colour, with_bars=paper.bars,
        ascii_only=paper.ascii_only, layout=paper.layout, keys=keys, macs=words_of(report.convention).column,
    )  # fmt: skip
    if any(row.field is not None and not row.field.aligned for row in report.layers):
        yield paint("* the field's branches are centred on different inputs", "dim", paper.colour)


def _totals(report: Report, totals: Totals, paper: Paper) -> Iterator[str]:
    """Each figure exact, then short, then what it is; that last where there is room for all of it."""
    rows = [
        *_counts(totals, words_of(report.convention)),
        *_memory(totals, report),
        *_structure(totals, _last_field(report.layers)),
        *(_time(totals) if hasattr(totals, "latency") else ()),
    ]
    widths = [max(len(row[place]) for row in rows) for place in range(3)]
    room = 10**6 if paper.width is None else paper.width
    for name, number, brief, remark in rows:
        line = f"{name:<{widths[0]}}  {paint(f'{number:>{widths[1]}}', 'bold', paper.colour)}"
        if sum(widths) + 4 <= room:
            line += f"  {brief:>{widths[2]}}"
        if sum(widths) + 6 + len(remark) <= room:
            line += f"  {paint(remark, 'dim', paper.colour)}"
        yield line.rstrip()


Figures = Iterator[tuple[str, str, str, str]]


def _counts(totals: Totals, words: Words) -> Figures:
    yield "params", exact(totals.params), short(totals.params), words.params
    parts = [name for name in ("weights", "biases", "norms", "others") if getattr(totals, name) != 0]
    for name in parts if len(parts) > 1 else ():
        yield f"  {name}", exact(getattr(totals, name)), short(getattr(totals, name)), _ROLES.get(name, "")
    if totals.trainable != totals.params:
        yield "  trainable", exact(totals.trainable), short(totals.trainable), "the rest is frozen"
    if totals.buffers != 0:
        yield "buffers", exact(totals.buffers), short(totals.buffers), "no params: batch statistics, fixed centres"
    yield words.column, exact(totals.macs), short(totals.macs), words.unit
    yield "FLOPs", exact(totals.flops), short(totals.flops), "2 a MAC, and element operations"
    yield "training FLOPs", exact(totals.training_flops), short(totals.training_flops), "forward and backward"


_ROLES = {"others": "PReLU slopes, tokens, positions, scales"}


def _memory(totals: Totals, report: Report) -> Figures:
    for name, value, remark in (
        ("weight memory", totals.weights_bytes, f"params and buffers in {report.dtype}"),
        ("activations", totals.activations_bytes, "outputs of all layers but activation functions and views"),
        ("input", totals.input_bytes, ""),
        ("inference peak", totals.inference_peak_bytes, "the most that lives at once, without weights"),
        ("training peak", totals.training_peak_bytes, f"a step with {report.optimizer} on {report.on}, all included"),
        ("  saved", totals.saved_bytes, "kept for the backward pass"),
    ):
        if value is not None:
            yield name, f"{exact(value)} B", size(value), remark


def _structure(totals: Totals, field: Field | None) -> Figures:
    yield "depth", _number(totals.depth, "layer"), "", "with weights, on the longest path"
    if totals.weight_layers != totals.depth:
        yield "weight layers", exact(totals.weight_layers), "", "on all paths"
    yield "neurons", exact(totals.neurons), short(totals.neurons), "output numbers of weight layers"
    yield "connections", exact(totals.connections), short(totals.connections), "inputs that they read, and biases"
    if field is not None:
        yield "receptive field", f"{field_text(field)} px", "", "of the last layer that sees a window"
    if totals.intensity is not None:
        yield "intensity", f"{exact(totals.intensity)} FLOPs/B", "", "per byte read and written"


def _time(totals: Any) -> Figures:
    from archcalc.report.latency import remark, told

    if said := told(totals.latency):
        yield "latency", said, "", remark(totals.latency)


def _last_field(rows: Sequence[Row]) -> Field | None:
    seen = (row.field for row in reversed(rows) if row.field is not None)
    return next((field for field in seen if field.kind in ("window", "phased")), None)


def _claims(report: Report, paper: Paper) -> Iterator[str]:
    claims = [claim for claim in report.expectations if claim.erratum is None]
    errata = [claim for claim in report.expectations if claim.erratum is not None]
    if claims:
        yield ""
        yield from _judged(claims, paper)
    if errata:
        yield ""
        yield f"{_number(len(errata), 'erratum', 'errata')} of the source:"
        for claim in errata:
            verdict = "" if claim.holds else " (the erratum does not hold)"
            yield from _wrapped(f"{claim.erratum}; the layers give {_said(claim, paper)}{verdict}", paper)
    if report.quieted:
        yield ""
        yield f"{_number(report.quieted, 'diagnostic')} ignored, as the text asks"


def _judged(claims: Sequence[Expectation], paper: Paper) -> Iterator[str]:
    wrong = [claim for claim in claims if claim.holds is False]
    undecided = sum(claim.holds is None for claim in claims)
    by_symbols = sum(claim.holds is None and claim.quantity not in TIMED for claim in claims)
    left = f", {by_symbols} left open by a symbol" if by_symbols else ""
    left += f", {undecided - by_symbols} that cannot be told" if undecided > by_symbols else ""
    if wrong:
        verb = "is" if len(wrong) == 1 else "are"
        said = f"{len(wrong)} of {_number(len(claims), 'printed figure')} {verb} wrong{left}:"
        yield paint(said, "error", paper.colour)
    else:
        held = len(claims) - undecided
        said = f"{_number(held, 'printed figure')} {'agrees' if held == 1 else 'agree'}{left}"
        yield paint(said, "good", paper.colour)
    for claim in wrong:
        place = f" at {claim.at}" if claim.at else ""
        printed = f"{asked(claim.quantity, claim.under)}{place} {claim.operator} {claim.expected}"
        yield from _wrapped(f"line {claim.line}: {printed}; the layers give {_computed(claim, paper)}", paper)


def _said(claim: Expectation, paper: Paper) -> str:
    place = f" at {claim.at}" if claim.at else ""
    return f"{asked(claim.quantity, claim.under)}{place} {_computed(claim, paper)}"


def _computed(claim: Expectation, paper: Paper) -> str:
    return computed(claim.quantity, claim.computed, paper.layout)


def _wrapped(words: str, paper: Paper) -> list[str]:
    """A sentence under a heading, over several lines where it must be."""
    from textwrap import wrap

    width = 10**6 if paper.width is None else paper.width
    return wrap(visible(words), width, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)


def _fit(words: str, paper: Paper) -> str:
    return words if paper.width is None else fold(words, paper.width, "...", tail=True)


def _number(count: int, one: str, many: str | None = None) -> str:
    return f"{count:,} {one}" if count == 1 else f"{count:,} {many or f'{one}s'}"
