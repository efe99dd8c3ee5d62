"""Budgets of a project against networks: told where the network begins, and where the budget stands."""

from __future__ import annotations

import pytest

from archcalc import parse
from archcalc.analyses import footprint
from archcalc.analyses.memory import budget
from archcalc.checking.budgets import held
from archcalc.checking.file import check_file
from archcalc.checking.project import project

TEXT = """\
# two weights of 16 numbers
network small "for the test"
param k = 4
input 4
hidden: fc k, no bias
fc 4, no bias
"""


@pytest.fixture
def budgets(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def read(*lines):
        listed = ",\n".join(f'  "{line}"' for line in lines)
        (tmp_path / "archcalc.toml").write_text(f'[budgets]\n"*.arch" = [\n{listed}\n]\n', encoding="utf-8")
        found, faults = project()
        assert faults == ()
        return found.asked("small.arch").budgets

    return read


def test_what_holds_is_an_expectation_and_no_more(budgets):
    kept, wrong = held(parse(TEXT), budgets("params <= 32", "inference memory <= 176"))
    assert wrong == ()
    assert [(each.quantity, each.holds, each.computed, each.line) for each in kept] == [
        ("params", True, 32, 2),
        ("inference memory", True, 4 * (32 + 4 + 4 + 4), 2),  # weights, and three vectors: the caller holds the input
    ]


@pytest.mark.parametrize(("line", "holds"), [
    ("params <= 32", True), ("params <= 31", False), ("params < 32", False), ("params < 33", True),
    ("inference memory <= 176 bytes", True), ("inference memory <= 175 bytes", False),
    ("inference memory (batch 3) <= 272", True), ("inference memory (batch 3) <= 271", False),
])  # fmt: skip
def test_a_bound_is_exact(budgets, line, holds):
    (kept,), wrong = held(parse(TEXT), budgets(line))
    assert (kept.holds, len(wrong)) == (holds, not holds)


def test_a_broken_one_says_where_and_why(budgets):
    (kept,), (said,) = held(parse(TEXT), budgets("params <= 40", "training memory (batch 8, sgd) <= 600 bytes")[1:])
    assert (kept.holds, said.code, said.severity, said.span.text) == (
        False, "A206", "error", 'network small "for the test"',
    )  # fmt: skip
    assert said.message == f"expected training memory (batch 8, sgd) <= 600 bytes, found {kept.computed:,} bytes"
    assert said.notes[-1] == "archcalc.toml:4: training memory (batch 8, sgd) <= 600 bytes"
    fits = int(said.help.removeprefix("the largest batch that fits is "))
    assert held(parse(TEXT), budgets(f"training memory (batch {fits}, sgd) <= 600 bytes"))[1] == ()
    assert held(parse(TEXT), budgets(f"training memory (batch {fits + 1}, sgd) <= 600 bytes"))[1] != ()


def test_each_broken_one_is_told(budgets):
    kept, wrong = held(parse(TEXT), budgets("params <= 1", "params <= 1", "macs <= 1", "depth <= 2"))
    assert [each.holds for each in kept] == [False, False, False, True]
    assert [said.notes[-1].split(":")[1] for said in wrong] == ["3", "4", "5"]


def test_a_layer_that_the_network_lacks(budgets):
    (kept,), (said,) = held(parse(TEXT), budgets("params at hiden <= 32"))
    assert (kept.holds, said.code, said.message) == (False, "A206", "no layer named 'hiden'")
    assert (said.help, said.notes) == ("did you mean 'hidden'?", ("archcalc.toml:3: params at hiden <= 32",))
    assert held(parse(TEXT), budgets("params at hidden <= 16"))[1] == ()


def test_another_network_s_budget_is_left_alone(budgets):
    kept, wrong = held(parse(TEXT), budgets("params of large <= 1", "params of Small <= 32"))
    assert ([each.holds for each in kept], wrong) == ([True], ())


def test_a_budget_may_set_parameters(budgets):
    kept, wrong = held(parse(TEXT), budgets("params <= 48 with k = 6", "params <= 47 with k = 6"))
    assert ([each.holds for each in kept], len(wrong)) == ([True, False], 1)


def test_a_network_without_a_head_begins_at_its_first_layer(budgets):
    (_,), (said,) = held(parse("# nothing\ninput 4\nfc 4"), budgets("params <= 19"))
    assert (said.span.line, said.message) == (2, "network: expected params <= 19, found 20")


def test_networks_of_a_table_are_told_apart(budgets):
    text = "network both\ninput 4\n| A | B |\n| fc 4 | fc 5 |\n"
    wrong = [held(parse(text, name=name), budgets("params <= 19"))[1] for name in "AB"]
    assert [(said.span.line, said.message) for (said,) in wrong] == [
        (1, "A: expected params <= 19, found 20"), (1, "B: expected params <= 19, found 25"),
    ]  # fmt: skip


def test_memory_is_analysed_once_for_the_text_and_its_budgets(budgets, monkeypatch):
    runs = []
    real = budget.memory
    monkeypatch.setattr(footprint, "memory", lambda *given, **more: runs.append(given) or real(*given, **more))
    network = parse(TEXT + "expect inference memory (batch 3) <= 1KB\n")
    expectations, _ = network.check()
    kept, _ = held(network, budgets("inference memory (batch 3) <= 1KB", "training memory (batch 3) <= 1GB"))
    assert [each.holds for each in (*expectations, *kept)] == [True] * 3
    assert len(runs) == 1


def checked(tmp_path, text):
    (tmp_path / "small.arch").write_text(TEXT, encoding="utf-8")
    (tmp_path / "archcalc.toml").write_text(text, encoding="utf-8")
    found, faults = project(["small.arch"])
    assert faults == ()
    return check_file("small.arch", found.asked("small.arch"))


def test_a_check_holds_the_budgets_of_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = checked(tmp_path, 'budgets = {"s*.arch" = ["params <= 31", "macs <= 32"], "t*" = ["params <= 1"]}')
    assert (found.status, [said.code for said in found.diagnostics]) == ("failed", ["A206"])
    assert [(each.quantity, each.holds) for each in found.expectations] == [("params", False), ("macs", True)]


def test_a_project_may_ignore_a_code(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    budget = '"*" = ["params <= 31"]'
    found = checked(tmp_path, f'ignore = ["A206"]\nbudgets = {{{budget}}}')
    assert (found.status, found.diagnostics, found.quieted) == ("ok", (), 1)
    found = checked(tmp_path, f'per-file-ignores = {{"other.arch" = ["A206"]}}\nbudgets = {{{budget}}}')
    assert found.status == "failed"


def test_one_that_a_symbol_leaves_open_is_doubtful(budgets):
    text = "network open\ninput HxWx3\nconv 3x3, 4\n"
    kept, (said,) = held(parse(text), budgets("params <= 112", "macs <= 1M"))
    assert [each.holds for each in kept] == [True, None]
    assert (said.code, said.severity, said.span.text) == ("A206", "warning", "network open")
    assert said.notes == ("archcalc.toml:4: macs <= 1M",)
