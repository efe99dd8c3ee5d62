"""SVG pictures, read back: everything is there once, nothing covers anything, and texts fit."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from draw.seen import Rect, Seen
from hypothesis import given, settings
from hypothesis import strategies as st

import archcalc
from archcalc.algebra import symbol
from archcalc.report.draw import drawing, svg
from archcalc.report.draw.letters import width
from archcalc.report.draw.picture import MOST
from archcalc.report.fold import folded
from archcalc.report.numbers import shape

SPECS = Path(__file__).parents[2] / "specs"


def seen(report, depth=None, **options):
    return Seen(svg(drawing(report, depth), **options))


def of(text, depth=None, **options):
    return seen(archcalc.parse(text).report(aux=True), depth, **options)


def unfolded_and_folded(path):
    """Every network of a file: folded to its outermost groups, and in full unless that is a wall."""
    for network in archcalc.load_all(path):
        report = network.report(aux=True)
        yield report, 1
        if len(report.layers) <= MOST:
            yield report, 0


@pytest.mark.parametrize("path", sorted(SPECS.glob("*.arch")), ids=lambda path: path.stem)
def test_nothing_covers_anything(path):
    for report, depth in unfolded_and_folded(path):
        picture = seen(report, depth)
        say = f"{report.network} at depth {depth}"
        everything_is_there(report, depth, picture, say)
        boxes_are_apart(picture, say)
        arrows_join_their_boxes(picture, say)
        shapes_can_be_read(picture, say)


def everything_is_there(report, depth, picture, say):
    rows = folded(report, depth).layers if depth else report.layers
    assert sorted(picture.boxes) == sorted(row.name for row in rows), say
    outputs = {row.name: shape(row.output) for row in report.layers}
    inside = {name: row.name for row in rows for name in [row.name]}
    for row in report.layers:
        groups = [".".join(row.block.split(".")[:depth])] if depth and row.block else []
        inside[row.name] = next((name for name in groups if name in picture.boxes), row.name)
    wanted = Counter(
        (inside[name], row.name, outputs[name]) for row in rows for name in (row.inputs if not depth else {*row.inputs})
    )
    assert Counter((each.source, each.target, each.shape) for each in picture.arrows) == wanted, say
    assert len(set(picture.ids)) == len(picture.ids) == len(rows), say
    assert picture.side == {row.name for row in rows if row.aux}, say


def boxes_are_apart(picture, say):
    in_order = sorted(picture.boxes.items(), key=lambda item: item[1])
    for place, (name, box) in enumerate(in_order):
        assert box.within(picture.page), f"{say}: {name}"
        for other, rect in in_order[place + 1 :]:
            if rect.left > box.right:
                break
            assert not box.meets(rect), f"{say}: {name} covers {other}"


def arrows_join_their_boxes(picture, say):
    for arrow in picture.arrows:
        name = f"{say}: {arrow.source} to {arrow.target}"
        assert picture.boxes[arrow.source].from_border(arrow.start) < 1.5, name
        assert picture.boxes[arrow.target].from_border(arrow.tip) < 1.5, name
        assert math.dist(arrow.points[-1], arrow.tip) < 8, name
        assert all(math.dist(a, b) < 8 for a, b in pairwise(arrow.points)), name
        assert all(Rect(x, y, x, y).within(picture.page) for x, y in arrow.points), name
        around = Rect(*map(min, zip(*arrow.points, strict=True)), *map(max, zip(*arrow.points, strict=True)))
        for other, box in picture.boxes.items():
            if other not in (arrow.source, arrow.target) and box.meets(around):
                inner = Rect(box.left + 1, box.top + 1, box.right - 1, box.bottom - 1)
                through = [spot for spot in arrow.points if Rect(*spot, *spot).within(inner)]
                assert not through, f"{name} runs through {other} at {through[0]}"


def shapes_can_be_read(picture, say):
    labels = sorted((arrow.label, arrow) for arrow in picture.arrows)
    for place, (label, arrow) in enumerate(labels):
        name = f"{say}: {arrow.shape} to {arrow.target}"
        assert label.within(picture.page), name
        assert not [other for other, box in picture.boxes.items() if label.meets(box, by=1)], name
        for other, _ in labels[place + 1 :]:
            if other.left > label.right:
                break
            assert not label.meets(other, by=2), name


def chain(count):
    return "input 32x32x8\n" + "\n".join("conv 3x3, 8, pad 1" for _ in range(count))


@pytest.mark.parametrize("aspect", [0.4, 1.0, 1.5, 3.0])
@pytest.mark.parametrize("count", [12, 40, 41, 150])
def test_a_chain_is_wrapped(count, aspect):
    picture = of(chain(count), aspect=aspect)
    boxes = picture.boxes.values()
    spots = [spot for arrow in picture.arrows for spot in arrow.points]
    spots += [corner for box in boxes for corner in (box[:2], box[2:])]
    wide, high = (max(axis) - min(axis) for axis in zip(*spots, strict=True))
    # with a column more or less a picture of k columns is about (k + 1)²/k² as wide for its height, or (k - 1)²/k²:
    # the wanted shape lies nearer than halfway to either
    columns = len({round(box.left + box.right) for box in boxes})
    assert abs(math.log(wide / high / aspect)) < 1.1 * math.log(columns / (columns - 1) if columns > 1 else 2)


def test_columns_of_a_chain_are_even():
    picture = of(chain(59), aspect=1.5)
    columns = Counter(round(box.left + box.right) for box in picture.boxes.values())
    assert len(columns) > 3 and max(columns.values()) - min(columns.values()) <= 2


def test_skips_run_beside_and_not_through():
    branches = "| conv 3x3, 8, pad 1; relu; conv 3x3, 8, pad 1\n        | shortcut\n"
    text = f"input 32x32x8\nrepeat 9:\n    sum:\n        {branches}"
    picture = of(text)
    arrows_join_their_boxes(picture, "skips")
    assert len(picture.arrows) == 9 * 5


def test_what_columns_carry_over_several():
    text = "input 64x64x4\nfirst: conv 3x3, 4, pad 1\n" + "conv 3x3, 4, pad 1\n" * 40
    text += "sum:\n    | identity\n    | from first\nsum:\n    | identity\n    | from input\n"
    picture = of(text, aspect=2.0)
    arrows_join_their_boxes(picture, "skips over columns")
    shapes_can_be_read(picture, "skips over columns")
    assert ("first", "64x64x4") in {(arrow.source, arrow.shape) for arrow in picture.arrows if "sum" in arrow.target}


def test_side_heads_are_told_apart():
    picture = of(
        "input 32x32x3\nconv 3x3, 4, pad 1\naux:\n    global average pool\n    fc 10\nconv 3x3, 4, pad 1\nfc 10"
    )
    assert len(picture.side) == 2
    assert [arrow.side for arrow in picture.arrows] == [True, True, False, False, False]


def test_open_sizes_are_drawn_as_symbols():
    picture = of("input HxWx3\nconv 3x3, 8, stride 2, pad 1\nglobal average pool\nfc 10")
    assert [arrow.shape for arrow in picture.arrows] == ["HxWx3", "(⌊(H+1)/2⌋)x(⌊(W+1)/2⌋)x8", "1x1x8"]


def test_long_closed_forms_are_cut():
    sides = {"input_shape": (3, symbol("H"), symbol("W"))}
    picture = seen(archcalc.load(SPECS / "googlenet.arch", **sides).report(aux=True), 1)
    texts = [text for lines in picture.texts.values() for text, *_ in lines]
    # at most two forms of forty characters on a line, and what they are called
    assert max(map(len, texts)) == len("…" * 40 + " params · " + "…" * 40 + " MACs")
    boxes_are_apart(picture, "closed forms")


def test_one_layer_is_a_picture():
    picture = of("input 8x8x3")
    assert [*picture.boxes] == ["input"] and not picture.arrows


def test_a_branch_read_twice_has_two_arrows():
    picture = of("input 8x8x3\nsum:\n    | identity\n    | identity\n")
    assert [arrow[:3] for arrow in picture.arrows] == [("input", "sum", "8x8x3")] * 2


def test_a_tooltip_has_the_figures():
    picture = of("input 8x8x3\nc: conv 3x3, 4, pad 1")
    # 3*3*3*4 weights and 4 biases; at 64 positions; a multiply and an add each, and the bias
    assert picture.tooltips["c"].splitlines()[:5] == [
        "c: conv 3x3, 4, pad 1", "output 8x8x4", "112 params", "6,912 MACs", "14,080 FLOPs",
    ]  # fmt: skip


def test_a_group_tells_the_sum_of_its_layers():
    report = archcalc.parse("input 8x8x3\ng:\n    conv 3x3, 4, pad 1\n    relu\n    conv 3x3, 4, pad 1").report()
    picture = seen(report, 1)
    saved = sum(row.saved_bytes for row in report.layers if row.block)
    assert saved and f"{saved:,} B saved for the backward pass" in picture.tooltips["g"].splitlines()
    assert f"{112 + 148} params" in picture.tooltips["g"].splitlines()


def test_a_group_that_is_interrupted_has_a_box_for_each_part():
    report = archcalc.load(SPECS / "resnet.arch:resnet-18").report(aux=True)
    picture = seen(report, 3)
    arrows_join_their_boxes(picture, "parts")
    parts = ["conv3_x.1", "conv3_x.1.shortcut", "conv3_x.1 (2)"]
    assert [name for name in picture.boxes if name.startswith("conv3_x.1")] == parts
    inside = [arrow[:2] for arrow in picture.arrows if arrow.target in parts and arrow.source in parts]
    assert inside == [("conv3_x.1", "conv3_x.1 (2)"), ("conv3_x.1.shortcut", "conv3_x.1 (2)")]


def test_texts_fit_their_boxes():
    """By a font that is no part of the table: the one that Pillow brings along."""
    from PIL import ImageFont

    regular = ImageFont.load_default(100)
    for spec in ("googlenet.arch", "stn.arch", "densenet.arch:densenet121"):
        picture = seen(archcalc.load(SPECS / spec).report(aux=True))
        for name, box in picture.boxes.items():
            for text, style, x, y in picture.texts[name]:
                size = 12 if "name" in style else 11
                long = regular.getlength(text) * size / 100 * (1.08 if "name" in style else 1)
                left = x - (long / 2 if "middle" in style else long if "before" in style else 0)
                assert box.left + 3 < left and left + long < box.right - 3, text
                assert box.top + size - 3 < y < box.bottom - 2, text


@given(st.text(min_size=1, max_size=30), st.booleans())
@settings(max_examples=200)
def test_no_letter_is_wider_than_it_is_measured(text, bold):
    from PIL import ImageFont

    known = "".join(each for each in text if ord(each) < 0x250 and each.isprintable())
    assert width(known, 100, bold=bold) >= ImageFont.load_default(100).getlength(known)


def test_a_picture_is_the_same_every_time():
    code = (
        "import archcalc, hashlib; from archcalc.report.draw import drawing, svg;"
        f"report = archcalc.load({str(SPECS / 'googlenet.arch')!r}).report(aux=True);"
        "print(hashlib.sha256(svg(drawing(report)).encode()).hexdigest())"
    )
    made = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(made) == 1
