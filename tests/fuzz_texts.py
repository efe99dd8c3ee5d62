"""Texts that nobody would write on purpose: made from the notation's own words, or a spec with pieces moved about."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import strategies as st

from archcalc.notation.vocabulary import ENTRIES, MERGES

SPECS = sorted(Path(__file__).parents[1].joinpath("specs").rglob("*.arch"))
_TEXTS = [path.read_text(encoding="utf-8") for path in SPECS]

# -- texts from the grammar ---------------------------------------------------------

_operators = ["+", "-", "*", "/", "//", "%", "**", "=", "<", " and ", ","]
_names = st.sampled_from(["a", "b1", "conv1", "pool_2", "in", "i", "x", "c", "s", "H", "width", "res/2", "名前", "sum"])
_numbers = st.one_of(
    st.integers(0, 70).map(str),
    st.integers(-3, 3).map(str),
    st.sampled_from(["224", "1000", "99999999999999999999", "0.5", "1e9", "1,000", "64K", "½", "²", "0x10"]),
)
_expressions = st.recursive(
    _numbers | _names,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(_operators), inner).map("".join),
        inner.map("({})".format),
        st.tuples(st.sampled_from(["min", "ceil", "floor", "max"]), inner, inner).map(
            lambda t: f"{t[0]}({t[1]}, {t[2]})"
        ),
    ),
    max_leaves=5,
)
_counts = _numbers | _expressions.map("({})".format)
_sizes = st.lists(_counts, min_size=1, max_size=4).map("x".join)
_attributes = st.one_of(
    st.tuples(st.sampled_from(["stride", "pad", "groups", "dilation", "s", "/", "p", "k"]), _counts | _sizes).map(
        " ".join
    ),
    st.sampled_from(
        ["pad same", "pad half", "no bias", "frozen", "ceil", "connect [01 2]", "stride", "no", "pad", "[", ")"]
    ),
    st.tuples(st.sampled_from(["share", "to", "share all", "crop to", "option"]), _names).map(" ".join),
)
_spellings = st.sampled_from(
    [spelling for entry in ENTRIES for spelling in entry.spellings] + ["shortcut A", "covn", ""]
)
_phrases = st.one_of(
    st.sampled_from([entry.example for entry in ENTRIES]),
    st.builds(
        lambda before, word, size, after: f"{before}{word} {size}" + "".join(f", {part}" for part in after),
        st.just("") | _counts.map("{} ".format),
        _spellings,
        _sizes | st.just(""),
        st.lists(_attributes | _counts, max_size=3),
    ),
)
_calls = st.builds(
    lambda name, values: f"{name}({', '.join(values)})",
    _names,
    st.lists(_expressions | st.tuples(_names, _expressions).map("=".join), max_size=3),
)
_shapes = st.lists(_counts, min_size=1, max_size=4).map(lambda dims: f"[{'x'.join(dims)}]")
_elements = st.one_of(_phrases, _phrases, _calls, _shapes, _names.map("from {}".format), _phrases.map("[{}, 3]".format))
_items = st.recursive(
    _elements,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("; ".join),
        st.tuples(inner, _counts).map(lambda t: f"({t[0]}) x {t[1]}"),
        st.tuples(inner, _counts).map(" x ".join),
        st.tuples(st.sampled_from([*MERGES, "flat mean", "aux", "affine warp 3x3"]), st.lists(inner, max_size=3)).map(
            lambda t: f"{t[0]}: " + "".join(f"| {branch} " for branch in t[1])
        ),
        st.tuples(_counts, inner).map(lambda t: f"repeat {t[0]}: {t[1]}"),
        st.tuples(_expressions, inner).map(lambda t: f"when {t[0]}: {t[1]}"),
    ),
    max_leaves=6,
)
_figures = st.one_of(
    st.just(""),
    st.builds(
        lambda label, text: f"  {label}: {text}",
        st.sampled_from(["params", "memory", "TOTAL memory", "macs", "weights"]),
        _expressions
        | st.sampled_from(["3*3*64 = 1,728", "150K", "~ 3.2M (sic: 4M)", "= 5", "24M * 4 bytes ~= 93MB / image"]),
    ),
)
_layer_lines = st.builds(
    lambda shape, name, items, figures: f"{shape}{name}{items}{figures}",
    st.just("") | _shapes.map("{} ".format),
    st.just("") | _names.map("{}: ".format),
    _items,
    _figures,
)
_MEMORY = ["training memory", "inference memory", "saved bytes", "largest batch", "inference arena bytes"]
_conditions = st.one_of(
    st.sampled_from(["adam", "fp16", "int8", "amp", "aux", "on cuda", "on RTX 4090", "on A100", "checkpoint 2"]),
    _counts.map("batch {}".format),
    _names,
)
_statements = st.one_of(
    st.tuples(_names, _expressions).map(lambda t: f"param {t[0]} = {t[1]}"),
    st.tuples(_names, st.lists(_names | _numbers, max_size=2)).map(lambda t: f"block {t[0]}({', '.join(t[1])}):"),
    _names.map("network {}".format),
    _sizes.map("input {}".format),
    st.tuples(_names, _items).map(lambda t: f"{t[0]} means {t[1]}"),
    st.sampled_from(
        ["[...] means residual, option B", "[...] means plain", "conv means conv; bn; relu", "hidden fc means fc; relu"]
    ),
    st.builds(
        lambda quantity, under, place, value, more: f"expect {quantity}{under}{place} = {value}{more}",
        st.sampled_from(["params", "macs", "out", "field", "depth", "stride", "memory", "speed", *_MEMORY]),
        st.just("") | st.lists(_conditions, max_size=3).map(lambda said: f" ({', '.join(said)})"),
        st.just("") | _names.map(" at {}".format) | _names.map(" of {}".format),
        _expressions | _sizes,
        st.just("") | _names.map(" with {} = 2".format),
    ),
    _numbers.map('erratum "it prints {}" params = 5'.format),
    st.sampled_from(
        [
            "otherwise:",
            "sum:",
            "concat:",
            "table:",
            "aux:",
            "fit strict",
            'use "a.arch"',
            "K = 1024",
            "a | b | c",
            "|",
            "---|---",
        ]
    ),
    st.lists(_items, min_size=2, max_size=4).map(" | ".join),
    st.lists(_items | st.just("| "), min_size=1, max_size=2).map(lambda parts: "| " + "; ".join(parts)),
)
_lines = st.tuples(st.integers(0, 3), _layer_lines | _layer_lines | _statements).map(lambda t: "    " * t[0] + t[1])
generated = st.tuples(st.just("") | st.just("input 16x16x4\n"), st.lists(_lines, max_size=8)).map(
    lambda parts: parts[0] + "\n".join(parts[1])
)

# -- specs with pieces moved about --------------------------------------------------

_TOKEN = re.compile(r"\w+|\s+|.", re.DOTALL)
_odd = st.one_of(
    st.sampled_from(
        [
            "\0",
            "\t",
            "\r\n",
            "×",
            "名",
            "\u202e",
            "👩‍🔬",
            "\ufeff",
            "[" * 300,
            "(" * 300,
            "x 999999999",
            "y" * 5000,
            "-",
            "/0",
        ]
    ),
    st.text(max_size=4),
    st.sampled_from(
        [
            "| ",
            "sum:",
            "x 3",
            "conv",
            "; ",
            "in",
            "from conv1",
            "(0)",
            "[1x1x1]",
            "# ",
            "params: 5",
            " at ",
            "block",
            "    ",
        ]
    ),
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A spec after a few accidents: characters, words or lines deleted, doubled, swapped or put in."""
    text = draw(st.sampled_from(_TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        cut = draw(st.sampled_from(["characters", "words", "lines"]))
        pieces = (
            list(text) if cut == "characters" else _TOKEN.findall(text) if cut == "words" else text.splitlines(True)
        )
        if not pieces:
            break
        first, second = (draw(st.integers(0, len(pieces) - 1)) for _ in range(2))
        action = draw(st.sampled_from(["delete", "double", "swap", "insert", "cut off"]))
        if action == "delete":
            del pieces[first]
        elif action == "double":
            pieces.insert(first, pieces[first])
        elif action == "swap":
            pieces[first], pieces[second] = pieces[second], pieces[first]
        elif action == "insert":
            pieces.insert(first, draw(_odd))
        else:
            pieces = pieces[:first]
        text = "".join(pieces)
    return text
