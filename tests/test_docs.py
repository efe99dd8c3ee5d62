"""What README.md and docs/ show is what happens: commands run again, specs read again, Python run as doctests.

A line ``$ command`` of a ``console`` block, with the lines ``> ...`` below it, is run by bash and prints exactly the
lines that follow; a page's commands share a folder, which is not this one. An ``arch`` block is read whole, on a
224x224 image unless it has an input, and no figure in it may be wrong. ``UPDATE_GOLDEN=1 pytest -n0
tests/test_docs.py`` writes the outputs anew.
"""

from __future__ import annotations

import doctest
import os
import re
from pathlib import Path

import pytest

from archcalc.analyses.summary import Row, Totals
from archcalc.cli import app
from archcalc.diagnostics import CODES
from archcalc.network import build, document, read_source
from archcalc.notation.attributes import READ
from archcalc.notation.vocabulary import ENTRIES, MERGE_ENTRIES
from archcalc.source import Source

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.M | re.S)
COMMAND = re.compile(r"^\$ (?P<first>.*\n)(?P<more>(?:^> ?.*\n)*)(?:^(?!\$ |```).*\n)*", re.M)


def named(page):
    return page.name


def blocks(kind):
    """Every block of a kind, as a parameter named by where it stands."""
    for page in PAGES:
        whole = page.read_text(encoding="utf-8")
        for block in BLOCK.finditer(whole):
            if block["kind"] == kind:
                line = whole.count("\n", 0, block.start()) + 1
                yield pytest.param(page, block["text"], id=f"{page.name}:{line}")


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_commands_print_what_the_page_says(page, shell):
    def command(match):
        more = re.sub(r"^> ?", "", match["more"], flags=re.M)
        made = re.sub(r" +$", "", shell(match["first"] + more), flags=re.M)
        return f"$ {match['first']}{match['more']}{made}"

    def block(match):
        return COMMAND.sub(command, match[0]) if match["kind"] == "console" else match[0]

    text = page.read_text(encoding="utf-8")
    made = BLOCK.sub(block, text)
    if os.environ.get("UPDATE_GOLDEN"):
        page.write_text(made, encoding="utf-8")
    assert made == text


@pytest.mark.parametrize(("page", "text"), [*blocks("arch")])
def test_specs_read_and_agree(page, text):
    given = text if re.search(r"^\W*(?:\[.*\]\s*)?input\b", text, re.I | re.M) else f"input 224x224x3\n{text}"
    read = document(Source(page.name, given))
    reports = [build(read, name).report() for name in read.names]
    assert reports
    assert [[each.message for each in report.diagnostics if each.severity == "error"] for report in reports] == [
        [] for _ in reports
    ]


@pytest.mark.parametrize("page", [page for page in PAGES if ">>>" in page.read_text(encoding="utf-8")], ids=named)
def test_python_prints_what_the_page_says(page, monkeypatch):
    monkeypatch.chdir(ROOT)
    test = doctest.DocTestParser().get_doctest(page.read_text(encoding="utf-8"), {}, page.name, str(page), 0)
    said = []
    result = doctest.DocTestRunner().run(test, out=said.append)
    assert result.failed == 0, "".join(said)


def told(*names):
    return "\n".join((ROOT / name).read_text(encoding="utf-8") for name in names)


def test_every_layer_attribute_and_code_is_explained():
    page = told("docs/notation.md")
    words = {entry.spellings[0] for entry in ENTRIES} | {kind for kind, *_ in MERGE_ENTRIES}
    words |= {word for word in READ if len(word) > 1} - {"strides", "padding", "group", "biases", "head", "rate"}
    missing = [word for word in sorted(words) if not re.search(rf"`[^`]*\b{re.escape(word)}\b[^`]*`", page, re.I)]
    assert missing == []
    assert [code for code in CODES if f"`{code}`" not in told("docs/codes.md")] == []


def test_every_figure_is_explained():
    page = told("docs/figures.md")
    assert [key for key in {*Totals.fields, *Row.fields} if f"`{key}`" not in page] == []


def test_every_command_and_option_is_told():
    import typer.main

    page = told("README.md", *(f"docs/{each.name}" for each in PAGES if each.parent.name == "docs"))
    commands = typer.main.get_command(app).commands
    assert [name for name in commands if f"archcalc {name}" not in page] == []
    options = {option for each in commands.values() for made in each.params for option in made.opts}
    long = sorted(option for option in options - {"--help"} if option.startswith("--"))
    assert [option for option in long if option not in page] == []


def test_the_table_of_specs_is_complete():
    rows = re.findall(r"^\| `specs/([\w./-]+\.arch)` \| (.*?) \|", told("README.md"), re.M)
    networks = {
        path.name: list(document(read_source(str(path))).names) for path in sorted((ROOT / "specs").glob("*.arch"))
    }
    assert {name: names.split(", ") for name, names in rows} == networks


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page):
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / link).exists(), link
