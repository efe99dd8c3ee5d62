"""``# archcalc: ignore``: what it takes away, what it cannot, and what is said of one that is not needed."""

from __future__ import annotations

import pytest

from archcalc.checking.file import Asked, check_source
from archcalc.source import Source

WRONG = "input 8x8x3\nconv 3x3, 4 (113 params){}\nconv 3x3, 4, stride 2{}\n"


def checked(text, **asked):
    return check_source(Source("net.arch", text), asked=Asked(**asked))


def told(text, **asked):
    """Code and line of each diagnostic."""
    return [(each.code, each.span.line) for each in checked(text, **asked).diagnostics]


def test_without_a_comment_all_is_told():
    assert told(WRONG.format("", "")) == [("A203", 2), ("A306", 3)]


@pytest.mark.parametrize(
    ("comment", "code"),
    [
        ("  # archcalc: ignore A203", "A306"),
        ("  # archcalc: ignore A203 (the paper has it so)", "A306"),
        ("  # of the paper  # archcalc: ignore A203", "A306"),
        ("  # archcalc:ignore a203", "A306"),
        ("  # ARCHCALC: Ignore: A203", "A306"),
    ],
)
def test_a_comment_takes_its_code_from_its_line(comment, code):
    found = checked(WRONG.format(comment, ""))
    assert [each.code for each in found.diagnostics] == [code]
    assert (found.status, found.quieted) == ("ok", 1)


def test_a_claim_of_which_nobody_is_to_hear_is_not_counted():
    assert checked(WRONG.format("  # archcalc: ignore A203", "")).expectations == ()
    assert [claim.holds for claim in checked(WRONG.format("", "")).expectations] == [False]


def test_a_line_may_ignore_several():
    line = "conv 3x3, 4, stride 2 (113 params)  # archcalc: ignore A203, A306"
    assert told(f"input 8x8x3\n{line}\n") == []


def test_alone_on_a_line_it_speaks_of_the_next():
    text = "input 8x8x3\n    # archcalc: ignore A203\nconv 3x3, 4 (113 params)\nconv 3x3, 4 (113 params)\n"
    assert told(text) == [("A203", 4)]


def test_it_may_speak_of_the_whole_text():
    assert told("# archcalc: ignore-file A203, A306\n" + WRONG.format("", "")) == []


def test_one_that_is_not_needed_is_told_where_its_code_stands():
    text = WRONG.format("  # archcalc: ignore A203 A204", "  # archcalc: ignore A203\n# archcalc: ignore A999")
    found = checked(text).diagnostics
    assert [(each.code, each.span.text) for each in found] == [
        ("A507", "A204"), ("A306", "conv 3x3, 4, stride 2"), ("A507", "A203"), ("A507", "A999"),
    ]  # fmt: skip
    assert "there is no A204 on this line" in found[0].message
    assert all(each.severity == "warning" for each in found)


def test_one_without_a_code_says_so():
    (found,) = checked("input 8x8x3\nconv 3x3, 4  # archcalc: ignore\n").diagnostics
    assert (found.code, found.span.text) == ("A507", "# archcalc: ignore")


@pytest.mark.parametrize(("comment", "said", "help"), [
    ("# archcalc: ignored A203", "archcalc: ignored A203", "did you mean 'ignore'?"),
    ("# archcalc: ignre A203", "archcalc: ignre A203", "did you mean 'ignore'?"),
    ("# archcalc: ignore-all A203", "archcalc: ignore-all A203", "did you mean 'ignore-file'?"),
    ("# x; archcalc: ignore A203", "archcalc: ignore A203", "in a comment of its own: # archcalc: ignore A203"),
    ("# archcalc: good", "archcalc: good", "# archcalc: ignore A203"),
])  # fmt: skip
def test_what_speaks_to_archcalc_and_is_not_understood_is_told(comment, said, help):
    (found,) = checked(f"input 8x8x3\nconv 3x3, 4  {comment}\n").diagnostics
    assert (found.code, found.span.text, found.help) == ("A507", said, help)


@pytest.mark.parametrize("comment", ["# see https://archcalc:8080/x", "# of archcalc", "# my-archcalc: x"])
def test_other_comments_are_remarks(comment):
    assert told(f"input 8x8x3\nconv 3x3, 4  {comment}\n") == []


def test_codes_are_whole():
    (found,) = checked("input 8x8x3\nconv 3x3, 4  # archcalc: ignore A2\n").diagnostics
    assert (found.code, found.span.text, found.help) == ("A507", "A2", "a code is whole, as A201")


def test_what_keeps_a_network_from_being_built_is_told_whatever_is_asked():
    text = "input 8x8x3\nconv 3x3, 4, stirde 2  # archcalc: ignore A105\n"
    assert told(text) == told(text, ignored=frozenset({"A105"})) == [("A105", 2), ("A507", 2)]
    assert "A105 cannot be ignored here" in checked(text).diagnostics[1].message
    assert checked(text).status == "unreadable"


def test_a_project_may_ignore_a_code_everywhere_and_then_no_comment_is_in_vain():
    everywhere = frozenset({"A203", "A507"})
    assert told(WRONG.format("  # archcalc: ignore A306", ""), ignored=everywhere) == [("A306", 3)]


def test_strict_makes_errors_of_warnings():
    found = checked(WRONG.format("  # archcalc: ignore A203", ""), strict=True)
    assert [(each.code, each.severity) for each in found.diagnostics] == [("A306", "error")]
    assert found.status == "failed"


def test_in_a_network_of_two_columns_one_line_is_ignored_once():
    text = "a | b\ninput 8x8x3\nconv3-4 (113 params) | conv3-4 (113 params)  # archcalc: ignore A203\n"
    assert told(text) == []
