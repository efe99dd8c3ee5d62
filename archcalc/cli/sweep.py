"""``archcalc sweep``: every figure over a grid of parameters and sizes, and the best of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from archcalc.cli.options import (
    Aux,
    Batch,
    DType,
    InputShape,
    Numbers,
    On,
    Settings,
    input_shape_of,
    optimizer_of,
    settings_of,
)
from archcalc.cli.predicted import Threads
from archcalc.cli.recorded import Database
from archcalc.cli.swaps import swaps_of

if TYPE_CHECKING:
    from archcalc.analyses.sweep import Objective, Request
    from archcalc.analyses.sweep.variables import Variable


class Format(StrEnum):
    text = "text"
    json = "json"
    csv = "csv"


def sweep(
    context: typer.Context,
    spec: Annotated[str, typer.Argument(metavar="SPEC", help="A file, FILE:NETWORK for one of several, - for input.")],
    vary: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUES", help="width=16..256:16, depth=18,34,50, H=128..512:32; repeatable."),
    ] = None,
    where: Annotated[
        list[str] | None, typer.Option(metavar="CONDITION", help="Only networks as 'params < 5M and field >= 200'.")
    ] = None,
    minimize: Annotated[
        list[str] | None, typer.Option(metavar="QUANTITY", help="Print the Pareto front only; repeatable.")
    ] = None,
    maximize: Annotated[list[str] | None, typer.Option(metavar="QUANTITY", help="The same; repeatable.")] = None,
    top: Annotated[
        int | None, typer.Option(min=1, metavar="K", help="The K best instead of the front; the first K.")
    ] = None,
    sample: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="So many points of the grid, drawn at random.")
    ] = None,
    seed: Annotated[int, typer.Option(metavar="S", help="Another sample.")] = 0,
    columns: Annotated[str, typer.Option(metavar="A,B,C", help="Print these quantities, as expect knows them.")] = "",
    swap: Annotated[
        list[str] | None, typer.Option(metavar="RULE", help="And with kernels swapped: '5x5 -> 3x3, 3x3'; repeatable.")
    ] = None,
    swap_at: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Swap only in this layer or group; repeatable.")
    ] = None,
    set_: Settings = None,
    input_: InputShape = "",
    batch: Batch = 1,
    dtype: Numbers = DType.fp32,
    on: Annotated[On, typer.Option(help="Whose memory: a CPU's, or CUDA's allocator and optimizer.")] = On.cpu,
    optimizer: Annotated[str, typer.Option(metavar="NAME", help="Of the training step.")] = "sgd",
    aux: Aux = False,
    device: Annotated[
        str, typer.Option(metavar="cpu|cuda|NAME", help="Whose latency is predicted: a calibrated device.")
    ] = "cpu",
    threads: Threads = None,
    db: Database = None,
    plot: Annotated[str, typer.Option(metavar="X,Y", help="Draw the points that are told by two quantities.")] = "",
    format_: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.text,
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="FILE", help="Write FILE.csv, .json, .parquet, or a picture: .svg.")
    ] = "",
) -> None:
    """Print a network's figures at every point of a grid of its parameters and sizes, or the best of them.

    Exit status: 0 all well, 1 no point is left, 2 no network or a bad command line.
    """
    if find_spec("numpy") is None:
        raise _failed("archcalc sweep needs numpy: pip install 'archcalc[sweep]'")
    from archcalc.analyses.sweep import USUAL, Asked, Request
    from archcalc.cli.swept import Target, run

    asked = Asked(batch, dtype.value, on.value, optimizer_of(optimizer), aux, device, db, threads)
    swaps = swaps_of(swap or [], swap_at or [])
    variables = _variables(vary or [], len(swaps))
    names = [each.name for each in variables]
    objectives = _objectives("minimize", minimize or [], names) + _objectives("maximize", maximize or [], names)
    _one_way(objectives)
    request = Request(
        variables=variables,
        asked=asked,
        where=tuple(where or ()),
        objectives=tuple(objectives),
        top=top or 0,
        sample=sample or 0,
        seed=seed,
        quantities=_quantities(columns, "--columns", names) if columns.strip() else USUAL,
    )
    axes = _axes(plot, output, format_, request)
    target = Target(format_.value, output, axes, bool(plot.strip()))
    given = [name for name in ("batch", "dtype") if _on_the_line(context, name)]
    raise typer.Exit(run(spec, settings_of(set_ or []), input_shape_of(input_), request, target, swaps, given))


def _on_the_line(context: typer.Context, option: str) -> bool:
    """Whether a person gave an option, be it the value that it has anyway."""
    source = context.get_parameter_source(option)
    return source is not None and source.name != "DEFAULT"


def _failed(message: str) -> typer.Exit:
    sys.stderr.write(f"error: {message}\n")
    return typer.Exit(2)


def _variables(texts: list[str], swaps: int) -> tuple[Variable, ...]:
    """What varies: which swap, if there are any, before all else. Raises BadParameter."""
    from archcalc.analyses.sweep.variables import NoValues, variable_of
    from archcalc.sweeping import swap_variable

    swapped = (swap_variable(swaps),) if swaps else ()
    if not texts and not swaps:
        raise typer.BadParameter("what is to be varied? --vary width=16..256:16", param_hint="--vary")
    try:
        return (*swapped, *map(variable_of, texts))
    except NoValues as error:
        raise typer.BadParameter(str(error), param_hint="--vary") from None


def _objectives(sense: Literal["minimize", "maximize"], words: list[str], variables: list[str]) -> list[Objective]:
    from archcalc.analyses.sweep import Objective

    return [Objective(sense, name) for word in words for name in _quantities(word, f"--{sense}", variables)]


def _one_way(objectives: Sequence[Objective]) -> None:
    """Raises BadParameter where one quantity is to be both small and large."""
    ways: dict[str, str] = {}
    for each in objectives:
        if ways.setdefault(each.name, each.sense) != each.sense:
            message = f"'{each.name}' cannot be best both ways: --minimize {each.name} or --maximize {each.name}"
            raise typer.BadParameter(message, param_hint="--maximize")


def _quantities(text: str, option: str, variables: list[str]) -> tuple[str, ...]:
    """``params,inference peak,width`` as what a sweep tells. Raises BadParameter, with the nearest one."""
    from archcalc.analyses.sweep import SWEPT
    from archcalc.analyses.sweep.figures import named
    from archcalc.diagnostics import nearest

    found = []
    for word in (part.strip() for part in text.split(",") if part.strip()):
        known = named(word, variables)
        if known is None:
            repair = nearest(word, [*variables, *SWEPT]) or f"known are {', '.join(SWEPT)}"
            raise typer.BadParameter(f"'{word}' is no quantity of a sweep: {repair}", param_hint=option)
        found.append(known)
    return tuple(found)


def _axes(plot: str, output: str, format_: Format, request: Request) -> tuple[str, ...]:
    """What is drawn against what: asked for or, in a file, the first two objectives. Raises BadParameter."""
    objectives = [each.name for each in request.objectives]
    in_file = output.lower().endswith(".svg")
    if not plot.strip():
        if in_file and len(objectives) < 2:
            raise typer.BadParameter("what is to be drawn? --plot params,macs", param_hint="--output")
        return tuple(objectives[:2]) if len(objectives) > 1 else ()
    names = [each.name for each in request.variables]
    words = [part.strip() for part in plot.split(",") if part.strip()]
    if len(words) != 2:
        raise typer.BadParameter(f"'{plot}' is not two quantities, as in params,macs", param_hint="--plot")
    if format_ is not Format.text and not in_file:
        repair = "leave one out, or draw into a file: --output FILE.svg"
        raise typer.BadParameter(f"a picture is no {format_.value}: {repair}", param_hint="--plot")
    return _quantities(plot, "--plot", names)
