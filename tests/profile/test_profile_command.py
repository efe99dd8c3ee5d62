"""``archcalc profile`` as a person or a program sees it. What is measured is made up, but for a few small networks."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from measurements import NOISE, measured
from typer.testing import CliRunner

from archcalc.cli import app
from archcalc.history import History
from archcalc.pytorch import profile as engine
from archcalc.report.profile.json import profile_of

ROOT = Path(__file__).parents[2]
SCHEMA = Draft202012Validator(json.loads((ROOT / "docs/schema/profile-1.json").read_text(encoding="utf-8")))
RESNET = str(ROOT / "specs/resnet.arch:resnet-18")
SMALL = "network one\ninput 8x8x3\nconv1: conv 3x3, 4; relu\nfc: fc 10\n"


@pytest.fixture(autouse=True)
def database(tmp_path, monkeypatch):
    path = tmp_path / "data" / "history.sqlite"
    monkeypatch.setenv("ARCHCALC_DB", str(path))
    return path


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "one.arch"
    path.write_text(SMALL, encoding="utf-8")
    return str(path)


class Engine:
    """Stands in for what measures: gives, or raises, what it is told, in order; then quiet measurements."""

    def __init__(self):
        self.settings = []
        self.outcomes = []

    def alternate(self, wanted, *, say=None):
        self.settings.append([each.setting for each in wanted])
        say("measuring", 0.5)
        outcome = self.outcomes.pop(0) if self.outcomes else {}
        if isinstance(outcome, BaseException):
            raise outcome
        spec = "specs/resnet.arch:resnet-18"
        made = [measured(spec, batch=each.setting.batch, seed=place) for place, each in enumerate(wanted)]
        return [each.but(setting=of.setting, **outcome) for each, of in zip(made, wanted, strict=True)]


@pytest.fixture
def made_up(monkeypatch):
    stand_in = Engine()
    monkeypatch.setattr("psutil.cpu_percent", lambda interval: 0.0)  # or a retry waits until this machine is quiet
    monkeypatch.setattr(engine, "alternate", stand_in.alternate)
    return stand_in


def run(*arguments, code=0, env=None):
    result = CliRunner().invoke(app, ["profile", *arguments], catch_exceptions=False, env=env)
    assert result.exit_code == code, result.output
    return result


def told(*arguments, code=0):
    found = json.loads(run(*arguments, "--format", "json", code=code).stdout)
    SCHEMA.validate(found)
    return found


def flat(text):
    return re.sub(r"[│\s]+", " ", text)


def test_a_network_is_measured_and_kept(made_up, database):
    result = run(RESNET)
    assert re.search(r"^median +[\d.]+ ms  95 % between", result.stdout, re.M)
    assert "conv1.bn " in result.stdout and result.stderr == ""
    assert "kept as no. 1" in result.stdout
    kept = History(database).find(1)
    assert (kept.kind, kept.network) == ("profile", "resnet-18")
    assert profile_of(kept.document).whole.median == kept.median_ns


def test_nothing_is_kept_where_that_is_asked_for(made_up, database):
    assert "kept" not in run(RESNET, "--no-record").stdout
    assert not database.exists()


def test_a_history_elsewhere(made_up, database, tmp_path):
    other = tmp_path / "other.sqlite"
    run(RESNET, "--db", str(other))
    assert History(other).count() == 1 and not database.exists()


def test_what_cannot_be_kept_is_shown_all_the_same(made_up, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    result = run(RESNET, "--batch", "1,2", "--db", str(tmp_path / "file" / "h.sqlite"))
    assert len(re.findall("^median", result.stdout, re.M)) == 2 and result.stderr.count("warning: not kept") == 1


def test_every_combination_is_measured_in_order(made_up):
    run(RESNET, "--batch", "1,8,8", "--dtype", "fp32,bf16", "--vary", "channels-last", "--time", "1.5s")
    asked = [setting for (setting,) in made_up.settings]
    assert [(each.batch, each.dtype, each.channels_last) for each in asked] == [
        (batch, dtype, last) for batch in (1, 8) for dtype in ("fp32", "bf16") for last in (False, True)
    ]
    assert {each.seconds for each in asked} == {1.5}


@pytest.mark.parametrize(("text", "seconds"), [("500ms", 0.5), ("5s", 5), ("2min", 120), ("3", 3), (".5 S", 0.5)])
def test_times(made_up, text, seconds):
    run(RESNET, "--time", text)
    assert made_up.settings[0][0].seconds == pytest.approx(seconds)


def test_several_are_a_table_at_the_end(made_up):
    lines = run(RESNET, "--batch", "1,8").stdout.splitlines()
    assert [line.split()[:2] for line in lines[-2:]] == [["resnet-18", "1"], ["resnet-18", "8"]]
    assert "conv1.bn " not in "\n".join(lines), "several are folded"
    assert any(line.startswith("conv2_x ") for line in lines)


def test_json_is_an_object_of_one_and_an_array_of_several(made_up):
    assert told(RESNET)["network"] == "resnet-18"
    assert [each["setting"]["batch"] for each in told(RESNET, "--batch", "1,8")] == [1, 8]


def test_csv_has_one_header(made_up):
    rows = list(csv.DictReader(io.StringIO(run(RESNET, "--batch", "1,8", "--format", "csv").stdout)))
    assert {row["batch"] for row in rows} == {"1", "8"} and {row["part"] for row in rows} == {"layer", "other", "whole"}


def test_noisy_is_no_failure(made_up):
    made_up.outcomes = [{"noise": (NOISE,)}] * 2
    assert "noisy: the medians of 4 blocks" in run(RESNET).stdout
    assert told(RESNET)["noisy"] is True


def test_noisy_is_measured_again_and_the_quietest_told(made_up):
    made_up.outcomes = [
        {"noise": (NOISE, NOISE.but(sign="load"))},
        {"noise": (NOISE,), "warmup": 77},
        {"noise": (NOISE,) * 3},
    ]
    result = run(RESNET, "--retry", "2")
    assert len(made_up.settings) == 3 and result.stderr.count("is noisy") == 2
    assert "measured again once it is quiet, 2 of 2" in result.stderr
    assert "after 77 to warm up" in result.stdout


def test_quiet_is_measured_once(made_up):
    run(RESNET, "--retry", "5")
    assert len(made_up.settings) == 1


def test_what_was_measured_before_is_told_where_memory_ends(made_up, database):
    fault = engine.Unmeasurable("cpu has not enough memory", "--batch 300 fits, as predicted", largest_batch=300)
    made_up.outcomes = [{}, fault, {}]
    result = run(RESNET, "--batch", "1,512,8", code=2)
    assert re.search(r"^resnet-18 +8 ", result.stdout, re.M) and History(database).count() == 2
    assert result.stderr == "error: cpu has not enough memory; --batch 300 fits, as predicted\n"
    made_up.outcomes = [{}, fault]
    assert [each["setting"]["batch"] for each in told(RESNET, "--batch", "1,512", code=2)] == [1]


def test_what_was_measured_of_one_that_fails_is_kept(made_up, database):
    part = measured("specs/resnet.arch:resnet-18", interrupted=True)
    made_up.outcomes = [engine.Unmeasurable("the GPU is gone", layer="conv1.bn", partial=part)]
    result = run(RESNET, code=2)
    assert "error: conv1.bn: the GPU is gone" in result.stderr
    assert "interrupted: fewer runs" in result.stdout and History(database).count() == 1


def test_a_layer_that_is_named_is_not_named_twice(made_up):
    made_up.outcomes = [engine.Unmeasurable("stem does not run", layer="stem")]
    assert run(RESNET, code=2).stderr == "error: stem does not run\n"


def test_the_same_fault_is_told_once(made_up):
    made_up.outcomes = [engine.Unmeasurable("no CUDA device", "--device cpu measures on the CPU")] * 3
    result = run(RESNET, "--device", "cuda", "--batch", "1,2,3", code=2)
    assert result.stderr.count("no CUDA device") == 1
    made_up.outcomes = [engine.Unmeasurable("no CUDA device")]
    assert told(RESNET, "--device", "cuda", code=2) == []


@pytest.mark.parametrize("form", ["text", "json", "csv", "markdown"])
def test_an_interrupt_keeps_what_there_is_and_ends(made_up, database, form):
    made_up.outcomes = [{}, {"interrupted": True}]
    result = run(RESNET, "--batch", "1,2,3", "--format", form, code=130)
    assert len(made_up.settings) == 2 and History(database).count() == 2
    assert result.stderr == "warning: interrupted: 1 of 3 was not measured\n"
    if form == "json":
        assert [each["interrupted"] for each in json.loads(result.stdout)] == [False, True]
    else:
        assert re.search("interrupted|true", result.stdout, re.I)


def test_an_interrupt_before_anything_was_measured(made_up):
    made_up.outcomes = [KeyboardInterrupt()]
    result = run(RESNET, code=130)
    assert (result.stdout, result.stderr) == ("", "warning: interrupted: nothing was measured\n")
    made_up.outcomes = [KeyboardInterrupt()]
    assert told(RESNET, code=130) == []
    made_up.outcomes = [{}, engine.Unmeasurable("no"), KeyboardInterrupt()]
    said = run(RESNET, "--batch", "1,2,3,4", code=130).stderr
    assert said == "error: no\nwarning: interrupted: 2 of 4 were not measured\n"
    made_up.outcomes = [{"noise": (NOISE,)}, KeyboardInterrupt()]
    assert "noisy: the medians" in run(RESNET, "--retry", "1", code=130).stdout


def test_two_are_compared_by_turns(made_up):
    result = run(RESNET, "--batch", "1,2", "--compare")
    assert [[each.batch for each in pair] for pair in made_up.settings] == [[1, 2]]
    assert re.search(
        r"^A  resnet-18, batch 1, .*\nB  resnet-18, batch 2, .*\nB is slower: B takes 1\.\d+ times as long",
        result.stdout,
        re.M,
    )
    found = told(RESNET, "--batch", "2,1", "--compare")
    assert found["ratio"]["verdict"] == "faster" and [each["setting"]["batch"] for each in found["profiles"]] == [2, 1]
    assert "faster" in run(RESNET, "--batch", "2,1", "--compare", "--format", "markdown").stdout
    made_up.outcomes = [{"noise": (NOISE,)}]
    assert told(RESNET, "--batch", "2,1", "--compare")["ratio"]["verdict"] == "doubtful"
    made_up.outcomes = [engine.Unmeasurable("no")]
    assert told(RESNET, "--batch", "2,1", "--compare", code=2)["ratio"] is None


@pytest.mark.parametrize(("arguments", "words"), [
    (("--device", "gpu"), "did you mean cuda?"),
    (("--device", "mps"), "'mps' is not cpu, cuda or cuda:N"),
    (("--batch", "1,0"), "'0' is not a number from 1"),
    (("--batch", "9" * 40), "is not a number from 1"),
    (("--dtype", "fp23"), "did you mean 'fp32'?"),
    (("--dtype", "int8"), "is no type to run in"),
    (("--dtype", "tf32"), "tf32 is of GPUs"),
    (("--threads", "two"), "'two' is not a number"),
    (("--cuda-graph",), "needs a GPU"),
    (("--cuda-graph", "--train", "--device", "cuda"), "is of inference"),
    (("--optimizer", "adam"), "--train"),
    (("--train", "--optimizer", "adan"), "did you mean 'adam'?"),
    (("--time", "5 years"), "as 500ms, 5s or 2min"),
    (("--time", "0s"), "between 10ms and 60min"),
    (("--time", "9" * 400), "as 500ms, 5s or 2min"),
    (("--retry", "-1"), "-1 is not in the range"),
    (("--vary", "compiled"), "did you mean 'compile'?"),
    (("--vary", "compile", "--compile"), "leave --compile out"),
    (("--compare",), "two are compared, this is 1"),
    (("--compare", "--batch", "1,2", "--format", "csv"), "--format json"),
    (("--format", "json", "--depth", "1"), "json has every layer"),
    (("--db", "x.sqlite", "--no-record"), "leave one out"),
    (("--input", "224x224x3", "--input", "8x8x3"), "several are of a module"),
    (("--module", "a:b"), "leave one out"),
])  # fmt: skip
def test_bad_options_are_told_before_anything_is_run(made_up, arguments, words):
    assert words in flat(run(RESNET, *arguments, code=2).output)
    assert made_up.settings == []


@pytest.mark.parametrize(("arguments", "words"), [
    ((), "what is to be measured?"),
    (("--module", "nets:make"), "--input 224x224x3"),
    (("--module", "nets:make", "--input", "8x8x3", "--set", "k=3"), "no parameters to set"),
])  # fmt: skip
def test_nothing_to_measure(made_up, arguments, words):
    assert words in flat(run(*arguments, code=2).output)


def test_a_file_that_is_none_spoils_no_other(made_up, tmp_path, small):
    (tmp_path / "bad.arch").write_text("input 8x8x3\nconvv 3x3, 8\n", encoding="utf-8")
    result = run(str(tmp_path / "bad.arch"), RESNET, code=2)
    assert "error[" in result.stderr and "median" in result.stdout
    assert told(str(tmp_path / "missing.arch"), code=2) == []


def test_bad_options_import_no_torch():
    code = (
        "import sys, archcalc.cli\n"
        f"sys.argv = ['archcalc', 'profile', {RESNET!r}, '--batch', '0']\n"
        "try: archcalc.cli.main()\n"
        "except SystemExit: pass\n"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60).returncode == 0


def test_a_small_network_is_really_measured(small):
    found = told(small, "--time", "20ms", "--threads", "1")
    assert found["layers_ns"] + found["other_ns"] == found["whole"]["median_ns"] > 0
    assert [layer["name"] for layer in found["layers"]][-1] == "fc" and found["inputs"] == [[3, 8, 8]]
    assert found["digest"] == sha256(SMALL.encode()).hexdigest()
    assert len(found["samples_ns"]) == sum(found["blocks"]) == found["whole"]["count"]


def test_a_module_is_really_measured(tmp_path, monkeypatch):
    (tmp_path / "my_small_net.py").write_text(
        "from torch import nn\ndef make():\n    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())\n", encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    found = told("--module", "my_small_net:make", "--input", "8x8x3", "--time", "20ms", "--threads", "1")
    assert found["inputs"] == [[3, 8, 8]] and found["digest"] == "" and found["macs"] == 6 * 6 * 4 * 27
    assert "there is no module 'nowhere'" in run("--module", "nowhere:make", "--input", "8x8x3", code=2).stderr
