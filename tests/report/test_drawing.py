"""Diagnostics drawn as a compiler draws them: what a person sees, character by character."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archcalc.diagnostics import Diagnostic
from archcalc.report.diagnostics import draw, draw_all
from archcalc.report.style import columns
from archcalc.source import Source, Span


def at(text, words, name="net.arch"):
    """The span of some words of a text."""
    start = text.index(words)
    return Span(Source(name, text), start, start + len(words))


def test_a_wrong_shape_is_drawn_with_its_line_its_neighbour_its_causes_and_a_repair():
    source = Source("specs/a.arch", "[224x224x3] INPUT\n[55x55x96]  CONV1: 96 11x11 filters at stride 4, pad 0\n")
    spans = [
        Span(source, source.text.index(w), source.text.index(w) + len(w)) for w in ("55x55x96", "11x11", "stride 4")
    ]
    fault = Diagnostic(
        "A201", "this line says 55x55x96, the convolution gives 54x54x96", spans[0],
        notes=("(224 - 11 + 2*0)/4 + 1 = 54.25, floored to 54",), help="a 227x227 input gives 55",
        also=tuple(spans[1:]),
    )  # fmt: skip
    assert draw(fault).splitlines() == [
        "error[A201]: this line says 55x55x96, the convolution gives 54x54x96",
        "  --> specs/a.arch:2:2",
        "   |",
        " 1 | [224x224x3] INPUT",
        " 2 | [55x55x96]  CONV1: 96 11x11 filters at stride 4, pad 0",
        "   |  ^^^^^^^^             ^^^^^            ^^^^^^^^",
        "   = (224 - 11 + 2*0)/4 + 1 = 54.25, floored to 54",
        "   = help: a 227x227 input gives 55",
    ]


def test_a_fault_without_a_place_is_its_message():
    assert (
        draw(Diagnostic("A101", "cannot read x.arch: no such file")) == "error[A101]: cannot read x.arch: no such file"
    )


def test_lines_far_apart_are_parted_by_dots():
    text = "\n".join(f"line {n}" for n in range(1, 13))
    source = Source("a", text)
    first, second = (Span(source, text.index(w), text.index(w) + 6) for w in ("line 2", "line 9"))
    drawn = draw(Diagnostic("A405", "two", second, also=(first,))).splitlines()
    assert drawn[3:] == [" 2 | line 2", "   | ^^^^^^", "...", " 8 | line 8", " 9 | line 9", "   | ^^^^^^"]


@pytest.mark.parametrize(
    ("line", "word", "shown", "under"),
    [
        ("\tconv oops", "oops", "    conv oops", "         ^^^^"),
        ("ab\toops", "oops", "ab  oops", "    ^^^^"),
        ("\u7573\u307f\u8fbc\u307f oops", "oops", "\u7573\u307f\u8fbc\u307f oops", "         ^^^^"),
        ("e\u0301te\u0301 oops", "oops", "e\u0301te\u0301 oops", "    ^^^^"),
        ("conv \x1b[31m oops", "oops", "conv \u241b[31m oops", "           ^^^^"),
    ],
)
def test_underlines_stand_under_their_words(line, word, shown, under):
    drawn = draw(Diagnostic("A105", "an unknown word", at(line, word))).splitlines()
    assert drawn[3:] == [f" 1 | {shown}", f"   | {under}"]


def test_something_missing_at_the_end_of_a_line_is_marked_past_it():
    source = Source("a", "conv 3x3,\n")
    drawn = draw(Diagnostic("A108", "channels are missing", Span(source, 9, 9))).splitlines()
    assert drawn[3:] == [" 1 | conv 3x3,", "   |          ^"]


def test_of_a_span_over_several_lines_the_first_is_underlined():
    source = Source("a", "sum:\n  | x\n  | y\n")
    assert draw(Diagnostic("A303", "branches", Span(source, 0, 12))).splitlines()[3:] == [" 1 | sum:", "   | ^^^^"]


@given(before=st.integers(0, 400), after=st.integers(0, 400), width=st.integers(24, 120))
def test_a_long_line_is_cut_around_what_is_underlined(before, after, width):
    text = "a" * before + "WRONG" + "b" * after
    _, _, _, line, under = draw(Diagnostic("A105", "word", at(text, "WRONG")), width=width).splitlines()
    assert columns(line) <= width and columns(under) <= width
    assert line[under.index("^") : under.rindex("^") + 1] == "WRONG"
    assert ("..." in line) == (len(text) > width - 5)


@given(st.text(alphabet="ab\t\u7573\u0301 ", max_size=40), st.integers(0, 40), st.integers(0, 8), st.integers(20, 60))
def test_drawing_never_fails_and_never_exceeds_the_terminal(text, start, length, width):
    start = min(start, len(text))
    span = Span(Source("a", text), start, min(start + length, len(text)))
    for line in draw(Diagnostic("A104", "unreadable", span), width=width).splitlines()[3:]:
        assert columns(line) <= width


def test_colour_only_wraps_what_is_drawn_without_it():
    fault = Diagnostic("A105", "an unknown word", at("conv oops", "oops"), "warning", ("a note",), "a repair")
    coloured = draw(fault, colour=True)
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == draw(fault)
    assert "\x1b[1;33m" in coloured


def test_control_characters_of_a_text_never_reach_the_terminal():
    fault = Diagnostic(
        "A105", "unknown \x1b]0;title\x07 word", at("x \x9b31m y", "y", "\x1b[2J.arch"), notes=("\x08",), help="\r"
    )
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", draw(fault))


def test_several_are_drawn_in_order_of_place():
    source = Source("a", "one\ntwo\n")
    late, early = Diagnostic("A105", "late", Span(source, 4, 7)), Diagnostic("A105", "early", Span(source, 0, 3))
    drawn = draw_all([late, early])
    assert drawn.index("early") < drawn.index("late")
    assert drawn.endswith("\n\n")


def test_words_are_parted_at_blanks_where_they_are_too_long():
    words = "one two three four five six seven eight nine ten eleven twelve"
    source = Source("x.arch", "conv")
    fault = Diagnostic("A104", words, Span(source, 0, 4), notes=(words,), help=words)
    text = draw(fault, width=30)
    assert max(map(len, text.splitlines())) <= 30
    assert text.splitlines()[:3] == [
        "error[A104]: one two three",
        "  four five six seven eight",
        "  nine ten eleven twelve",
    ]
    assert text.splitlines()[-6:] == [
        "   = one two three four five", "     six seven eight nine ten", "     eleven twelve",
        "   = help: one two three four", "     five six seven eight nine", "     ten eleven twelve",
    ]  # fmt: skip
    assert " ".join(text.split()).count(words) == 3
    assert re.sub(r"\x1b\[[\d;]*m", "", draw(fault, width=30, colour=True)) == text
    assert max(map(len, draw(fault).splitlines())) > 60
