"""How fvcore's ``FlopCountAnalysis`` counts: by the operators of a trace, one "flop" a multiply-add."""

from __future__ import annotations

from archcalc.algebra import Dim
from archcalc.analyses.conventions.base import Convention, affine, by_type, macs, made, read, stored, times
from archcalc.layers import IMAGE, BatchNorm, GlobalAvgPool, GroupNorm, Layer, LayerNorm, Shape, Upsample, Warp


def _mean_of_maps(layer: Layer, shape: Shape) -> Dim:
    """``adaptive_avg_pool2d`` counts what it reads; tokens are averaged by ``mean``, which it does not know."""
    return read(layer, shape) if len(shape) == IMAGE else 0


def _upsample(layer: Upsample, shape: Shape) -> Dim:
    return (4 if layer.mode == "bilinear" else 1) * made(layer, shape)


_RULES = {
    BatchNorm: affine(2, 1),
    LayerNorm: affine(5, 4),
    GroupNorm: affine(5, 4),
    GlobalAvgPool: _mean_of_maps,
    Upsample: _upsample,
    Warp: times(4, made),
}

FVCORE = Convention(
    name="fvcore",
    tool="fvcore",
    version="0.1.5.post20221221",
    calls="flops",
    unit="multiply-adds, norms, global average pool, upsampling",
    source="fvcore/nn/flop_count.py and jit_handles.py, FlopCountAnalysis",
    count=by_type(_RULES, otherwise=macs),
    stores=stored(),
    caution=(
        "biases, activations, other pools and sums are left out",
        "a convolution with padding='same' counts nothing, nor does a fused attention kernel",
    ),
)
