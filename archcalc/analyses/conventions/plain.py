"""The conventions of papers, of PyTorch's own counter, and of Keras."""

from __future__ import annotations

from archcalc.analyses.conventions.base import Convention, macs, stored, times

PAPER = Convention(
    name="paper",
    tool="papers",
    calls="FLOPs",
    unit="multiply-adds",
    source="He et al. 2016, table 1",
    count=macs,
    stores=stored(),
    caution=("some papers mean twice as many, 2 a multiply-add",),
)

FLOP_COUNTER = Convention(
    name="torch",
    tool="torch",
    version="2.13.0",
    calls="FLOPs",
    unit="2 a multiply-add",
    source="torch/utils/flop_counter.py, FlopCounterMode",
    count=times(2, macs),
    stores=None,
    caution=(
        "attention as one fused kernel (scaled_dot_product_attention) counts nothing on a CPU",
        "gradients of grouped convolutions count as if there were one group",
    ),
)

KERAS = Convention(
    name="keras",
    tool="Keras",
    version="3.15.1",
    calls="params",
    unit="stored numbers",
    source="keras/src/utils/summary_utils.py, print_summary",
    count=None,
    stores=stored(buffers=True),
    stores_meaning="batch norm's mean and variance too, as not trainable",
)
