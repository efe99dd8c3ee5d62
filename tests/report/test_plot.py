"""Scatters: what stands where, that nothing covers a name, and that axes tell the truth."""

from __future__ import annotations

import re
from itertools import combinations
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archcalc.report.plot import Axis, Line, Point, scatter, svg
from archcalc.report.plot.scale import scale
from archcalc.report.style import columns

UNITS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4, "P": 5, "E": 6}
SPACE = "{http://www.w3.org/2000/svg}"
VALUES = st.one_of(st.integers(0, 10**18), st.floats(1e-3, 1e9, allow_nan=False))
POINTS = st.lists(
    st.tuples(VALUES, VALUES, st.sampled_from(["", "a-net", "resnet-50", "Ünet", "網"]), st.booleans()),
    min_size=1,
    max_size=25,
).map(lambda made: [Point(x, y, f"{label}{number}" if label else "", front)
                    for number, (x, y, label, front) in enumerate(made)])  # fmt: skip
X, Y = Axis("params"), Axis("MACs")


def value(text, in_bytes):
    """A mark's name read back by hand."""
    number, unit = re.fullmatch(r"(-?[\d.,]+(?:e[-+]\d+)?) ?([KMGTPE]?)(?:i?B)?", text).groups()
    return float(number.replace(",", "")) * (1024 if in_bytes else 1000) ** UNITS[unit]


@given(st.lists(VALUES, min_size=1, max_size=6), st.booleans(), st.integers(2, 12))
def test_marks_name_the_value_where_they_stand(values, in_bytes, most):
    made = scale(values, Axis("", bytes=in_bytes), most)
    assert len(made.ticks) <= most
    for at, text in made.ticks:
        assert -1e-9 <= at <= 1 + 1e-9
        assert made.at(value(text, in_bytes)) == pytest.approx(at, abs=1e-6)
    assert all(0 <= made.at(each) <= 1 for each in values)
    assert len({text for _, text in made.ticks}) == len(made.ticks)


@pytest.mark.parametrize(
    ("values", "in_bytes", "log", "marks"),
    [
        ((0, 100), False, False, ["0", "20", "40", "60", "80", "100"]),
        ((10**6, 10**9), False, True, ["1 M", "10 M", "100 M", "1 G"]),
        ((10**6, 10**8), False, False, ["0", "20 M", "40 M", "60 M", "80 M", "100 M"]),
        ((1 << 20, 6 << 20), True, False, ["1 MiB", "2 MiB", "3 MiB", "4 MiB", "5 MiB", "6 MiB"]),
        ((1 << 10, 1 << 30), True, True, ["1 KiB", "32 KiB", "1 MiB", "32 MiB", "1 GiB"]),
        ((0.25, 0.5), False, False, ["0.25", "0.3", "0.35", "0.4", "0.45", "0.5"]),
    ],
)
def test_marks_are_round(values, in_bytes, log, marks):
    made = scale(values, Axis("", bytes=in_bytes), 6)
    assert (made.log, [text for _, text in made.ticks]) == (log, marks)


def test_one_value_lies_in_the_middle():
    assert scale([7], X, 5).at(7) == pytest.approx(0.5)
    assert scale([7], Axis("", log=True), 5).at(7) == pytest.approx(0.5)


