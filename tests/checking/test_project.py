"""A project's configuration: where it is found, what each key means, and every fault under its own words."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archcalc.analyses.checked import CheckedFile, CheckedNetwork
from archcalc.checking.project import Project, project
from archcalc.diagnostics import CODES

WHOLE = """\
paths = ["specs", "more/*.arch"]
exclude = ["old"]
strict = true
ignore = ["A501"]
lock = "archcalc.lock"
fail-on = ["params > +1%", "shape"]
cache = ".cache/archcalc"

[per-file-ignores]
"specs/draft*.arch" = ["A502", "A503"]

[budgets]
"**/*.arch" = ["params <= 5M", "training memory (batch 32, adam) <= 24GB"]
"specs/mobile/*.arch" = ["inference memory (int8) <= 16MiB"]
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    (tmp_path / "specs" / "mobile").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def under_tool(text):
    """The same for pyproject.toml."""
    return "[tool.archcalc]\n" + text.replace("\n[", "\n[tool.archcalc.")


def write(path, text):
    Path(path).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(("name", "text"), [("archcalc.toml", WHOLE), ("pyproject.toml", under_tool(WHOLE))])
def test_every_key(here, name, text):
    write(name, text)
    found, faults = project()
    assert faults == ()
    assert (found.file, found.folder, found.strict, found.lock) == (name, ".", True, "archcalc.lock")
    assert (found.paths, found.exclude, found.ignore) == (("specs", "more/*.arch"), ("old",), ("A501",))
    assert (found.fail_on, found.cache) == (("params > +1%", "shape"), ".cache/archcalc")
    mobile, draft = found.asked("specs/mobile/net.arch"), found.asked("specs/draft-2.arch:D")
    assert [claim.quantity for claim in mobile.budgets] == ["params", "training memory", "inference memory"]
    assert [claim.quantity for claim in draft.budgets] == ["params", "training memory"]
    assert (mobile.ignored, draft.ignored) == ({"A501"}, {"A501", "A502", "A503"})
    assert mobile.strict and found.asked("-").budgets == ()
    assert [found.excludes(path) for path in ("old", "specs/old/x.arch", "specs/older.arch")] == [True, True, False]


def test_without_a_configuration_nothing_is_asked(here):
    found, faults = project(["specs/x.arch"])
    assert (found, faults) == (Project(), ())
    assert found.asked("x.arch") == Project().asked("y.arch")
    assert found.asked("x.arch", strict=True).strict
    assert found.roots() == ["."]


def test_it_is_looked_for_upwards_from_what_all_paths_share(here):
    write("archcalc.toml", "strict = true")
    write("specs/archcalc.toml", 'ignore = ["A501"]')
    write("specs/mobile/pyproject.toml", "[project]\nname = 'other'\n")
    (here / "more").mkdir()
    files = {
        ("specs/mobile/a.arch", "specs/mobile/b.arch:D"): "specs/archcalc.toml",
        ("specs/a.arch",): "specs/archcalc.toml",
        ("specs",): "specs/archcalc.toml",
        ("specs", "more"): "archcalc.toml",
        ("specs/missing/*.arch",): "specs/archcalc.toml",
        ("-",): "archcalc.toml",
        (): "archcalc.toml",
    }
    assert {paths: project(paths)[0].file for paths in files} == files


def test_archcalc_toml_wins_over_its_neighbour(here):
    write("pyproject.toml", "[tool.archcalc]\nstrict = true\n")
    assert project()[0].strict
    write("archcalc.toml", "strict = false\n")
    assert (project()[0].file, project()[0].strict) == ("archcalc.toml", False)
    write("archcalc.toml", "")
    assert project() == (Project(file="archcalc.toml"), ())


def test_paths_count_from_the_configuration(here, monkeypatch):
    write("archcalc.toml", WHOLE)
    monkeypatch.chdir(here / "specs" / "mobile")
    found, _ = project()
    assert found.folder == os.path.join("..", "..")
    assert found.roots() == [os.path.join("..", "..", "specs"), os.path.join("..", "..", "more", "*.arch")]
    assert found.near(found.lock) == os.path.join("..", "..", "archcalc.lock")
    assert len(found.asked("net.arch").budgets) == 3
    assert os.path.isfile(found.file)


def test_a_pyproject_of_somebody_else_is_passed_over(here):
    write("pyproject.toml", "[project]\nname = 'archcalc-user'\n")
    assert project() == (Project(), ())
    write("pyproject.toml", "this is no toml")
    assert project() == (Project(), ())


