"""Lines to trees: the lark grammar, its tokens and the values built from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Any

from archcalc.diagnostics import nearest
from archcalc.notation import tree
from archcalc.notation.automaton import Misplaced, load
from archcalc.notation.lexer import PhraseLexer
from archcalc.notation.tokens import Token, Unreadable, expression_tokens, shallow, token
from archcalc.notation.tree import At


def _at(first: Any, last: Any | None = None) -> At:
    """The place from one token or tree value to another."""
    last = first if last is None else last
    start = first.start_pos if isinstance(first, Token) else first.at[0]
    end = last.end_pos if isinstance(last, Token) else last.at[1]
    return (start, end)


def _whole(children: list[Any]) -> At:
    present = [child for child in children if child is not None]
    return _at(present[0], present[-1]) if present else (0, 0)


def _fold(children: list[Any]) -> tree.Arithmetic:
    """Operands and operator tokens in turn, from the left."""
    value: tree.Arithmetic = children[0]
    for operator, operand in zip(children[1::2], children[2::2], strict=True):
        value = tree.Operation(str(operator), (value, operand), (value.at[0], operand.at[1]))
    return value


def _dim(piece: tuple[str, int]) -> tree.Arithmetic:
    text, offset = piece
    if text.isdigit():
        return tree.Number(int(text), (offset, offset + len(text)))
    if text.startswith("("):
        return parse_expression(text, offset)
    return tree.Name(text, (offset, offset + len(text)))


class _Build:
    """Each rule of the grammar as a value of ``tree``."""

    def start(self, children: list[Any]) -> Any:
        return children[0]

    def expression(self, children: list[Any]) -> Any:
        return children[1]

    def items(self, children: list[Any]) -> tree.Items:
        kept = [child for child in children if not isinstance(child, Token)]
        return tree.Items(tuple(kept), _whole(kept))

    def chain(self, children: list[Any]) -> tree.Chain:
        repeat = children[0] if isinstance(children[0], Token) and children[0].type == "REPEAT" else None
        at = next((i for i, c in enumerate(children) if isinstance(c, Token) and c.type == "TIMES"), None)
        times, after = (children[at + 1], children[at + 2]) if at is not None else (None, ())
        elements = tuple(child for child in children[:at] if not isinstance(child, Token))
        if repeat is not None:
            times = tree.Number(repeat.payload, _at(repeat))
        whole = _whole([*children[: None if at is None else at + 2], *after])
        return tree.Chain(elements, times, repeat is not None, whole, after)

    def after(self, children: list[Any]) -> tuple[Any, ...]:
        return tuple(child for child in children if not isinstance(child, Token))

    def items_in(self, children: list[Any]) -> tree.Items:
        return tree.Items(children[1].items, _whole(children))

    def cell(self, children: list[Any]) -> tree.Cell:
        return tree.Cell(children[1].items, _whole(children))

    def origin(self, children: list[Any]) -> tree.From:
        return tree.From(str(children[0]), _at(children[0]))

    def shown(self, children: list[Any]) -> tree.Shown:
        dims, sic = children[0].payload
        return tree.Shown(tuple(map(_dim, dims)), _at(children[0]), tuple(map(_dim, sic)))

    def remark(self, children: list[Any]) -> tree.Remark:
        value, quantity = children[0].payload
        return tree.Remark(value, quantity, _at(children[0]))

    def group(self, children: list[Any]) -> tree.Group:
        return tree.Group(tuple(children), _whole(children))

    def word(self, children: list[Any]) -> tree.Word:
        return tree.Word(str(children[0]), _at(children[0]))

    def size(self, children: list[Any]) -> tree.Size:
        return tree.Size(tuple(_dim(piece) for piece in children[0].payload), _at(children[0]))

    def slash(self, children: list[Any]) -> tree.Slash:
        return tree.Slash(children[1], _whole(children))

    def listed(self, children: list[Any]) -> tree.Listed:
        return tree.Listed(children[0].payload, _at(children[0]))

    def call(self, children: list[Any]) -> tree.Call:
        arguments = [child for child in children if not isinstance(child, Token)]
        positional = tuple(value for key, value in arguments if key is None)
        named = tuple((key, value) for key, value in arguments if key is not None)
        return tree.Call(str(children[0]), positional, named, _whole(children))

    def bare(self, children: list[Any]) -> tree.Call:
        return tree.Call(str(children[0]), (), (), _at(children[0]))

    def argument(self, children: list[Any]) -> tuple[str | None, tree.Arithmetic]:
        return (str(children[0]), children[1]) if len(children) == 2 else (None, children[0])

    def merge(self, children: list[Any]) -> tree.Merge:
        kind, flat, dims = children[0].payload
        size = tree.Size(tuple(_dim(piece) for piece in dims), _at(children[0])) if dims else None
        return tree.Merge(kind, tuple(children[1:]), flat, size, _at(children[0]))

    def branch(self, children: list[Any]) -> tree.Branch:
        copies = next((c[0] for c in children if isinstance(c, tuple)), None)
        items = next((c for c in children if isinstance(c, tree.Items)), None)
        return tree.Branch(items, copies, _whole([c for c in children if not isinstance(c, tuple)]))

    def copies(self, children: list[Any]) -> tuple[tree.Arithmetic]:
        return (children[0],)

    def repeat(self, children: list[Any]) -> tree.Repeat:
        return tree.Repeat(children[1], children[3] if len(children) > 3 else None, _whole(children))

    def when(self, children: list[Any]) -> tree.When:
        return tree.When(children[1], children[3] if len(children) > 3 else None, _whole(children))

    def otherwise(self, children: list[Any]) -> tree.When:
        return tree.When(None, children[1] if len(children) > 1 else None, _whole(children))

    def aux(self, children: list[Any]) -> tree.Aux:
        return tree.Aux(children[1] if len(children) > 1 else None, _whole(children))

    def number(self, children: list[Any]) -> tree.Number:
        made = getattr(children[0], "payload", str(children[0]))
        if isinstance(made, str):
            made = int(made) if made.isdigit() else Fraction(made)
        return tree.Number(made, _at(children[0]))

    def name(self, children: list[Any]) -> tree.Name:
        return tree.Name(str(children[0]), _at(children[0]))

    def inner(self, children: list[Any]) -> tree.Arithmetic:
        return children[1]  # type: ignore[no-any-return]

    def negated(self, children: list[Any]) -> tree.Operation:
        return tree.Operation("not", (children[1],), _whole(children))

    def minus(self, children: list[Any]) -> tree.Operation:
        return tree.Operation("negate", (children[1],), _whole(children))

    def function(self, children: list[Any]) -> tree.Operation:
        operands = tuple(child for child in children if not isinstance(child, Token))
        return tree.Operation(str(children[0]), operands, _whole(children))

    def power(self, children: list[Any]) -> tree.Operation:
        return tree.Operation("**", (children[0], children[2]), _whole(children))

    product = sum = term = comparison = both = either = staticmethod(_fold)


_BUILD: dict[str, Callable[[list[Any]], Any]] = {
    name: getattr(_Build(), name) for name in dir(_Build) if not name.startswith("_")
}


def _parse(tokens: Sequence[Token], text: str, known: Iterable[str] = ()) -> Any:
    try:
        return load().parse(tokens, _BUILD)
    except Misplaced as error:
        seen = error.token
        if seen is None:
            at = (max(len(text) - 1, 0), len(text))
            raise Unreadable("the line ends too early", at, "something is missing at its end") from None
        at = (seen.start_pos, max(seen.end_pos, seen.start_pos + 1))
        before = next((made for made, after in pairwise(tokens) if after is seen), None)
        if before is not None and before.type == "MERGE":
            barred = f"{text[: seen.start_pos]}| {text[seen.start_pos :]}".strip()
            raise Unreadable("a branch begins with a |", at, barred) from None
        if before is not None and before.type in ("BARE", "OPERATOR") and seen.type in ("WORD", "BLOCK"):
            raise Unreadable(f"no parameter named '{seen}' here", at, nearest(seen, known), "A401") from None
        called = before is not None and before.type == "BLOCK"
        repair = f"a block takes its numbers in parentheses: {before}(...)" if called else None
        raise Unreadable(f"{text[at[0] : at[1]]!r} has no place here", at, repair) from None


@lru_cache(maxsize=20_000)
def parse_items(text: str, known: frozenset[str]) -> tree.Items:
    """The layers of a line. Raises Unreadable, with offsets in ``text``."""
    shallow(text)
    tokens = PhraseLexer(text, known).run()
    while tokens and tokens[-1].type == "SEP":
        tokens.pop()
    if tokens and tokens[0].type == "SEP":
        tokens.pop(0)
    if not tokens:
        return tree.Items((), (0, 0))
    result: tree.Items = _parse(tokens, text, known)
    return result


@lru_cache(maxsize=20_000)
def parse_expression(text: str, offset: int = 0) -> tree.Arithmetic:
    """Arithmetic; places count from ``offset``. Raises Unreadable."""
    shallow(text, offset)
    tokens = list(expression_tokens(text, 0, len(text)))
    for made in tokens:
        made.start_pos, made.end_pos = made.start_pos + offset, made.end_pos + offset
    if not tokens:
        raise Unreadable("a number is missing here", (offset, offset + max(len(text), 1)), code="A107")
    result: tree.Arithmetic = _parse([token("EXPR_ONLY", "", offset, offset), *tokens], " " * offset + text)
    return result
