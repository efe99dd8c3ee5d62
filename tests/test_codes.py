"""Every diagnostic code has a page, whose wrong examples give that code and nothing else, and whose right ones do not.

An ``arch`` block is a file, checked as ``archcalc check`` checks one; an ``sh`` block is run; a ``toml`` block is the
configuration beside the ``arch`` block of its section. ``UPDATE_GOLDEN=1 pytest -n0 tests/test_codes.py`` writes the
tables of docs/codes.md anew.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from archcalc.checking.file import check_source
from archcalc.cli import app
from archcalc.codes import SECTIONS, meaning, page
from archcalc.diagnostics import CODES, GROUPS
from archcalc.report.check.explain import explained
from archcalc.report.diagnostics import draw_all
from archcalc.report.style import paint
from archcalc.source import Source

ROOT = Path(__file__).parents[1]
INDEX = ROOT / "docs" / "codes.md"
BLOCK = re.compile(r"^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.M | re.S)
ESCAPE = re.compile(r"\x1b\[[\d;]*m")
SHOWN = st.builds(dict, width=st.integers(20, 240), colour=st.booleans())


def sections(code):
    """The headings of a page and what stands below each; what the code means is under the first."""
    return [part.split("\n", 1) for part in re.split(r"^(?:# (?=A\d)|## )", page(code), flags=re.M)[1:]]


def examples(*kinds):
    """Every example that stands in blocks of these kinds: its code, whether it is wrong, and their texts."""
    for code in CODES:
        for heading, below in sections(code):
            found = [(block["kind"], block["text"]) for block in BLOCK.finditer(below)]
            if "toml" in {kind for kind, _ in found}:  # a project: all of the section is one example
                whole = [(tuple(kind for kind, _ in found), [text for _, text in found])]
            else:
                whole = [((kind,), [text]) for kind, text in found]
            for number, (each, texts) in enumerate(whole):
                if each == kinds:
                    yield pytest.param(code, heading == "Wrong", *texts, id=f"{code}-{heading}-{number}")


def test_every_example_is_tried():
    count = sum(len(BLOCK.findall(page(code))) for code in CODES)
    assert count == sum(len([*examples(*kinds)]) * len(kinds) for kinds in (("arch",), ("sh",), ("toml", "arch")))


def test_every_code_has_a_page_and_every_page_a_code():
    pages = {path.stem for path in (ROOT / "archcalc" / "codes").glob("*.md")}
    assert pages == set(CODES)
    assert {code[:2] for code in CODES} == set(GROUPS)


def test_the_wheel_has_the_pages():
    files = {file.distribution_path for file in WheelBuilder(str(ROOT)).recurse_included_files()}
    assert {f"archcalc/codes/{code}.md" for code in CODES} <= files


@pytest.mark.parametrize("code", CODES)
def test_a_page_has_the_form_of_all(code):
    headings = [heading for heading, _ in sections(code)]
    assert headings == [f"{code}: {CODES[code]}", *SECTIONS]
    for heading, below in sections(code):
        kinds = {block["kind"] for block in BLOCK.finditer(below)}
        assert kinds <= {"arch", "sh", "toml"}
        assert bool(kinds) == (heading in ("Wrong", "Right")), heading
        assert BLOCK.sub("", below).strip() or kinds, heading
    assert len(meaning(code)) <= 140
    assert page(code).isascii(), "a terminal may have nothing else"
    assert set(re.findall(r"\bA\d{3}\b", page(code))) <= set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_an_example_fits_a_terminal(code):
    """80 columns, indented: nobody copies a line that the terminal has broken."""
    assert [line for block in BLOCK.finditer(page(code)) for line in block["text"].splitlines() if len(line) > 76] == []


def told(text):
    return check_source(Source("net.arch", text)).diagnostics


@pytest.mark.parametrize(("code", "wrong", "text"), [*examples("arch")])
def test_a_text_gives_its_code_and_no_other(code, wrong, text):
    assert {each.code for each in told(text)} == ({code} if wrong else set()), draw_all(told(text))


@pytest.mark.parametrize(("code", "wrong", "commands"), [*examples("sh")])
def test_commands_give_their_code_and_no_other(code, wrong, commands, shell):
    agrees(shell(f'{commands}echo "status $?"'), code, wrong)


@pytest.mark.parametrize(("code", "wrong", "project", "text"), [*examples("toml", "arch")])
def test_a_project_gives_its_code_and_no_other(code, wrong, project, text, shell, tmp_path):
    here = tmp_path / "here"
    name = "pyproject.toml" if "[tool.archcalc" in project else "archcalc.toml"
    (here / name).write_text(project, encoding="utf-8")
    (here / "net.arch").write_text(text, encoding="utf-8")
    agrees(shell('archcalc check net.arch; echo "status $?"'), code, wrong)


def agrees(output, code, wrong):
    """Whether a run ends with this code, or without any."""
    assert set(re.findall(r"^(?:error|warning)\[(A\d+)\]", output, re.M)) == ({code} if wrong else set()), output
    assert output.endswith("status 0\n") != wrong, output


def test_a_page_is_shown_in_markdown_where_nobody_looks():
    for code in CODES:
        assert explained(code) == page(code)


@given(st.sampled_from(list(CODES)), SHOWN)
def test_a_page_keeps_its_words_and_its_width(code, shown):
    made = explained(code, **shown)
    plain = ESCAPE.sub("", made)
    assert shown["colour"] or plain == made
    assert re.sub(r"^```.*|[#`\s]", "", page(code), flags=re.M) == re.sub(r"[#`\s]", "", plain)
    indented = {f"    {line}" for block in BLOCK.finditer(page(code)) for line in block["text"].splitlines()}
    lines = plain.splitlines()
    assert [line for line in lines if len(line) > shown["width"] and line not in indented] == []
    assert {line.rstrip() for line in indented} <= set(lines)


def test_code_in_a_sentence_is_not_broken():
    lines = explained("A507", width=80).splitlines()
    assert any("`# archcalc: ignore A203`" in line for line in lines)
    assert paint("# archcalc: ignore A203", "params", True) in explained("A507", width=80, colour=True)


@given(st.sampled_from(list(CODES)))
def test_capitals_and_blanks_do_not_matter(code):
    assert explained(f" {code.lower()} ", width=80) == explained(code, width=80)


def test_lists_of_codes():
    lines = explained("all").splitlines()
    assert [line.split()[0] for line in lines if line.startswith("  ")] == list(CODES)
    assert [line.split()[0] for line in lines if line and not line.startswith("  ")] == list(GROUPS)
    assert explained("a2") in explained("ALL", width=80)
    assert "A203  a printed figure is wrong" in explained("a2") and "A301" not in explained("a2")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("E203", "did you mean A203 (a printed figure is wrong)?"),
        ("A2O3", "A203"),
        ("misaligned", "did you mean A504 (branches are misaligned)?"),
        ("A299", "they go from A201 to A208; 'all' lists them"),
        ("zzz", "they go from A101 to A602"),
        ("", "'all' lists them"),
        ("A203 A204", "A203"),
    ],
)
def test_what_is_no_code_is_told_in_a_line_with_the_nearest(asked, words):
    with pytest.raises(ValueError, match=re.escape(words)) as raised:
        explained(asked)
    assert "\n" not in str(raised.value) and str(raised.value).startswith(f"'{asked}' is no code")


@given(st.text())
def test_whatever_is_asked_is_answered_or_refused_in_a_line(asked):
    try:
        assert explained(asked, width=80).endswith("\n")
    except ValueError as error:
        assert str(error).isprintable() and len(str(error)) < 250


def table(group):
    yield "| code | what is wrong | in a sentence |"
    yield "| --- | --- | --- |"
    for code in CODES:
        if code.startswith(group):
            yield f"| [`{code}`](../archcalc/codes/{code}.md) | {CODES[code]} | {meaning(code)} |"


@pytest.mark.parametrize("group", GROUPS)
def test_the_index_has_the_pages(group):
    text = INDEX.read_text(encoding="utf-8")
    begin, end = f"<!-- {group} -->\n", "<!-- end -->"
    before, found, rest = text.partition(begin)
    assert found, f"docs/codes.md lacks {begin.strip()}"
    made = before + begin + "\n" + "\n".join(table(group)) + "\n\n" + end + rest.partition(end)[2]
    if os.environ.get("UPDATE_GOLDEN"):
        INDEX.write_text(made, encoding="utf-8")
    assert made == text


def test_the_command_explains(monkeypatch):
    runner = CliRunner()
    monkeypatch.delenv("COLUMNS", raising=False)
    assert runner.invoke(app, ["check", "--explain", "a203"]).output == page("A203")
    monkeypatch.setenv("COLUMNS", "60")
    assert runner.invoke(app, ["check", "--explain", "a203"]).output == explained("A203", width=60)
    refused = runner.invoke(app, ["check", "--explain", "A2O3"])
    assert refused.exit_code == 2 and refused.stdout == "" and "A203" in refused.stderr
