"""Calibrations made: the networks that are run, and the rules learnt from them."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archcalc.analyses.latency.calibration import Calibration
    from archcalc.analyses.latency.measured import Profile, Setting
    from archcalc.graph import Graph
    from archcalc.history import History

#: Reasons that are told.
_TOLD = 3


def probes() -> list[Graph]:
    """The networks that a calibration runs by itself."""
    from archcalc.network import load_all

    with as_file(files("archcalc") / "probes.arch") as path:
        return [network.graph for network in load_all(path)]


def measured(graphs: Sequence[Graph], setting: Setting, history: History | None) -> Calibration | None:
    """Rules out of these networks, and those that a ``history`` has of this device; None, and a line on standard error,
    where one cannot be measured. Ends the command on Ctrl-C: half of a calibration is none."""
    import typer

    from archcalc.cli.recorded import complain, warn
    from archcalc.report.progress import Progress

    progress = Progress(sys.stderr)
    progress.tell("loading PyTorch")
    from archcalc.analyses.latency.learn import learn
    from archcalc.history import Unusable
    from archcalc.pytorch.calibrate import measure
    from archcalc.pytorch.profile import Unmeasurable

    try:
        made = measure(graphs, setting, say=progress.tell)
        found = learn([*made, *(kept(history, made[0]) if history is not None else [])])
    except Unmeasurable as fault:
        progress.wipe()
        complain(f"{fault.message}{f'; {fault.help}' if fault.help else ''}")
        return None
    except KeyboardInterrupt:
        progress.wipe()
        warn("interrupted: nothing is kept of a calibration that is not complete")
        raise typer.Exit(130) from None
    except Unusable as error:
        progress.wipe()
        complain(str(error))
        return None
    progress.wipe()
    if found.noisy:
        warn(f"{_doubts(made)}: calibrate again when the machine is quiet, or for longer, with --time")
    return found


def _doubts(made: Sequence[Profile]) -> str:
    """Of how many networks there is reason to doubt the measurement, and the most frequent ones."""
    signs = Counter(noise.sign for profile in made for noise in profile.noise)
    seen = {noise.sign: noise.seen for profile in reversed(made) for noise in profile.noise}
    noisy = sum(profile.noisy for profile in made)
    told = "; ".join(seen[sign] for sign, _ in signs.most_common(_TOLD))
    return f"{noisy} of {len(made)} networks were measured in noise, as {told}"


def kept(history: History, like: Profile) -> list[Profile]:
    """The newest quiet measurement of each network and batch that was made as this one was. Raises Unusable."""
    from archcalc.analyses.latency.learn import alike, usable
    from archcalc.report.profile.json import profile_of

    found: dict[tuple[str, str, int], Profile] = {}
    for row in history.rows("profile", machine=str(like.machine.get("name", ""))):
        try:
            profile = profile_of(row.document)
        except ValueError:
            continue  # of another version of archcalc
        if usable(profile) and alike(profile, like) and not profile.noisy and not profile.interrupted:
            found.setdefault((profile.network, profile.digest, profile.setting.batch), profile)
    return [*found.values()]
