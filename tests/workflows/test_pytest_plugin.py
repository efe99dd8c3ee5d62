"""The pytest plugin, run by pytest in folders of its own."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from archcalc.testing import check

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
RIGHT = """\
network right
[32x32x3]  INPUT
[32x32x8]  CONV1: 8 3x3 filters at stride 1, pad 1   params: 224
[10]       FC: 10 neurons
expect params = 82,154
erratum "its table prints 90K" params = 82,154
"""
WRONG = """\
network small
input 8x8x3
conv1: conv 3x3, 4   params: 113
expect params = 112
network large
input 8x8x3
conv1: conv 3x3, 8   params: 224
expect params = 225
expect params = 225
"""
DOUBTFUL = """\
input 8x8x3
conv 3x3, 8
max pool 3x3
"""
UNREADABLE = """\
input 8x8x3
conv 3x3, 8
flurb 9
max pool 99x99
"""


@pytest.fixture
def project(pytester):
    """A folder of specs, and how pytest is run there: as a person runs it who has archcalc installed."""
    for name, text in {"right": RIGHT, "wrong": WRONG, "doubtful": DOUBTFUL, "unreadable": UNREADABLE}.items():
        path = pytester.path / "specs" / f"{name}.arch"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    installed = any(each.name == "archcalc" for each in entry_points(group="pytest11"))
    plugin = [] if installed else ["-p", "archcalc.testing.plugin"]

    def run(*args, how=pytester.runpytest_inprocess):
        return how(*plugin, "-p", "no:cacheprovider", *args)

    run.folder = pytester
    return run


def ids(result):
    return [line for line in result.outlines if "::" in line and not line.startswith(("FAILED", "ERROR"))]


def test_the_package_registers_it():
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]
    assert declared["pytest11"] == {"archcalc": "archcalc.testing.plugin"}


def test_each_figure_is_a_test(project):
    result = project("--archcalc", "specs/wrong.arch", "specs/right.arch", "-v")
    result.assert_outcomes(passed=7, failed=3)
    outcomes = dict(re.findall(r"^(\S+::.*\]) (PASSED|FAILED)", result.stdout.str(), re.M))
    assert outcomes == {
        "specs/wrong.arch::small::params at conv1 = 113 [line 3]": "FAILED",
        "specs/wrong.arch::small::params = 112 [line 4]": "PASSED",
        "specs/wrong.arch::large::params at conv1 = 224 [line 7]": "PASSED",
        "specs/wrong.arch::large::params = 225 [line 8]": "FAILED",
        "specs/wrong.arch::large::params = 225 [line 9]": "FAILED",
        "specs/right.arch::right::out at CONV1 = 32x32x8 [line 3]": "PASSED",
        "specs/right.arch::right::params at CONV1 = 224 [line 3]": "PASSED",
        "specs/right.arch::right::out at FC = 10 [line 4]": "PASSED",
        "specs/right.arch::right::params = 82,154 [line 5]": "PASSED",
        "specs/right.arch::right::erratum: params = 82,154 [line 6]": "PASSED",
    }


def test_a_failure_is_the_drawing(project):
    result = project("specs/wrong.arch")
    result.stdout.fnmatch_lines([
        "*specs/wrong.arch: small::params at conv1 = 113 *line 3*",
        "error[[]A203[]]: 113 params printed, 112 found",
        "*3 | conv1: conv 3x3, 4   params: 113",
        "   |                              ^^^",
        "FAILED specs/wrong.arch::small::params at conv1 = 113 *line 3* - 113 params p*",
    ])  # fmt: skip
    assert "Traceback" not in result.stdout.str() and "items.py" not in result.stdout.str()


def test_a_person_sees_the_drawing_in_colour_and_within_the_screen(project, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    spec = project.folder.path / "specs" / "wide.arch"
    spec.write_text(f"input 8x8x3\nconv1: conv 3x3, 4   params: 113  # {'x' * 90}\n", encoding="utf-8")
    seen = project("specs/wide.arch", "--color=yes").stdout.str()
    assert "\x1b[1;31merror[A203]\x1b[0m" in seen and "x" * 60 not in seen
    assert "x" * 90 in project("specs/wide.arch", "--color=no").stdout.str()


def test_errors_that_are_no_figures_are_tests(project):
    result = project("--archcalc", "specs/unreadable.arch", "-v")
    result.assert_outcomes(failed=len(check_errors(UNREADABLE)))
    assert "specs/unreadable.arch::A105 an unknown word [line 3, column 1] FAILED" in result.stdout.str()


def check_errors(text):
    from archcalc.checking.file import check_source
    from archcalc.source import Source

    found = check_source(Source("specs/unreadable.arch", text))
    return [each for each in found.diagnostics if each.severity == "error"]


def test_a_file_that_is_no_text_is_a_failing_test(project):
    (project.folder.path / "specs" / "binary.arch").write_bytes(b"\xff\xfe\0")
    result = project("--archcalc", "specs/binary.arch")
    result.assert_outcomes(failed=1)
    assert "INTERNALERROR" not in result.stdout.str() + result.stderr.str()


def test_what_a_symbol_leaves_open_is_skipped(project):
    spec = project.folder.path / "specs" / "open.arch"
    spec.write_text("input HxWx3\nconv1: conv 3x3, 4\nexpect macs = 5\nexpect params = 112\n", encoding="utf-8")
    project("specs/open.arch").assert_outcomes(passed=1, skipped=1)


def test_nothing_is_read_that_nobody_asks_for(project):
    project.folder.makepyfile(
        test_it="""\
        import sys
        def test_it():
            assert not [name for name in ("lark", "archcalc.notation", "archcalc.analyses") if name in sys.modules]
    """
    )
    result = project("-v", how=project.folder.runpytest_subprocess)
    result.assert_outcomes(passed=1)
    assert ".arch" not in result.stdout.str()


def test_a_project_names_its_specs_once(project):
    project.folder.makeini("[pytest]\ntestpaths = tests\narchcalc_paths = specs/right.arch\n")
    (project.folder.path / "tests").mkdir()
    (project.folder.path / "tests" / "test_it.py").write_text("def test_it(): pass", encoding="utf-8")
    project().assert_outcomes(passed=6)
    project("tests").assert_outcomes(passed=1)
    project("specs").assert_outcomes(passed=5)


def test_tests_are_chosen_as_others_are(project):
    assert len(ids(project("--archcalc", "specs", "--collect-only", "-q"))) == 5 + 5 + 1 + len(check_errors(UNREADABLE))
    project("--archcalc", "specs/wrong.arch", "-k", "small").assert_outcomes(passed=1, failed=1, deselected=3)
    project("--archcalc", "specs", "-k", "macs").assert_outcomes(deselected=11 + len(check_errors(UNREADABLE)))
    project("specs/wrong.arch::large").assert_outcomes(passed=1, failed=2)
    project("specs/wrong.arch::large::params = 225 [line 8]").assert_outcomes(failed=1)
    project("--archcalc", "specs/wrong.arch", "-x").assert_outcomes(failed=1)


def test_a_network_that_is_not_there_is_told_with_the_nearest(project):
    result = project("specs/wrong.arch::smal")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*specs/wrong.arch has no network 'smal'; did you mean 'small'*"])
    project("specs/wrong.arch::small", "specs/right.arch").assert_outcomes(passed=6, failed=1)


def test_workers_share_the_tests(project):
    alone = project("--archcalc", "specs")
    shared = project("--archcalc", "specs", "-n", "2", how=project.folder.runpytest_subprocess)
    assert [shared.parseoutcomes()[each] for each in ("passed", "failed")] == [
        alone.parseoutcomes()[each] for each in ("passed", "failed")
    ]
    assert shared.stdout.str().count("ArchcalcWarning: A501") == alone.stdout.str().count("ArchcalcWarning: A501") == 1
    shared.stdout.fnmatch_lines(["error[[]A203[]]: 113 params printed, 112 found"])


def test_doubts_are_warnings_or_failures(project):
    result = project("specs/doubtful.arch")
    count = result.stdout.str().count("ArchcalcWarning: ")
    assert count >= 1 and result.ret == 0
    result.stdout.fnmatch_lines(["specs/doubtful.arch:3", "*ArchcalcWarning: A501: a 3x3 pool without a stride*"])
    project("specs/doubtful.arch", "--archcalc-strict").assert_outcomes(passed=1, failed=count)
    made = project("specs/doubtful.arch", "-W", "error::archcalc.testing.ArchcalcWarning")
    made.assert_outcomes(passed=1, failed=count)


def test_a_projects_budgets_are_tests(project):
    settings = (
        '[tool.archcalc]\nstrict = true\n[tool.archcalc.budgets]\n"specs/*.arch" = ["params <= 112", "macs > 0"]\n'
    )
    project.folder.makepyprojecttoml(settings)
    result = project("specs/wrong.arch::small", "-v")
    result.assert_outcomes(passed=3, failed=1)
    result = project("specs/wrong.arch::large", "-k", "112")
    result.assert_outcomes(failed=1, deselected=4)
    result.stdout.fnmatch_lines(["error[[]A206[]]*params <= 112*", "*= pyproject.toml:4: params <= 112"])


def test_a_project_may_be_strict(project):
    project.folder.makepyprojecttoml("[tool.archcalc]\nstrict = true\n")
    project("specs/doubtful.arch").assert_outcomes(passed=1, failed=1)


def test_a_wrong_configuration_is_told_once(project):
    project.folder.makepyprojecttoml("[tool.archcalc]\nstrickt = true\n")
    result = project("--archcalc", "specs")
    result.assert_outcomes(errors=1)
    assert result.stdout.str().count("error[A601]") == 1 and "Traceback" not in result.stdout.str()


def test_python_tests_have_networks_and_checks(project):
    project.folder.makepyfile("""\
        from archcalc.testing import check

        def test_figures(archcalc):
            assert archcalc("specs/wrong.arch:small").report().totals.params == 112
            assert archcalc("specs/right.arch", settings={}).report().totals.params == 82_154

        def test_right():
            assert check("specs/right.arch").status == "ok"

        def test_wrong():
            check("specs/wrong.arch")

        def test_none(archcalc):
            archcalc("specs/none.arch")
    """)
    result = project()
    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(["*error[[]A203[]]: 113 params printed, 112 found", "*cannot read*none.arch*"])
    assert not re.search(r"^\S*archcalc/(testing/plugin|network|files).py:\d+: ", result.stdout.str(), re.M)
    assert not re.search(r"^archcalc/testing|testing/__init__.py:\d+: AssertionError", result.stdout.str(), re.M)


def test_check_says_all_that_is_wrong(tmp_path):
    spec = tmp_path / "wrong.arch"
    spec.write_text(WRONG, encoding="utf-8")
    with pytest.raises(AssertionError) as raised:
        check(spec)
    assert re.findall(r"^error\[(A\d+)\]", str(raised.value), re.M) == ["A203", "A204", "A204"]
    spec.write_text(DOUBTFUL, encoding="utf-8")
    assert check(spec).status == "ok"
    with pytest.raises(AssertionError, match="A501"):
        check(spec, strict=True)
    with pytest.raises(AssertionError, match="cannot read"):
        check(tmp_path / "none.arch")


def test_it_imports_quickly():
    code = "import sys, archcalc.testing; print('pytest' in sys.modules, 'archcalc.checking' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"
