"""What leads as symbols grow, and forms in a depth: against values far out, and networks of other depths."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

import archcalc
from archcalc.algebra import ceil_div, evaluate, largest, smallest, symbol, to_text
from archcalc.analyses.formula.growth import _growth, growths
from archcalc.cli import app
from archcalc.report.formula.growth import listed

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs" / "schema" / "formula-1.json").read_text(encoding="utf-8"))
FAR = 10**9


@pytest.fixture
def run(monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "100")

    def invoke(*arguments):
        return CliRunner().invoke(app, ["formula", *arguments], catch_exceptions=False)

    return invoke


@pytest.mark.parametrize(
    ("spec", "names"),
    [
        ("resnet.arch:resnet-50", ("H", "W")),
        ("googlenet.arch", ("H", "W", "C")),
        ("wide-resnet.arch:wrn-28-10", ("k", "H")),
        ("vgg.arch:D", ("H",)),
        ("fcn.arch:fcn-8s", ("H", "W")),
    ],
)
def test_what_leads_is_all_there_is_far_out(spec, names):
    formula = archcalc.load(ROOT / "specs" / spec).formula(*names)
    found = growths(formula, ("params", "macs", "flops", "activations", "weights bytes"))
    assert {each.symbols for each in found} >= {(name,) for name in names}
    for growth in found:
        far = {**formula.symbols, **dict.fromkeys(growth.symbols, FAR)}
        value = evaluate(formula.whole.values[growth.quantity], far)
        if growth.degree:
            assert abs(growth.leading.at(far) / value - 1) < Fraction(1, 10**4)
        else:  # it does not hang on them
            near = {**formula.symbols, **dict.fromkeys(growth.symbols, FAR // 7)}
            assert evaluate(formula.whole.values[growth.quantity], near) == value


def test_maxima_lead_where_all_their_parts_do_alike():
    formula = archcalc.parse("input HxWx3\nconv 3x3, 4").formula()
    h, w = symbol("H"), symbol("W")
    alike = smallest(ceil_div(h + 1, 2), (h - 1) // 2 + 3)
    assert to_text(_growth(formula, "", 6 * alike, ("H",)).leading.above) == "3·H"
    assert _growth(formula, "", largest(h, w), ("H", "W")).leading is None
    assert _growth(formula, "", largest(h, 7 * w), ("W",)).leading is None
    assert _growth(formula, "", h * largest(w, 5), ("H",)).degree == 1


@pytest.mark.parametrize(
    ("spec", "parameter", "others", "depths"),
    [
        ("resnet-cifar.arch:resnet-20", "depth", {}, (8, 110, 302)),
        ("wide-resnet.arch:wrn-28-10", "depth", {"k": 3}, (10, 100)),
        ("preact-resnet.arch:preact-110", "n", {}, (1, 30)),
        ("densenet.arch:densenet-bc-100-12", "depth", {}, (10, 22, 190)),
    ],
)
def test_forms_in_a_depth_are_true_of_other_depths(run, spec, parameter, others, depths):
    network = archcalc.load(ROOT / "specs" / spec)
    names = ",".join([parameter, *others])
    made = run(f"specs/{spec}", "--symbolic", names, "--asymptotic", "--format", "json")
    assert made.exit_code == 0, made.stderr
    found = json.loads(made.stdout)
    Draft202012Validator(SCHEMA).validate(found)
    family = found["family"]
    for depth in depths:
        turn, rest = divmod(depth - family["rest"], family["step"])
        assert not rest
        totals = network.at({parameter: depth, **others}).report().totals
        values = {family["symbol"]: turn, **others}
        for name in ("params", "macs", "flops", "activations", "weights_bytes", "depth"):
            assert eval(found["figures"][name]["python"], dict(values)) == getattr(totals, name), (name, depth)


def test_a_depth_is_told_with_how_it_was_found(run):
    text = run("specs/resnet-cifar.arch:resnet-20", "--symbolic", "depth", "--asymptotic").stdout
    assert "depth = 6·n + 2, polynomials through some networks, true of all of depth = 8, 14, ..., 56" in text
    assert re.search(r"params +97216·n - 21926\n +    = 269,722 at n = 3\n", text)
    assert re.search(r"params +n +97216·n +108\.13 %", text)
    namespace = {}
    exec(
        run("specs/resnet-cifar.arch:resnet-20", "--symbolic", "depth", "--asymptotic", "--format", "python").stdout,
        namespace,
    )
    assert namespace["params"](3) == 269_722 and namespace["depth"](18) == 110


def test_values_that_were_checked_are_listed_with_their_gaps():
    assert listed((8, 14, 20, 1130, 1136, 1142, 1148, 1154), 6) == "8, 14, 20, 1130, 1136, ..., 1154"
    assert listed((1, 2, 3), 1) == "1, 2, 3"


def test_growth_per_pixel(run):
    text = run("specs/resnet.arch:resnet-50", "--asymptotic", "--only", "macs,params").stdout
    assert re.search(r"MACs  H, W +76848·H·W +99\.95 %", text)
    assert re.search(r"params +25,557,032\n", text)


def test_what_doubles_each_time_is_no_polynomial(run):
    found = run(
        "specs/fractalnet.arch:fractal-of-fractals", "--symbolic", "columns", "--asymptotic", "--only", "params"
    )
    assert found.exit_code == 0 and re.search(r"params +none: no polynomial of low degree fits", found.stdout)


def test_what_has_no_form_while_another_symbol_is_open_says_so(run):
    asked = ("specs/densenet.arch:densenet-bc-100-12", "--asymptotic", "--only", "params,macs", "--symbolic")
    text = " ".join(run(*asked, "depth,k").stdout.split())
    why = "no polynomial of low degree fits while k is open; one does with --set k=12"
    assert f"params none: {why}" in text and "without a form no growth is told: params, MACs" in text
    assert "none of these grows" not in text
    assert "params 1884·n² + 17856·n + 1162" in " ".join(run(*asked, "depth", "--set", "k=12").stdout.split())
    module = run(*asked, "depth,k", "--format", "python")
    assert module.exit_code == 1 and f"no closed form of params: {why}" in module.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--symbolic", "depth"], "'depth' decides which layers there are, so it cannot be a symbol"),
        (["--symbolic", "depth", "--asymptotic", "--layers"], "the layers themselves hang on 'depth'"),
    ],
)
def test_what_cannot_be_open_is_told_with_its_repair(run, arguments, said):
    result = run("specs/wide-resnet.arch:wrn-28-10", *arguments)
    assert result.exit_code == 2 and result.stdout == "" and said in result.stderr


def test_names_of_python_and_of_the_forms_themselves_are_no_trouble(run, tmp_path):
    spec = tmp_path / "odd.arch"
    text = "param lambda = 3\nparam check = 4\nparam h1 = 2\ninput 32x32x3\n"
    text += "conv 3x3, (lambda*check), s2\nconv 3x3, h1, s2\n"
    spec.write_text(text)
    refused = run(str(spec), "--symbolic", "lambda")
    assert refused.exit_code == 2 and "Python keeps the word" in re.sub(r"[\s│]+", " ", refused.stderr)
    namespace = {}
    exec(run(str(spec), "--symbolic", "check,h1,H", "--format", "python").stdout, namespace)
    report = archcalc.parse(text, settings={"check": 5, "h1": 7}, input_shape=(3, 41, 32)).report()
    assert namespace["macs"](H=41, check=5, h1=7) == report.totals.macs


def test_a_fractional_multiplier_cannot_be_open(run, tmp_path):
    spec = tmp_path / "alpha.arch"
    spec.write_text("param alpha = 0.75\ninput 8x8x3\nconv 3x3, (alpha*32)\n")
    result = run(str(spec), "--symbolic", "alpha")
    assert result.exit_code == 2
    assert "'alpha' is a fraction in the text and a symbol a whole number" in re.sub(r"[\s│]+", " ", result.stderr)
