"""A measurement there and back: what is kept is what was measured, to the nanosecond."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from measurements import NOISE, ROOT, measured, trained

from archcalc.analyses.latency.measured import LayerTime, MemoryUse, Noise, Phase, Profile, Setting
from archcalc.analyses.latency.timing import timing
from archcalc.report.profile.json import document, dumps, profile_of

SCHEMA = Draft202012Validator(json.loads((Path(ROOT) / "docs/schema/profile-1.json").read_text(encoding="utf-8")))

words = st.text(max_size=8)
counts = st.integers(0, 2**63)
timings = st.builds(timing, st.lists(st.integers(0, 10**12), min_size=1, max_size=70))
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
settings = st.builds(
    Setting, device=st.sampled_from(["cpu", "cuda", "cuda:1"]), batch=st.integers(1, 4096),
    dtype=st.sampled_from(["fp32", "tf32", "bf16", "fp16"]), channels_last=st.booleans(), compile=st.booleans(),
    cuda_graph=st.booleans(), threads=st.none() | st.integers(1, 256), train=st.booleans(),
    optimizer=st.sampled_from(["sgd", "adam"]), seconds=st.floats(0.001, 3600),
)  # fmt: skip
layers = st.builds(
    LayerTime, name=words, block=words, kind=words, line=st.none() | st.integers(1, 10**6), time=timings,
    macs=st.none() | counts, flops=st.none() | counts, moved_bytes=st.none() | counts,
    bound=st.sampled_from(["", "compute", "memory", "launch"]),
)  # fmt: skip
profiles = st.builds(
    Profile, network=words, title=words, file=words, digest=words, setting=settings,
    machine=st.dictionaries(words, plain, max_size=4), started=words, whole=timings,
    samples=st.lists(counts, max_size=5).map(tuple), blocks=st.lists(counts, max_size=4).map(tuple),
    warmup=st.integers(0, 100), noise=st.lists(st.builds(Noise, words, words), max_size=2).map(tuple),
    layers=st.lists(layers, max_size=3).map(tuple),
    phases=st.lists(st.builds(Phase, words, timings), max_size=3).map(tuple),
    instrumented=st.none() | counts, macs=st.none() | counts, flops=st.none() | counts,
    memory=st.builds(MemoryUse, st.none() | counts, st.none() | counts),
    millijoules=st.none() | st.floats(0, 10**6), interrupted=st.booleans(),
    inputs=st.lists(st.lists(st.integers(1, 512), max_size=3).map(tuple), max_size=2).map(tuple),
    values=st.dictionaries(words, st.integers() | words, max_size=3), within=st.none() | st.floats(0, 1),
)  # fmt: skip


@given(profiles)
def test_there_and_back(profile):
    written = dumps(document(profile))
    SCHEMA.validate(json.loads(written))
    back = profile_of(json.loads(written))
    assert back == profile
    assert dumps(document(back)) == written


@pytest.mark.parametrize("profile", [measured(), trained(), measured(noise=(NOISE,), interrupted=True)])
def test_what_a_real_one_holds(profile):
    found = document(profile)
    SCHEMA.validate(json.loads(dumps(found)))
    assert found["noisy"] is bool(profile.noise)
    assert found["whole"]["median_ns"] == profile.whole.median and found["samples_ns"] == list(profile.samples)
    if profile.layers:
        assert found["layers_ns"] + found["other_ns"] == found["whole"]["median_ns"]
    else:
        assert found["layers_ns"] is found["other_ns"] is None


def test_a_layer_has_a_line():
    lines = dumps(document(measured())).splitlines()
    assert sum('"moved_bytes"' in line for line in lines) == len(measured().layers)


def test_one_without_what_came_later_is_read():
    found = document(measured())
    for name in ("inputs", "values", "millijoules", "interrupted", "within"):
        del found[name]
    assert profile_of(found) == measured(inputs=(), values={})


@pytest.mark.parametrize(("change", "words"), [
    ({"schema": 2}, "a later archcalc, 0."),
    ({"setting": {"devices": "cpu"}}, "no measurement of a network"),
    ({"layers": 3}, "no measurement of a network"),
    ({"whole": {"median_ns": 3}}, "no measurement of a network"),
    ({"whole": document(measured())["whole"] | {"median_ns": "3"}}, "TypeError median_ns is '3'"),
    ({"whole": document(measured())["whole"] | {"minimum_ns": None}}, "TypeError minimum_ns is None"),
    ({"whole": document(measured())["whole"] | {"low_ns": "1"}}, "TypeError low_ns is '1'"),
    ({"schema": None}, "no measurement of a network"),
])  # fmt: skip
def test_what_is_none_is_refused_in_a_line(change, words):
    with pytest.raises(ValueError, match=words) as fault:
        profile_of({**document(measured()), **change})
    assert "\n" not in str(fault.value)
    with pytest.raises(ValueError):
        profile_of({})
