"""Measurements made up, with the layers of a real network: what is reported of them is known without running any."""

from __future__ import annotations

from pathlib import Path
from random import Random

import archcalc
from archcalc.analyses.cost import costs
from archcalc.analyses.latency.measured import LayerTime, MemoryUse, Noise, Phase, Profile, Setting
from archcalc.analyses.latency.timing import Timing, timing

ROOT = Path(__file__).parents[2]
NOISE = Noise("drift", "the medians of 4 blocks lie between 24.9 ms and 27.4 ms, 10 % apart")
MACHINE = {
    "name": "Intel Xeon Platinum 8481C",
    "cores": 2,
    "torch": "2.13.0",
    "python": "3.11.2",
    "system": "Linux 6.1",
    "flags": {"mkldnn": True, "tf32_matmul": False},
    "load": [0.01, 0.2],
}


def spread(middle, count=196, seed=0, share=0.01):
    """Samples around a median, some far above it."""
    random = Random(seed)
    return [round(middle * (1 + share * abs(random.gauss(0, 1)) ** 1.5 - share / 2)) for _ in range(count)]


def flat(time, count=50):
    """A timing without any spread."""
    return Timing(
        count=count, median=time, low=time, high=time, first_quartile=time, third_quartile=time, minimum=time,
        maximum=time, p95=None,
    )  # fmt: skip


def measured(spec="specs/resnet.arch:resnet-50", batch=1, rate=320, seed=0, stamps=0, **changes):
    """A network that takes a nanosecond for ``rate`` MACs, and one for 24 bytes."""
    network = archcalc.load(ROOT / spec)
    graph = network.graph
    random = Random(seed)
    layers = []
    for node, cost in zip(graph.nodes, costs(graph, batch=batch), strict=True):
        time = 900 + cost.macs // rate + cost.moved_bytes // 24 + random.randrange(200)
        bound = "launch" if time < 3000 else "compute" if cost.macs // rate > cost.moved_bytes // 24 else "memory"
        layers.append(
            LayerTime(
                name=node.name, block=node.block, kind=node.layer.kind, line=node.span.line,
                time=timing(spread(time, 60, seed)), macs=cost.macs, flops=cost.flops, moved_bytes=cost.moved_bytes,
                bound=bound,
            )
        )  # fmt: skip
    whole = sum(each.time.median for each in layers) + 123_456
    samples = spread(whole, seed=seed)
    made = Profile(
        network=network.name, title=graph.title, file=spec.partition(":")[0], digest="5f" * 32,
        setting=Setting(batch=batch, threads=2), machine=MACHINE, started="2026-11-21T12:00:00+00:00",
        whole=timing(samples), samples=tuple(samples), blocks=(49, 49, 49, 49), warmup=14, noise=(),
        layers=tuple(layers), phases=(), instrumented=timing(samples).median + 210_000,
        macs=sum(each.macs for each in layers), flops=sum(each.flops for each in layers),
        memory=MemoryUse(10_235_904, 10_235_904), inputs=((3, 224, 224),),
    )  # fmt: skip
    return made.but(**changes)


def trained(**changes):
    """A training step in three phases."""
    profile = measured()
    whole = profile.whole.median
    parts = {"forward": whole * 32 // 100, "backward": whole * 61 // 100, "step": whole * 6 // 100}
    phases = tuple(Phase(name, flat(time)) for name, time in parts.items())
    setting = profile.setting.but(train=True, optimizer="adam")
    return profile.but(**{"setting": setting, "phases": phases, "layers": (), "instrumented": None, **changes})
