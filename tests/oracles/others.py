"""PReLU-nets, the spatial transformer, FCN, YOLO and the small nets of a lecture, counted by hand."""

from __future__ import annotations

from .counter import Counts


def prelu_net(repeats: int, widths: tuple[int, int, int]) -> Counts:
    """PReLU has a coefficient a channel after every weight layer but the last."""
    n = Counts(depth=1 + 3 * repeats + 3)
    n.conv(7, 3, 96, 112)
    n.others += 96
    n.passes(96, 56)
    before = 96
    for width, side in zip(widths, (56, 28, 14), strict=True):
        for _ in range(repeats):
            n.conv(3, before, width, side)
            n.others += width
            before = width
        if side != 14:
            n.passes(width, side // 2)
    bins = 7 * 7 + 3 * 3 + 2 * 2 + 1
    n.passes(bins * before)
    n.fc(bins * before, 4096)
    n.fc(4096, 4096)
    n.others += 2 * 4096
    n.fc(4096, 1000)
    n.output = (1000,)
    return n


def stn_mnist() -> Counts:
    n = Counts()
    n.conv(7, 1, 8, 22)  # the localiser: 28, 22, 11, 7, 3
    n.passes(8, 11)
    n.conv(5, 8, 10, 7)
    n.passes(10, 3)
    n.fc(90, 32)
    n.fc(32, 6)
    n.passes(1, 28)  # the warped image
    n.conv(5, 1, 10, 24)
    n.passes(10, 12)
    n.conv(5, 10, 20, 8)
    n.passes(20, 4)
    n.fc(320, 50)
    n.fc(50, 10)
    n.output = (10,)
    n.depth = 8
    return n


def fcn(stride: int) -> Counts:
    """500x500, padded by 100: 698, then Caffe's pools, which round up: 349, 175, 88, 44, 22."""
    n = Counts()
    channels = 3
    for width, side, convs, pooled in (
        (64, 698, 2, 349),
        (128, 349, 2, 175),
        (256, 175, 3, 88),
        (512, 88, 3, 44),
        (512, 44, 3, 22),
    ):
        for _ in range(convs):
            n.conv(3, channels, width, side)
            channels = width
        n.passes(width, pooled)
    n.conv(7, 512, 4096, 16)
    n.conv(1, 4096, 4096, 16)
    n.conv(1, 4096, 21, 16)
    if stride == 32:
        n.deconv(64, 21, 21, 16, 544)
    else:
        n.deconv(4, 21, 21, 16, 34)
        n.conv(1, 512, 21, 44)
        n.passes(21, 34)
    if stride == 16:
        n.deconv(32, 21, 21, 34, 560)
    if stride == 8:
        n.deconv(4, 21, 21, 34, 70)
        n.conv(1, 256, 21, 88)
        n.passes(21, 70)
        n.deconv(16, 21, 21, 70, 568)
    n.output = (500, 500, 21)
    n.depth = {32: 17, 16: 18, 8: 19}[stride]
    return n


def yolov1() -> Counts:
    n = Counts(depth=26)
    n.conv(7, 3, 64, 224)
    n.passes(64, 112)
    n.conv(3, 64, 192, 112)
    n.passes(192, 56)
    n.conv(1, 192, 128, 56)
    n.conv(3, 128, 256, 56)
    n.conv(1, 256, 256, 56)
    n.conv(3, 256, 512, 56)
    n.passes(512, 28)
    for _ in range(4):
        n.conv(1, 512, 256, 28)
        n.conv(3, 256, 512, 28)
    n.conv(1, 512, 512, 28)
    n.conv(3, 512, 1024, 28)
    n.passes(1024, 14)
    for _ in range(2):
        n.conv(1, 1024, 512, 14)
        n.conv(3, 512, 1024, 14)
    n.conv(3, 1024, 1024, 14)
    n.conv(3, 1024, 1024, 7)
    n.conv(3, 1024, 1024, 7, times=2)
    n.fc(7 * 7 * 1024, 4096)
    n.fc(4096, 7 * 7 * 30)
    n.output = (7, 7, 30)
    return n


def chain(*convs: tuple[int, int, int, int]) -> Counts:
    n = Counts(depth=len(convs))
    for kernel, inputs, outputs, side in convs:
        n.conv(kernel, inputs, outputs, side)
        n.output = (side, side, outputs)
    return n


def mlp() -> Counts:
    n = Counts(depth=2)
    n.fc(32 * 32 * 3, 128)
    n.fc(128, 10)
    n.output = (10,)
    return n


def keras_a() -> Counts:
    n = Counts(depth=8)
    n.conv(7, 1, 64, 28)
    n.passes(64, 14)
    n.conv(3, 64, 128, 14)
    n.conv(3, 128, 128, 14)
    n.passes(128, 7)
    n.conv(3, 128, 256, 7)
    n.conv(3, 256, 256, 7)
    n.passes(256, 3)
    n.fc(3 * 3 * 256, 128)
    n.fc(128, 64)
    n.fc(64, 10)
    n.output = (10,)
    return n


def keras_b() -> Counts:
    n = Counts(depth=4)
    n.conv(3, 1, 32, 26)
    n.passes(32, 13)
    n.conv(3, 32, 64, 11)
    n.passes(64, 5)
    n.fc(5 * 5 * 64, 1024)
    n.fc(1024, 10)
    n.output = (10,)
    return n


LECTURE = {
    "one-5x5": chain((5, 64, 64, 56)),
    "two-3x3": chain(*[(3, 64, 64, 56)] * 2),
    "one-7x7": chain((7, 64, 64, 56)),
    "three-3x3": chain(*[(3, 64, 64, 56)] * 3),
    "conv-10-5x5": chain((5, 3, 10, 32)),
    "shrinking-5x5": chain((5, 3, 6, 28), (5, 6, 10, 24)),
    "one-1x1": chain((1, 64, 32, 56)),
    "7x7-stride-1": chain((3, 1, 1, 5)),
    "7x7-stride-2": chain((3, 1, 1, 3)),
    "7x7-stride-3": chain((3, 1, 1, 2)),
    "7x7-stride-2-pad-1": chain((3, 1, 1, 4)),
    "mlp": mlp(),
    "keras-a": keras_a(),
    "keras-b": keras_b(),
}

NETWORKS = (
    {
        "prelu-net.arch:prelu-net-a": prelu_net(5, (256, 512, 512)),
        "prelu-net.arch:prelu-net-b": prelu_net(6, (256, 512, 512)),
        "prelu-net.arch:prelu-net-c": prelu_net(6, (384, 768, 896)),
        "stn.arch:stn-mnist": stn_mnist(),
        "yolov1.arch:yolov1": yolov1(),
    }
    | {f"fcn.arch:fcn-{stride}s": fcn(stride) for stride in (32, 16, 8)}
    | {f"lecture.arch:{name}": counts for name, counts in LECTURE.items()}
)
