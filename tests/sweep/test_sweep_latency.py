"""A sweep's latency is what is predicted of the network at each point, to the nanosecond."""

from itertools import product

import pytest
from calibrated import RULES, WHOLE, kept
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from sweeping import sweep, table
from test_sweep_exact import HARD

from archcalc.analyses.latency.predict import predict
from archcalc.analyses.latency.work import IDLE
from archcalc.analyses.sweep import Objective
from archcalc.analyses.sweep.expression import conditions
from archcalc.analyses.sweep.figures import TELLABLE
from archcalc.analyses.sweep.latency import Untimed
from archcalc.analyses.sweep.variables import variable_of
from archcalc.diagnostics import Fault
from archcalc.network import ArchcalcError, parse

BAND = ("latency low", "latency", "latency high")


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    return kept(tmp_path_factory.mktemp("history") / "some.sqlite")


def predicted(text, *vary, square=True):
    """Each point's prediction, of the network that is built there."""
    variables = [variable_of(each) for each in vary]
    found = []
    for values in product(*(each.values for each in variables)):
        point = dict(zip((each.name for each in variables), values, strict=True))
        own = parse(text).graph
        first = own.nodes[own.inputs[0]].shape
        given = {name: value for name, value in point.items() if name not in ("H", "W", "batch", "dtype")}
        other = point.get("H", point.get("W")) if square and first[1] == first[2] else None
        shape = (first[0], *(point.get(side, other or first[place]) for place, side in ((1, "H"), (2, "W"))))
        try:
            graph = parse(text, settings=given, input_shape=shape).graph.without_aux()
        except ArchcalcError:
            continue
        made = predict(graph, RULES[point.get("dtype", "fp32")], batch=point.get("batch", 1))
        found.append({**point, "latency low": made.low, "latency": made.time, "latency high": made.high})
    return found


def by_point(rows):
    return sorted(rows, key=str)


@pytest.mark.parametrize("name", HARD)
def test_latency_at_every_point_is_that_of_the_network_there(name, db):
    text, vary = HARD[name]
    found = table(sweep(text, *vary, quantities=BAND, asked={"db": db}))
    assert found and by_point(found) == by_point(predicted(text, *vary, square="W" not in str(vary)))


def test_every_dtype_has_rules_of_its_own_and_every_batch_its_work(db):
    text = "param w = 8\ninput 16x16x3\nconv 3x3, w; relu; max pool 2x2; fc 10"
    vary = ["dtype=fp32,bf16", "batch=1..64:21", "w=1..40:13", "H=8..12"]
    found = table(sweep(text, *vary, quantities=BAND, asked={"db": db}))
    assert by_point(found) == by_point(predicted(text, *vary))
    times = {each["dtype"]: each["latency"] for each in found}
    assert times["fp32"] != times["bf16"]


@pytest.mark.parametrize("vary", [["c=1..12", "g=1..4"], ["c=4..12:4", "g=1,2,4"], ["k=1..3", "c=4,8"]])
def test_what_a_convolution_is_run_as_hangs_on_numbers(vary, db):
    """One group, as many as channels, or some; a kernel of one, or more."""
    text = "param c = 8\nparam g = 2\nparam k = 1\ninput 8x8x3\nconv 1x1, c\nconv kxk, (4*c), groups g\nconv 1x1, 4"
    text = text.replace("groups g", "groups g" if "g=" in str(vary) else "groups 1")
    made = sweep(text, *vary, quantities=BAND, asked={"db": db})
    assert by_point(table(made)) == by_point(predicted(text, *vary))
    assert made.tally.singly > 0


def test_latency_is_worked_out_by_hand(db):
    """A 1x1 convolution of 2 to w channels on 4x4: 2 w multiply-adds and a bias each, a view, w * 16 by 3 products."""
    rules = {each.name: each for each in RULES["fp32"].routines}
    conv, fc, idle = rules["conv 1x1"], rules["fc"], rules[IDLE]
    text = "param w = 8\ninput 4x4x2\nconv 1x1, w\nfc 3"
    for row in table(sweep(text, "w=1..50", quantities=["latency"], asked={"db": db})):
        width = row["w"]
        layers = [
            idle.overhead,
            conv.overhead + conv.operation * 16 * width * 5 + conv.byte * 4 * (32 + 16 * width + 3 * width),
            fc.overhead + fc.operation * 3 * (2 * 16 * width + 1) + fc.byte * 4 * (16 * width + 3 + 48 * width + 3),
        ]
        assert row["latency"] == pytest.approx(WHOLE * sum(layers), abs=1)


def test_numbers_beyond_64_bits_are_told(db):
    text, vary = "param w = 8\ninput 8x8x3\nconv 3x3, w; conv 3x3, w", ["w=1000000000,1000000000000"]
    found = table(sweep(text, *vary, quantities=BAND, asked={"db": db}))
    for row, expected in zip(found, predicted(text, *vary), strict=True):
        assert row == {"w": row["w"], **{name: pytest.approx(expected[name], rel=1e-14) for name in BAND}}
    assert found[-1]["latency"] > 2**63


_LAYERS = st.sampled_from(
    ["conv 3x3, w, pad 1", "conv 1x1, (w + 1)", "conv 3x3, w, stride 2, pad 1", "max pool 2x2", "relu", "bn",
     "dropout 0.5", "depthwise 3x3", "conv 3x3, 2*w, groups w", "gelu",
     "sum:\n    | conv 3x3, w, pad 1; relu; conv 1x1, 8\n    | shortcut",
     "(conv 3x3, w, pad 1; relu) x n"]
)  # fmt: skip
_TEXTS = st.lists(_LAYERS, min_size=1, max_size=5).map(
    lambda layers: "param w = 8\nparam n = 1\ninput 64x64x3\n" + "\n".join(layers) + "\nfc 10"
)


