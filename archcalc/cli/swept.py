"""A sweep run: rows go where they are wanted as they come, a person hears how far it is, and why points are lost."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from fractions import Fraction
from importlib.util import find_spec
from textwrap import indent
from typing import IO, TYPE_CHECKING, Any

import typer

from archcalc.analyses.sweep import Request, Sweep
from archcalc.analyses.sweep.figures import SIDES
from archcalc.analyses.sweep.latency import Untimed
from archcalc.analyses.sweep.roles import Unsweepable
from archcalc.cli.paper import paper
from archcalc.cli.recorded import complain
from archcalc.diagnostics import Diagnostic, Fault
from archcalc.files import ArchcalcError, split
from archcalc.record import Record
from archcalc.report.progress import Progress
from archcalc.report.sweep.files import Csv, Json, Parquet, TooLarge
from archcalc.report.sweep.heading import Swept, count, outcome, reasons
from archcalc.report.sweep.text import MOST, Shown

if TYPE_CHECKING:
    from archcalc.cli.swaps import Swapping
    from archcalc.graph import Graph
    from archcalc.layers import Shape
    from archcalc.report.text import Paper

#: Points of a picture.
_DRAWN = 20_000


class Target(Record):
    """Where a sweep goes: ``format`` to standard output, all of it to a file; ``axes``: a picture by these two,
    ``asked`` for or not."""

    format: str
    output: str
    axes: tuple[str, ...]
    asked: bool = False

    @property
    def kind(self) -> str:
        """What the file is, by the end of its name."""
        return self.output.rpartition(".")[2].lower()


def run(
    spec: str,
    settings: Mapping[str, int | Fraction],
    shape: Shape | None,
    request: Request,
    target: Target,
    swaps: Sequence[Swapping] = (),
    given: Collection[str] = (),
) -> int:
    """Sweeps; the exit status. ``given`` are options that stand for one value of what may be varied."""
    if target.output and target.kind not in ("csv", "json", "parquet", "svg"):
        raise typer.BadParameter(f"'{target.output}' is no .csv, .json, .parquet or .svg", param_hint="--output")
    if target.kind == "parquet" and find_spec("pyarrow") is None:
        return _say("a .parquet file needs pyarrow: pip install 'archcalc[parquet]'")
    twice = [each.name for each in request.variables if each.name in settings]
    if twice:
        raise typer.BadParameter(f"{twice[0]} is set and varied: leave one out", param_hint="--set")
    try:
        swept = _swept(spec, settings, shape, _with_axes(request, target), swaps, given)
    except ArchcalcError as error:
        return _diagnosed(error.diagnostics)
    except Fault as error:
        return _diagnosed([error.diagnostic])
    except Unsweepable as error:
        raise typer.BadParameter(str(error), param_hint="--vary") from None
    except Untimed as error:
        complain(str(error))
        return 2
    return _run(swept, target)


def _with_axes(request: Request, target: Target) -> Request:
    names = [each.name for each in request.variables]
    wanted = [each for each in target.axes if each not in names]
    return request.but(quantities=tuple(dict.fromkeys((*request.quantities, *wanted))))


def _swept(
    spec: str,
    settings: Mapping[str, int | Fraction],
    shape: Shape | None,
    request: Request,
    swaps: Sequence[Swapping],
    given: Collection[str],
) -> Swept:
    from archcalc.cli.specs import source_of
    from archcalc.network import document, only
    from archcalc.sweeping import SWAP, builder

    path, name = split(spec)
    source = source_of(path)
    graph = only(document(source), name, settings=settings, input_shape=shape).graph
    _given_once(request, graph, shape, given)
    if swaps and SWAP in graph.settings:
        raise typer.BadParameter(f"{graph.name} has a parameter of that name", param_hint="--swap")
    sweep = Sweep(builder(source, graph.name, settings, shape, [each.made for each in swaps]), request)
    first = graph.nodes[graph.inputs[0]].shape
    told = tuple(each.text for each in swaps)
    return Swept(network=graph.name, title=graph.title, file=graph.file, input=first, sweep=sweep, swaps=told)


def _given_once(request: Request, graph: Graph, shape: Shape | None, given: Collection[str]) -> None:
    """Raises BadParameter where a side of the input, the batch or the dtype is both given and varied."""
    varied = [each.name for each in request.variables if each.name not in graph.settings]
    twice = [name for name in varied if name in given]
    if twice:
        raise typer.BadParameter(f"{twice[0]} is given and varied: leave one out", param_hint=f"--{twice[0]}")
    sides = [name for name in varied if name in SIDES]
    if sides and shape is not None:
        repair = f"leave --input out; --vary {sides[0]}=64 is one size"
        raise typer.BadParameter(f"{sides[0]} is given and varied: {repair}", param_hint="--input")


def _run(swept: Swept, target: Target) -> int:
    sweep, shown = swept.sweep, Shown(_DRAWN if target.axes else MOST)
    progress = Progress(sys.stderr, patience=1.0)
    points = count(sweep.size, "point")
    try:
        with ExitStack() as stack:
            writers = list(_writers(swept, target, stack))
            for rows in sweep.rows(lambda done: progress.tell(f"{done:,} of {points}", done / sweep.size)):
                shown.add(rows)
                for writer in writers:
                    writer.rows(rows)
            progress.wipe()
            for writer in writers:
                writer.finish()
    except TooLarge as error:
        progress.wipe()
        os.unlink(target.output)
        return _say(str(error))
    if target.kind == "svg" and shown.size:
        _draw(swept, shown, target)
    if target.format == "text":
        _print(swept, shown, target)
    return _status(swept, target)


def _writers(swept: Swept, target: Target, stack: ExitStack) -> Any:
    kinds: Mapping[str, Any] = {"csv": Csv, "json": Json}
    if target.format in kinds:
        yield kinds[target.format](swept, sys.stdout)
    if target.kind in kinds:
        yield kinds[target.kind](swept, stack.enter_context(_opened(target.output)))
    elif target.kind == "parquet":
        _opened(target.output).close()
        yield Parquet(swept, target.output)


def _opened(path: str) -> IO[str]:
    try:
        return open(path, "w", encoding="utf-8", newline="")
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise typer.BadParameter(f"cannot write {path}: {why}", param_hint="--output") from None


def _draw(swept: Swept, shown: Shown, target: Target) -> None:
    from archcalc.report.plot import svg
    from archcalc.report.sweep.picture import picture

    try:
        made = svg(*picture(swept, shown, *target.axes), title=swept.network)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--plot") from None
    with _opened(target.output) as file:
        file.write(made)


def _print(swept: Swept, shown: Shown, target: Target) -> None:
    from archcalc.report.sweep.text import text

    on = paper(bars=False)
    file = "" if target.kind == "svg" else target.output
    sys.stdout.write(text(swept, shown.but_first(MOST), on, _scatter(swept, shown, target, on), file))


def _scatter(swept: Swept, shown: Shown, target: Target, on: Paper) -> str:
    """The picture under the table: where one is asked for, or a front is shown to a person."""
    from archcalc.report.plot import scatter
    from archcalc.report.sweep.picture import picture

    wanted = target.asked or (sys.stdout.isatty() and not target.output)
    if not target.axes or not shown.size or not wanted or target.kind == "svg":
        return ""
    try:
        made = picture(swept, shown, *target.axes)
    except ValueError as error:
        if not target.asked:
            return ""
        raise typer.BadParameter(str(error), param_hint="--plot") from None
    return scatter(*made, width=on.width or 100, colour=on.colour, ascii_only=on.ascii_only)


def _status(swept: Swept, target: Target) -> int:
    """1 where nothing is left, and why on standard error; data on standard output goes without what was lost."""
    from archcalc.report.style import terminal_width, wrapped

    tally = swept.sweep.tally
    if tally.told:
        if target.format != "text" and tally.points != tally.networks:
            sys.stderr.write("".join(f"{line}\n" for line in outcome(swept)))
        return 0
    sys.stdout.flush()
    if not tally.networks:
        sys.stderr.write(f"error: none of {count(tally.points, 'point')} is a network\n")
    else:
        sys.stderr.write(f"error: no point is left of {count(tally.networks, 'network')}\n")
    width = terminal_width(sys.stderr)
    said = "".join(f"{wrapped(line, width and width - 2)}\n" for line in reasons(tally))
    sys.stderr.write(indent(said, "  "))
    return 1


def _say(message: str) -> int:
    sys.stderr.write(f"error: {message}\n")
    return 2


def _diagnosed(diagnostics: Sequence[Diagnostic]) -> int:
    from archcalc.report.diagnostics import drawn
    from archcalc.report.style import coloured, terminal_width

    sys.stderr.write("".join(drawn(diagnostics, colour=coloured(sys.stderr), width=terminal_width(sys.stderr))))
    return 2
