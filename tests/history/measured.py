"""Measured networks made up: two layers and what lies between them, so that every difference is known."""

from __future__ import annotations

from random import Random

from archcalc.analyses.latency.measured import LayerTime, MemoryUse, Noise, Profile, Setting
from archcalc.analyses.latency.timing import timing

NOISE = Noise("drift", "the medians of two blocks lie 9 % apart")
MACHINE = {
    "name": "Xeon 8481C", "cores": 2, "threads": 2, "torch": "2.13.0", "load": [0.01, 0.2], "flags": {"mkldnn": True},
}  # fmt: skip


def layer(name, time, kind="conv"):
    return LayerTime(
        name=name, block="", kind=kind, line=1, time=timing([time] * 9), macs=time, flops=2 * time, moved_bytes=time
    )


def measured(middle=25_000_000, layers=None, count=99, seed=0, share=0.01, **changes):
    """Samples lie evenly around the middle; the layers take three fifths and three tenths of it."""
    samples = [round(middle * (1 + share * (each / (count - 1) - 0.5))) for each in range(count)]
    Random(seed).shuffle(samples)
    times = layers or {"conv1": middle * 6 // 10, "fc": middle * 3 // 10}
    made = Profile(
        network="resnet-50", title="Deep residual", file="specs/resnet.arch", digest="5f" * 32,
        setting=Setting(threads=2), machine=MACHINE, started="2026-03-01T10:00:00+00:00", whole=timing(samples),
        samples=tuple(samples), blocks=(count,), warmup=5, noise=(), phases=(),
        layers=tuple(layer(name, time) for name, time in times.items()), instrumented=middle, macs=10**9,
        flops=2 * 10**9, memory=MemoryUse(1000, 1000), inputs=((3, 224, 224),),
    )  # fmt: skip
    return made.but(**changes)
