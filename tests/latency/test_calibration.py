"""Rules learnt from layers whose times are known, and what they say of networks."""

from __future__ import annotations

import random
from math import exp, log
from pathlib import Path

import calibrations
import pytest

from archcalc import load_all, parse
from archcalc.analyses.latency.calibration import ANY, Calibration, Peaks, calibration_of, document
from archcalc.analyses.latency.fit import Row, fit
from archcalc.analyses.latency.predict import predict
from archcalc.analyses.latency.work import IDLE, Work, by_routine, works
from archcalc.layers import LAYERS, Conv, Dense, Flatten, Identity

PROBES = Path(__file__).parents[2] / "archcalc" / "probes.arch"
#: nanoseconds in any case, an operation, a byte
TRUE = {"conv": (50_000.0, 0.02, 0.1), "relu": (12_000.0, 0.0, 0.05), "fc": (30_000.0, 0.0, 0.07)}


def measured(scatter: float, *, networks: int = 8, each: int = 12, seed: int = 1, held_up: float = 0.0) -> list[Row]:
    """Layers that take what ``TRUE`` says, give or take; some were held up by another process."""
    chance, rows = random.Random(seed), []
    for network in range(networks):
        for name, (overhead, operation, byte) in TRUE.items():
            for _ in range(each):
                work = Work(name, int(10 ** chance.uniform(4, 9)), int(10 ** chance.uniform(3, 8)))
                time = overhead + operation * work.flops + byte * work.moved_bytes
                late = chance.uniform(3, 9) if chance.random() < held_up else 1
                rows.append(Row(work, round(late * time * exp(chance.gauss(0, scatter))), f"net {network}"))
    return rows


def calibration(rows: list[Row], whole: float = 1.0) -> Calibration:
    found = fit(rows)
    return Calibration(
        device="cpu", machine="a processor", dtype="fp32", threads=1, channels_last=False, started="", networks=(),
        routines=found.routines, whole=whole, spread=found.spread, peaks=Peaks(4, 3, 2, 1), noisy=False,
        facts={"name": "a processor"},
    )  # fmt: skip


@pytest.mark.parametrize(("scatter", "held_up", "within"), [(0.0, 0.0, 1e-3), (0.1, 0.0, 0.05), (0.1, 0.05, 0.08)])
def test_rules_are_found_again_though_some_layers_were_held_up(scatter, held_up, within):
    rules = {rule.name: rule for rule in fit(measured(scatter, networks=4, each=200, held_up=held_up)).routines}
    for name, (overhead, operation, byte) in TRUE.items():
        for work in (Work(name, 10**4, 10**7), Work(name, 10**9, 10**5), Work(name, 10**4, 10**3)):
            true = overhead + operation * work.flops + byte * work.moved_bytes
            assert rules[name].time(work) == pytest.approx(true, rel=within), (name, work)


def test_no_coefficient_is_negative_where_times_fall_with_the_work():
    rows = [Row(Work("relu", 10**n, 10**n), 10 ** (9 - n), f"net {n}") for n in range(3, 9)]
    assert all(min(rule.overhead, rule.operation, rule.byte) >= 0 for rule in fit(rows).routines)


def test_nine_of_ten_new_layers_lie_in_the_band():
    rules = {rule.name: rule for rule in fit(measured(0.2)).routines}
    new = measured(0.2, networks=40, seed=2)
    inside = [
        rules[row.work.routine].below
        <= row.time / rules[row.work.routine].time(row.work)
        <= rules[row.work.routine].above
        for row in new
    ]
    assert 0.86 <= sum(inside) / len(inside) <= 0.95


def test_a_sum_of_many_layers_is_surer_than_each_of_them():
    """Errors that have nothing to do with each other cancel; one that a whole network shares does not."""
    rows = measured(0.3, networks=30, each=30)
    slow = {f"net {number}": 2 if number % 2 else 1 for number in range(30)}
    shared = [row.but(time=slow[row.network] * row.time) for row in rows]
    apart, together = ({rule.name: rule for rule in fit(each).routines}["fc"] for each in (rows, shared))
    assert log(apart.all_above) < 0.7 * log(apart.above)
    assert together.all_above > 1.3


def test_a_rule_that_few_layers_gave_has_a_wide_band():
    few, many = (
        {rule.name: rule for rule in fit(measured(0.2, networks=count, each=2)).routines}["conv"] for count in (2, 40)
    )
    assert few.below < many.below < 1 < many.above < few.above


def test_a_rule_is_tried_on_networks_that_it_was_not_learnt_from():
    """One network is twice as slow as the others: within it all agree, and from the others it cannot be known."""
    rows = [row.but(time=2 * row.time) if row.network == "net 0" else row for row in measured(0.0, networks=4)]
    assert {rule.name: rule for rule in fit(rows).routines}["conv"].above > 1.9


def test_nine_of_ten_new_networks_lie_in_the_band():
    """Of one that is slower or faster as a whole, a network's layers all are."""
    chance = random.Random(3)

    def networks(seed: int, count: int) -> dict[str, list[Row]]:
        made: dict[str, list[Row]] = {}
        for row in measured(0.1, networks=count, seed=seed):
            made.setdefault(row.network, []).append(row)
        factors = {network: exp(chance.gauss(0, 0.15)) for network in made}
        return {
            network: [row.but(time=round(factors[network] * row.time)) for row in rows]
            for network, rows in made.items()
        }

    known = calibration([row for rows in networks(4, 60).values() for row in rows])
    inside = []
    for rows in networks(5, 100).values():
        band = known.network(by_routine(row.work for row in rows))
        inside.append(band.low <= sum(row.time for row in rows) <= band.high)
    assert 0.85 <= sum(inside) / len(inside) <= 0.99


