"""``archcalc calibrate``: what this machine needs for layers, so that networks can be predicted."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from archcalc.cli.recorded import Database


class Format(StrEnum):
    text = "text"
    json = "json"


def calibrate(
    device: Annotated[str, typer.Option(metavar="cpu|cuda[:N]", help="What is calibrated.")] = "cpu",
    dtype: Annotated[str, typer.Option(metavar="TYPE", help="fp32, tf32, bf16 or fp16.")] = "fp32",
    threads: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Threads on a CPU; by default PyTorch's own number.")
    ] = None,
    channels_last: Annotated[bool, typer.Option("--channels-last", help="Channels last in memory.")] = False,
    nets: Annotated[
        list[str] | None, typer.Option(metavar="SPEC", help="Learn from these networks too; repeatable.")
    ] = None,
    history: Annotated[
        bool, typer.Option("--history", help="Learn from quiet measurements that were kept of this machine too.")
    ] = False,
    time: Annotated[str, typer.Option(metavar="TIME", help="How long to measure, in all: 60s, 5min.")] = "60s",
    db: Database = None,
    format_: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.text,
) -> None:
    """Measure layers in many sizes and keep, for each way to run them, what predicts their time and how well.

    Exit status: 0 calibrated, noisy or not; 2 something could not be measured or kept, or a bad command line;
    130 interrupted.
    """
    from archcalc.analyses.latency.measured import Setting
    from archcalc.cli import profiling
    from archcalc.cli.calibrated import measured, probes
    from archcalc.cli.recorded import record, warn, writable
    from archcalc.history import History

    usual = Setting(device=profiling.device_of(device), channels_last=channels_last, seconds=profiling.seconds_of(time))
    settings = profiling.settings(usual, "1", dtype, "" if threads is None else str(threads), [])
    if len(settings) > 1:
        raise typer.BadParameter(f"'{dtype}': each is calibrated for itself", param_hint="--dtype")
    (setting,) = settings
    subjects, status = profiling.of_specs(nets, {}, []) if nets else ([], 0)
    if status:
        raise typer.Exit(status)
    writable(db)
    graphs = [*probes(), *(subject.graph for subject in subjects if subject.graph is not None)]
    found = measured(graphs, setting, History(db, warn) if history else None)
    if found is None:
        raise typer.Exit(2)
    from archcalc.analyses.latency.calibration import document
    from archcalc.analyses.latency.kept import KIND

    made = document(found)
    number = record(KIND, made, db)
    if format_ is Format.json:
        import json

        sys.stdout.write(json.dumps(made, indent=1) + "\n")
    else:
        from archcalc.cli.paper import paper
        from archcalc.report.calibration import text

        sys.stdout.write(text(found, paper()))
        if number is not None:
            sys.stdout.write(f"kept as no. {number}: archcalc predict SPEC uses the newest\n")
    raise typer.Exit(max(status, 2 * (number is None)))
