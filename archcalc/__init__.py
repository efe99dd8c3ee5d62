"""Exact shapes, parameters, compute, memory and receptive fields of networks written as papers and slides write them.

    >>> import archcalc
    >>> network = archcalc.load("specs/alexnet.arch")
    >>> network.report().totals.params
    62378344

``load`` reads a file, ``load_all`` every network in one, ``parse`` a text; each gives a ``Network``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archcalc.version import __version__

if TYPE_CHECKING:
    from archcalc.network import ArchcalcError, Network, load, load_all, parse

__all__ = ["ArchcalcError", "Network", "__version__", "load", "load_all", "parse"]


def __getattr__(name: str) -> Any:
    """Reads ``archcalc.network`` when a name of it is first asked for: the import itself stays cheap (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from archcalc import network

    return getattr(network, name)