#: A line at fault, what of it is underlined, and words of the message or the repair.
FAULTS = [
    ("exclud = []", "exclud", "unknown key 'exclud'", "did you mean 'exclude'?"),
    ("per_file_ignores = {}", "per_file_ignores", "unknown key", "did you mean 'per-file-ignores'?"),
    ("everything = 1", "everything", "unknown key", "known are paths, exclude"),
    ("'strict\\' = true", "'strict\\'", "unknown key", "did you mean 'strict'?"),
    ('strict = "yes"', '"yes"', "'strict' is a text: true or false is wanted", None),
    ("strict = 1", "1", "'strict' is a number: true or false is wanted", None),
    ("paths = 'specs'", "'specs'", "'paths' is a text: a list is wanted", 'paths = ["..."]'),
    ("paths = ['specs', 3]", "3", "an element of 'paths' is a number: a text is wanted", None),
    ("exclude = [ '' ]", "''", "this is empty", None),
    ("exclude = ['[']", "'['", "'[' without a ']'", "specs/*.arch"),
    ("exclude = ['[b-a]']", "'[b-a]'", "is no pattern of paths", "specs/*.arch"),
    ("ignore = ['A501', 'A5O2']", "'A5O2'", "'A5O2' is no code of a diagnostic", "did you mean 'A50"),
    ("lock = true", "true", "'lock' is true or false: a text is wanted", None),
    ("lock = 2026-01-01", "2026-01-01", "'lock' is a date: a text is wanted", None),
    ("cache = 3", "3", "'cache' is a number: true, false or a folder is wanted", None),
    ("cache = ''", "''", "this is empty", None),
    ("fail-on = ['parms > 1%']", "'parms > 1%'", "unknown quantity 'parms'", "params"),
    ("per-file-ignores = ['A501']", "['A501']", "is a list: a table is wanted", None),
    ("per-file-ignores = {'/' = ['A501']}", "'/'", "'/' is no pattern of paths", None),
    ("per-file-ignores = {'*.arch' = ['A999']}", "'A999'", "is no code", None),
    ("budgets = {'*.arch' = 'params <= 3'}", "'params <= 3'", "'*.arch' is a text: a list is wanted", None),
    ("budgets = {'*.arch' = ['params <= 3', 5]}", "5", "an element of '*.arch' is a number", None),
    ("budgets = {'*.arch' = ['parms <= 3']}", "parms", "unknown quantity 'parms'", "did you mean 'params'?"),
    ("budgets = {'*.arch' = ['params']}", "params", "an expect line is", None),
    ("budgets = {'*.arch' = ['params <= few']}", "few", "'few' is no figure", None),
    ("budgets = {'*.arch' = ['params (batch 2) <= 3']}", "batch 2", "params cannot be asked under", "aux"),
    ("budgets = {'*.arch' = ['macs <= 3GB']}", "3GB", "macs is a count", None),
    ("budgets = {'*.arch' = ['training memory at fc <= 3GB']}", "fc", "is the whole network's", None),
    ("budgets = {'*.arch' = ['params <= ']}", "<=", "a figure is wanted behind '<='", "params <= 5M"),
    ("budgets = {'*.arch' = ['params <= 1 of net']}", "of net", "'of' stands before the sign", "params of net <= 1"),
    (r'budgets = {"*.arch" = ["training \u006demory (\u0062acth 3) <= 1GB"]}', r"\u0062acth 3", "bacth 3", "batch"),
    ("budgets = {'*.arch' = ['training memory fits RTX 40']}", "RTX 40", "no device 'RTX 40'", None),
    ("budgets = {'*.arch' = ['training memory (adam) ≤ 24 gigs']}", "24 gigs", "is no figure", None),
]  # fmt: skip


@pytest.mark.parametrize(("line", "marked", "words", "repair"), FAULTS, ids=lambda each: str(each)[:40])
@pytest.mark.parametrize("name", ["archcalc.toml", "pyproject.toml"])
def test_each_fault_is_told_under_its_words(here, name, line, marked, words, repair):
    before = "# first\n" + ("[tool.archcalc]\n" if name == "pyproject.toml" else "")
    write(name, f"{before}{line}\n")
    _, (said,) = project()
    assert (said.code, said.severity, said.span.source.name) == ("A601", "error", name)
    assert (said.span.line, said.span.text) == (before.count("\n") + 1, marked)
    assert words in said.message
    assert repair is None or repair in (said.help or "")


def test_all_faults_at_once_and_what_is_right_holds(here):
    lines = [line for line, *_ in FAULTS if line.split(" =")[0] not in ("strict", "budgets", "exclude", "paths")]
    table = dict(line.split(" = ", 1) for line in lines)
    write("archcalc.toml", "\n".join(f"{key} = {value}" for key, value in table.items()) + "\nstrict = true\n")
    found, faults = project()
    assert len(faults) == len(table)
    assert [said.span.line for said in faults] == sorted(said.span.line for said in faults)
    assert found.strict


def test_the_table_s_name_does_not_belong_into_archcalc_toml(here):
    write("archcalc.toml", "[tool.archcalc]\nstrict = true\n")
    _, (said,) = project()
    assert (said.span.text, said.help) == (
        "tool.archcalc",
        "in archcalc.toml keys stand at the top, without [tool.archcalc]",
    )


def test_a_table_that_is_none(here):
    write("pyproject.toml", "[tool]\narchcalc = 3\n")
    _, (said,) = project()
    assert (said.span.text, said.message) == ("3", "'archcalc' is a number: a table is wanted")


