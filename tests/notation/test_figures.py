"""Printed figures: what interval each stands for, and what a line or the file asserts by them."""

from fractions import Fraction

import pytest
from typed import faults, graph

import archcalc
from archcalc.notation.figures import read_figure


@pytest.mark.parametrize(("text", "least", "most"), [
    ("1728", 1728, 1728),
    ("1,728", 1728, 1728),
    ("102,760,448", 102760448, 102760448),
    ("102 760 448", 102760448, 102760448),
    ("112 378K", 112_377_500, 112_378_500),
    ("150K", 145_000, 155_000),
    ("800K", 795_000, 805_000),
    ("25K", 24_500, 25_500),
    ("100K", 95_000, 105_000),
    ("105K", 104_500, 105_500),
    ("3.2M", 3_150_000, 3_250_000),
    ("1.6M", 1_550_000, 1_650_000),
    ("138M", 137_500_000, 138_500_000),
    ("60M", 59_500_000, 60_500_000),
    ("5M", 4_500_000, 5_500_000),
    ("24M", 23_500_000, 24_500_000),
    ("25.6M", 25_550_000, 25_650_000),
    ("25.60M", 25_595_000, 25_605_000),
    ("3.6G", 3_550_000_000, 3_650_000_000),
    ("3.6 billion", 3_550_000_000, 3_650_000_000),
    ("138 million", 137_500_000, 138_500_000),
    ("1.8x10^9", 1_750_000_000, 1_850_000_000),
    ("1.8 * 10^9", 1_750_000_000, 1_850_000_000),
    ("1.8x10⁹", 1_750_000_000, 1_850_000_000),
    ("1.8e9", 1_750_000_000, 1_850_000_000),
    ("2Ki", Fraction(3, 2) * 1024, Fraction(5, 2) * 1024),
    ("1.5Mi", Fraction(29, 20) * 1024**2, Fraction(31, 20) * 1024**2),
    ("0.76", Fraction(151, 200), Fraction(153, 200)),
    ("~1000", 950, 1050),
    ("~= 2M", 1_900_000, 2_100_000),
])  # fmt: skip
def test_a_figure_is_an_interval_ends_included(text, least, most):
    figure = read_figure(text)
    assert (figure.value - figure.slack, figure.value + figure.slack) == (least, most)
    assert figure.near(Fraction(least)) and figure.near(Fraction(most))
    assert not figure.near(Fraction(least) - 1) and not figure.near(Fraction(most) + 1)


@pytest.mark.parametrize(("text", "value"), [
    ("93MB", 93_000_000), ("58.1MiB", Fraction("58.1") * 1024**2), ("600 MB", 600_000_000),
    ("12 bytes", 12), ("4KB", 4000),
])  # fmt: skip
def test_bytes(text, value):
    figure = read_figure(text)
    assert figure.unit == "bytes" and figure.value == value


def test_k_may_be_1024():
    assert read_figure("150K", 1024).value == 150 * 1024
    assert read_figure("2M", 1024).value == 2 * 1024**2
    text = "K = 1024\ninput 224x224x3   memory: 224*224*3 = 147K"
    assert [int(claim.expected.value) for claim in graph(text).claims] == [147 * 1024]
    assert [int(claim.expected.value) for claim in graph(text.removeprefix("K = 1024\n")).claims] == [147_000]


@pytest.mark.parametrize("text", ["", "many", "K", "-", "3x3"])
def test_what_is_no_figure(text):
    assert read_figure(text) is None or read_figure(text).text != text


def told(text, **options):
    """What a text's last line claims: quantity, figure as printed, its arithmetic's value, the true one, its unit."""
    return [
        (c.quantity, c.expected.text, c.worked, c.sic and c.sic.text, c.expected.unit)
        for c in graph("input 224x224x3\n" + text, **options).claims
        if c.quantity != "out"
    ]


