"""The files of specs/, read once a process."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from pathlib import Path

from archcalc.network import Network, build, document, read_source

SPECS = Path(__file__).parents[2] / "specs"


@cache
def read(file):
    return document(read_source(str(SPECS / file)))


@cache
def network(key) -> Network:
    """``vgg.arch:D``, built; settings may follow: ``wide-resnet.arch:wrn-40-4 k=2``. The file goes without saying where
    only one has such a network."""
    key, *settings = key.split(" ")
    file, name = key.split(":") if ":" in key else (only_file_with(key), key)
    pairs = (setting.split("=") for setting in settings)
    return build(read(file), name, {parameter: Fraction(value) for parameter, value in pairs})


def only_file_with(name):
    (file,) = [file for file in files() if name in read(file).names]
    return file


@cache
def files():
    return sorted(path.name for path in SPECS.glob("*.arch"))


def networks():
    """Every network of every spec, as ``vgg.arch:D``."""
    return [f"{file}:{name}" for file in files() for name in read(file).names]


@cache
def report(key, aux=False):
    return network(key).report(aux=aux)


def measured(key, aux=False):
    """A network's totals."""
    return report(key, aux).totals


def place(key, name):
    """The row of the layer whose output a name has; side heads have no rows."""
    return report(key).layers[network(key).graph.without_aux().place(name).output]