@pytest.mark.parametrize(("text", "line", "words"), [
    ("strict = true\nbudgets = {\n", 2, "invalid"), ("strict = \n", 1, "invalid value"), ("a b = 1", 1, "expected '='"),
    ("strict = true\nstrict = true\n", 2, "cannot overwrite"), ("x = [", 1, ""), ("x = " + "[" * 5000, 1, ""),
])  # fmt: skip
def test_broken_toml(here, text, line, words):
    write("archcalc.toml", text)
    found, (said,) = project()
    assert (said.code, said.span.line) == ("A601", line)
    assert said.message.startswith("this is no TOML: ") and words in said.message
    assert found == Project(file="archcalc.toml")


def test_what_cannot_be_read(here):
    Path("archcalc.toml").write_bytes(b"strict = \xff")
    found, (said,) = project()
    assert (said.code, said.span, found.strict) == ("A601", None, False)
    assert "archcalc.toml is not a text file" in said.message


@given(st.text("stric =truepahsbudg[]{}\"'#\n.,<3A501", max_size=60))
def test_anything_is_read_or_told(tmp_path_factory, text):
    folder = tmp_path_factory.mktemp("any")
    write(folder / "archcalc.toml", text)
    found, faults = project([str(folder)])
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        assert [said.code for said in faults] == ["A601"]
    else:
        assert set(table) - set(Project.fields) == set() or faults
    assert all(said.code in CODES and (said.span is None or said.span.start <= said.span.end) for said in faults)
    assert found.file


def test_the_page_s_example_is_one(here):
    page = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
    block = page.split("```toml\n")[1].split("```")[0]
    write("pyproject.toml", block)
    found, faults = project()
    assert faults == ()
    assert [key for key in tomllib.loads(block)["tool"]["archcalc"] if f"| `{key}` |" not in page] == []
    keys = {name.replace("_", "-") for name in Project.fields} - {"file", "folder"}
    assert set(tomllib.loads(block)["tool"]["archcalc"]) == keys - {"spots"}
    assert all(getattr(found, key.replace("-", "_")) for key in keys)


def test_what_means_nothing_is_told_where_it_stands(here):
    write("specs/net.arch", "input 8x8x3\nconv 3x3, 4\n")
    write("archcalc.toml", WHOLE + '"*.arhc" = ["params <= 5M"]\n')
    found, faults = project()
    assert faults == ()
    roots, (gone,) = found.there()
    assert roots == ["specs"] and (gone.code, gone.severity, gone.span.text) == ("A601", "error", '"more/*.arch"')
    idle = found.idle(["specs/net.arch"])
    assert {(each.code, each.severity) for each in idle} == {("A601", "warning")}
    assert [each.span.text for each in idle] == ['"specs/draft*.arch"', '"specs/mobile/*.arch"', '"*.arhc"']


def checked(**networks):
    """Files as a check leaves them, by their names: what their networks are called; None of one that is not built."""
    return [
        CheckedFile(file=f"{name}.arch", networks=tuple(
            CheckedNetwork(network=each, title="", line=1, built=each is not None) for each in names
        ))
        for name, names in networks.items()
    ]  # fmt: skip


NAMED = '[budgets]\n"v*.arch" = ["params of D <= 1M", "macs of vgg.D <= 1M", "macs <= 1M", "params of F <= 1M"]\n'


def test_a_budget_of_a_network_that_is_not_there_is_told_where_it_stands(here):
    write("archcalc.toml", NAMED)
    found, faults = project()
    assert faults == ()
    (said,) = found.nameless(checked(vgg=["D", "VGG_D"], other=["F"]))
    assert (said.code, said.severity, said.span.line, said.span.text) == ("A601", "warning", 2, "F")
    assert said.message == "no network 'F' in the files of this pattern: the budget limits nothing"
    assert said.help == "they have D, VGG_D"
    assert [each.span.text for each in found.nameless(checked(vgg=["D"], vit=["F"]))] == ["vgg.D"]


@pytest.mark.parametrize("networks", [{}, {"other": ["D"]}, {"vgg": ["D", None]}, {"vgg": ["D"], "vit": [None]}])
def test_names_that_nobody_knows_are_not_told_of(here, networks):
    write("archcalc.toml", NAMED)
    assert project()[0].nameless(checked(**networks)) == []


def test_of_a_part_of_the_project_no_name_is_missed(here, monkeypatch):
    write("archcalc.toml", NAMED)
    files = checked(vgg=["D"])
    assert len(project()[0].nameless(files)) == 2
    monkeypatch.chdir(here / "specs")
    assert project()[0].nameless(files) == []


def test_codes_are_read_in_small_letters_too(here):
    write("archcalc.toml", 'ignore = ["a501"]\n')
    found, faults = project()
    assert (found.ignore, faults) == (("A501",), ())


@pytest.mark.parametrize("name", ["archcalc.toml", "pyproject.toml"])
def test_a_configuration_that_is_no_file_is_told(here, name):
    os.symlink(name, name)
    assert [each.code for each in project()[1]] == ["A601"]
    os.unlink(name)
    os.mkdir(name)
    (said,) = project()[1]
    assert said.code == "A601" and name in said.message and said.help is None
