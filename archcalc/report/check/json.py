"""A check as JSON: the schema is docs/schema/check-1.json."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from archcalc.analyses.checked import CheckedFile, CheckedNetwork, Summary, summed
from archcalc.analyses.difference import FileDifference
from archcalc.diagnostics import Diagnostic
from archcalc.report.json import diagnostic
from archcalc.version import __version__

SCHEMA = 1


def render(files: Sequence[CheckedFile], against: Sequence[FileDifference] = ()) -> str:
    """JSON text of one object, a file a line, a newline at its end; what changed since a revision, if that is asked."""
    summary = summed(files)
    head = {"schema": SCHEMA, "archcalc": __version__, "status": summary.status, "summary": _summary(summary)}
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    each = ",\n".join(json.dumps(_file(file), default=str) for file in files)
    lines.append(f'"files": [\n{each}\n]' if files else '"files": []')
    if against:
        from archcalc.report.difference.json import parts

        lines.append(f'"against": {parts(against)}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _summary(summary: Summary) -> dict[str, int]:
    return {name: getattr(summary, name) for name in summary.fields if name != "status"}


def _file(file: CheckedFile) -> dict[str, Any]:
    return {
        "file": file.file,
        "status": file.status,
        "networks": [_network(each) for each in file.networks],
        "diagnostics": [_said(each, file.file) for each in file.diagnostics],
        "quieted": file.quieted,
    }


def _network(network: CheckedNetwork) -> dict[str, Any]:
    claims = [vars(claim) | {"under": dict(claim.under)} for claim in network.expectations]
    return {name: getattr(network, name) for name in network.fields} | {"expectations": claims}


def _said(value: Diagnostic, file: str) -> dict[str, Any]:
    """A diagnostic and the file that it is of: this one, or one that it uses."""
    return {"file": value.span.source.name if value.span else file, **diagnostic(value)}