@given(POINTS, st.sampled_from([40, 80, 200]), st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_terminal_shows_each_name_once_and_whole(points, width, ascii_only):
    text = scatter(points, X, Y, width=width, ascii_only=ascii_only)
    lines = text.splitlines()
    assert all(columns(line) <= width for line in lines)
    names = [point.label for point in points if point.label]
    cut = any(line.endswith("...") for line in lines)  # many names of one place
    assert cut or all(len(re.findall(rf"(?<!\w){re.escape(name)}(?!\w)", text)) == 1 for name in names)
    if ascii_only:
        assert re.sub("[Ü網]", "", text).isascii()


def test_points_stand_where_they_belong():
    """A 2 by 2 square: corners of the picture's corners, the middle in the middle."""
    points = [Point(x, y) for x in (0, 2) for y in (0, 2)] + [Point(1, 1, "M")]
    rows = [line[3:] for line in scatter(points, X, Y, width=45, height=11, ascii_only=True).splitlines()[1:12]]
    marked = {(row, place) for row, line in enumerate(rows) for place, sign in enumerate(line) if sign in ".*"}
    assert len(marked) == 5 and "* M" in "".join(rows)
    rows_of, places = sorted({row for row, _ in marked}), sorted({place for _, place in marked})
    assert len(rows_of) == len(places) == 3
    assert abs(rows_of[0] + rows_of[2] - 2 * rows_of[1]) <= 1 and abs(places[0] + places[2] - 2 * places[1]) <= 1


def test_a_line_joins_the_front_and_nothing_else():
    points = [Point(0, 0, "low", True), Point(10, 10, "high", True), Point(10, 0, "beside")]
    text = scatter(points, X, Y, width=60, height=12)
    assert text.count("◆") == 2 and text.count("●") == 1
    dotted = [line for line in text.splitlines() if re.search("[\u2801-\u28ff]", line)]
    assert len(dotted) >= 8
    assert not re.search("[\u2801-\u28ff]", scatter([each.but(front=False) for each in points], X, Y))


def test_names_at_one_place_share_a_mark_and_those_without_room_a_list():
    same = scatter([Point(1, 1, "one"), Point(1, 1, "other"), Point(5, 5)], X, Y)
    assert "one, other" in same and same.count("●") == 1
    crowd = scatter([Point(x, 0, f"network-number-{x}") for x in range(60)] + [Point(0, 9)], X, Y, width=60)
    assert re.search(r"^a network-number-\d+   b network", crowd, re.M)
    many = scatter([Point(x, y, f"net{x}.{y}") for x in range(30) for y in range(10)], X, Y, width=60)
    lost = int(re.search(r"^(\d+) more without a name", many, re.M)[1])
    assert lost + len(re.findall(r"net\d+\.\d+", many)) == 300


def test_a_list_of_names_is_no_wider_than_the_picture():
    text = scatter([Point(x, 0, f"{x} {'long ' * 30}name") for x in range(3)], X, Y, width=60)
    assert max(map(columns, text.splitlines())) <= 60 and "a 0 long" in text


def test_a_name_cannot_steer_a_terminal():
    assert "\x1b" not in scatter([Point(1, 1, "\x1b[2J")], X, Y)
    assert "\x1b[33m" in scatter([Point(1, 1, "a", True)], X, Y, colour=True)


@pytest.mark.parametrize("draw", [scatter, svg])
def test_what_cannot_be_drawn_is_said(draw):
    with pytest.raises(ValueError, match="no point"):
        draw([], X, Y)
    with pytest.raises(ValueError, match="a logarithmic scale of MACs: 0 has no logarithm"):
        draw([Point(1, 0)], X, Axis("MACs", log=True))


def parsed(*args, **more):
    return ElementTree.fromstring(svg(*args, **more))


def boxes(root):
    """Where each text stands: 6.6 pixels a column on the average is what DejaVu Sans takes at 12 pixels.

    Letters stand in their marks, which may lie over each other."""
    for text in root.iter(f"{SPACE}text"):
        if text.get("class") == "letter":
            continue
        wide, across, down = 6.6 * columns(text.text), float(text.get("x")), float(text.get("y"))
        left = across - {"start": 0, None: 0, "middle": wide / 2, "end": wide}[text.get("text-anchor")]
        yield text.text, (left, down - 11, left + wide, down + 3)


@given(POINTS)
@settings(max_examples=40, deadline=None)
def test_no_text_of_an_svg_covers_another(points):
    root = parsed(points, X, Y)
    width, height = float(root.get("width")), float(root.get("height"))
    found = [*boxes(root)]
    for _, (left, top, right, bottom) in found:
        assert left >= 0 and top >= 0 and right <= width + 1 and bottom <= height
    for (one, a), (other, b) in combinations(found, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], (one, other)
    told = " ".join(text for text, _ in found)
    assert all(point.label in told for point in points)


def test_a_name_keeps_away_from_the_marks_of_others():
    """Two characters in a terminal, eight pixels in an SVG, or a name would seem to be its neighbour's."""
    points = [Point(x % 17, x * x % 13, f"net{x}") for x in range(40)]
    for row in scatter(points, X, Y, width=100).splitlines()[1:-3]:
        for name in re.finditer(r"net\d+(?:, net\d+)*", row):
            before, after = row[: name.start()][-3:], row[name.end() :][:3]
            beside = [bool(re.search(r"[●a-zA-Z]", part)) for part in (before, after)]
            assert sum(beside) <= 1, row
    root = parsed(points, X, Y)
    circles = {(float(each.get("cx")), float(each.get("cy"))) for each in root.iter(f"{SPACE}circle")}
    for text, (left, top, right, bottom) in boxes(root):
        if text.startswith("net") and bottom < 510:
            middle = (top + bottom) / 2
            level = [x for x, y in circles if abs(y - middle) < 6 and left - 14 < x < right + 14]
            assert len(level) <= 1, text


def test_points_of_an_svg_lie_on_the_lines_of_their_values():
    root = parsed([Point(0, 0, "a"), Point(20_000_000, 3000, "b"), Point(40_000_000, 6000, "c")], X, Y)
    circles = {each.find(f"{SPACE}title").text: each for each in root.iter(f"{SPACE}circle")}
    assert set(circles) == {
        "a: params 0, MACs 0", "b: params 20,000,000, MACs 3,000", "c: params 40,000,000, MACs 6,000",
    }  # fmt: skip
    middle = circles["b: params 20,000,000, MACs 3,000"]
    named = {text.text: text for text in root.iter(f"{SPACE}text")}
    assert float(middle.get("cx")) == pytest.approx(float(named["20 M"].get("x")), abs=0.1)
    assert float(middle.get("cy")) == pytest.approx(float(named["3 K"].get("y")) - 4, abs=0.1)


def test_an_svg_joins_its_front():
    root = parsed([Point(3, 1, "c", True), Point(1, 3, "a", True), Point(2, 2, "b"), Point(2.5, 2.5)], X, Y)
    line = root.find(f"{SPACE}polyline").get("points").split()
    assert len(line) == 2 and float(line[0].split(",")[0]) < float(line[1].split(",")[0])
    assert len(root.findall(f"{SPACE}circle[@class='front']")) == 2
    assert len(root.findall(f"{SPACE}circle[@class='cloud']")) == 1


ROOF = [
    Line(((0.1, 1e10), (100, 1e13)), "slope 100 G"),
    Line(((100, 1e13), (1000, 1e13)), "level 10 T"),
    Line(((10, 1e12), (1000, 1e12)), "second 1 T"),
]
BELOW, PER = Axis("FLOPs per byte", log=True), Axis("FLOP/s", log=True)


def test_a_line_is_straight_where_scales_are_logarithmic():
    root = parsed([Point(1, 1e11, "on"), Point(1, 1e10, "beneath")], BELOW, PER, lines=ROOF[:1])
    start, end = ([*map(float, place.split(","))] for place in root.find(f"{SPACE}polyline").get("points").split())
    on, beneath = ([float(each.get(name)) for name in ("cx", "cy")] for each in root.iter(f"{SPACE}circle"))
    assert on[0] - start[0] == pytest.approx((end[0] - start[0]) / 3, abs=0.2)  # one decade of three
    assert on[1] - start[1] == pytest.approx((end[1] - start[1]) / 3, abs=0.2)
    assert beneath == [on[0], start[1]]


@given(POINTS)
@settings(max_examples=15, deadline=None)
def test_names_of_lines_and_points_keep_apart(points):
    points = [point.but(x=abs(point.x) + 1, y=abs(point.y) + 1, front=False) for point in points]
    found = [*boxes(parsed(points, BELOW, PER, lines=ROOF))]
    for (one, a), (other, b) in combinations(found, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], (one, other)


@pytest.mark.parametrize("width", [80, 200])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_a_terminal_names_each_line_once(width, ascii_only):
    points = [Point(3, 3e11, "a"), Point(300, 1e13, "b")]
    text = scatter(points, BELOW, PER, lines=ROOF, width=width, ascii_only=ascii_only)
    assert max(map(columns, text.splitlines())) <= width
    assert [text.count(line.label) for line in ROOF] == [1, 1, 1]
    assert "\x1b" not in scatter(points, BELOW, PER, lines=[Line(ROOF[0].places, "\x1b[2J")])


def test_points_of_other_kinds_have_signs_of_their_own():
    points = [Point(1, 1, "a"), Point(1, 2, sign="hollow"), Point(2, 2, sign="small"), Point(3, 3)]
    text = scatter(points, X, Y)
    assert [text.count(sign) for sign in "●○•"] == [1, 1, 1]
    root = parsed(points, X, Y)
    styles = [each.get("class") for each in root.iter(f"{SPACE}circle")]
    assert sorted(styles) == ["cloud", "hollow", "point", "point"]


def test_an_axis_goes_as_far_as_it_is_told():
    near, far = (scatter([Point(1, 1, "a"), Point(2, 2)], X, Axis("MACs", reach=reach)) for reach in ((), (2000,)))
    assert "1 K" in far and "1 K" not in near
