"""Every layer's output against the shape that its module gives."""

from __future__ import annotations

from archcalc.analyses.agreement import Agreement, agreement
from archcalc.pytorch.verify.run import Subject


def shapes(subject: Subject) -> Agreement:
    """Shapes of all layers; what lies behind a layer that torch refuses is left out."""
    run = subject.run
    rows = []
    for node in subject.graph.nodes:
        if node.name in run.shapes:
            rows.append(subject.compare(node, node.shape, run.shapes[node.name]))
        elif node.name == run.stopped:
            rows.append(subject.compare(node, node.shape, f"refused: {run.fault}"))
        else:
            rows.append(subject.compare(node, node.shape, None, skipped=f"torch refuses {run.stopped}, before it"))
    return agreement("shapes", "module outputs", rows)
