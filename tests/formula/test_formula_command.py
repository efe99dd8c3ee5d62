"""``archcalc formula`` as a person or a program runs it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from sympy.parsing.latex import parse_latex
from typer.testing import CliRunner

import archcalc
from archcalc.cli import app
from archcalc.report.style import columns

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs" / "schema" / "formula-1.json").read_text(encoding="utf-8"))
SPECS = [
    "resnet.arch:resnet-50",
    "vgg.arch:D",
    "googlenet.arch",
    "alexnet.arch",
    "fcn.arch:fcn-8s",
    "lenet5.arch:lenet5",
]


@pytest.fixture
def run(monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "80")

    def invoke(*arguments, **options):
        return CliRunner().invoke(app, ["formula", *arguments], catch_exceptions=False, **options)

    return invoke


def executed(run, *arguments):
    namespace = {}
    exec(run(*arguments, "--format", "python").stdout, namespace)
    return namespace


@pytest.mark.parametrize("spec", SPECS)
def test_the_module_gives_the_figures_of_the_report_at_other_sizes(run, spec):
    made = executed(run, f"specs/{spec}")
    network = archcalc.load(ROOT / "specs" / spec)
    for height, width in ((224, 224), (321, 257), (197, 500)):
        report = network.at(input_shape=(network.graph.nodes[0].shape[0], height, width)).report()
        names = ("params", "macs", "flops", "training_flops", "weights_bytes", "activations_bytes", "connections")
        assert {name: made[name](height, width) for name in names} == {n: getattr(report.totals, n) for n in names}
        assert made["output"](height, width) == report.output


def test_the_module_names_the_condition_that_is_broken(run):
    made = executed(run, "specs/googlenet.arch", "--symbolic", "H,W")
    with pytest.raises(ValueError, match="H = 192, W = 224: the network needs H ≥ 193"):
        made["macs"](192, 224)
    with pytest.raises(ValueError, match="W = 0: it must be at least 1"):
        made["params"](224, 0)


def test_a_parameter_is_a_symbol(run):
    assert (
        "params           364288·k² + 4992·k + 474" in run("specs/wide-resnet.arch:wrn-28-10", "--symbolic", "k").stdout
    )
    made = executed(run, "specs/wide-resnet.arch:wrn-50-2", "--symbolic", "width,H")
    other = archcalc.load(ROOT / "specs/wide-resnet.arch:wrn-50-2", settings={"width": 3}, input_shape=(3, 100, 224))
    assert made["macs"](H=100, width=3) == other.report().totals.macs


def test_a_layer_or_group_alone(run):
    found = run("specs/resnet.arch:resnet-50", "--at", "conv3_x", "--only", "macs,field").stdout
    assert "MACs             1212416·⌊(H+7)/8⌋·⌊(W+7)/8⌋" in found.replace("h₁", "⌊(H+7)/8⌋").replace("w₁", "⌊(W+7)/8⌋")
    assert re.search(r"receptive field +99", found)


def test_memory_is_told_if_it_is_asked_for(run):
    found = json.loads(run("specs/alexnet.arch", "--only", "inference peak, saved bytes", "--format", "json").stdout)
    report = archcalc.load(ROOT / "specs/alexnet.arch").report()
    figures = {name: form["value"] for name, form in found["figures"].items()}
    peak, saved = report.totals.inference_peak_bytes, report.totals.saved_bytes
    assert figures == {"inference_peak_bytes": peak, "saved_bytes": saved}


@pytest.mark.parametrize("spec", ["vgg.arch:D", "googlenet.arch", "lenet5.arch"])
def test_json_fits_its_schema_and_its_python_gives_its_value(run, spec):
    found = json.loads(run(f"specs/{spec}", "--layers", "--format", "json").stdout)
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(found)
    for network in found if isinstance(found, list) else [found]:
        for forms in (network, *network["layers"]):
            every = [f for form in forms["figures"].values() for f in (form if isinstance(form, list) else [form])]
            for form in every:
                assert isinstance(form["value"], str) or eval(form["python"], dict(network["symbols"])) == form["value"]
        total = sum(layer["figures"]["macs"]["value"] for layer in network["layers"])
        assert total == network["figures"]["macs"]["value"]


def equations(latex):
    """Each row of the align, its right side: continued rows joined."""
    body = latex.split(r"\begin{align*}")[1].split(r"\end{align*}")[0].replace(" \\\\\n&\\quad", "")
    return dict(row.strip().split(" &= ") for row in body.split("\\\\") if " &= " in row)


@pytest.mark.parametrize("spec", ["googlenet.arch", "alexnet.arch", "lenet5.arch:lenet5"])
def test_latex_is_read_by_another_parser_and_gives_the_figures(run, spec):
    latex = run(f"specs/{spec}", "--only", "macs,flops,params", "--format", "latex").stdout
    assert latex.isascii() and latex.count("{") == latex.count("}")
    network = archcalc.load(ROOT / "specs" / spec)
    _, height, width = network.graph.nodes[0].shape
    values = {"H": height, "W": width}
    rows = equations(latex)
    for name, form in rows.items():  # definitions of floors, before any sum that uses them
        if "text" not in name:
            values[name] = int(parse_latex(form, backend="lark").subs({"H": height, "W": width}))
    totals = network.report().totals
    for name, expected in (("MACs", totals.macs), ("FLOPs", totals.flops), ("params", totals.params)):
        assert parse_latex(rows[rf"\text{{{name}}}"], backend="lark").subs(values) == expected


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("spec", ["googlenet.arch", "alexnet.arch", "lenet5.arch:lenet5"])
def test_no_line_is_wider_than_the_terminal(run, spec, width, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    for more in ([], ["--layers"], ["--only", "inference peak, macs"]):
        lines = run(f"specs/{spec}", *more).stdout.splitlines()
        assert [line for line in lines if columns(line) > width] == []


def test_a_terminal_without_the_signs_gets_letters(run):
    result = CliRunner(charset="ascii").invoke(app, ["formula", "specs/googlenet.arch"])
    assert result.stdout.isascii() and "floor((H+31)/32)" in result.stdout and "h5*w5" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["specs/alexnet.arch", "--symbolic", "Q"], "no parameter or side 'Q'"),
        (["specs/wide-resnet.arch:wrn-28-10", "--symbolic", "dept"], "did you mean 'depth'?"),
        (["specs/wide-resnet.arch:wrn-28-10", "--symbolic", "k", "--set", "k=2"], "has a value by --set"),
        (["specs/alexnet.arch", "--only", "parms"], "did you mean 'params'?"),
        (["specs/alexnet.arch", "--only", "training peak"], "has no closed form"),
        (["specs/alexnet.arch", "--at", "conv9"], "no layer named 'conv9'"),
        (["specs/none.arch"], "cannot read specs/none.arch"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(run, arguments, said):
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in re.sub(r"[\s│]+", " ", result.stderr)


def test_a_choice_of_layers_cannot_be_open(run):
    result = run("specs/wide-resnet.arch:wrn-28-10", "--symbolic", "depth")
    assert result.exit_code == 2 and result.stdout == ""
    assert "error[A407]: a repeat cannot hang on an open symbol" in result.stderr
