"""Whole files as people type them: each reads, and what it prints and what others published holds."""

from pathlib import Path

import pytest

from archcalc.network import load_all

CASES = Path(__file__).parent.parent / "cases"
FILES = sorted(CASES.glob("*.arch"))

#: Parameters that others count: torchvision's model tables, and the repositories that the files name.
PUBLISHED = {
    "MobileNetV1": 4_231_976,
    "MobileNetV2": 3_504_872,
    "SqueezeNet-1.1": 1_235_496,
    "EfficientNet-B0": 5_288_548,
    "ViT-B/16": 86_567_656,
    "SE-ResNet-50": 28_088_024,
    "U-Net-padded": 31_037_633,
    "20-layer": 269_722,
    "32-layer": 464_154,
    "44-layer": 658_586,
    "56-layer": 853_018,
    "110-layer": 1_727_962,
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_reads_and_what_it_prints_holds(path):
    for network in load_all(path):
        report = network.report()
        assert report.status == "ok", [diagnostic.message for diagnostic in report.diagnostics]
        assert report.expectations and all(expectation.holds for expectation in report.expectations)


def test_published_parameters():
    counted = {network.name: network.report().totals.params for path in FILES for network in load_all(path)}
    assert {name: counted[name] for name in PUBLISHED} == PUBLISHED
