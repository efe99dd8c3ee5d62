"""Devices that latencies are predicted for, as they are named on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pathlib import Path

    from archcalc.analyses.latency.asked import Target

Device = Annotated[str, typer.Option("--device", metavar="NAME", help="Predict latencies on it: cpu, cuda, rtx 4090.")]

Threads = Annotated[
    int | None,
    typer.Option("--threads", min=1, metavar="N", help="Predict for so many threads of a CPU, as calibrated."),
]


def target_of(device: str, dtype: str, path: Path | None = None, threads: int | None = None) -> Target:
    """The device of this name, ``cpu`` if it has none. Raises BadParameter, and ends the command where nothing is known
    of how long it takes."""
    from archcalc.analyses.latency.asked import target
    from archcalc.cli.recorded import end
    from archcalc.devices import UnknownDevice
    from archcalc.history import Unusable

    if threads is not None and device.strip().casefold() not in ("", "cpu"):
        raise typer.BadParameter(
            f"threads are of a CPU, and '{device}' is none: leave them out", param_hint="--threads"
        )
    try:
        found = target(device.strip() or "cpu", dtype, threads=threads, path=path)
    except UnknownDevice as error:
        raise typer.BadParameter(str(error), param_hint="--device") from None
    except Unusable as error:
        end(str(error))
    if found.calibration is None and found.roof is None:
        end(found.missing)
    return found
