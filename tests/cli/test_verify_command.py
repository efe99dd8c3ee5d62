"""``archcalc verify`` as a person or a script runs it."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

import archcalc.pytorch
from archcalc.analyses import cost
from archcalc.cli import app
from archcalc.layers import Conv

GOOD = "network one\ninput 8x8x3\nconv1: conv 3x3, 4; relu\nfc: fc 10\n"
OTHER = "network two\ninput 8x8x1\nconv1: conv 3x3, 4, groups 1; bn\n"
OPEN = "network open\ninput HxWx3\nconv 3x3, 4\n"
BROKEN = "network three\ninput 8x8x3\nconv 3x3, 4, stirde 2\n"
SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "schema" / "verify-1.json").read_text(encoding="utf-8"))


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs the command line in a folder with one spec of each kind."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    for name, text in (("good", GOOD), ("other", OTHER), ("open", OPEN), ("broken", BROKEN)):
        (tmp_path / f"{name}.arch").write_text(text, encoding="utf-8")

    def invoke(*arguments, **options):
        return CliRunner().invoke(app, ["verify", *arguments], catch_exceptions=False, **options)

    return invoke


@pytest.fixture
def wrong(monkeypatch):
    """Convolutions count one multiply-add too many."""
    cost._cost.cache_clear()
    macs = Conv.macs
    monkeypatch.setattr(Conv, "macs", lambda self, *inputs: macs(self, *inputs) + 1)
    yield
    cost._cost.cache_clear()


def read(result, many=False):
    found = json.loads(result.stdout)
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(found)
    assert isinstance(found, list) == many
    return found


def test_one_network_is_a_table(run):
    result = run("good.arch")
    assert (result.exit_code, result.stderr) == (0, "")
    assert re.search(r"^MACs +2 +2 +5,328 +5,328  agrees   FlopCounterMode$", result.stdout, re.M)
    assert "13 quantities agree" in result.stdout and "against PyTorch " in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 100


def test_several_are_a_line_each(run):
    result = run("good.arch", "other.arch", "--quick")
    assert result.exit_code == 0
    assert re.search(r"^good.arch:one +4 +\d+  6 agree$", result.stdout, re.M)
    assert re.search(r"^2 networks: all agree, in \d+ comparisons$", result.stdout, re.M)


def test_a_difference_is_told_with_its_layer_and_line(run, wrong):
    result = run("good.arch", "--only", "macs,params")
    assert result.exit_code == 1
    assert "1 of 2 quantities differs: MACs" in result.stdout
    assert re.search(r"^MACs +conv1.conv +3 +3,889 +3,888$", result.stdout, re.M)
    several = run("good.arch", "other.arch", "--only", "macs")
    assert several.exit_code == 1 and "0 agree, 2 differ" in several.stdout
    assert re.search(r"^MACs +conv1.conv +3 +1,297 +1,296$", several.stdout, re.M)


@pytest.mark.parametrize("width", ["40", "60", "80"])
def test_narrow_terminals_wrap_nothing(run, wrong, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", width)
    for specs in (["good.arch"], ["good.arch", "other.arch"]):
        lines = run(*specs, "--only", "macs").stdout.splitlines()
        assert max(map(len, lines)) <= int(width)


def test_json(run, wrong):
    found = read(run("good.arch", "--only", "macs,field", "--format", "json"))
    assert found["status"] == "failed" and found["network"] == "one" and found["layers"] == 4
    macs, field = found["quantities"]
    assert (macs["verdict"], macs["ours"], macs["theirs"]) == ("differs", 5329, 5328)
    assert macs["departures"] == [
        {"layer": "conv1.conv", "line": 3, "there": "", "ours": 3889, "theirs": 3888, "note": ""}
    ]
    assert field["verdict"] == "agrees" and field["skipped"][0]["layers"] == 1
    several = read(run("good.arch", "other.arch", "--only", "macs", "--format", "json"), many=True)
    assert [each["network"] for each in several] == ["one", "two"]


def test_what_cannot_be_read_is_told_and_the_others_verified(run):
    result = run("broken.arch", "good.arch", "open.arch", "missing.arch", "--quick")
    assert result.exit_code == 2 and "6 quantities agree" in result.stdout
    assert "stirde" in result.stderr and "cannot read missing.arch" in result.stderr
    assert re.search(r"^error: open.arch:open: .* open symbol: give every parameter a number$", result.stderr, re.M)
    found = read(run("broken.arch", "--format", "json"))
    assert found["status"] == "unreadable" and found["diagnostics"][0]["line"] == 3
    assert run("open.arch", "--input", "8x8x3", "--quick").exit_code == 0


def test_standard_input_and_other_inputs(run):
    result = run("-", "--quick", "--input", "16x16x3", input=GOOD)
    assert result.exit_code == 0 and "<stdin>" in result.stdout and "29,008" in result.stdout


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [("--only", "mac", "did you mean 'macs'"), ("--format", "xml", "json"), ("--set", "k", "NAME=NUMBER")],
)
def test_a_bad_option_is_a_bad_command_line(run, option, value, said):
    result = run("good.arch", option, value)
    assert result.exit_code == 2 and result.stdout == ""
    assert said in re.sub(r"[│\s]+", " ", result.stderr)


def test_what_quick_leaves_out_cannot_be_asked_for(run):
    result = run("good.arch", "--quick", "--only", "macs,field")
    assert result.exit_code == 2 and "--quick leaves field out" in re.sub(r"[│\s]+", " ", result.stderr)


def test_quantities_as_people_write_them(run):
    assert "training FLOPs" in run("good.arch", "--only", "Training-FLOPs").stdout


def test_without_torch_one_line_says_what_to_install(run, monkeypatch):
    monkeypatch.setattr(archcalc.pytorch, "find_spec", lambda name: None)
    result = run("good.arch")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "error: this needs PyTorch: pip install 'archcalc[torch]'\n"


MODULE = """
import torch
print("loading")
class Net(torch.nn.Module):
    def __init__(self, stride=1):
        super().__init__()
        self.conv, self.fc = torch.nn.Conv2d(3, 4, 3, stride), torch.nn.Linear(36 if stride == 2 else 144, 10)
    def forward(self, x):
        return self.fc(self.conv(x).flatten(1))
