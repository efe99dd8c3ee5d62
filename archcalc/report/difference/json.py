"""What differs between two files as JSON: the schema is docs/schema/diff-1.json."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from archcalc.report.json import diagnostic
from archcalc.version import __version__

if TYPE_CHECKING:
    from archcalc.analyses.difference import ClaimChange, Difference, FileDifference
    from archcalc.analyses.difference.change import Change
    from archcalc.analyses.difference.layers import LayerChange
    from archcalc.analyses.summary import Report

SCHEMA = 1
_CLAIM = ("quantity", "at", "operator", "expected", "computed", "holds", "erratum", "sic", "line")


def document(found: FileDifference, *, everything: bool = False) -> str:
    """One object, without a newline at its end: a total, a layer and a claim a line. ``everything``: equal layers
    too."""
    head = {"schema": SCHEMA, "archcalc": __version__}
    return _lined(head | values(found, everything=everything), 0)


def parts(files: Sequence[FileDifference]) -> str:
    """Several files, as a part of another document: an array of the schema's ``files``."""
    return _lined([values(each) for each in files], 0)


def values(found: FileDifference, *, everything: bool = False) -> dict[str, Any]:
    """What differs between two files, as a part of another document."""
    return {
        "old": found.old,
        "new": found.new,
        "status": found.status,
        "networks": [_network(each, everything) for each in found.networks],
        "diagnostics": [diagnostic(each) for each in found.diagnostics],
    }


def _network(found: Difference, everything: bool) -> dict[str, Any]:
    layers = [each for each in found.layers if everything or each.state != "same"]
    return {
        "network": found.network,
        "state": found.state,
        "old": _name(found.old),
        "new": _name(found.new),
        "input": _change(found.input),
        "output": _change(found.output),
        "settings": [_change(each) for each in found.settings],
        "totals": [_change(each) for each in found.totals],
        "layers": [_layer(each) for each in layers],
        "claims": [_claim(each) for each in found.claims if each.state != "same"],
        "broken": [
            {"condition": each.condition.text, "quantity": each.condition.quantity, "old": each.old, "new": each.new}
            for each in found.broken
        ],
    }


def _name(report: Report | None) -> str | None:
    return None if report is None else report.network


def _change(change: Change | None) -> dict[str, Any] | None:
    """A change with its difference; ``per_cent`` to the nearest double."""
    if change is None:
        return None
    share = change.per_cent
    return {
        "name": change.name,
        "old": change.old,
        "new": change.new,
        "difference": change.difference,
        "per_cent": None if share is None else float(share),
    }


def _layer(layer: LayerChange) -> dict[str, Any]:
    return {
        "state": layer.state,
        "name": layer.row.name,
        "was": layer.was,
        "block": layer.row.block,
        "kind": layer.row.kind,
        "line": layer.new.line if layer.new else None,
        "old_line": layer.old.line if layer.old else None,
        "attributes": [_change(each) for each in layer.attributes],
        "figures": [_change(each) for each in layer.figures],
    }


def _claim(claim: ClaimChange) -> dict[str, Any]:
    sides = (
        None if side is None else {name: getattr(side, name) for name in _CLAIM} for side in (claim.old, claim.new)
    )
    return {"state": claim.state, **dict(zip(("old", "new"), sides, strict=True))}


def _lined(value: Any, level: int) -> str:
    """JSON whose innermost objects have a line each, so that a person can read it."""
    if isinstance(value, dict) and level < 3:
        body = ",\n".join(f"{json.dumps(key)}: {_lined(each, level + 1)}" for key, each in value.items())
        return f"{{\n{body}\n}}"
    if isinstance(value, list) and level < 4 and value:
        return "[\n" + ",\n".join(_lined(each, level + 1) for each in value) + "\n]"
    return json.dumps(value, default=_plain)


def _plain(value: Any) -> Any:
    """Fields by key, shapes by input, fractions and closed forms as they print themselves."""
    if hasattr(value, "items"):
        return dict(value.items())
    return value.plain() if hasattr(value, "plain") else str(value)
