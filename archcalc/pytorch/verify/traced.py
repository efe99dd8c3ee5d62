"""The network as fvcore counts it against fvcore itself, which traces a real run of one image."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from archcalc.analyses.agreement import Agreement, agreement
from archcalc.analyses.conventions import counted
from archcalc.pytorch.verify.run import Subject
from archcalc.pytorch.verify.watch import images, on_meta
from archcalc.pytorch.verify.witness import asking

_WITNESS = "FlopCountAnalysis"
#: A run that takes a minute on two cores, and the memory of weights that a small machine has.
_MOST_MACS, _MOST_BYTES = 2 * 10**11, 1 << 32


def fvcore(subject: Subject) -> Agreement:
    """What ``--as fvcore`` says of every layer, and of the network."""
    graph = subject.graph
    if reason := _unable(subject):
        return agreement("fvcore", _WITNESS, [], skipped=reason)
    from fvcore.nn import FlopCountAnalysis

    ours = counted(graph, "fvcore")
    with asking(), _silent():
        twin = on_meta(graph, aux=True).eval().to_empty(device="cpu")  # it cannot trace tensors without memory
        analysis = FlopCountAnalysis(twin, tuple(images(graph, 1, "cpu")))
        by_module, whole = analysis.by_module(), int(analysis.total())
    rows = [
        subject.compare(node, said, int(by_module[twin.paths[node.name]]))
        for node, said in zip(graph.nodes, ours.rows, strict=True)
        if said or by_module[twin.paths[node.name]]
    ]
    return agreement("fvcore", _WITNESS, rows, (ours.total, whole))


def _unable(subject: Subject) -> str:
    """Why fvcore cannot be asked, if it cannot."""
    if find_spec("fvcore") is None:
        return "fvcore is not installed: pip install fvcore"
    if subject.run.fault:
        return f"torch refuses it: {subject.run.fault}"
    macs, size = (sum(getattr(cost, figure) for cost in subject.costs) for figure in ("macs", "weights_bytes"))
    return "too large to be run for real" if macs > _MOST_MACS or size > _MOST_BYTES else ""


@contextmanager
def _silent() -> Iterator[None]:
    """Without its warnings of operators that count nothing."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)