def test_a_network_takes_the_sum_of_its_layers_and_what_lies_between():
    graph = parse("input 32x32x3\nconv 3x3, 8; relu\nfc 10\n").graph
    found = predict(graph, calibration(measured(0.0), whole=1.25))
    assert sum(layer.time for layer in found.layers) + found.other == found.time
    assert found.time == pytest.approx(1.25 * sum(layer.time for layer in found.layers), abs=2)
    conv, work = found.layers[1], works(graph)[1]
    overhead, operation, byte = TRUE["conv"]
    assert conv.time == pytest.approx(overhead + operation * work.flops + byte * work.moved_bytes, rel=1e-3)
    assert found.low < found.time < found.high


def test_a_batch_is_more_work():
    graph, rules = parse("input 32x32x3\nconv 3x3, 64\n").graph, calibration(measured(0.0))
    one, eight = (predict(graph, rules, batch=batch).layers[1] for batch in (1, 8))
    assert (eight.flops, 8 * one.time > eight.time > one.time) == (8 * one.flops, True)


def test_what_was_not_measured_is_taken_for_any_other_and_said():
    graph = parse("input 32x32x3\nconv 3x3, 8; gelu\nconv 3x3, 8; relu\n").graph
    found = predict(graph, calibration(measured(0.0)))
    assert found.unknown == (IDLE, "gelu")
    assert [layer.known for layer in found.layers] == [False, True, False, True, True]
    assert {rule.name: rule for rule in calibration(measured(0.0)).routines}[ANY].rows == 3 * 8 * 12


def test_layers_beyond_what_was_measured_are_named():
    """The made up rows move at most 10^8 bytes."""
    graph, rules = parse("input 512x512x3\na: conv 3x3, 32, pad 1\nb: conv 1x1, 16\n").graph, calibration(measured(0.0))
    most = max(row.work.moved_bytes for row in measured(0.0) if row.work.routine == "conv")
    moved = works(graph)[1].moved_bytes
    assert predict(graph, rules).beyond == ()
    batch = 2 * most // moved
    assert predict(graph, rules, batch=batch - 1).beyond == ()
    assert "a" in predict(graph, rules, batch=batch + 2).beyond


def test_a_relu_in_place_is_a_routine_of_its_own():
    graph = parse("input 8x8x3\nconv 3x3, 8; relu\nsum: | relu | identity\n").graph
    assert [work.routine for work in works(graph)[1:4]] == ["conv", "relu in place", "relu"]


def test_dropout_and_views_have_no_work_in_inference():
    graph = parse("input 8x8x3\nconv 3x3, 8; dropout 0.5; flatten\n").graph
    assert [work.routine for work in works(graph)] == [IDLE, "conv", IDLE, IDLE]


def test_tf32_moves_as_many_bytes_as_fp32():
    graph = parse("input 8x8x3\nconv 3x3, 8\n").graph
    assert works(graph, dtype="tf32") == works(graph) != works(graph, dtype="bf16")


def test_a_calibration_is_read_back_as_it_was_kept():
    import json

    kept = calibration(measured(0.1))
    assert calibration_of(json.loads(json.dumps(document(kept)))) == kept


def test_a_single_layer_is_no_surer_as_a_network():
    """Of a rule whose layers lie between half and twice, and their sum in a network between 0.9 and 1.1."""
    graph = parse("input 16x16x3\nconv 3x3, 8\n").graph
    one = predict(graph, calibrations.calibration())
    assert (one.low, one.time, one.high) == (500_000, 1_000_000, 2_000_000)
    two = predict(parse("input 16x16x3\nconv 3x3, 8\nconv 3x3, 8\n").graph, calibrations.calibration())
    assert (two.time, two.high) == (2_000_000, 2_200_000)


def test_one_without_a_rule_for_any_other_routine_is_none():
    kept = document(calibration(measured(0.1)))
    kept["routines"] = [each for each in kept["routines"] if each["name"] != ANY]
    with pytest.raises(KeyError, match=ANY):
        calibration_of(kept)


class TestProbes:
    """The networks that a calibration runs by itself."""

    graphs = tuple(network.graph for network in load_all(PROBES))

    def test_hold_every_layer_at_least_twice(self):
        counts = dict.fromkeys(LAYERS, 0)
        for graph in self.graphs:
            for node in graph.nodes:
                counts[type(node.layer)] += 1
        assert {layer for layer, count in counts.items() if count < 2} <= {Flatten, Identity}  # views have no work

    def test_hold_each_routine_in_several_networks_at_several_sizes(self):
        seen: dict[str, set[tuple[str, int]]] = {}
        for graph in self.graphs:
            for node, work in zip(graph.nodes, works(graph), strict=True):
                if isinstance(node.layer, Conv | Dense):
                    seen.setdefault(work.routine, set()).add((graph.name, work.flops))
        assert set(seen) == {"conv", "conv 1x1", "grouped conv", "depthwise conv", "fc", "fc of tokens"}
        assert all(len({network for network, _ in places}) >= 2 and len(places) >= 5 for places in seen.values())

    def test_are_sound(self):
        for network in load_all(PROBES):
            assert not [each for each in network.check()[1] if each.severity == "error"]
