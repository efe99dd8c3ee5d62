"""What happens at the edge, held against windows laid down one by one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from archcalc.analyses.explain.border import edges, told
from archcalc.layers import Conv, MaxPool, Pad, ZeroShortcut

small = st.integers(1, 4)


@given(
    size=st.integers(1, 14),
    kernel=small,
    stride=small,
    dilation=small,
    pads=st.tuples(st.integers(0, 3), st.integers(0, 3)),
)
def test_rows_that_no_window_reads(size, kernel, stride, dilation, pads):
    cells = [dilation * cell for cell in range(kernel)]
    windows = []
    corner = -pads[0]
    while corner + cells[-1] < size + pads[1]:
        windows.append({corner + cell for cell in cells})
        corner += stride
    if not windows:
        return
    layer = Conv(
        kernel=(kernel, 1), stride=(stride, 1), dilation=(dilation, 1), pad=Pad(height=pads), channels=1
    )  # fmt: skip
    rows, columns = edges(layer, ((1, size, 2),), layer.output((1, size, 2)))
    inside = set(range(size))
    assert rows.unread == tuple(sorted(inside - set().union(*windows)))
    assert rows.padded == tuple(place for place, window in enumerate(windows) if window - inside)
    assert rows.outputs == len(windows) and not rows.nothing
    assert (columns.unread, columns.padded) == ((), ())


def said(layer, shape):
    return told(edges(layer, (shape,), layer.output(shape)))


def test_words():
    assert said(MaxPool(kernel=(2, 2), stride=(2, 2)), (1, 7, 7)) == ("never read: the last of 7 rows and columns",)
    assert said(Conv(kernel=(1, 1), stride=(3, 3), channels=1), (1, 9, 9)) == (
        "never read: 6 of 9 rows and columns: 1, 2, 4, 5, ... 8",
    )
    assert said(Conv(kernel=(5, 1), channels=1, pad=Pad(height=(2, 2))), (1, 9, 4)) == (
        "all 9 rows are read",
        "outputs that reach past the edge, down: the first 2 and the last 2 of 9",
        "all 4 columns are read",
    )
    assert said(Conv(kernel=(5, 5), channels=1, pad=Pad((2, 2), (2, 2))), (1, 3, 3))[1] == (
        "outputs that reach past the edge, down and across: all 3"
    )
    assert said(ZeroShortcut(channels=2, stride=(2, 2)), (1, 4, 4)) == ("never read: 2 of 4 rows and columns: 1, 3",)
