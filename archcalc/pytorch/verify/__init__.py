"""Every figure of a network against what PyTorch does with it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection

import torch

from archcalc.analyses.agreement import Agreement, Verification, agreement, verification
from archcalc.graph import Graph
from archcalc.pytorch import HasGraph
from archcalc.pytorch.verify.field import field
from archcalc.pytorch.verify.memory import (
    inference_arena_bytes,
    inference_peak_bytes,
    saved_bytes,
    training_peak_bytes,
)
from archcalc.pytorch.verify.operations import macs, training_flops
from archcalc.pytorch.verify.run import Subject
from archcalc.pytorch.verify.shapes import shapes
from archcalc.pytorch.verify.tensors import buffers, params, trainable, weights_bytes
from archcalc.pytorch.verify.traced import fvcore
from archcalc.pytorch.verify.witness import Refused

Check = Callable[[Subject], Agreement]

#: What one pass without memory shows.
QUICK: tuple[Check, ...] = (shapes, params, trainable, buffers, weights_bytes, macs)
MEMORY: tuple[Check, ...] = (saved_bytes, inference_peak_bytes, inference_arena_bytes, training_peak_bytes)
CHECKS: tuple[Check, ...] = (*QUICK, fvcore, training_flops, *MEMORY, field)
NAMES = tuple(check.__name__ for check in CHECKS)


def verify(
    network: Graph | HasGraph,
    *,
    only: Collection[str] = (),
    quick: bool = False,
    say: Callable[[str], None] | None = None,
) -> Verification:
    """Each figure of a network, side heads included, beside PyTorch's own.

    ``only`` names the quantities to compare, of ``NAMES``; ``quick`` leaves out those that take more than one pass.
    ``say`` is told of each before it starts. Raises ValueError where a size is an open symbol.
    """
    graph = network if isinstance(network, Graph) else network.graph
    subject = Subject(graph)
    _ = subject.twin  # no check can do without
    chosen = [check for check in (QUICK if quick else CHECKS) if not only or check.__name__ in only]
    found = []
    for check in chosen:
        if say:
            say(check.__name__)
        found.append(_asked(check, subject))
    return verification(
        network=graph.name, title=graph.title, file=graph.file, layers=len(graph.nodes), quantities=found,
        against=f"PyTorch {torch.__version__.partition('+')[0]}",
    )  # fmt: skip


def _asked(check: Check, subject: Subject) -> Agreement:
    """What a check finds, or why its witness cannot be asked."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return check(subject)
    except Refused as refused:
        return agreement(check.__name__, "", [], skipped=str(refused))