@pytest.mark.parametrize(("line", "claims"), [
    ("conv3-64  memory: 224*224*64=3.2M   params: (3*3*3)*64 = 1,728",
     [("memory", "3.2M", 3211264, None, None), ("params", "1,728", 1728, None, None)]),
    ("conv3-64  params: 1,792", [("params", "1,792", None, None, None)]),
    ("conv3-64  params: 27*64 + 64 = 1792", [("params", "1792", 1792, None, None)]),
    ("conv3-64  memory: 224x224x64 = 3.2M", [("memory", "3.2M", 3211264, None, None)]),
    ("conv3-64  memory: 224 * 224 * 64 ~= 3M", [("memory", "~= 3M", 3211264, None, None)]),
    ("conv3-64  params: 6,400 (sic: 1,792)", [("params", "6,400", None, "1,792", None)]),
    ("conv3-64  memory: 3.2M * 4 bytes = 12.8MB", [("memory", "12.8MB", 12_800_000, None, "bytes")]),
    ("conv3-64 (1,792 params)", [("params", "1,792", None, None, None)]),
    ("conv3-64 (1 792 params)", [("params", "1 792", None, None, None)]),
    ("conv3-64  params: 1\u202f792  macs: 86 704 128",
     [("params", "1 792", None, None, None), ("macs", "86 704 128", None, None, None)]),
    ("conv3-64  params: 27*64 + 64 = 1,792 = 1.8K",
     [("params", "1,792", 1792, None, None), ("params", "1.8K", 1792, None, None)]),
    ("conv3-64  params: (3*3*3)*64 weights + 64 biases",
     [("params", "(3*3*3)*64 weights + 64 biases", None, None, None)]),
    ("conv3-64  memory: 3.2M numbers, params: 1,792 parameters (0.1 % (of all)).  ops: 86.7M <- few",
     [(what, text, None, None, None) for what, text in (("memory", "3.2M"), ("params", "1,792"), ("macs", "86.7M"))]),
    ("conv3-64\nTOTAL params: 1,792  memory: 3.2M * 4 bytes = 12.8MB per image",
     [("params", "1,792", None, None, None), ("memory", "12.8MB", 12_800_000, None, "bytes")]),
    ("conv3-64 → 224x224x64 (1,792 params)", [("params", "1,792", None, None, None)]),
    ("conv3-64  macs: 86.7M  params: 1.8K",
     [("macs", "86.7M", None, None, None), ("params", "1.8K", None, None, None)]),
    ("conv3-64\nTOTAL params: 1792", [("params", "1792", None, None, None)]),
    ("conv3-64\nTOTAL memory: 24M * 4 bytes ~= 93MB / image  (sic: 58.1MiB)",
     [("memory", "~= 93MB", 96_000_000, "58.1MiB", "bytes")]),
])  # fmt: skip
def test_what_a_line_prints(line, claims):
    assert told(line) == claims


def test_a_figure_stands_at_its_line_a_total_at_none():
    made = graph("input 8x8x3  memory: 192\nconv3-4; relu  params: 112\nTOTAL params: 112")
    assert [claim.at for claim in made.claims] == [(0, 1, 0), (1, 3, 2), None]


def test_listings_without_biases_count_weights():
    text = "input 8x8x3  params: 0 (not counting biases)\nconv3-4  params: 108\nfc 10  params: 2560"
    made = graph(text + "\nexpect params = 2,682")
    printed = [claim for claim in made.claims if claim.place is None and claim.quantity == "params"]
    assert [claim.weights_only for claim in printed] == [True, True, True, False]


def test_shapes_are_claims():
    made = graph("[8x8x3] INPUT\n[8x8x4] (sic: 6x6x4) CONV: 4 3x3 filters\n[2x2x4] pool 3x3, stride 2\nfc 10 -> 10")
    claims = [(claim.expected, claim.sic) for claim in made.claims]
    assert claims == [((8, 8, 4), (6, 6, 4)), ((2, 2, 4), None), ((10,), None)]


@pytest.mark.parametrize(("line", "quantity", "operator", "expected", "place", "network"), [
    ("expect params = 1,792", "params", "=", 1792, None, None),
    ("expect params at conv1 <= 2K", "params", "<=", 2000, "conv1", None),
    ("expect macs at conv1 of other ~ 5M", "macs", "~", 5_000_000, "conv1", "other"),
    ("expect weight layers > 0", "weight layers", ">", 0, None, None),
    ("expect out at conv1 = 8x8x64", "out", "=", (8, 8, 64), "conv1", None),
    ("EXPECT receptive field = 3", "field", "=", 3, None, None),
    ("expect activations >= 1.5M", "activations", ">=", 1_500_000, None, None),
    ("expect params = 1.8M with width = 3, depth = 2*4", "params", "=", 1_800_000, None, None),
])  # fmt: skip
def test_expectations(line, quantity, operator, expected, place, network):
    name = "network other\n" if network else ""
    claim = graph(f"{name}param width = 1\nparam depth = 1\ninput 8x8x3\nconv1: conv3-64\n{line}").claims[-1]
    value = claim.expected if isinstance(expected, tuple) else claim.expected.value
    assert (claim.quantity, claim.operator, value) == (quantity, operator, expected)
    assert (claim.place, claim.network) == (place, network)


def test_settings_of_an_expectation():
    claim = graph("param w = 1\nparam d = 1\ninput 8x8x3\nexpect params = 0 with w = 3, d = 2*4").claims[-1]
    assert claim.settings == {"w": 3, "d": 8}


