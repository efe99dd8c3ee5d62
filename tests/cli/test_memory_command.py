"""``archcalc memory`` as a person or a program sees it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

import archcalc
from archcalc.analyses.memory.optimizers import OPTIMIZERS
from archcalc.cli import app

ROOT = Path(__file__).parents[2]
SCHEMA = Draft202012Validator(json.loads((ROOT / "docs/schema/memory-1.json").read_text(encoding="utf-8")))
VGG = str(ROOT / "specs/vgg.arch:D")
CIFAR = str(ROOT / "specs/resnet-cifar.arch:resnet-20")


def run(*arguments, code=0, env=None):
    result = CliRunner().invoke(app, ["memory", *arguments], catch_exceptions=False, env=env)
    assert result.exit_code == code, result.output
    return result


def told(*arguments):
    found = json.loads(run(*arguments, "--format", "json").stdout)
    SCHEMA.validate(found)
    return found


@pytest.mark.parametrize("width", [60, 80, 100, 200])
@pytest.mark.parametrize("spec", [VGG, CIFAR, str(ROOT / "specs/densenet.arch:densenet121")])
def test_nothing_wraps(spec, width):
    text = run(spec, "--optimizer", "adam", "--fit", "24GB", env={"COLUMNS": str(width)}).stdout
    assert max(map(len, text.splitlines())) <= width
    assert text.count("peak") >= 4 and "largest batch in 24,000,000,000" in text


def test_items_add_up_and_each_moment_is_below_the_peak():
    for spec in (VGG, CIFAR):
        for optimizer in OPTIMIZERS:
            found = told(spec, "--optimizer", optimizer, "--batch", "4")
            for budget in (found["inference"], found["training"]):
                assert sum(budget["items"].values()) == budget["peak_bytes"]
            moments = found["moments"]
            assert max(moment["inference"] for moment in moments) == found["inference"]["peak_bytes"]
            of_layers = max(max(moment["forward"] or 0, moment["backward"] or 0) for moment in moments)
            assert max(of_layers, found["step_bytes"]) == found["training"]["peak_bytes"]


def test_the_step_of_adam_may_be_the_peak():
    assert told(VGG, "--optimizer", "adam")["training"]["phase"] == "optimizer"
    assert told(VGG, "--optimizer", "sgd")["training"]["phase"] == "backward"


def test_a_report_has_the_same_figures():
    found = told(VGG, "--batch", "3", "--optimizer", "momentum", "--dtype", "bf16")
    totals = archcalc.load(VGG).report(batch=3, optimizer="momentum", dtype="bf16").totals
    assert totals.training_peak_bytes == found["training"]["peak_bytes"]
    assert totals.inference_peak_bytes == found["inference"]["peak_bytes"] - found["weights_bytes"]
    assert totals.saved_bytes == found["saved_bytes"]
    assert totals.optimizer_bytes == found["training"]["items"]["optimizer"]


@pytest.mark.parametrize(("size", "room"), [("2GB", 2 * 10**9), ("1 GiB", 2**30), ("700000000", 7 * 10**8)])
def test_the_largest_batch_fits_and_one_more_does_not(size, room):
    network, fit = archcalc.load(CIFAR), told(CIFAR, "--fit", size)["fit"]
    assert fit["room"] == room
    for more, fits in ((0, True), (1, False)):
        assert (network.memory(batch=fit["training"] + more).training.peak_bytes <= room) is fits
        assert (network.memory(batch=fit["inference"] + more).inference.peak_bytes <= room) is fits


def test_a_device_means_its_memory_and_cuda():
    found = told(CIFAR, "--fit", "a100-80gb")
    assert (found["on"], found["fit"]["room"]) == ("cuda", 80 * 10**9)
    assert told(CIFAR, "--fit", "a100-80gb", "--on", "cpu")["on"] == "cpu"


def test_not_even_one_image_fits():
    assert told(VGG, "--fit", "100MB", "--optimizer", "adam")["fit"] == {"room": 10**8, "inference": 0, "training": 0}


def test_int8_is_not_trained():
    found = told(CIFAR, "--dtype", "int8")
    assert found["training"] is None and all(moment["forward"] is None for moment in found["moments"])
    assert "int8 is not trained" in run(CIFAR, "--dtype", "int8").stdout


def test_cuda_allocates_in_blocks():
    found = told(CIFAR, "--on", "cuda", "--batch", "3")
    assert all(tensor["bytes"] % 512 == 0 for tensor in found["training"]["tensors"])
    assert found["weights_bytes"] % 512 == 0


def test_checkpointing_saves_memory():
    plain, checkpointed = told(CIFAR, "--batch", "32"), told(CIFAR, "--batch", "32", "--checkpoint", "4")
    assert checkpointed["training"]["peak_bytes"] < plain["training"]["peak_bytes"]
    assert checkpointed["inference"] == plain["inference"]


def test_mixed_precision_halves_what_is_between():
    plain, mixed = told(CIFAR, "--batch", "32"), told(CIFAR, "--batch", "32", "--amp")
    assert mixed["amp"] is True and mixed["weights_bytes"] == plain["weights_bytes"]
    assert 0.5 < mixed["training"]["peak_bytes"] / plain["training"]["peak_bytes"] < 0.65
    assert "autocast" in run(CIFAR, "--amp").stdout
    assert "leave --dtype out" in re.sub(r"[│\s]+", " ", run(CIFAR, "--amp", "--dtype", "fp16", code=2).output)


def test_side_heads_count_where_they_are_asked_for():
    spec = str(ROOT / "specs/googlenet.arch:googlenet")
    plain, aux = told(spec), told(spec, "--aux")
    assert plain["aux"] is False and aux["aux"] is True
    assert aux["training"]["peak_bytes"] > plain["training"]["peak_bytes"]


@pytest.mark.parametrize(("arguments", "words"), [
    (("--optimizer", "adan"), "did you mean 'adam'?"),
    (("--fit", "24XB"), "24GB"),
    (("--fit", "h1000"), "h100"),
    (("--fit", "a1000-80"), "--fit"),
    (("--batch", "0"), "0 is not in the range"),
])  # fmt: skip
def test_bad_options(arguments, words):
    result = run(CIFAR, *arguments, code=2)
    assert words in re.sub(r"[│\s]+", " ", result.output)


def test_an_open_size_and_a_bad_file(tmp_path):
    path = tmp_path / "open.arch"
    path.write_text("input HxWx3\nconv 3x3, 8\n", encoding="utf-8")
    result = run(str(path), code=2)
    told = " ".join(result.stderr.split())
    assert "a size that hangs on H and W has no value: give it one with --set or --input" in told
    assert result.stderr.count("\n") <= 3
    bad = tmp_path / "bad.arch"
    bad.write_text("input 8x8x3\nconvv 3x3, 8\n", encoding="utf-8")
    result = run(str(bad), CIFAR, code=2)
    assert "resnet-20" in result.stdout and "error[" in result.stderr


def test_markdown():
    text = run(CIFAR, "--format", "markdown").stdout
    assert "| peak |" in text and text.startswith("**resnet-20**")
