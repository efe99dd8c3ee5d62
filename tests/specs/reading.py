"""The files of specs/, read once a process."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import archcalc
from archcalc.network import build, document, read_source

SPECS = Path(__file__).parents[2] / "specs"


@lru_cache(maxsize=None)
def read(file):
    return document(read_source(str(SPECS / file)))


@lru_cache(maxsize=None)
def network(key) -> archcalc.Network:
    """``vgg.arch:D``, built."""
    file, name = key.split(":")
    return build(read(file), name)


def files():
    return sorted(path.name for path in SPECS.glob("*.arch"))


def networks():
    """Every network of every spec, as ``vgg.arch:D``."""
    return [f"{file}:{name}" for file in files() for name in read(file).names]