@given(_TEXTS, st.lists(st.integers(1, 12), min_size=1, max_size=3, unique=True), st.integers(1, 40), st.integers(1, 9))
@settings(max_examples=40)
def test_random_sweeps_are_loops_over_predictions(db, text, widths, side, batch):
    try:
        parse(text)
    except ArchcalcError:
        reject()
    vary = [f"w={','.join(map(str, widths))}", f"H={side},{2 * side}", f"batch=1,{batch + 1}", "n=0,2"]
    found = table(sweep(text, *vary, quantities=BAND, asked={"db": db}))
    assert by_point(found) == by_point(predicted(text, *vary))


class TestBest:
    text = "param w = 8\ninput 32x32x3\nconv 3x3, w; relu; conv 1x1, 8\nfc 10"
    vary = ("w=1..200",)

    def test_conditions_speak_of_time(self, db):
        rows = predicted(self.text, *self.vary)
        middle = sorted(row["latency"] for row in rows)[100]
        found = table(
            sweep(self.text, *self.vary, where=[f"latency <= {middle}ns"], quantities=["latency"], asked={"db": db})
        )
        assert [row["w"] for row in found] == [row["w"] for row in rows if row["latency"] <= middle]
        assert 100 <= len(found) < 200

    def test_the_fastest_that_is_wide_enough(self, db):
        fastest = [Objective("minimize", "latency high")]
        made = sweep(self.text, *self.vary, where=["w >= 50"], objectives=fastest, top=1, quantities=["params"],
                     asked={"db": db})  # fmt: skip
        (best,) = table(made)
        rows = [row for row in predicted(self.text, *self.vary) if row["w"] >= 50]
        assert best["latency high"] == min(row["latency high"] for row in rows)
        assert set(best) == {"w", "params", "latency high"}


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [("latency < 20ms", 20_000_000), ("latency <= 0.5 s", 500_000_000), ("latency high < 1,500 us", 1_500_000),
     ("latency < 7µs", 7000), ("latency < 7\u03bcs", 7000), ("LATENCY_LOW < 3 NS", 3)],
)  # fmt: skip
def test_times_are_written_with_their_units(text, nanoseconds):
    ((_, tree),) = conditions(text, [], TELLABLE)
    assert (tree.left.name in BAND, tree.right.value) == (True, nanoseconds)


@pytest.mark.parametrize(
    ("text", "message", "help"),
    [("latency < 20", "latency is a time: a unit is wanted here", "latency < 20ms"),
     ("20M > latency high", "latency high is a time: a unit is wanted here", "latency high < 20ms"),
     ("latency < 20MB", "latency is a time: a unit is wanted here", "latency < 20ms"),
     ("params < 20ms", "params is no time", "latency < 20ms")],
)  # fmt: skip
def test_what_is_no_time_is_not_compared_with_one(text, message, help):
    with pytest.raises(Fault) as caught:
        conditions(text, [], TELLABLE)
    assert (caught.value.diagnostic.message, caught.value.diagnostic.help) == (message, help)


class TestMissing:
    text = "param w = 8\ninput 8x8x3\nconv 3x3, w"

    @pytest.mark.parametrize(
        ("vary", "asked", "message"),
        [(["dtype=bf16,fp16"], {}, "no calibration of cpu in fp16: archcalc calibrate --dtype fp16 --threads 2 makes"),
         (["w=1..3"], {"device": "cuda"}, "no calibration of cuda in fp32: archcalc calibrate --device cuda makes one"),
         (["w=1..3"], {"device": "sparc"}, "no device 'sparc'; known: "),
         (["w=1..3"], {"dtype": "int8"}, "no prediction of cpu in int8: layers are run in fp32"),
         (["w=1..3"], {"device": "a100-80gb"}, "no calibration of A100 SXM4 80GB in fp32: archcalc calibrate")],
    )  # fmt: skip
    def test_every_dtype_must_be_calibrated_on_the_device(self, vary, asked, message, db):
        with pytest.raises(Untimed) as caught:
            sweep(self.text, *vary, quantities=["latency"], asked={**asked, "db": db})
        assert str(caught.value).startswith(message)

    def test_lower_bounds_of_published_devices_are_no_latency_of_a_sweep(self, db):
        with pytest.raises(Untimed) as caught:
            sweep(self.text, "w=1..3", quantities=["latency"], asked={"device": "a100-80gb", "db": db})
        assert str(caught.value).endswith("; a sweep has no lower bounds")

    def test_a_history_that_is_none_is_said(self, tmp_path):
        path = tmp_path / "none.sqlite"
        path.write_text("no database")
        with pytest.raises(Untimed) as caught:
            sweep(self.text, "w=1..3", quantities=["latency"], asked={"db": path})
        assert "none.sqlite" in str(caught.value)

    def test_nothing_is_read_where_no_latency_is_asked_for(self, tmp_path):
        path = tmp_path / "none.sqlite"
        path.write_text("no database")
        assert len(table(sweep(self.text, "w=1..3", quantities=["params"], asked={"db": path}))) == 3

    def test_what_was_not_measured_is_known_afterwards(self, db):
        made = sweep("param w = 8\ninput 8x8x3\nconv 3x3, w; gelu", "w=1..3", quantities=["latency"], asked={"db": db})
        assert len(table(made)) == 3
        assert list(made.space.asked.clock.unknown) == ["gelu"]
