"""Claims about memory under conditions, on a network small enough for sums by hand.

What a step of training takes was seen by torch's MemTracker on the module of that network (tests/pytorch does the same
for every network of specs/); what a run takes is added up here.
"""

from __future__ import annotations

import pytest
from handmade import STEPS, Net, net, span
from test_check import check

from archcalc.algebra import symbol
from archcalc.analyses import footprint
from archcalc.analyses.check import evaluate
from archcalc.analyses.claimed import in_unit
from archcalc.analyses.conditions import HANGS_ON
from archcalc.analyses.cost import BYTES
from archcalc.analyses.memory import budget
from archcalc.analyses.memory.optimizers import OPTIMIZERS
from archcalc.analyses.quantities import QUANTITIES, Measure
from archcalc.claims import TIMED, Claim, Figure, conditions
from archcalc.devices import device_named
from archcalc.layers import Conv
from archcalc.notation.conditions import DTYPES
from archcalc.notation.conditions import OPTIMIZERS as NAMED
from archcalc.notation.figures import read_figure

WEIGHTS, INPUT, CONV = 1820, 972, 1296


def claim(quantity, text, operator="=", place=None, **under):
    spots = {name: span(line) for line, name in enumerate(under, 2)} | {"place": span(9), "quantity": span(10)}
    figure = read_figure(text) if isinstance(text, str) else text
    return Claim(quantity, operator, figure, span(), stated=True, under=under, place=place, spots=spots)


@pytest.mark.parametrize(("optimizer", "batch"), STEPS)
def test_a_step_takes_what_torch_sees(optimizer, batch):
    found, said = check(claim("training memory", str(STEPS[optimizer, batch]), optimizer=optimizer, batch=batch))
    assert (found.holds, said) == (True, ())
    assert found.under == {"optimizer": optimizer, "batch": batch}


