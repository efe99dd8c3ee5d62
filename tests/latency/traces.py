"""Timed runs of a network on a machine whose course is known, seeded: what statistics of them must find."""

from __future__ import annotations

from itertools import pairwise
from math import exp, log, pi, sin, sqrt
from random import Random

#: how far the quartiles lie apart: of a normal distribution of deviation 1, of a gamma distribution of shape 2, scale 1
NORMAL_QUARTILES = 1.349
GAMMA_QUARTILES = 1.731


def still(random, size):
    return lambda part: 1.0


def ramp(random, size):
    """Steadily slower, as a processor gets hot, or steadily quicker."""
    slower = random.random() < 0.7
    return lambda part: 1 + size * (part if slower else 1 - part)


def step(random, size):
    """Another process starts, or ends, about a third or half of the way."""
    at, starts = random.uniform(0.25, 0.6), random.random() < 0.7
    return lambda part: 1 + size * ((part >= at) == starts)


def swing(random, size):
    """Up and down once or twice: a governor, a neighbour."""
    times, begin = random.uniform(1, 2), random.uniform(0, 2 * pi)
    return lambda part: 1 + size * (1 + sin(2 * pi * times * part + begin)) / 2


DRIFTS = (ramp, step, swing)


def jitter(random, spread, memory):
    """Factors whose middle half spreads over ``spread``: about 1, each like the one before by ``memory``; or, of one
    machine in three, never below 1 and with a long tail."""
    if random.random() < 0.3:
        while True:
            yield 1 + random.gammavariate(2, spread / GAMMA_QUARTILES)
    level = random.gauss(0, 1)
    while True:
        level = memory * level + sqrt(1 - memory**2) * random.gauss(0, 1)
        yield exp(level * spread / NORMAL_QUARTILES)


def trace(random, count, course, size, *, spread=None, memory=None, spikes=None):
    """``count`` runs of 20 ms in ns that drift by ``size``; what is not given is drawn, as machines have it.

    Of few runs that scatter widely nobody can tell how they drift: fewer than 60 scatter by 4 % at most, more by 8 %.
    """
    spread = random.uniform(0.01, 0.08 if count >= 60 else 0.04) if spread is None else spread
    memory = random.choice([0, 0, 0.3, 0.5]) if memory is None else memory
    spikes = random.uniform(0, 0.03) if spikes is None else spikes
    drift, noise = course(random, size), jitter(random, spread, memory)
    times = []
    for place in range(count):
        spike = random.uniform(1.5, 3) if random.random() < spikes else 1
        times.append(round(20_000_000 * next(noise) * drift(place / (count - 1)) * spike))
    return times


def many(seeds, courses, sizes, counts=(30, 1500), **more):
    """A trace for each seed, of a course, a size and a count drawn for it, and of whatever more is told."""
    for seed in seeds:
        random = Random(seed)
        count = round(exp(random.uniform(log(counts[0]), log(counts[1]))))
        yield trace(random, count, random.choice(courses), random.uniform(*sizes), **more)


def parted(samples, blocks=5):
    """As they are taken: in blocks, one behind the other."""
    ends = [len(samples) * place // blocks for place in range(blocks + 1)]
    return tuple(tuple(samples[begin:end]) for begin, end in pairwise(ends))
