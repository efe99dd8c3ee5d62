"""A calibration out of measured networks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from archcalc.analyses.latency.calibration import Calibration
from archcalc.analyses.latency.fit import Row, fit
from archcalc.analyses.latency.measured import Profile
from archcalc.analyses.latency.work import works
from archcalc.graph import Graph

Measured = tuple[Graph, Profile]


def learn(measured: Sequence[Measured]) -> Calibration:
    """Rules for the device on which these networks were measured, all under one setting but for the batch.

    Each graph is the one that was measured, its side heads left out. Raises ValueError where a profile has no layers,
    or is of another setting than the first.
    """
    first = measured[0][1]
    for _, profile in measured:
        if _where(profile) != _where(first):
            raise ValueError(f"{profile.network} was measured under another setting than {first.network}")
        if not profile.layers:
            raise ValueError(f"{profile.network} was measured without its layers")
    setting = first.setting
    found = fit([row for graph, profile in measured for row in _rows(graph, profile)])
    return Calibration(
        device=setting.device.partition(":")[0],
        machine=str(first.machine.get("name", "")),
        dtype=setting.dtype,
        threads=first.machine.get("threads", setting.threads),
        channels_last=setting.channels_last,
        started=min(profile.started for _, profile in measured),
        networks=tuple(profile.network for _, profile in measured),
        routines=found.routines,
        spread=found.spread,
        whole=median([profile.whole.median / _layers(profile) for _, profile in measured]),
        noisy=2 * sum(profile.noisy for _, profile in measured) > len(measured),
        facts=first.machine,
    )


def _where(profile: Profile) -> tuple[object, ...]:
    setting = profile.setting
    return (*(getattr(setting, name) for name in setting.fields if name not in ("batch", "seconds", "optimizer")),)


def _layers(profile: Profile) -> int:
    return max(sum(layer.time.median for layer in profile.layers), 1)


def _rows(graph: Graph, profile: Profile) -> Iterator[Row]:
    taken = {layer.name: layer.time.median for layer in profile.layers}
    done = works(graph, batch=profile.setting.batch, dtype=profile.setting.dtype)
    for node, work in zip(graph.nodes, done, strict=True):
        if node.name in taken:
            yield Row(work, taken[node.name], profile.network)
