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
    caution=("most papers mean multiply-adds by FLOPs, some mean twice as many",),
)

FLOP_COUNTER = Convention(
    name="torch",
    tool="torch",
    version="2.13.0",
    calls="FLOPs",
    unit="operations, 2 a multiply-add",
    source="torch/utils/flop_counter.py, FlopCounterMode",
    count=times(2, macs),
    stores=stored(),
    caution=(
        "attention that runs as one fused kernel on a CPU is not counted at all",
        "the gradients of grouped convolutions are counted as if they were not grouped",
    ),
)

KERAS = Convention(
    name="keras",
    tool="Keras",
    version="3",
    calls="params",
    unit="stored numbers",
    source="keras/src/utils/summary_utils.py, print_summary",
    count=None,
    stores=stored(buffers=True),
    stores_meaning="batch norm's mean and variance are parameters, not trainable ones",
    caution=("it counts no operations",),
)