@pytest.mark.parametrize(("quantity", "under", "value"), [
    ("inference memory", {"batch": 10}, WEIGHTS + 10 * (INPUT + CONV + CONV)),
    ("inference memory", {"dtype": "fp16"}, 2 * (445 + 8) + 8 + (INPUT + CONV + CONV) // 2),
    # a byte a number: now the pool's indices make the peak
    ("inference memory", {"dtype": "int8"}, 428 + 4 * (17 + 8) + 8 + (INPUT + CONV) // 4 + 64 + 512),
    ("inference peak bytes", {"batch": 3}, 3 * (INPUT + CONV + CONV)),
    ("inference peak bytes", {"on": "cuda"}, 1024 + 1536 + 1536),
    ("inference arena bytes", {"batch": 3}, 3 * (CONV + CONV)),
    ("saved bytes", {"batch": 2}, 2 * (INPUT + CONV + CONV + 512 + 256) + 32),
    ("optimizer bytes", {"optimizer": "adam"}, 2 * 4 * 445 + 4 * 6),
    ("optimizer bytes", {"optimizer": "momentum"}, 4 * 445),
    ("gradients bytes", {"dtype": "bf16"}, 2 * 445),
    ("gradients bytes", {"aux": True}, 4 * (445 + 195)),
    ("params", {"aux": True}, 445 + 195),
    ("macs", {"batch": 7}, 7 * (108 * 81 + 320)),
    ("macs", {"batch": 7, "aux": True}, 7 * (108 * 81 + 320 + 192)),
    ("activations", {"batch": 2}, 2 * (324 + 324 + 64 + 5)),
    ("activations bytes", {"batch": 2, "dtype": "fp16"}, 2 * 2 * (324 + 324 + 64 + 5)),
    ("input bytes", {"batch": 2, "dtype": "int8"}, 2 * 243),
    ("weights bytes", {"dtype": "fp16"}, 2 * (445 + 8) + 8),
    ("memory", {"batch": 2}, 2 * (324 + 324 + 64 + 5 + 243)),
])  # fmt: skip
def test_conditions_change_what_they_should(quantity, under, value):
    found, said = check(claim(quantity, str(value), **under))
    assert (found.holds, found.computed, said) == (True, value, ())


def test_memory_in_bytes_follows_batch_and_dtype():
    found, _ = check(claim("memory", f"{2 * 2 * (324 + 324 + 64 + 5 + 243)} bytes", batch=2, dtype="fp16"))
    assert found.holds


def test_intensity_rises_with_the_batch():
    one, many = (check(claim("intensity", "1", ">", batch=batch))[0].computed for batch in (1, 100))
    assert one < many


@pytest.mark.parametrize(("operator", "holds"), [("<=", (True, False)), ("<", (False, False)), (">=", (True, True))])
def test_a_bound_is_the_figure_itself(operator, holds):
    """24K may stand for 23.5K to 24.5K where it is printed, but bounds at 24,000 bytes: no digit more or less."""
    exact, less = (check(claim("training memory", f"{203_992 - slip}", operator, batch=32, optimizer="adam"))[0].holds
                   for slip in (0, 1))  # fmt: skip
    assert (exact, less) == holds
    printed, bound = (check(claim("inference memory", "5.38KB", sign))[0].holds for sign in ("=", "<="))
    assert (printed, bound) == (True, False)  # 5,384 bytes


def test_what_is_saved_stands_at_the_layer_that_is_the_first_to_keep_it():
    each = {"conv1": 972, "bn": 1296 + 32, "relu": 1296, "pool": 512, "fc": 256}
    assert all(check(claim("saved bytes", str(value), place=name))[0].holds for name, value in each.items())
    assert check(claim("saved bytes", str(1296 + 32 + 1296), place="only.inner", batch=1))[0].holds is False
    assert check(claim("saved bytes", str(sum(each.values()) - 256), place="stage one"))[0].computed == 4108


def test_a_side_head_has_memory_under_aux_only():
    found, (said,) = check(claim("saved bytes", "1", place="aside"))
    assert (found.holds, said.code, said.span) == (False, "A401", span(9))
    assert check(claim("saved bytes", "1", "<=", place="aside", aux=True))[0].computed == 256
    assert check(claim("saved bytes", "1", "<=", place="fc", aux=True))[0].computed == 0  # the aside has kept it


@pytest.mark.parametrize(("made", "where", "words"), [
    (claim("params", "3", batch=2), 2, "params cannot be asked under 'batch 2'"),
    (claim("depth", "3", dtype="fp16"), 2, "depth cannot be asked under 'fp16'"),
    (claim("inference memory", "3", batch=2, optimizer="adam"), 3, "cannot be asked under 'adam'"),
    (claim("inference memory", "3", segments=4), 2, "cannot be asked under 'checkpoint 4'"),
    (claim("training memory", "3", dtype="int8"), 2, "that is not trained"),
    (claim("training memory", "3", amp=True, dtype="fp16"), 2, "autocast over fp32"),
    (claim("training memory", "3", place="conv1"), 9, "training memory is the whole network's"),
    (claim("largest batch", "3", optimizer="adam"), 10, "on which device?"),
])  # fmt: skip
def test_what_cannot_be_asked(made, where, words):
    found, (said,) = check(made)
    assert (found.holds, found.computed, said.code, said.span) == (False, None, "A107", span(where))
    assert words in said.message and said.help


def test_every_quantity_with_conditions_is_one():
    assert set(HANGS_ON) <= {*QUANTITIES, *TIMED}
    assert {name for names in HANGS_ON.values() for name in names} == {
        "batch", "dtype", "optimizer", "amp", "on", "device", "segments", "threads", "aux",
    }  # fmt: skip


def test_a_wrong_one_says_what_makes_it_and_what_fits():
    bound = "100KB"
    found, (said,) = check(claim("training memory", bound, "<=", batch=32, optimizer="adam"))
    assert found.holds is False
    assert said.message == ("expected training memory (batch 32, adam) <= 100KB, found 203.99 KB")
    # saved still: what the convolution gave and what relu gave, 32 x 1,296 bytes each, and 32 of bn's statistics
    assert said.notes == (
        "203,992 bytes, 82.98 KB of them saved for the backward pass", "at their most in the backward pass, at relu",
    )  # fmt: skip
    fitting = int(said.help.removeprefix("the largest batch that fits is "))
    assert check(claim("training memory", bound, "<=", batch=fitting, optimizer="adam"))[0].holds
    assert not check(claim("training memory", bound, "<=", batch=fitting + 1, optimizer="adam"))[0].holds


def test_the_largest_batch_of_a_strict_bound_is_below_it():
    sizes = {sign: check(claim("inference memory", str(WEIGHTS + 10 * 3564), sign, batch=11))[1][0].help
             for sign in ("<", "<=")}  # fmt: skip
    assert sizes == {"<": "the largest batch that fits is 9", "<=": "the largest batch that fits is 10"}
    (said,) = check(claim("inference memory", "5,383", "<=", batch=2))[1]
    assert said.help == "not even one image fits"


def test_without_a_batch_no_other_is_proposed():
    (said,) = check(claim("inference memory", "1", "<="))[1]
    assert said.help is None
    assert said.notes == ("2,592 bytes of them activations", "at their most in the forward pass, at bn")


def test_the_largest_batch_on_a_device():
    device = device_named("gtx 580")
    found, said = check(claim("largest batch", "1", ">=", optimizer="adam", on="cuda", device=device.id))
    assert (found.holds, said) == (True, ())
    room = str(device.memory_bytes)
    for batch, holds in ((found.computed, True), (found.computed + 1, False)):
        step = claim("training memory", room, "<=", optimizer="adam", on="cuda", batch=batch)
        assert check(step)[0].holds is holds
    run, _ = check(claim("largest inference batch", "1", ">=", on="cuda", device=device.id))
    assert run.computed > found.computed


def test_each_network_is_analysed_once_for_each_conditions(monkeypatch):
    runs = []
    real = budget.memory
    monkeypatch.setattr(footprint, "memory", lambda *given, **more: runs.append(given) or real(*given, **more))
    asked = [
        claim("training memory", "9,324"), claim("saved bytes", "4,364"), claim("inference memory", "5,384"),
        claim("saved bytes", "972", place="conv1"), claim("saved bytes", "512", place="pool", batch=1),
        claim("training memory", "200,408", batch=32), claim("inference peak bytes", "114,048", batch=32),
    ]  # fmt: skip
    expectations, _ = evaluate(Measure(net()), [*asked, claim("params", "445"), claim("macs", "9,068")])
    assert [each.holds for each in expectations] == [True] * 9
    assert len(runs) == 2
    evaluate(Measure(net()), [claim("params", "445")])
    assert len(runs) == 2


def test_an_open_size_leaves_memory_undecided():
    made = Net(3, symbol("H"), 8)
    made(Conv(kernel=(3, 3), channels=4), name="conv1")
    for quantity in ("training memory", "inference memory", "saved bytes"):
        found, said = check(claim(quantity, "1", "<=", batch=2), made.graph())
        assert (found.holds, found.computed, said) == (None, None, ())
    assert check(claim("weights bytes", str(4 * 112)), made.graph())[0].holds


@pytest.mark.parametrize(("count", "like", "text"), [
    (25_310_123_456, "24GB", "25.31 GB"), (24_000_000_000, "24GB", "24.00 GB"),
    (24_000_000_001, "24GB", "24.000000001 GB"),
    (24_001_000_000, "24 GB", "24.001 GB"), (2**30 + 2**20, "1GiB", "1.001 GiB"), (1_500, "1KB", "1.50 KB"),
    (12, "12 bytes", None), (12, "12", None), (2_000_000_000_000, "1 TB", "2.00 TB"),
])  # fmt: skip
def test_bytes_in_the_unit_of_a_figure(count, like, text):
    assert in_unit(count, Figure(like, read_figure(like).value)) == text


@pytest.mark.parametrize(("under", "text"), [
    ({}, ""), ({"batch": 32, "optimizer": "adam"}, " (batch 32, adam)"), ({"on": "cuda"}, " (on cuda)"),
    ({"on": "cuda", "device": "rtx-4090", "amp": True}, " (on rtx-4090, amp)"),
    ({"segments": 4, "aux": True, "dtype": "bf16"}, " (checkpoint 4, aux, bf16)"),
])  # fmt: skip
def test_conditions_as_told(under, text):
    assert conditions(under) == text


def test_every_optimizer_may_be_named():
    assert (set(NAMED), set(DTYPES)) == (set(OPTIMIZERS), set(BYTES))
