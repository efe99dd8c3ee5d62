"""The dress of pasted texts: tabs, bullets, LaTeX, Markdown, comments, continuation, line ends. What is said stays."""

import pytest
from typed import faults, graph

from archcalc.network import ArchcalcError, parse
from archcalc.notation.text import logical_lines, undress
from archcalc.source import Source

LISTING = """\
[28x28x1]  INPUT
[26x26x8]  CONV1: 8 3x3 filters at stride 1, pad 0   params: (3*3*1)*8 + 8 = 80
[13x13x8]  POOL1: 2x2 filters at stride 2
[10]       FC: 10 neurons (class scores)
"""


def told(text):
    """What a text comes to: its layers, shapes and names, and everything that it claims."""
    made = graph(text)
    nodes = [(node.name.casefold(), node.layer, node.shape) for node in made.nodes]
    return nodes, [(c.quantity, printed(c), c.at, c.worked) for c in made.claims]


def printed(claim):
    return claim.expected if isinstance(claim.expected, tuple) else claim.expected.value


def each(change):
    return "\n".join(change(line) if line else line for line in LISTING.split("\n"))


def columns(line):
    """A listing's line as cells: shape, then the rest."""
    shape, rest = line.split("]", 1)
    return shape + "]", rest.strip()


DRESSED = {
    "tabs": each(lambda line: "\t".join(columns(line))),
    "bullets": each(lambda line: "- " + line),
    "stars": each(lambda line: "* " + line),
    "dots": each(lambda line: "• " + line),
    "numbers": "\n".join(f"{n}. {line}" for n, line in enumerate(LISTING.rstrip().split("\n"), 1)),
    "numbers in brackets": "\n".join(f"{n}) {line}" for n, line in enumerate(LISTING.rstrip().split("\n"), 1)),
    "blank lines": LISTING.replace("\n", "\n\n"),
    "backslashes": each(lambda line: line + " \\"),
    "times": LISTING.replace("x", "×"),
    "LaTeX": LISTING.replace("28x28x1", "$28 \\times 28 \\times 1$").replace("3x3", "$3\\times3$"),
    "LaTeX dots": LISTING.replace("3*3*1", "3 \\cdot 3 \\cdot 1"),
    "LaTeX sums": LISTING.replace("(3*3*1)*8 + 8 = 80", "$(3 \\times 3 \\times 1) \\times 8 + 8 = 80$"),
    "Markdown": each(lambda line: "| " + " | ".join(columns(line)) + " |"),
    "Markdown rule": each(lambda line: "| " + " | ".join(columns(line)) + " |").replace("|\n", "|\n|---|---|\n", 1),
    "bold and code": LISTING.replace("CONV1", "**CONV1**").replace("[13x13x8]", "`[13x13x8]`"),
    "a fence": f"```\n{LISTING}```\n",
    "Windows": LISTING.replace("\n", "\r\n"),
    "old Mac": LISTING.replace("\n", "\r"),
    "a BOM": "\ufeff" + LISTING,
    "hard blanks": LISTING.replace(" ", "\u00a0"),
    "no last line end": LISTING.rstrip("\n"),
    "trailing blanks": each(lambda line: line + "   \t"),
    "indented": each(lambda line: "    " + line),
    "comments": "# AlexNet, small\n" + each(lambda line: line + "   # as typed"),
    "small letters": LISTING.lower(),
    "capitals": LISTING.upper().replace("X", "x").replace("PARAMS", "Params"),
}  # fmt: skip


@pytest.mark.parametrize("text", DRESSED.values(), ids=DRESSED)
def test_a_listing_in_any_dress(text):
    from archcalc.files import decode

    assert told(decode("<string>", text.encode()).text) == told(LISTING)


def test_the_listing_undressed():
    nodes, claims = told(LISTING)
    assert [name for name, _, _ in nodes] == ["input", "conv1", "pool1", "fc"]
    shapes = [("out", (26, 26, 8)), ("out", (13, 13, 8)), ("out", (10,))]
    assert [claim[:2] for claim in claims] == [shapes[0], ("params", 80), *shapes[1:]]


