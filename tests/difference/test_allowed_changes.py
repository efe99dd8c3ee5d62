"""``--fail-on``: what is read, what is refused with which repair, and exactly when a change is forbidden."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archcalc.analyses.difference import difference
from archcalc.analyses.difference.condition import broken
from archcalc.checking.allowed import UnknownCondition, condition
from archcalc.network import parse

READ = [
    ("params > +1%", ("params", ">", 1, True)),
    ("parameters>=+0.5 %", ("params", ">=", Fraction(1, 2), True)),
    ("macs > +1M", ("macs", ">", 10**6, False)),
    ("mult-adds < -1,500", ("macs", "<", -1500, False)),
    ("training peak < -5%", ("training_peak_bytes", "<", -5, True)),
    ("training_peak_bytes > +24MiB", ("training_peak_bytes", ">", 24 << 20, False)),
    ("activations > +1MB", ("activations_bytes", ">", 10**6, False)),
    ("activations > +1M", ("activations", ">", 10**6, False)),
    ("weight layers != 0", ("weight_layers", "!=", 0, False)),
    ("Params == +3", ("params", "=", 3, False)),
    ("intensity <= −1.5", ("intensity", "<=", Fraction(-3, 2), False)),
    ("field > +10", ("field", ">", 10, False)),
    ("depth", ("depth", None, 0, False)),
    ("shape", ("out", None, 0, False)),
    ("any", ("any", None, 0, False)),
]


@pytest.mark.parametrize(("text", "meant"), READ, ids=[text for text, _ in READ])
def test_a_condition_is_read(text, meant):
    found = condition(text)
    assert (found.quantity, found.order, found.value, found.relative) == meant


REFUSED = [
    ("parms > +1%", "did you mean 'params'?"),
    ("training peek > +1%", "training peak"),
    ("colour > +1", "known: "),
    ("largest batch < -1", "hangs on a device"),
    ("params > 1%", "'+1%' or '-1%'"),
    ("params > 1M", "'expect'"),
    ("params > +1MB", "params is a count"),
    ("params > +one", "'+one' is no change"),
    ("params > +~3", "is no change"),
    ("params >", "is no change"),
    ("params >> +1", "is no change"),
    ("params > +1% and macs > +1%", "is no change"),
    (f"params > +{'9' * 5000}%", "is no change"),
    (f"params > +{'9' * 5000}", "is no change"),
    ("", "is no condition"),
    ("> +1", "is no condition"),
    ("any > +1", "stands alone"),
    ("shape = +1", "stands alone"),
]


@pytest.mark.parametrize(("text", "said"), REFUSED, ids=[text[:20] for text, _ in REFUSED])
def test_anything_else_is_refused_with_its_repair(text, said):
    with pytest.raises(UnknownCondition) as refused:
        condition(text)
    assert said in str(refused.value)


def test_exactly_one_per_cent_is_not_more():
    more = condition("params > +1%")
    assert not more.met(10**30, 101 * 10**28)
    assert more.met(10**30, 101 * 10**28 + 1)
    assert not condition("params < -1%").met(300, 297) and condition("params <= -1%").met(300, 297)


def test_from_nothing_any_per_cent_is_exceeded():
    assert condition("norms > +1,000,000%").met(0, 1)
    assert not condition("norms < -1%").met(0, 1)
    assert not condition("norms > +1%").met(0, 0) and not condition("norms >= +1%").met(0, 0)
    assert condition("norms >= 0%").met(0, 0)


def test_what_is_not_known_on_one_side_is_not_allowed():
    rises = condition("training peak > +1%")
    assert rises.met(None, 5) and rises.met(5, None) and not rises.met(None, None)


def test_a_start_below_nothing_shrinks_towards_it():
    """-100 to -90 is a rise of a tenth, of whatever sign the old value is."""
    assert condition("start > +9%").met(-100, -90) and not condition("start > +10%").met(-100, -90)


@given(
    st.integers(0, 10**12),
    st.integers(0, 10**12),
    st.sampled_from(["<", "<=", ">", ">=", "=", "!="]),
    st.integers(-(10**5), 10**5),
)
def test_thresholds_are_exact(old, new, order, hundredths):
    """Per cent by long division into whole hundredths and a rest, not by the product that is used."""
    limit = Fraction(hundredths, 100)
    sign = "-" if limit < 0 else "+"
    asked = condition(f"params {order} {sign}{abs(hundredths) // 100}.{abs(hundredths) % 100:02d}%")
    if new == old:
        exact = Fraction(0)
    elif old == 0:
        exact = Fraction(10**30)
    else:
        whole, rest = divmod((new - old) * 10_000, old)
        exact = (whole + Fraction(rest, old)) / 100
    truth = {
        "<": exact < limit, "<=": exact <= limit, ">": exact > limit, ">=": exact >= limit,
        "=": exact == limit, "!=": exact != limit,
    }  # fmt: skip
    assert asked.met(old, new) is truth[order]


def held(old, new, *texts):
    """Which conditions the change of one text into another meets."""
    one, other = parse(old), parse(new)
    found = difference(one.report(), other.report())
    return [each.condition.text for each in broken(map(condition, texts), found, (one.graph, other.graph))]


SMALL = "input 8x8x3\nconv 3x3, 4, pad 1\nfc 10\n"


def test_conditions_on_networks():
    wider = SMALL.replace("3x3, 4", "3x3, 8")
    # 112 and 2,570 params become 224 and 5,130: twice as many less ten biases
    assert held(SMALL, wider, "params > +99%", "params > +100%", "params > +2,671", "params > +2,672") == [
        "params > +99%", "params > +2,671",
    ]  # fmt: skip
    assert held(SMALL, wider, "shape", "depth", "field", "any", "biases = +4") == ["any", "biases = +4"]
    assert held(SMALL, SMALL.replace("fc 10", "fc 11"), "shape") == ["shape"]
    assert held(SMALL, SMALL.replace("3x3, 4, pad 1", "5x5, 4, pad 2"), "field > +1", "field > +2", "field") == [
        "field > +1", "field",
    ]  # fmt: skip
    assert held(SMALL, SMALL, "any", "params", "params != 0") == []
    assert held(SMALL, SMALL.replace("fc 10", "last: fc 10"), "any", "params != 0") == ["any"]


def test_a_quantity_that_is_no_total_is_of_the_reports_batch():
    one, other = parse(SMALL), parse(SMALL.replace("3x3, 4", "3x3, 8"))

    def met(batch, by):
        found = difference(one.report(batch=batch), other.report(batch=batch))
        return bool(broken([condition(f"memory = +{by}")], found, (one.graph, other.graph)))

    # four more maps of 8x8 for each image
    assert met(1, 256) and met(3, 768) and not met(3, 256)


def test_an_open_size_is_compared_as_far_as_it_goes():
    text = "input HxWx3\nconv 3x3, {}, pad 1\n"
    assert held(text.format(4), text.format(4), "macs > +1%") == []
    assert held(text.format(4), text.format(5), "macs > +1%", "params > +28") == ["macs > +1%"]


def test_a_network_on_one_side_is_any_difference_and_nothing_else():
    found = difference(None, parse(SMALL).report())
    assert [each.condition.text for each in broken(map(condition, ("params != 0", "any")), found)] == ["any"]
