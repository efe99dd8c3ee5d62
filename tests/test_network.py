"""The Python face: networks from files and texts, and errors that say what is wrong."""

from __future__ import annotations

import pytest

import archcalc

ONE = 'network one "a title"\ninput 8x8x3\nconv1: conv 3x3, 4\nfc 10\n'
EXPECTED = "expect params = 280 with k = 10\nexpect params = 56\n"
TWO = f"{ONE}\nnetwork Two-B\nparam k = 2\ninput 8x8x3\nconv 3x3, k\n{EXPECTED}"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "two.arch"
    path.write_text(TWO, encoding="utf-8")
    return path


def test_a_text_gives_its_network():
    network = archcalc.parse(ONE)
    assert network.name == "one" and network.graph.title == "a title" and network.diagnostics == ()
    assert repr(network) == "<archcalc.Network 'one': 3 layers>"
    # 3*3*3*4 + 4 by hand, and 6*6*4 inputs to each of 10 neurons with a bias
    assert network.report().totals.params == 112 + 1450


def test_a_file_gives_all_its_networks_or_the_chosen_one(file):
    assert [network.name for network in archcalc.load_all(file)] == ["one", "Two-B"]
    assert archcalc.load(f"{file}:two_b").name == "Two-B"
    assert [network.name for network in archcalc.load_all(f"{file}:one")] == ["one"]


def test_a_file_of_several_wants_a_choice(file):
    with pytest.raises(archcalc.ArchcalcError, match="has 2 networks: one, Two-B") as error:
        archcalc.load(file)
    assert error.value.diagnostics[0].code == "A408" and f"{file}:one" in str(error.value)


def test_a_file_whose_name_has_a_colon_is_itself(tmp_path):
    path = tmp_path / "odd.arch:name"
    path.write_text(ONE, encoding="utf-8")
    assert archcalc.load(path).name == "one"


def test_parameters_and_input_can_be_set(file):
    network = archcalc.load(f"{file}:two-b", settings={"k": 5}, input_shape=(3, 16, 12))
    assert network.graph.settings == {"k": 5} and network.report().input == (3, 16, 12)
    assert network.report().output == (5, 14, 10)


def test_expectations_with_other_parameters_build_the_network_anew(file):
    report = archcalc.load(f"{file}:two-b").report()
    assert [claim.holds for claim in report.expectations] == [True, True] and report.status == "ok"


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "A103"), ("input 8x8x3\nconv 3x3, 4, stirde 2\n", "A105"), ("input 2x2x3\nconv 3x3, 4\n", "A301")],
)
def test_an_error_is_a_value_error_that_draws_its_diagnostics(text, code):
    with pytest.raises(ValueError) as error:
        archcalc.parse(text)
    assert isinstance(error.value, archcalc.ArchcalcError)
    assert [diagnostic.code for diagnostic in error.value.diagnostics] == [code]
    assert str(error.value).startswith(f"error[{code}]: ")


@pytest.mark.parametrize("name", ["missing.arch", "folder"])
def test_an_unreadable_path_is_said(tmp_path, name):
    (tmp_path / "folder").mkdir()
    with pytest.raises(archcalc.ArchcalcError, match="cannot read"):
        archcalc.load(tmp_path / name)


def test_counts_follow_batch_and_dtype():
    network = archcalc.parse(ONE)
    one, four = network.report().totals, network.report(batch=4, dtype="int8").totals
    assert four.macs == 4 * one.macs and four.params == one.params
    assert four.input_bytes == 4 * 8 * 8 * 3


@pytest.mark.parametrize(("options", "said"), [({"batch": 0}, "at least 1"), ({"dtype": "fp64"}, "known: fp32")])
def test_a_bad_option_is_a_value_error(options, said):
    with pytest.raises(ValueError, match=said):
        archcalc.parse(ONE).report(**options)


def test_a_notebook_shows_a_table():
    assert archcalc.parse(ONE)._repr_html_().count("<tr>") == 5


def test_the_package_has_no_other_names():
    with pytest.raises(AttributeError, match="no attribute 'laod'"):
        _ = archcalc.laod
    assert all(hasattr(archcalc, name) for name in archcalc.__all__)


def test_a_file_of_blocks_alone_has_no_network():
    with pytest.raises(archcalc.ArchcalcError, match="describes no network"):
        archcalc.parse("block pair(c):\n    conv 3x3, c; relu\n")
