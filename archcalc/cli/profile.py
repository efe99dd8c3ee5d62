"""``archcalc profile``: how long a network runs, measured."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from archcalc.cli.options import Settings, input_shape_of, settings_of
from archcalc.cli.recorded import Database


class Format(StrEnum):
    text = "text"
    json = "json"
    markdown = "markdown"
    csv = "csv"


def profile(
    specs: Annotated[
        list[str] | None,
        typer.Argument(metavar="SPEC...", help="Files, FILE:NETWORK for one of several, directories, - for input."),
    ] = None,
    device: Annotated[str, typer.Option(metavar="cpu|cuda[:N]", help="Where it runs.")] = "cpu",
    batch: Annotated[str, typer.Option(metavar="N,N,...", help="Images at once: each of these is measured.")] = "1",
    dtype: Annotated[str, typer.Option(metavar="TYPE,...", help="fp32, tf32, bf16, fp16: each is measured.")] = "fp32",
    threads: Annotated[
        str, typer.Option(metavar="N,N,...", help="Threads on a CPU, up to 16 a core: each is measured.")
    ] = "",
    channels_last: Annotated[bool, typer.Option("--channels-last", help="Channels last in memory.")] = False,
    compile_: Annotated[bool, typer.Option("--compile", help="Under torch.compile; no times of layers.")] = False,
    cuda_graph: Annotated[bool, typer.Option("--cuda-graph", help="As a CUDA graph; no times of layers.")] = False,
    vary: Annotated[
        list[str] | None,
        typer.Option(metavar="FLAG", help="Without and with: channels-last, compile or cuda-graph; repeatable."),
    ] = None,
    train: Annotated[bool, typer.Option("--train", help="Training steps in place of inference.")] = False,
    optimizer: Annotated[str, typer.Option(metavar="NAME", help="Of training steps: sgd (as usual), adam, ...")] = "",
    time: Annotated[
        str, typer.Option(metavar="TIME", help="How long to sample each: 500ms, 5s, 2min, from 10ms to 60min.")
    ] = "5s",
    retry: Annotated[
        int, typer.Option(min=0, metavar="N", help="Wait and measure again while it is noisy, so often at most.")
    ] = 0,
    compare: Annotated[
        bool, typer.Option("--compare", help="Measure two by turns, A B, B A, and bound the ratio of their times.")
    ] = False,
    module: Annotated[
        str, typer.Option(metavar="PACKAGE.MODULE:FACTORY", help="Measure this nn.Module of yours.")
    ] = "",
    set_: Settings = None,
    input_: Annotated[
        list[str] | None,
        typer.Option("--input", metavar="HxWxC", help="Replace the input's shape; of a module, each input's."),
    ] = None,
    depth: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Fold groups N names deep into a row each.")
    ] = None,
    db: Database = None,
    no_record: Annotated[bool, typer.Option("--no-record", help="Keep nothing.")] = False,
    format_: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.text,
) -> None:
    """Run networks and measure how long they and each of their layers take, with every reason to doubt it.

    Exit status: 0 measured, noisy or not; 2 something could not be measured or a bad command line; 130 interrupted.
    """
    from archcalc.analyses.latency.measured import Setting
    from archcalc.cli import profiling
    from archcalc.cli.measurements import Sheet
    from archcalc.cli.profiled import alternated, each

    usual = Setting(
        device=profiling.device_of(device),
        channels_last=channels_last,
        compile=compile_,
        cuda_graph=cuda_graph,
        train=train,
        optimizer=profiling.optimizer_of(optimizer, train),
        seconds=profiling.seconds_of(time),
    )
    settings = profiling.settings(usual, batch, dtype, threads, vary or [])
    shapes = [shape for text in input_ or [] if (shape := input_shape_of(text))]
    if depth is not None and format_ in (Format.json, Format.csv):
        raise typer.BadParameter(f"{format_.value} has every layer: leave one out", param_hint="--depth")
    if compare and format_ is Format.csv:
        raise typer.BadParameter(
            "a ratio is no row of a layer: leave one out, or --format json", param_hint="--compare"
        )
    if db is not None and no_record:
        raise typer.BadParameter("nothing is to be kept: leave one out", param_hint="--db")
    values = settings_of(set_ or [])
    if module:
        subjects, status = profiling.of_module(module, specs or [], values, shapes), 0
    else:
        subjects, status = profiling.of_specs(specs or [], values, shapes)
    pairs = [(subject, setting) for subject in subjects for setting in settings]
    if compare and len(pairs) != 2:
        repair = "two SPECs, or one and two of --batch, --dtype or --threads, or --vary"
        raise typer.BadParameter(f"two are compared, this is {len(pairs)}: {repair}", param_hint="--compare")
    sheet = Sheet(
        format_.value,
        wanted=1 if compare else len(pairs),
        several=len(pairs) != 1 or bool(status),
        by_turns=compare,
        depth=depth,
        keeps=not no_record,
        db=db,
    )
    try:
        if pairs:
            (alternated if compare else each)(pairs, sheet, retry)
    except KeyboardInterrupt:
        sheet.stopped = True
    raise typer.Exit(max(status, sheet.finish()))
