"""A network's memory as text, Markdown and JSON (docs/schema/memory-1.json)."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from archcalc.analyses.memory.items import ITEMS
from archcalc.record import Configuration, Record
from archcalc.report.agreement import ellipsis, fit
from archcalc.report.layout import Column, draw, fitted
from archcalc.report.numbers import exact, shape, size
from archcalc.report.style import paint, visible
from archcalc.report.text import ASCII, heading
from archcalc.report.timeline import Stretch, timeline
from archcalc.version import __version__

if TYPE_CHECKING:
    from archcalc.analyses.memory.account import Account, Budget, Tensor
    from archcalc.report.text import Paper

SCHEMA = 1
EXCLUDED = "not in these: workspaces of cuDNN, oneDNN and BLAS, the CUDA context, what an allocator holds in reserve"
#: Tensors shown of a peak; the rest is one line.
_SHOWN = 8
_WIDE = 100
_TRAINING = {"input": "input and targets"}
#: What a tensor at a peak is, as a person says it.
_KINDS = {
    "saved": "saved for backward", "gradients": "gradient of weights", "beside": "saved indices, noise or statistics",
    "copies": "copy of weights",
}  # fmt: skip


def text(account: Account, *, paper: Paper) -> str:
    """The budgets, a chart of what lives when, and what makes the peaks; a newline at its end."""
    lines = [*_head(account, paper), "", *_budgets(account, paper), "", *_charts(account, paper)]
    for title, budget in (("inference", account.inference), ("training", account.training)):
        if budget is not None:
            lines += ["", *_tensors(title, budget, paper)]
    made = "".join(f"{line}\n" for line in lines)
    return made.translate(ASCII) if paper.ascii_only else made


def _head(account: Account, paper: Paper) -> Iterator[str]:
    yield from heading(account.network, account.title, account.file, paper)
    parts = [f"input {shape(account.input)}", f"batch {account.batch}", account.dtype, f"on {account.on}"]
    parts += ["autocast to two bytes"] if account.amp else []
    parts += [account.optimizer] if account.training else []
    parts += [f"{account.segments} checkpointed segments"] if account.segments > 1 else []
    parts += ["side heads included"] if account.aux else []
    yield fit(", ".join(parts), paper)


def _lines(account: Account) -> Iterator[tuple[str, int | None, str]]:
    """What, bytes, and where: a sum after its parts."""
    yield "inference", None, ""
    for kind, count in account.inference.items.items():
        yield f"  {ITEMS[kind]}", count, ""
    yield "  peak", account.inference.peak_bytes, f"at {visible(account.inference.layer or '')}"
    yield "  arena for activations", account.arena_bytes, "input let go, no indices"
    yield "  written by hand", account.eager_bytes, "an estimate"
    if account.training is None:
        yield "training", None, "int8 is not trained"
        return
    yield "training", None, ""
    for kind, count in account.training.items.items():
        yield f"  {(ITEMS | _TRAINING)[kind]}", count, ""
    yield "  peak", account.training.peak_bytes, _where(account.training)
    yield "  all that is saved", account.saved_bytes, "after the forward pass"


def _where(budget: Budget) -> str:
    at = "" if budget.layer is None else f"at {visible(budget.layer)}"
    if budget.phase == "optimizer":
        return "in the optimizer's step"
    return f"{budget.phase}, {at}" if at else f"{budget.phase}, in the loss"


def _budgets(account: Account, paper: Paper) -> Iterator[str]:
    whats, counts, notes = zip(*_lines(account), strict=True)
    table = [
        Column("what", "", whats, least=16),
        Column("bytes", "bytes", [exact(count) for count in counts], right=True),
        Column("size", "", ["" if count is None else size(count) for count in counts], right=True),
        Column("note", "", notes, least=0, tail=True, style="dim"),
    ]
    yield from draw(fitted(table, paper.width, ellipsis(paper)), colour=paper.colour, rule=_rule(paper), summed=False)
    if account.fit is not None:
        batches = [f"{exact(account.fit.inference)} for inference"]
        batches += [] if account.fit.training is None else [f"{exact(account.fit.training)} for training"]
        yield ""
        yield fit(f"largest batch in {exact(account.fit.room)} bytes: {', '.join(batches)}", paper)
    yield ""
    yield from textwrap.wrap(EXCLUDED, paper.width or _WIDE)


def _charts(account: Account, paper: Paper) -> Iterator[str]:
    width = min(paper.width or _WIDE, 160)
    yield paint("live bytes, inference, layer by layer", "bold", paper.colour)
    running = [Stretch("forward", [moment.inference for moment in account.moments])]
    yield from timeline(running, width=width, colour=paper.colour, ascii_only=paper.ascii_only)
    if account.training is None:
        return
    forward = [moment.forward for moment in account.moments if moment.forward]
    backward = [moment.backward for moment in reversed(account.moments) if moment.backward]
    yield ""
    yield paint("live bytes, a training step", "bold", paper.colour)
    stretches = [Stretch("forward", forward), Stretch("backward, from the end", backward)]
    stretches.append(Stretch("step", [account.step_bytes or 0] * max(len(forward) // 8, 1)))
    yield from timeline(stretches, width=width, colour=paper.colour, ascii_only=paper.ascii_only)


def _tensors(title: str, budget: Budget, paper: Paper) -> Iterator[str]:
    """The largest tensors at the peak; those of one layer and kind are told by their number."""
    yield paint(fit(f"what lives at the peak of {title}, weights and state apart", paper), "bold", paper.colour)
    shown, rest = budget.tensors[:_SHOWN], budget.tensors[_SHOWN:]
    rows = [(_of(tensor), _KINDS.get(tensor.what, tensor.what), tensor.bytes) for tensor in shown]
    rows += [(f"{len(rest)} more", "", sum(tensor.bytes for tensor in rest))] if rest else []
    if not rows:
        yield "nothing"
        return
    table = [
        Column("layer", "layer", [layer for layer, _, _ in rows], least=8),
        Column("what", "what", [what for _, what, _ in rows], least=4, tail=True),
        Column("bytes", "bytes", [exact(count) for _, _, count in rows], right=True),
        Column("size", "", [size(count) for _, _, count in rows], right=True),
    ]
    yield from draw(fitted(table, paper.width, ellipsis(paper)), colour=paper.colour, rule=_rule(paper), summed=False)


def _of(tensor: Tensor) -> str:
    return "" if tensor.layer is None else visible(tensor.layer)


def _rule(paper: Paper) -> str:
    return "-" if paper.ascii_only else "─"


def markdown(account: Account) -> str:
    """The budgets as a Markdown table."""
    lines = [f"**{visible(account.network)}**, batch {account.batch}, {account.dtype}, {account.optimizer}", ""]
    lines += ["| | bytes | |", "| --- | ---: | --- |"]
    for what, count, note in _lines(account):
        cells = (what.strip(), exact(count), note) if what.startswith(" ") else (f"**{what}**", "", note)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def dumps(accounts: Sequence[Account], *, many: bool) -> str:
    """One object, or an array if ``many``; a newline at its end."""
    found = [{"schema": SCHEMA, "archcalc": __version__} | _plain(account) for account in accounts]
    return json.dumps(found if many or not found else found[0], indent=1) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, Configuration | Record):
        return {name: _plain(getattr(value, name)) for name in value.fields}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return {key: _plain(item) for key, item in value.items()} if hasattr(value, "items") else value
