"""Checks to draw: real ones of files with faults, and made ones of any text."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

from archcalc.analyses.check import Expectation
from archcalc.analyses.checked import CheckedFile, CheckedNetwork
from archcalc.checking.file import check_source
from archcalc.diagnostics import CODES, Diagnostic
from archcalc.source import Source, Span

ROOT = Path(__file__).parents[2]
#: All but one, whose repeats are laid out half a million times before they are too many.
FAULTY = sorted(path for path in (ROOT / "tests" / "cases" / "errors").glob("*.arch") if path.stem != "repeats")
RIGHT = [ROOT / "specs" / name for name in ("vgg.arch", "resnet.arch", "alexnet.arch", "lenet5.arch")]


def checked(path, asked=None):
    """One file checked under its path from the root."""
    return check_source(Source(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")), None, asked)


NASTY = st.text(
    st.one_of(
        st.sampled_from("|`<>&]\"'\\%:,;#@*_~[](){}$!=/\n\t \r-0aZé漢😀"),
        st.characters(min_codepoint=0, max_codepoint=0x2FFFF),
    ),
    max_size=12,
) | st.sampled_from(
    ["]]>", "::error::x", "##[error]x", "```", "````x", "</details>", "<!--", "%0A", "@someone", "a||b"]
)
#: What a reader makes of a text has no carriage returns, no NUL and no halves of characters.
TEXT = st.lists(NASTY, min_size=1, max_size=6).map(
    lambda parts: "".join(each for each in "\n".join(parts) if each not in "\r\0" and not "\ud800" <= each <= "\udfff")
)
#: A name that is not UTF-8 is given with halves of characters, one a byte.
FILES = TEXT.filter(bool) | st.sampled_from(["x\udcff.arch", "a b.arch", "<stdin>"])


@st.composite
def spans(draw, source):
    start = draw(st.integers(0, len(source.text)))
    return Span(source, start, draw(st.integers(start, len(source.text))))


@st.composite
def diagnostics(draw, sources):
    span = draw(st.none() | st.sampled_from(sources).flatmap(spans))
    return Diagnostic(
        draw(st.sampled_from(sorted(CODES))),
        draw(NASTY),
        span,
        draw(st.sampled_from(["error", "warning", "note"])),
        tuple(draw(st.lists(NASTY, max_size=2))),
        draw(st.none() | NASTY),
        tuple(draw(st.lists(spans(span.source), max_size=2))) if span else (),
    )


@st.composite
def claims(draw):
    return Expectation(
        quantity=draw(st.sampled_from(["params", "macs", "out", "field"])),
        at=draw(st.none() | NASTY),
        network=None,
        operator=draw(st.sampled_from(["=", "~", "<="])),
        expected=draw(NASTY),
        computed=draw(st.none() | st.integers() | st.floats(0, 1e9) | NASTY | st.lists(st.integers(1, 9), max_size=3)),
        holds=draw(st.sampled_from([True, False, None])),
        erratum=draw(st.none() | NASTY),
        sic=draw(st.none() | NASTY),
        line=draw(st.integers(1, 4)),
    )


@st.composite
def networks(draw):
    built = draw(st.booleans())
    return CheckedNetwork(
        network=draw(st.none() | NASTY),
        title=draw(NASTY),
        line=draw(st.integers(1, 4)),
        built=built,
        expectations=tuple(draw(st.lists(claims(), max_size=4))) if built else (),
    )


@st.composite
def checks(draw):
    """A few files, whose diagnostics may be of one another's texts."""
    names = draw(st.lists(FILES, min_size=1, max_size=3, unique=True))
    sources = [Source(name, draw(TEXT)) for name in names]
    found = draw(st.lists(diagnostics(sources), max_size=5))
    picked = st.lists(st.sampled_from(found), max_size=4, unique_by=id) if found else st.just([])
    return [
        CheckedFile(
            file=name,
            networks=tuple(draw(st.lists(networks(), max_size=3))),
            diagnostics=tuple(draw(picked)),
            quieted=draw(st.integers(0, 2)),
        )
        for name in names
    ]