def other():
    return Net(2)
def fails():
    raise RuntimeError("no weights here")
class Two(torch.nn.Module):
    def forward(self, one, other):
        return one
instance = Net()
"""


@pytest.fixture
def nets(tmp_path, monkeypatch):
    """A file of modules in the current folder."""
    (tmp_path / "nets_here.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield
    sys.modules.pop("nets_here", None)


def test_a_module_of_ones_own(run, nets):
    for name in ("Net", "instance"):
        result = run("good.arch", "--module", f"nets_here:{name}")
        assert result.exit_code == 0 and "6 quantities agree" in result.stdout and "loading" not in result.stdout
    result = run("good.arch", "--module", "nets_here:other")
    assert result.exit_code == 1
    assert re.search(r"^layers +conv1.conv +3 +stride 1x1 +conv +stride 2x2$", result.stdout, re.M)
    found = read(run("good.arch", "--module", "nets_here:other", "--format", "json"))
    departure = found["quantities"][0]["departures"][0]
    assert (departure["layer"], departure["there"], departure["theirs"]) == ("conv1.conv", "conv", "stride 2x2")
    assert found["against"].startswith("nets_here:other, PyTorch ")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nets_here", "'nets_here' is not package.module:factory, as in mynet.models:resnet50"),
        ("nothing_here:Net", "nothing_here:Net: there is no module 'nothing_here' on the path or in this folder"),
        ("nets_here:Nets", "nets_here has no 'Nets'; did you mean 'Net'?"),
        ("nets_here:fails", "nets_here:fails() raises RuntimeError: no weights here"),
        ("nets_here:torch.pi", "nets_here:torch.pi gives a float, not a torch.nn.Module"),
        ("nets_here:Two", "good.arch:one: the module refuses an input of 1x3x8x8 (batch, channels first): TypeError: "),
    ],
)
def test_a_module_that_cannot_be_had_is_one_line(run, nets, name, said):
    result = run("good.arch", "--module", name)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"error: {said}" in result.stderr and result.stderr.count("error") == 1 and "Traceback" not in result.stderr


def test_what_is_compared_with_a_module_cannot_be_chosen(run, nets):
    assert run("good.arch", "--module", "nets_here:Net", "--quick").exit_code == 2
