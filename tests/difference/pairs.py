"""Two texts compared."""

from __future__ import annotations

from archcalc.analyses.difference import difference
from archcalc.network import parse


def differing(old, new, **options):
    """What differs between the networks of two texts, equal layers left out."""
    found = difference(parse(old).report(**options), parse(new).report(**options))
    return found.but(layers=tuple(layer for layer in found.layers if layer.state != "same"))


def states(found):
    """The layers that differ, as (state, name)."""
    return [(layer.state, layer.row.name) for layer in found.layers]