def lines(text):
    return [line.text for line in logical_lines(Source("<string>", text))]


@pytest.mark.parametrize(("text", "plain"), [
    ("conv 3x3, 64 # a comment", ["conv 3x3, 64"]),
    ("# a comment\n\n   # another\nrelu", ["relu"]),
    ("type | #3x3 | #1x1 # reduce", ["type | #3x3 | #1x1"]),
    ('network a "with a # in quotes" # not here', ['network a "with a # in quotes"']),
    ("u(1,\n  2)\nrelu", ["u(1,   2)", "relu"]),
    ("u(1, # one\n  2)\nrelu", ["u(1,         2)", "relu"]),
    ("[3x3, 64\n 3x3, 64]", ["[3x3, 64  3x3, 64]"]),
    ("u(1,\nrelu", ["u(1,", "relu"]),
    ("conv 3x3, 64 \\\nrelu", ["conv 3x3, 64", "relu"]),
    ("- relu\n-1", ["relu", "-1"]),
    ("a → b ⇒ c", ["a -> b -> c"]),
    ("3 × 3 × 64", ["3 x 3 x 64"]),
    ("$3 \\times 3$", ["3x3"]),
    ("$3\\times3$", ["3x3"]),
    ("1×1, 64<br>3×3, 64<br/>1×1", ["1x1, 64;3x3, 64;1x1"]),
    ("112<sup>2</sup>x32", ["112²x32"]),
    ("~~~\nrelu\n~~~", ["relu"]),
    ("", []),
])  # fmt: skip
def test_logical_lines(text, plain):
    assert lines(text) == plain


@pytest.mark.parametrize("text", ["conv 3×3, 64", "$3 \\times 3$, 64", "**conv** 3x3, `64`", "a → b", "2**10", "plain"])
def test_every_character_knows_where_it_came_from(text):
    plain, origins = undress(text, 5)
    if origins is None:
        assert plain == text
        return
    assert len(origins) == len(plain) + 1 and list(origins) == sorted(origins)
    pairs = [(text[origin - 5], character) for origin, character in zip(origins, plain, strict=False)]
    assert all(typed == character for typed, character in pairs if character.isdigit() or character in "abcdn,")


def test_a_fault_is_shown_where_it_stands_in_the_pasted_text():
    text = "- [8×8×3] input\n1. conv $3 \\times 3$, 64, wobble 3\n"
    (found,) = faults(text)
    assert (found.span.text, found.span.line) == ("wobble", 2)
    assert found.span.column == text.split("\n")[1].index("wobble") + 1


def test_arrows_semicolons_and_plus_part_layers():
    for mark in ("; ", " -> ", " → ", " + ", ", ", "\n", ";", "->"):
        made = graph("input 8x8x3\n" + mark.join(["conv3-4", "relu", "bn"]))
        assert [node.layer.kind for node in made.nodes[1:]] == ["conv", "relu", "bn"], mark


@pytest.mark.parametrize(
    "line",
    [
        "input 8x8x3; conv 3x3, 4",
        "input 8x8x3 -> conv 3x3, 4",
        "input: 8x8x3, conv 3x3, 4",
        "[8x8x3] INPUT; conv 3x3, 4 -> 6x6x4",
        "INPUT (8 x 8 RGB image); conv 3x3, 4   params: 112",
        "input left: 8x8x3; conv 3x3, 4",
    ],
)
def test_layers_may_stand_behind_the_input(line):
    network = parse(line)
    assert [node.shape for node in network.graph.nodes] == [(3, 8, 8), (4, 6, 6)]
    assert network.report().status == "ok"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("input 8x8x3 garbage", "A105"),
        ("input 8x8x3; conv 3x3, 4  params: 113", "A203"),
        ("input 8x8x3 -> 8x8x4", "A201"),
        ("input 8x8x3, 4", "A108"),
    ],
)
def test_nothing_behind_the_input_is_passed_over(line, code):
    try:
        found = parse(line).report().diagnostics
    except ArchcalcError as error:
        found = error.diagnostics
    assert [each.code for each in found] == [code]
