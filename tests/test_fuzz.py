"""Whatever a text holds, reading, building, reporting and drawing end soon, and the only exception is our own.

``ARCHCALC_FUZZ=50`` tries fifty times as many texts, new ones at every run.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from fuzz_texts import SPECS, generated, mutated
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from archcalc.checking.file import check_source
from archcalc.diagnostics import Diagnostic
from archcalc.files import decode
from archcalc.network import ArchcalcError, build, document
from archcalc.notation.work import Work
from archcalc.report import csv, html, markdown
from archcalc.report import json as json_report
from archcalc.report.check import github, junit, sarif
from archcalc.report.check import json as check_json
from archcalc.report.check import markdown as check_markdown
from archcalc.report.diagnostics import draw_all
from archcalc.report.text import Paper
from archcalc.report.text import text as text_report
from archcalc.source import Source

TIMES = int(os.environ.get("ARCHCALC_FUZZ", "1"))
#: A text here makes at most this many layers, so that a repetition meets its bound at once.
MOST = 3000
SECONDS = 10
NETWORKS = 3


def profile(examples: int) -> settings:
    return settings(
        max_examples=examples * TIMES,
        deadline=None,
        derandomize=TIMES == 1,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@pytest.fixture(autouse=True, scope="module")
def _few_layers() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Work, "most", MOST)
        yield


def examine(source: Source) -> tuple[Diagnostic, ...]:
    """Everything that can be done with a text, and what is said of it."""
    read = document(source)
    found = list(read.diagnostics)
    for name in read.names[:NETWORKS] or (None,):
        try:
            network = build(read, name)
        except ArchcalcError as error:
            assert error.diagnostics, "a refusal without a reason"
            found += error.diagnostics
            continue
        report = network.report(aux=True)
        found += report.diagnostics
        assert json.loads(json_report.dumps([report], many=False))["status"] == report.status
        text_report(report, paper=Paper(width=80, colour=True, bars=True))
        csv.dumps([report])
        markdown.dumps([report])
        html.fragment(report)
    few = len(read.names) <= NETWORKS
    checked = check_source(source, None if few else read.names[0])
    if few and checked.networks:  # a text of blocks alone is well, though it gives no network
        assert (checked.status == "ok") == (not any(each.severity == "error" for each in found))
    for render in (check_json.render, junit.render, sarif.render, github.render, check_markdown.render):
        render([checked])
    return (*found, *checked.diagnostics)


@contextmanager
def in_time() -> Iterator[None]:
    """Ends what runs away, where the system can."""

    def late(*_: object) -> None:
        raise TimeoutError(f"not done in {SECONDS} s")

    if not hasattr(signal, "SIGALRM"):
        yield
        return
    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def check(source: Source) -> None:
    with in_time():
        found = examine(source)
        drawn = draw_all(found, width=80)
    drawn.encode()  # what is drawn can be written
    for diagnostic in found:
        for span in filter(None, (diagnostic.span, *diagnostic.also)):
            assert 0 <= span.start <= span.end <= len(span.source.text), diagnostic


@given(generated)
@example("input 8x8x3\nrelu x 1000000000")
@example("input 8x8x3\nrepeat 1000000000:\n    repeat 1000000000:\n        relu")
@example("block f(n):\n    f(n-1)\n    f(n-1)\ninput 8x8x3\nf(40)")
@example("block f(1):\n    relu\nblock f(n):\n    f(n-1)\n    f(n-1)\ninput 8x8x3\nf(40)")
@example("block f(1): identity\nblock f(n):\n    f(n-1)\n    f(n-1)\ninput 8x8x3\nf(40)")
@example("input 8x8x3\nconv 3x3, (2**10**10)")
@example("input 8x8x3\nconv 3x3, " + "(" * 20_000 + "4")
@example("input 8x8x3\nconv 3x3, " + "(" * 20_000 + "4" + ")" * 20_000)
@example("input 8x8x3\n" + "sum: | " * 5000)
@example("input 8x8x3\n" + "".join(" " * n + "sum:\n" + " " * n + "|\n" for n in range(400)))
@example("input 8x8x3\n" + "relu; " * 20_000)
@example("a" * 200_000)
@example("[" * 50_000)
@example("input 8x8x3\nconv 3x3, " + "1 + " * 20_000 + "1")
@example("- " * 50_000 + "\n" + "| " * 50_000)
@profile(250)
def test_any_text_of_the_notation(text: str) -> None:
    check(Source("fuzz.arch", text))


@given(mutated())
@profile(150)
def test_any_accident_to_a_spec(text: str) -> None:
    check(Source(str(SPECS[0].with_name("fuzz.arch")), text))


@given(st.binary(max_size=300) | st.tuples(st.sampled_from(SPECS), st.integers(0), st.binary(max_size=3)))
@example(b"\xff\xfei\0n\0p\0u\0t\0 \0008\0x\0008\0x\0003\0")
@example(b"\xef\xbb\xbfinput 8x8x3\r\nrelu\r\n")
@example(b"\xff\xfe\x00")
@example(b"\x7fELF\x02\x01\x01\x00")
@profile(100)
def test_any_bytes(data: bytes | tuple[object, int, bytes]) -> None:
    if isinstance(data, tuple):
        path, offset, put = data
        whole = path.read_bytes()  # type: ignore[attr-defined]
        offset %= len(whole)
        data = whole[:offset] + put + whole[offset:]
    try:
        source = decode("fuzz.arch", data)
    except ArchcalcError as error:
        assert [diagnostic.code for diagnostic in error.diagnostics] == ["A102"]
        return
    check(source)
