"""A check as SARIF 2.1.0, which code scanning reads (docs.oasis-open.org/sarif/sarif/v2.1.0)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from archcalc.analyses.checked import CheckedFile, summed
from archcalc.codes import meaning, page
from archcalc.diagnostics import CODES, Diagnostic
from archcalc.report.check.places import from_root, said
from archcalc.report.style import visible
from archcalc.source import Span
from archcalc.version import __version__

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "PROJECTROOT"
#: Codes that warn unless a person is strict: their rules say so.
_DOUBTFUL = ("A306", "A5")

#: Files that could not be looked at: whatever else is in them is not found.
_UNREAD = ("A101", "A102")
#: What should have been compared, and was not.
_UNCOMPARED = ("A602", "error")
_EXIT = {"ok": 0, "failed": 1, "unreadable": 2}


def render(files: Sequence[CheckedFile]) -> str:
    """JSON text in ASCII of one log with one run, a newline at its end."""
    found = list(said(files))
    used = sorted({diagnostic.code for _, diagnostic in found})
    unread = any(each.code in _UNREAD or (each.code, each.severity) == _UNCOMPARED for _, each in found)
    run = {
        "tool": {"driver": {"name": "archcalc", "version": __version__, "rules": [_rule(code) for code in used]}},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the project"}}},
        "invocations": [{"executionSuccessful": not unread, "exitCode": _EXIT[summed(files).status]}],
        "results": _results(found, used),
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _rule(code: str) -> dict[str, Any]:
    title = CODES[code]
    explained = f"archcalc check --explain {code} shows what it means, with examples."
    return {
        "id": code,
        "name": "".join(word.capitalize() for word in title.replace("-", " ").split()),
        "shortDescription": {"text": title[0].upper() + title[1:]},
        "fullDescription": {"text": meaning(code).replace("`", "'")},
        "help": {"text": explained, "markdown": page(code)},
        "defaultConfiguration": {"level": "warning" if code.startswith(_DOUBTFUL) else "error"},
    }


def _results(found: Iterable[tuple[str, Diagnostic]], used: Sequence[str]) -> list[dict[str, Any]]:
    made = []
    seen: dict[tuple[str, str, str], int] = {}
    for path, diagnostic in found:
        span = diagnostic.span
        # equal faults in equal words are told apart by their order, so that lines may move
        words = " ".join(span.source.line(span.line).split()) if span else diagnostic.message
        key = (diagnostic.code, from_root(path), f"{words}\0{span.text if span else ''}")
        seen[key] = seen.get(key, 0) + 1
        made.append(_result(path, diagnostic, used.index(diagnostic.code), _fingerprint(key, seen[key])))
    return made


def _result(path: str, diagnostic: Diagnostic, rule: int, fingerprint: str) -> dict[str, Any]:
    help = (f"help: {diagnostic.help}",) if diagnostic.help else ()
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": diagnostic.severity,
        "message": {"text": "\n".join(map(visible, (diagnostic.message, *diagnostic.notes, *help)))},
        "locations": [{"physicalLocation": _place(path, diagnostic.span)}],
        # not primaryLocationLineHash, which GitHub's uploader works out, and complains of when it is another
        "partialFingerprints": {"archcalc/v1": fingerprint},
    }
    if diagnostic.also:
        result["relatedLocations"] = [
            {"id": number, "physicalLocation": _place(span.source.name, span), "message": {"text": visible(span.text)}}
            for number, span in enumerate(diagnostic.also, 1)
        ]
    return result


def _place(path: str, span: Span | None) -> dict[str, Any]:
    """A file and a stretch of it; a file as a whole is shown at its first line, as code scanning asks for one."""
    if span is None:
        return {"artifactLocation": _artifact(path), "region": {"startLine": 1}}
    region = {
        "startLine": span.line, "startColumn": span.column, "endLine": span.end_line, "endColumn": span.end_column,
    }  # fmt: skip
    return {"artifactLocation": _artifact(path), "region": region}


def _artifact(path: str) -> dict[str, str]:
    from urllib.parse import quote

    shown = from_root(path)
    if os.path.isabs(shown):
        return {"uri": Path(shown).as_uri()}
    return {"uri": quote(os.fsencode(shown)), "uriBaseId": _ROOT}


def _fingerprint(key: tuple[str, ...], turn: int) -> str:
    from hashlib import sha256

    return sha256("\0".join((*key, str(turn))).encode("utf-8", "surrogatepass")).hexdigest()[:32]
