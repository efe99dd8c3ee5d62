"""The table of devices: each name finds its own, and its facts agree with each other.

``UPDATE_GOLDEN=1 pytest -n0 tests/test_devices.py`` writes the table of docs/devices.md anew.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from archcalc.devices import UnknownDevice, device_named, devices, sources, wrong_elsewhere

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "devices.md"
TOLERANCE = 0.03

#: What drivers report, and people type.
CALLED = {
    "NVIDIA A100-SXM4-40GB": ("a100-sxm4-40gb", 40), "NVIDIA A100-SXM4-80GB": ("a100-sxm4-80gb", 80),
    "NVIDIA A100 80GB PCIe": ("a100-pcie-80gb", 80), "NVIDIA A100-PCIE-40GB": ("a100-pcie-40gb", 40),
    "Tesla V100-SXM2-16GB": ("v100-sxm2-16gb", 16), "Tesla V100-PCIE-32GB": ("v100-pcie-32gb", 32),
    "NVIDIA H100 80GB HBM3": ("h100-sxm5-80gb", 80), "NVIDIA H100 PCIe": ("h100-pcie-80gb", 80),
    "NVIDIA H200": ("h200", 141), "NVIDIA B200": ("b200", 180), "Tesla T4": ("t4", 16), "NVIDIA A10": ("a10", 24),
    "NVIDIA L4": ("l4", 24), "NVIDIA L40S": ("l40s", 48), "Tesla K40m": ("k40", 12), "GeForce GTX 580": ("gtx-580", 3),
    "NVIDIA GeForce RTX 2080 Ti": ("rtx-2080-ti", 11), "NVIDIA GeForce RTX 4090": ("rtx-4090", 24),
    "GeForce GTX TITAN Black": ("titan-black", 6), "Tesla P100-PCIE-16GB": ("p100-pcie-16gb", 16),
    "a100-80gb": ("a100-sxm4-80gb", 80), "A100 80GB": ("a100-sxm4-80gb", 80), "a100_pcie_80gb": ("a100-pcie-80gb", 80),
    "rtx 4090": ("rtx-4090", 24), "RTX4090": ("rtx-4090", 24), "4090": ("rtx-4090", 24), "h100": ("h100-sxm5-80gb", 80),
    "v100 32gb": ("v100-sxm2-32gb", 32), " t4 ": ("t4", 16), "orin nano": ("orin-nano-8gb", 8),
}  # fmt: skip
#: Others than their namesakes: other rates, often another memory.
OTHERS = [
    "NVIDIA A10G", "NVIDIA L40", "NVIDIA GeForce RTX 4090 D", "NVIDIA GeForce RTX 4090 Laptop GPU", "RTX 3090 Ti",
    "NVIDIA H100 NVL", "NVIDIA H200 NVL", "Tesla V100S-PCIE-32GB", "Apple M1 Pro", "NVIDIA A100-SXM4-80GB MIG 1g.10gb",
    "Tesla P100-PCIE-12GB", "RTX A1000", "nvidia", "geforce rtx", "80GB", "", "4090 4090", "NVIDIA A1000",
]  # fmt: skip


def named(device):
    return device.id


each = pytest.mark.parametrize("device", devices(), ids=named)


def facts(device):
    """Every fact of a device, by name."""
    found = {"memory": device.memory, "bandwidth": device.bandwidth, "l2": device.l2, "power": device.power}
    found |= {"matmul": device.matmul, **device.peaks._asdict()}
    return {name: fact for name, fact in found.items() if fact is not None}


def near(ratio, wanted):
    return abs(ratio / wanted - 1) <= TOLERANCE


@pytest.mark.parametrize("name", CALLED)
def test_a_name_finds_its_device(name):
    ident, gigabytes = CALLED[name]
    device = device_named(name)
    assert (device.id, device.memory_bytes) == (ident, gigabytes * 10**9)


@each
def test_every_name_of_a_device_is_its_own(device):
    for name in (device.id, device.name, *device.names):
        if "(" not in name:
            assert device_named(name) is device, name
    assert device in [other for model in device.models for other in devices() if other.answers_to(squashed(model))]


def squashed(text):
    return re.sub(r"[\s_-]", "", text).casefold()


@pytest.mark.parametrize("name", OTHERS)
def test_another_device_is_not_taken_for_its_namesake(name):
    with pytest.raises(UnknownDevice, match=r"^no device .*; (did you mean '[^']+'\?|known: .*)$") as error:
        device_named(name)
    assert len(str(error.value)) < 400


def test_a_name_of_several_memories_lists_them():
    with pytest.raises(UnknownDevice, match=r"^'v100' is several devices of different memory: v100-sxm2-16gb, "):
        device_named("v100")
    with pytest.raises(UnknownDevice) as error:
        device_named("A100 PCIe")
    told = str(error.value).partition(": ")[2].split(", ")
    assert sorted(told) == ["a100-pcie-40gb", "a100-pcie-80gb"] == sorted(device_named(name).id for name in told)


def test_a_slip_is_told_the_nearest():
    with pytest.raises(UnknownDevice, match="did you mean 'rtx-4090'"):
        device_named("rtx 4900")


def test_ids_are_unique_and_facts_positive():
    assert Counter(device.id for device in devices()).most_common(1)[0][1] == 1
    for device in devices():
        assert {"bandwidth", "fp32"} <= facts(device).keys()
        assert device.memory or device.id.startswith("apple")
        assert all(isinstance(fact.value, int) and fact.value > 0 for fact in facts(device).values())
        assert device.year > 2005 and device.page.startswith("https://")


@each
def test_every_fact_has_a_source_and_two_are_verified(device):
    for name, fact in facts(device).items():
        assert fact.sources and set(fact.sources) <= sources().keys(), name
        assert fact.verified == (len(set(fact.sources)) > 1), name
        assert "unchecked" not in fact.sources or fact.sources == ("unchecked",), name


def test_every_source_is_used():
    used = {source for device in devices() for fact in facts(device).values() for source in fact.sources}
    assert used == sources().keys()


@each
def test_rates_agree_with_each_other(device):
    """Half as many bits, twice the rate: a rate for sparse matrices would stand out, and one without tensor cores."""
    rate = {name: fact.value for name, fact in device.peaks._asdict().items() if fact}
    if {"bf16", "fp16"} <= rate.keys():
        assert rate["bf16"] == rate["fp16"]
    if {"tf32", "fp16"} <= rate.keys():
        assert near(rate["fp16"], 2 * rate["tf32"])
    if {"int8", "fp16"} <= rate.keys():  # GeForce and Turing halve what is summed in fp32
        times = 4 if device.name.startswith("GeForce") else 2
        assert near(rate["int8"], times * rate["fp16"])
    if "fp16" in rate:
        assert rate["fp16"] > rate["fp32"]


@each
def test_a_peak_is_its_units_at_their_clock(device):
    if device.clock:
        rate = getattr(device.peaks, device.clock.peak).value
        assert near(device.clock.units * device.clock.flops * device.clock.hertz, rate)
    else:
        assert not any("drv" in facts(device)[name].sources for name in facts(device) if name == "fp32") or (
            device.id in SAME_CHIP
        )


#: Their clock is not among the data; the derivation is in that of a device of the same chip.
SAME_CHIP = {"p100-pcie-16gb"}


@each
def test_fast_memory_is_of_its_generation(device):
    """Bytes a second for each byte held: of DDR boards to HBM3e, between once in a second and a hundred times."""
    if device.memory:
        assert 1 < device.bandwidth.value / device.memory.value < 110


def test_the_wheel_has_the_data():
    files = {file.distribution_path for file in WheelBuilder(str(ROOT)).recurse_included_files()}
    assert {"archcalc/devices.json", "archcalc/devices.py", "archcalc/notation/automaton.json"} <= files


def test_a_report_does_not_read_them():
    code = (
        "import sys; from archcalc.cli import main; sys.argv = ['archcalc', 'report', 'specs/alexnet.arch']\n"
        "try: main()\nexcept SystemExit: print('archcalc.devices' in sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stderr.splitlines()[-1:] == ["False"], done.stderr


def amount(fact, unit):
    """A fact in its published unit, ``?`` behind it where it is not verified."""
    return "" if fact is None else f"{fact.value / unit:g}{'' if fact.verified else '?'}"


def table():
    """The table of docs/devices.md."""
    yield "| device | year | GB | GB/s | fp32 | tf32 | bf16 | fp16 | int8 | L2, MB | W | sources |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |"
    for device in devices():
        rates = [amount(fact, 10**12) for fact in device.peaks]
        used = dict.fromkeys(chain.from_iterable(fact.sources for fact in facts(device).values()))
        cells = [
            f"[`{device.id}`]({device.page})", str(device.year), amount(device.memory, 10**9),
            amount(device.bandwidth, 10**9), *rates, amount(device.l2, 10**6), amount(device.power, 1), " ".join(used),
        ]  # fmt: skip
        yield f"| {' | '.join(cells)} |"


def remarks():
    """What is said of devices and of facts."""
    for device in devices():
        said = [device.note] if device.note else []
        for name, fact in facts(device).items():
            reached = f" reached {fact.value / 10:g} % of bf16" if name == "matmul" else ""
            if reached or fact.note:
                said.append(f"{name}{reached}: {fact.note}" if fact.note else f"{name}{reached}")
        if said:
            yield f"- `{device.id}`: {'; '.join(said)}"


MADE = {
    "devices": lambda: table(),
    "remarks": lambda: remarks(),
    "sources": lambda: (f"- `{key}`: {what}" for key, what in sources().items()),
    "wrong": lambda: (f"- {what}" for what in wrong_elsewhere()),
}


@pytest.mark.parametrize("part", MADE)
def test_the_page_has_the_data(part):
    text = PAGE.read_text(encoding="utf-8")
    begin, end = f"<!-- {part} -->\n", "<!-- end -->"
    before, _, rest = text.partition(begin)
    after = rest.partition(end)[2]
    made = before + begin + "\n" + "\n".join(MADE[part]()) + "\n\n" + end + after
    if os.environ.get("UPDATE_GOLDEN"):
        PAGE.write_text(made, encoding="utf-8")
    assert made == text
