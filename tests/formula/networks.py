"""Random networks as texts, in parameters ``k`` (channels) and ``g`` and an input of any size."""

from __future__ import annotations

from hypothesis import strategies as st

_channels = st.sampled_from(["k", "2*k", "8", "(4*k)", "(k/2)", "12", "(k + 3)"])
_kernels = st.sampled_from(["1x1", "2x2", "3x3", "5x5", "3x1", "7x7"])
_strides = st.sampled_from(["", "", ", stride 2", ", stride 3", ", stride 2x1"])
_pads = st.sampled_from(["", ", pad 1", ", pad half", ", pad same", ", pad 0 1 1 2"])
_ends = st.sampled_from(["", ", no bias", ", dilation 2", ", no bias"])
_convs = st.builds(
    lambda kernel, channels, *rest: f"conv {kernel}, {channels}{''.join(rest)}",
    _kernels, _channels, _strides, _pads, _ends,
)  # fmt: skip
_pools = st.builds(
    lambda word, kernel, stride, pad, ceil: f"{word} pool {kernel}, stride {stride}{pad}{ceil}",
    st.sampled_from(["max", "avg"]), st.sampled_from(["2x2", "3x3", "2x3"]), st.integers(1, 3),
    st.sampled_from(["", ", pad 1"]), st.sampled_from(["", ", ceil"]),
)  # fmt: skip
_plain = st.sampled_from(["bn", "relu", "lrn", "prelu", "dropout", "upsample 2", "layer norm", "gelu"])
_residual = st.builds(
    lambda channels, stride: (
        f"sum:\n    | conv 3x3, {channels}{stride}, pad 1; relu; conv 3x3, {channels}, pad 1\n    | shortcut"
    ),
    _channels, st.sampled_from(["", ", stride 2"]),
)  # fmt: skip
_inception = st.builds(
    lambda one, other: f"concat:\n    | conv 1x1, {one}\n    | conv 3x3, {other}, pad 1\n    | max pool 3x3, s1, pad 1",
    _channels, _channels,
)  # fmt: skip
_uneven = st.just("sum:\n    | conv 3x3, 8, stride 2, pad 1; upsample 2\n    | conv 1x1, 8")  # fits even sizes only
_block = st.one_of(_convs, _convs, _pools, _plain, _residual, _inception, st.just("depthwise 3x3, pad 1"), _uneven)
_heads = st.sampled_from(["", "fc 10", "global average pool; fc k", "flatten; fc (3*k); relu; fc 5; softmax"])

TEXTS = st.builds(
    lambda blocks, head: "\n".join(["param k = 4", "input 16x16x3", *blocks, *([head] if head else [])]) + "\n",
    st.lists(_block, min_size=1, max_size=5), _heads,
)  # fmt: skip