@pytest.mark.parametrize(("quoted", "figure"), [
    ("Table 4 prints 154M", 154_000_000),
    ("Simonyan and Zisserman 2015, Table 2: 138 million", 138_000_000),
    ("section 3.1 says 3.6 billion multiply-adds (2016)", 3_600_000_000),
    ("VGG-16 has 1,000 classes", 1000),
    ("Table 4 prints 25 557 032", 25_557_032),
])  # fmt: skip
def test_an_erratum_quotes_its_last_figure(quoted, figure):
    claim = graph(f'input 8x8x3\nconv3-64\nerratum "{quoted}" params = 1,792').claims[-1]
    assert (claim.printed.value, claim.erratum, claim.expected.value) == (figure, quoted, 1792)


@pytest.mark.parametrize(("line", "code"), [
    ("expect parms = 3", "A105"),
    ("expect params", "A104"),
    ("expect params = lots", "A107"),
    ("expect params = 3 with", "A107"),
    ('erratum "no number" params = 3', "A107"),
    ("conv3-64  params: many", "A107"),
    ("conv3-64  params: 1792abc", "A107"),
    ("conv3-64  params: 1.8e3zzz", "A107"),
    ("conv3-64  params: 1792, 113", "A107"),
    ("conv3-64  params: 1792 junk", "A107"),
    ("conv3-64  params: 1792 macs", "A107"),
    ("conv3-64  params: 1792 junk: 3", "A105"),
    ("conv3-64  params: 1792  field: 3", "A107"),
    ("conv3-64  params: 1792; relu", "A107"),
    ("conv3-64  params: 1792 -> 224x224x64", "A107"),
    ("conv3-64  params: 28*filters = 1792", "A107"),
    ("conv3-64  params: 1 (sic: 1792abc)", "A107"),
    ("conv3-64  params: 1 (sic: 1792) (sic: 1793)", "A107"),
    ("conv3-64\nTOTAL params: 1792 of 1793", "A107"),
    ("conv3-64  params: 6,400 (sic: some)", "A107"),
])  # fmt: skip
def test_figures_that_cannot_be_read(line, code):
    found = faults("input 8x8x3\n" + line)
    assert [(d.code, d.span.line) for d in found] == [(code, 2 + line.count("\n"))]


def test_every_figure_of_a_line_that_cannot_be_read_is_told():
    found = faults("input 8x8x3\nconv 3x3, 4  params: 112  mcas: 999  memry: 5")
    assert [(d.code, d.span.text, d.help) for d in found] == [
        ("A105", "mcas", "did you mean 'macs:'?"),
        ("A105", "memry", "did you mean 'memory:'?"),
    ]


@pytest.mark.parametrize("total", ["TOTAL params: 113", "TOTAL memory: 336  params: 113", "fc 5  TOTAL params: 848"])
def test_every_total_is_held_against_the_whole(total):
    report = archcalc.parse(f"input 8x8x3\nconv 3x3, 4\n{total}").report()
    assert [each.code for each in report.diagnostics if each.severity == "error"] == ["A203"]


def test_the_true_shape_may_stand_at_the_end_of_a_line_that_begins_with_a_wrong_one() -> None:
    line = "[55x55x96] CONV1: 96 11x11 filters at stride 4 (sic: 54x54x96)"
    (expectation,) = archcalc.parse(f"input 224x224x3\n{line}").report().expectations
    assert expectation.holds
    assert archcalc.parse(f"input 227x227x3\n{line}").report().status == "failed"


@pytest.mark.parametrize("line", ["[6x6x5] (sic: foo) conv 3x3, 4", "[6x6x5] conv 3x3, 4 (sic: 6x6 or so)"])
def test_a_true_shape_that_is_none_is_told(line: str) -> None:
    (fault,) = faults(f"input 8x8x3\n{line}")
    assert (fault.code, fault.message) == ("A107", "a shape is wanted after 'sic:'")


@pytest.mark.parametrize("shape", ["-> 55x55x96 (sic: 54x54x96)", "[55x55x96] (sic: 54x54x96)"])
def test_the_true_shape_may_stand_beside_a_wrong_one_behind_a_layer(shape: str) -> None:
    network = archcalc.parse(f"input 224x224x3\nconv 11x11, 96, stride 4 {shape}")
    (expectation,) = network.report().expectations
    assert expectation.holds and expectation.computed == [96, 54, 54]
    wrong = archcalc.parse(f"input 227x227x3\nconv 11x11, 96, stride 4 {shape}").report()
    assert wrong.status == "failed"
