"""Receptive fields, held against sets of input indices gathered from the definition of each layer."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import ceil, floor

import pytest
from handmade import Net
from hypothesis import given
from hypothesis import strategies as st

from archcalc.algebra import evaluate, symbol
from archcalc.analyses.field import Field, fields
from archcalc.diagnostics import Fault
from archcalc.layers import (
    Activation,
    Attention,
    AvgPool,
    BatchNorm,
    ClassToken,
    Concat,
    Conv,
    Crop,
    Deconv,
    Dense,
    Flatten,
    GlobalAvgPool,
    Max,
    MaxPool,
    Pad,
    Product,
    Reshape,
    Sum,
    Tokens,
    Upsample,
    Warp,
    ZeroShortcut,
)

PERIODS = 6**4  # a multiple of every period that the networks below can have


class Oracle:
    """Along one axis, the set of input indices that an output of a layer reads, padding included."""

    def __init__(self, axis: int) -> None:
        self.axis = axis
        self.reads = {0: lambda output: {output}}
        self.known: dict[tuple[int, int], frozenset[int]] = {}

    def seen(self, node: int, output: int) -> frozenset[int]:
        key = (node, output)
        if key not in self.known:
            self.known[key] = frozenset(self.reads[node](output))
        return self.known[key]

    def window(self, node, source, kernel, stride, before, dilation):
        cells = range(kernel)
        self.reads[node] = lambda o: self.all(source, {stride * o - before + dilation * cell for cell in cells})

    def spread(self, node, source, kernel, stride, before, dilation):
        """A transposed convolution: input i adds to outputs stride * i - before + dilation * cell."""

        def reads(output):
            near = range((output + before) // stride - 12, (output + before) // stride + 12)
            return {i for i in near if output in [stride * i - before + dilation * cell for cell in range(kernel)]}

        self.reads[node] = lambda o: self.all(source, reads(o))

    def nearest(self, node, source, factor):
        self.reads[node] = lambda o: self.seen(source, o // factor)

    def bilinear(self, node, source, factor):
        def point(output):
            return (output + Fraction(1, 2)) / factor - Fraction(1, 2)

        self.reads[node] = lambda o: self.all(source, {floor(point(o)), ceil(point(o))})

    def shift(self, node, source, offset):
        self.reads[node] = lambda o: self.seen(source, o + offset)

    def union(self, node, sources):
        self.reads[node] = lambda o: frozenset().union(*(self.seen(source, o) for source in sources))

    def all(self, source, outputs):
        return frozenset().union(*(self.seen(source, output) for output in outputs))

    def hull(self, node, output):
        seen = self.seen(node, output)
        return (min(seen), max(seen)) if seen else None

    def size(self, node, outputs):
        return max(len(range(h[0], h[1] + 1)) if (h := self.hull(node, o)) else 0 for o in range(outputs))

    def start(self, node):
        return min(self.seen(node, 0), default=None)

    def stride(self, node):
        output = next((o for o in range(PERIODS) if self.seen(node, o)), None)
        if output is None:
            return None
        return Fraction(min(self.seen(node, output + PERIODS)) - min(self.seen(node, output)), PERIODS)

    def regular(self, node):
        """Whether every output near 0 sees a window of one size, moved by the same whole stride."""
        hulls = [self.hull(node, output) for output in range(-30, 60)]
        moves = {(b[0] - a[0], b[1] - a[1]) if a and b else (None if a is b else "mixed") for a, b in pairwise(hulls)}
        return len(moves) == 1 and moves != {"mixed"}


small = st.integers(1, 3)
pads = st.tuples(st.integers(0, 2), st.integers(0, 2))


class Drawn:
    """A random network beside its oracles."""

    def __init__(self, data, enlarging: bool) -> None:
        self.data = data
        self.net = Net(2, data.draw(st.integers(6, 14)), data.draw(st.integers(6, 14)))
        self.oracles = (Oracle(0), Oracle(1))
        self.merges: list[tuple[int, tuple[int, ...]]] = []
        self.sources: dict[int, tuple[int, ...]] = {0: ()}
        self.enlargings = 3 if enlarging else 0
        for _ in range(data.draw(st.integers(1, 7))):
            self.step()

    def pair(self, strategy):
        return (self.data.draw(strategy), self.data.draw(strategy))

    def add(self, layer, *sources):
        node = self.net(layer, *sources)
        self.sources[node] = sources
        return node

    def step(self) -> None:
        source = self.data.draw(st.integers(max(0, len(self.sources) - 3), len(self.sources) - 1))
        makers = [self.conv, self.conv, self.pool, self.skip, self.merge, self.merge]
        if self.enlargings:
            makers += [self.deconv, self.upsample]
        maker = self.data.draw(st.sampled_from(makers))
        try:
            maker(source)
        except Fault:
            return  # a window that does not fit, a crop past the end: the network stays as it was

    def conv(self, source) -> None:
        kernel, stride, dilation = self.pair(small), self.pair(small), self.pair(st.integers(1, 2))
        pad = self.pair(pads)
        node = self.add(
            Conv(kernel=kernel, stride=stride, dilation=dilation, pad=Pad(*pad), channels=2), source
        )  # fmt: skip
        for axis, oracle in enumerate(self.oracles):
            oracle.window(node, source, kernel[axis], stride[axis], pad[axis][0], dilation[axis])

    def pool(self, source) -> None:
        kernel, stride = self.pair(small), self.pair(small)
        kind = self.data.draw(st.sampled_from([MaxPool, AvgPool]))
        node = self.add(kind(kernel=kernel, stride=stride, ceil=self.data.draw(st.booleans())), source)
        for axis, oracle in enumerate(self.oracles):
            oracle.window(node, source, kernel[axis], stride[axis], 0, 1)

    def skip(self, source) -> None:
        stride = self.pair(small)
        node = self.add(ZeroShortcut(channels=2, stride=stride), source)
        for axis, oracle in enumerate(self.oracles):
            oracle.window(node, source, 1, stride[axis], 0, 1)

    def deconv(self, source) -> None:
        kernel, stride, dilation = self.pair(st.integers(1, 4)), self.pair(small), self.pair(small)
        pad = self.pair(pads)
        node = self.add(Deconv(kernel=kernel, stride=stride, dilation=dilation, pad=Pad(*pad), channels=2), source)
        self.enlargings -= 1
        for axis, oracle in enumerate(self.oracles):
            oracle.spread(node, source, kernel[axis], stride[axis], pad[axis][0], dilation[axis])

    def upsample(self, source) -> None:
        factor, mode = self.pair(small), self.data.draw(st.sampled_from(["nearest", "bilinear"]))
        node = self.add(Upsample(factor=factor, mode=mode), source)
        self.enlargings -= 1
        for axis, oracle in enumerate(self.oracles):
            getattr(oracle, mode)(node, source, factor[axis])

    def merge(self, source) -> None:
        others = self.data.draw(st.lists(st.integers(0, len(self.sources) - 1), min_size=1, max_size=2))
        branches = [source, *others]
        shapes = [self.net.builder.shapes[branch] for branch in branches]
        size = (min(shape[1] for shape in shapes), min(shape[2] for shape in shapes))
        cropped = tuple(
            branch if shape[1:] == size else self.crop(branch, shape, size)
            for branch, shape in zip(branches, shapes, strict=True)
        )
        channels = {self.net.builder.shapes[branch][0] for branch in cropped}
        kind = self.data.draw(st.sampled_from([Sum, Max, Concat])) if len(channels) == 1 else Concat
        node = self.add(kind(), *cropped)
        self.merges.append((node, cropped))
        for oracle in self.oracles:
            oracle.union(node, cropped)
        back = self.add(Conv(kernel=(1, 1), channels=2), node)
        for oracle in self.oracles:
            oracle.window(back, node, 1, 1, 0, 1)

    def crop(self, branch, shape, size):
        offset = tuple(
            self.data.draw(st.integers(0, whole - part)) for whole, part in zip(shape[1:], size, strict=True)
        )
        node = self.add(Crop(offset=offset, size=size), branch)
        for axis, oracle in enumerate(self.oracles):
            oracle.shift(node, branch, offset[axis])
        return node


@given(st.data(), st.booleans())
def test_fields_are_those_of_index_sets(data, enlarging):
    drawn = Drawn(data, enlarging)
    graph = drawn.net.graph()
    for index, field in enumerate(fields(graph)):
        regular = []
        for axis, oracle in enumerate(drawn.oracles):
            assert field.size[axis] == oracle.size(index, graph.nodes[index].shape[1 + axis])
            assert field.start[axis] == oracle.start(index)
            if field.stride[axis] is not None:
                assert oracle.stride(index) in (None, field.stride[axis])
            regular.append(oracle.regular(index))
        assert field.kind == ("window" if all(regular) else "phased")
        assert field.kind == "phased" or None not in field.stride


@given(st.data())
def test_branches_are_aligned_where_their_outputs_are_centred_alike(data):
    drawn = Drawn(data, enlarging=False)
    crooked: set[int] = set()
    merged = dict(drawn.merges)
    for node, sources in drawn.sources.items():
        hulls = [
            [oracle.hull(source, output) for source in merged.get(node, ())]
            for oracle in drawn.oracles
            for output in (0, 7)
        ]
        differ = any(len({low + high for low, high in branches}) > 1 for branches in hulls)
        if differ or crooked & set(sources):
            crooked.add(node)
    assert {index for index, field in enumerate(fields(drawn.net.graph())) if not field.aligned} == crooked


def seen_by(layer, *shape):
    net = Net(*shape)
    net(layer)
    return fields(net.graph())[-1]


def test_a_convolution_by_hand():
    field = seen_by(Conv(kernel=(7, 5), stride=(2, 1), dilation=(1, 2), pad=Pad((3, 2), (4, 4)), channels=2), 3, 20, 20)
    assert field == Field("window", (7, 9), (2, 1), (-3, -4))


def test_two_3x3_see_what_one_5x5_sees():
    net = Net(3, 20, 20)
    net(Conv(kernel=(3, 3), pad=Pad((1, 1), (1, 1)), channels=2))
    net(BatchNorm())
    net(Activation(function="relu"))
    net(Conv(kernel=(3, 3), pad=Pad((1, 1), (1, 1)), channels=2))
    assert fields(net.graph())[-1] == seen_by(Conv(kernel=(5, 5), pad=Pad((2, 2), (2, 2)), channels=2), 3, 20, 20)


def test_enlarging_makes_the_stride_a_fraction():
    up = seen_by(Upsample(factor=(2, 3)), 3, 8, 8)
    assert up == Field("phased", (1, 1), (Fraction(1, 2), Fraction(1, 3)), (0, 0))
    assert up.plain()["stride"] == ["1/2", "1/3"]
    assert "note" not in up.plain()


def test_a_transposed_convolution_may_see_nothing():
    assert seen_by(Deconv(kernel=(1, 1), stride=(2, 2), pad=Pad((1, 0), (0, 0)), channels=2), 3, 8, 8).start == (
        None,
        0,
    )


def fields_of(net, layer, source):
    node = net(layer, source)
    return fields(net.graph())[node]


def test_a_window_over_positions_that_see_nothing_sees_what_the_others_do():
    """Outputs 0, 3, 6 of the transposed convolution see inputs 0, 1, 2; the others nothing."""
    net = Net(2, 4, 4)
    spread = net(Deconv(kernel=(1, 1), stride=(3, 3), channels=2))
    for kernel, size in ((2, 1), (3, 1), (4, 2), (5, 2), (7, 3)):
        field = fields_of(net, Conv(kernel=(kernel, kernel), channels=2), spread)
        assert (field.size, field.start) == ((size, size), (0, 0)), kernel
    # outputs 1 and 2 see nothing, and both ends of this window may fall on such
    assert fields_of(net, Conv(kernel=(5, 5), stride=(3, 3), pad=Pad((1, 0), (1, 0)), channels=2), spread).size == (
        2,
        2,
    )
    assert fields_of(net, Conv(kernel=(3, 3), stride=(3, 3), pad=Pad((1, 1), (1, 1)), channels=2), spread).size == (
        1,
        1,
    )


def test_a_branch_that_sees_nothing_leaves_the_other_its_window():
    """Outputs 1 and 2 of every three of the transposed convolution see nothing; a stride of 3 hits but them."""
    net = Net(2, 9, 9)
    spread = net(Deconv(kernel=(1, 1), stride=(3, 3), channels=2), 0)
    holes = net(Crop(offset=(1, 1), size=(9, 9)), spread)
    net(Sum(), holes, 0)
    net(MaxPool(kernel=(1, 1), stride=(3, 3)))
    assert fields(net.graph())[-1] == Field("window", (1, 1), (3, 3), (0, 0), aligned=False)
    thirds = net(MaxPool(kernel=(1, 1), stride=(3, 3)), holes)
    below = net(MaxPool(kernel=(3, 3), stride=(3, 3)), 0)
    net(Sum(), thirds, below)
    assert fields(net.graph())[-1] == Field("window", (3, 3), (3, 3), (0, 0))


def test_outputs_that_see_nothing_have_no_stride():
    net = Net(2, 9, 9)
    net(Deconv(kernel=(1, 1), stride=(3, 3), channels=2))
    net(Deconv(kernel=(1, 1), stride=(3, 3), channels=2))
    net(Crop(offset=(1, 1), size=(21, 21)))
    net(MaxPool(kernel=(1, 1), stride=(3, 3)))
    assert fields(net.graph())[-1] == Field("window", (0, 0), (0, 0), (None, None))


def test_patterns_of_two_and_of_three_repeat_together_every_six():
    net = Net(1, 12, 12)
    halves, thirds = MaxPool(kernel=(2, 2), stride=(2, 2)), MaxPool(kernel=(3, 3), stride=(3, 3))
    twos = (net(halves, 0), net(Upsample(factor=(2, 2))))[1]
    threes = (net(thirds, 0), net(Upsample(factor=(3, 3))))[1]
    net(Sum(), twos, threes)
    seen = [{*range(o // 2 * 2, o // 2 * 2 + 2), *range(o // 3 * 3, o // 3 * 3 + 3)} for o in range(12)]
    field = fields(net.graph())[-1]
    assert field.size[0] == max(max(each) - min(each) + 1 for each in seen) == 4
    assert (field.kind, field.stride, field.aligned) == ("phased", (1, 1), True)
    net(Crop(offset=(2, 2), size=(1, 1)))
    assert fields(net.graph())[-1].start == (0, 0)
    net(Crop(offset=(4, 4), size=(1, 1)), len(net.names) - 2)
    assert fields(net.graph())[-1].start == (3, 3)
    net(Crop(offset=(3, 3), size=(1, 1)), len(net.names) - 3)
    assert (fields(net.graph())[-1].start, fields(net.graph())[-1].size) == ((2, 2), (4, 4))


@pytest.mark.parametrize("layer", [GlobalAvgPool(), Flatten(), Dense(units=4), Reshape(shape=(192,))])
def test_what_gathers_the_whole_map_sees_all(layer):
    assert seen_by(layer, 3, 8, 8) == Field("all")


def test_vectors_and_tokens_keep_what_they_came_from():
    net = Net(3, 8, 8)
    net(Conv(kernel=(4, 4), stride=(4, 4), channels=6))
    net(Tokens())
    net(ClassToken())
    assert fields(net.graph())[-1] == Field("window", (4, 4), (4, 4), (0, 0))
    net(Dense(units=5))
    assert fields(net.graph())[-1].kind == "window"
    net(Attention(heads=1))
    net(Dense(units=5))
    assert fields(net.graph())[-1] == Field("all")


def test_a_sampler_hides_what_it_saw_for_good():
    net = Net(3, 8, 8)
    net(Flatten())
    six = net(Dense(units=6))
    warped = net(Warp(height=4, width=4), 0, six)
    net(Conv(kernel=(3, 3), channels=3), warped)
    net(GlobalAvgPool())
    assert [field.kind for field in fields(net.graph())[3:]] == ["none", "none", "none"]


def test_a_gate_is_left_out_and_said():
    net = Net(4, 8, 8)
    body = net(Conv(kernel=(3, 3), pad=Pad((1, 1), (1, 1)), channels=4))
    net(GlobalAvgPool())
    gate = net(Conv(kernel=(1, 1), channels=4))
    net(Product(), gate, body)
    field = fields(net.graph())[-1]
    assert (field.kind, field.size, field.aligned) == ("window", (3, 3), True)
    assert "gate" in field.note
    both = Net(4, 1, 1)
    whole = both(GlobalAvgPool())
    both(Product(), whole, whole)
    assert fields(both.graph())[-1] == Field("all")


def test_a_repeated_1x1_branch_is_seen_from_everywhere():
    net = Net(2, 4, 6)
    point = net(Conv(kernel=(4, 6), channels=2))
    net(Product(), 0, point)
    field = fields(net.graph())[-1]
    assert (field.kind, field.size, field.stride, field.start) == ("phased", (4, 6), (None, None), (0, 0))


def test_one_branch_that_sees_all_makes_a_sum_see_all():
    net = Net(2, 1, 1)
    whole = net(GlobalAvgPool())
    net(Sum(), 0, whole)
    assert fields(net.graph())[-1].kind == "all"


def test_closed_forms_of_plain_windows():
    net = Net(2, symbol("H"), symbol("W"))
    stem = net(Conv(kernel=(symbol("k"), 3), stride=(symbol("s"), 2), channels=2))
    other = net(Conv(kernel=(3, 3), stride=(symbol("s"), 2), channels=2, pad=Pad((1, 1), (0, 0))), 0)
    pooled = net(MaxPool(kernel=(2, 2), stride=(2, 2)), stem)
    found = fields(net.graph())
    values = {"H": 40, "W": 40, "k": 5, "s": 3}
    assert [evaluate(size, values) for size in found[pooled].size] == [5 + 3, 3 + 2]
    assert [evaluate(stride, values) for stride in found[pooled].stride] == [6, 4]
    assert [evaluate(start, values) for start in found[other].start] == [-1, 0]


def test_open_symbols_hide_a_phased_field():
    assert seen_by(Upsample(factor=(symbol("f"), 2)), 2, 8, 8) is None
    net = Net(2, 8, 8)
    net(Upsample(factor=(symbol("f"), 2)))
    net(Conv(kernel=(1, 1), channels=2))
    net(GlobalAvgPool())
    assert [field and field.kind for field in fields(net.graph())] == ["window", None, None, "all"]


def test_a_period_past_all_use_is_given_up():
    net = Net(1, 1, 1)
    for _ in range(4):
        net(Upsample(factor=(1000, 1)))
    assert [field is None for field in fields(net.graph())] == [False, False, True, True, True]


def unet(pool, up):
    net = Net(2, 32, 32)
    same = Conv(kernel=(3, 3), pad=Pad((1, 1), (1, 1)), channels=2)
    skip = net(same)
    net(pool)
    net(same)
    net(up)
    net(Concat(), skip, len(net.names) - 1)
    net(same)
    return fields(net.graph())[-1]


def test_a_decoder_meets_its_skip_aligned_when_halving_and_doubling_are_centred_alike():
    halved, doubled = MaxPool(kernel=(2, 2), stride=(2, 2)), Upsample(factor=(2, 2))
    assert unet(halved, doubled).aligned
    assert unet(halved, Upsample(factor=(2, 2), mode="bilinear")).aligned
    # a pool that reads 2o - 1 to 2o + 1 is centred on 2o; what is doubled stands for 2o and 2o + 1
    assert not unet(MaxPool(kernel=(3, 3), stride=(2, 2), pad=Pad((1, 1), (1, 1))), doubled).aligned


def test_misalignment_sticks():
    net = Net(2, 16, 16)
    even = net(Conv(kernel=(2, 2), pad=Pad((0, 1), (0, 1)), channels=2))
    net(Sum(), 0, even)
    net(Conv(kernel=(3, 3), channels=2))
    net(GlobalAvgPool())
    assert [field.aligned for field in fields(net.graph())] == [True, True, False, False, False]


def test_equal_fields_share_a_record():
    net = Net(2, 16, 16)
    for _ in range(3):
        net(Conv(kernel=(1, 1), channels=2))
        net(BatchNorm())
    assert len({id(field) for field in fields(net.graph())}) == 1


def test_a_deep_chain_is_seen_through():
    net = Net(2, 64, 64)
    same = Conv(kernel=(3, 3), pad=Pad((1, 1), (1, 1)), channels=2)
    for _ in range(20_000):
        net(same)
    field = fields(net.graph())[-1]
    assert (field.size, field.start) == ((40_001, 40_001), (-20_000, -20_000))
