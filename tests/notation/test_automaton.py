"""The kept table of states is lark's, and walks every line as lark's own parser does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from lark import Lark, Token, Transformer
from lark.lexer import Lexer

from archcalc.notation import automaton, syntax
from archcalc.notation.lexer import PhraseLexer

HERE = Path(automaton.__file__).parent
GRAMMAR = (HERE / "grammar.lark").read_text(encoding="utf-8")

LINES = [
    "conv 7x7, 64, stride 2, pad 3, no bias; bn; relu",
    "bottleneck(2*width, s=2); bottleneck(2*width) x 3",
    "3x (conv 3x3, 64; relu) -> 28x28x64",
    "sum: | conv 1x1, (c/4); [3x3, 64; 3x3, 64] x 2 | from pool1; flat mean: | a(1 - i/130, -2**k) | ",
    "| 2 branches: conv 3x3, 64 (1,728 params)",
    "repeat n // 2: when c == 1 and not k < 2 or min(c, 2) > 1: fc 10",
    "aux: avg pool 5x5, stride 3; conv 1x1, 128 x 2",
    "16 5x5 filters, connect [012 123]; tanh",
]
KNOWN = frozenset({"width", "c", "k", "i", "n", "a", "\0bottleneck", "\0a"})


class Ready(Lexer):
    def __init__(self, conf: Any) -> None:
        pass

    def lex(self, data: Any) -> Any:  # type: ignore[override]
        return iter(data)


class Carrier(Token):
    """A lark token with the reader's own token in it."""

    ours: Any


def as_lark(token: Any) -> Token:
    made = Carrier(token.type, str(token), token.start_pos, end_pos=token.end_pos)
    made.ours = token
    return made


class OurValues(Transformer):
    """Builds what the reader builds, from the tokens that lark hands back."""

    def __default__(self, data: str, children: list[Any], meta: Any) -> Any:
        return syntax._BUILD[str(data)]([child.ours if isinstance(child, Carrier) else child for child in children])


def test_the_kept_table_is_what_lark_makes_of_the_grammar() -> None:
    kept = json.loads((HERE / "automaton.json").read_text(encoding="utf-8"))
    assert kept == automaton.compiled(GRAMMAR)


def test_a_grammar_that_changed_is_compiled_anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "grammar.lark").write_text(GRAMMAR, encoding="utf-8")
    (tmp_path / "automaton.json").write_text('{"digest": 0}', encoding="utf-8")
    monkeypatch.setattr(automaton, "_HERE", tmp_path)
    automaton.load.cache_clear()
    try:
        tokens = PhraseLexer(LINES[0], KNOWN).run()
        assert automaton.load().parse(tokens, syntax._BUILD) == syntax.parse_items(LINES[0], KNOWN)
    finally:
        automaton.load.cache_clear()


@pytest.mark.parametrize("line", LINES)
def test_lines_read_as_lark_reads_them(line: str) -> None:
    if line.startswith("|"):
        line = "sum: " + line
    parser = Lark(GRAMMAR, parser="lalr", lexer=Ready, maybe_placeholders=False)
    tree = parser.parse([as_lark(token) for token in PhraseLexer(line, KNOWN).run()])  # type: ignore[arg-type]
    assert OurValues().transform(tree) == syntax.parse_items(line, KNOWN)
