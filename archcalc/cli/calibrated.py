"""Calibrations made: the networks that are run, and the rules learnt from them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archcalc.analyses.latency.calibration import Calibration
    from archcalc.analyses.latency.measured import Setting
    from archcalc.graph import Graph


def probes() -> list[Graph]:
    """The networks that a calibration runs by itself."""
    from archcalc.network import load_all

    with as_file(files("archcalc") / "probes.arch") as path:
        return [network.graph for network in load_all(path)]


def measured(graphs: Sequence[Graph], setting: Setting) -> Calibration | None:
    """Rules out of these networks; None, and a line on standard error, where one cannot be measured. Ends the command
    on Ctrl-C: half of a calibration is none."""
    import typer

    from archcalc.cli.recorded import complain, warn
    from archcalc.report.progress import Progress

    progress = Progress(sys.stderr)
    progress.tell("loading PyTorch")
    from archcalc.analyses.latency.learn import learn
    from archcalc.pytorch.calibrate import measure
    from archcalc.pytorch.profile import Unmeasurable

    try:
        found = learn(measure(graphs, setting, say=progress.tell))
    except Unmeasurable as fault:
        progress.wipe()
        complain(f"{fault.message}{f'; {fault.help}' if fault.help else ''}")
        return None
    except KeyboardInterrupt:
        progress.wipe()
        warn("interrupted: nothing is kept of a calibration that is not complete")
        raise typer.Exit(130) from None
    progress.wipe()
    return found
