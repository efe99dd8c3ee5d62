"""What ``--where`` says, read into a tree."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from archcalc.analyses.quantities import BYTES_ONLY, IN_BYTES, quantity_named
from archcalc.analyses.sweep.latency import LATENCY, latency_named
from archcalc.analyses.sweep.tokens import At, Token, tokens, wrong
from archcalc.analyses.sweep.tree import Arithmetic, Comparison, Condition, Figure, Logic, Named, Number, Word
from archcalc.diagnostics import Fault, nearest
from archcalc.source import Source

_COMPARE = frozenset({"<", "<=", ">", ">=", "==", "=", "!="})
_EQUAL = frozenset({"==", "=", "!="})
_JOINING = frozenset({"and", "or", "not"})
#: Levels of parentheses and signs.
_DEEPEST = 50


def conditions(
    text: str,
    variables: Collection[str],
    quantities: Collection[str],
    words: Mapping[str, Collection[str]] | None = None,
) -> list[tuple[str, Condition]]:
    """Conditions that must all hold, each with its text; of variables that are no numbers ``words`` are the values.

    Raises Fault at the place that cannot be read.
    """
    tree = _Parser(text, variables, quantities, words or {}).parsed()
    parts = tree.operands if isinstance(tree, Logic) and tree.operator == "and" else (tree,)
    return [(text[part.at[0] : part.at[1]], part) for part in parts]


class _Parser:
    """Precedence as in Python: or, and, not, comparison, sums, products, signs."""

    def __init__(
        self, text: str, variables: Collection[str], quantities: Collection[str], words: Mapping[str, Collection[str]]
    ) -> None:
        self.source, self.variables, self.quantities = Source("--where", text), variables, quantities
        self.words = words
        self.tokens = list(tokens(self.source))
        self.place, self.depth = 0, 0

    def parsed(self) -> Condition:
        tree = self._or()
        if self.next.kind != "end":
            raise self.wrong(self.next.at, f"'{self.next.text}' has no place here", "'and' or 'or' between conditions")
        return tree

    @property
    def next(self) -> Token:
        return self.tokens[self.place]

    def wrong(self, at: At, message: str, help: str | None = None, code: str = "A107") -> Fault:
        return wrong(self.source, at, message, help, code)

    def taken(self, *words: str) -> Token | None:
        """The next token, if it is one of these."""
        if self.next.kind in ("word", "sign") and self.next.text.casefold() in words:
            self.place += 1
            return self.tokens[self.place - 1]
        return None

    def _or(self) -> Condition:
        return self._joined("or", self._and)

    def _and(self) -> Condition:
        return self._joined("and", self._not)

    def _joined(self, word: str, inner: Callable[[], Condition]) -> Condition:
        found = [inner()]
        while self.taken(word):
            found.append(inner())
        if len(found) == 1:
            return found[0]
        return Logic(word, tuple(found), (found[0].at[0], found[-1].at[1]))

    def _not(self) -> Condition:
        word = self.taken("not")
        if word is None:
            return self._comparison()
        self._deeper(word)
        inner = self._not()
        self.depth -= 1
        return Logic("not", (inner,), (word.at[0], inner.at[1]))

    def _comparison(self) -> Condition:
        if self.next.text != "(" or self._numeric():
            return self._compared()
        opened = self.tokens[self.place]
        self.place += 1
        self._deeper(opened)
        inner = self._or()
        self.depth -= 1
        return inner.but(at=(opened.at[0], self._closed(opened).at[1]))

    def _numeric(self) -> bool:
        """Whether the parentheses that open here hold no comparison."""
        depth = 0
        for token in self.tokens[self.place :]:
            depth += (token.text == "(") - (token.text == ")")
            if token.text in _COMPARE or token.text.casefold() in _JOINING:
                return False
            if not depth:
                break
        return True

    def _closed(self, opened: Token) -> Token:
        closed = self.taken(")")
        if closed is None:
            raise self.wrong(opened.at, "this parenthesis is never closed")
        return closed

    def _deeper(self, token: Token) -> None:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.wrong(token.at, f"this nests more than {_DEEPEST} levels deep")

    def _compared(self) -> Condition:
        left = self._sum()
        found: list[Condition] = []
        while sign := self.taken(*_COMPARE):
            right = self._sum()
            self._alike(left, right, sign)
            self._in_time(left, right)
            self._in_time(right, left)
            left, right = self._in_bytes(left, right), self._in_bytes(right, left)
            found.append(Comparison(sign.text, left, right, (left.at[0], right.at[1])))
            left = right
        if not found:
            raise self.wrong(left.at, "a comparison is wanted here", "params < 5M")
        return found[0] if len(found) == 1 else Logic("and", tuple(found), (found[0].at[0], found[-1].at[1]))

    def _is_word(self, tree: Number) -> bool:
        return isinstance(tree, Word) or (isinstance(tree, Named) and tree.name in self.words)

    def _alike(self, one: Number, other: Number, sign: Token) -> None:
        """Raises Fault where a word is compared with a number, or is to be more or less than another."""
        worded = self._is_word(one) + self._is_word(other)
        if worded == 1 or (worded and sign.text not in _EQUAL):
            name, values = next(iter(self.words.items()))
            message = f"a {name} is = or != another: {', '.join(values)}"
            raise self.wrong((one.at[0], other.at[1]), message, f"{name} = {next(iter(values))}")

    def _number(self, tree: Number) -> Number:
        if self._is_word(tree):
            raise self.wrong(tree.at, "there is no arithmetic of what is no number", "params / macs > 2")
        return tree

    def _in_bytes(self, one: Number, other: Number) -> Number:
        """A quantity as bytes where it is compared with bytes. Raises Fault where it is no bytes."""
        if not isinstance(one, Named) or not isinstance(other, Figure) or not other.bytes:
            return one
        name = IN_BYTES.get(one.name, one.name)
        if one.name not in self.variables and name not in BYTES_ONLY:
            raise self.wrong(other.at, f"{one.name} is no number of bytes", "weights bytes < 24MB")
        return one.but(name=name)

    def _in_time(self, one: Number, other: Number) -> None:
        """Raises Fault where a latency is compared with a figure of no unit of time, or something else with one."""
        if not isinstance(one, Named) or not isinstance(other, Figure) or one.name in self.variables:
            return
        if one.name in LATENCY and not other.time:
            raise self.wrong(other.at, f"{one.name} is a time: a unit is wanted here", f"{one.name} < 20ms")
        if other.time and one.name not in LATENCY:
            raise self.wrong(other.at, f"{one.name} is no time", "latency < 20ms")

    def _sum(self) -> Number:
        return self._chain(("+", "-"), lambda: self._chain(("*", "/", "//", "%"), self._signed))

    def _chain(self, signs: tuple[str, ...], inner: Callable[[], Number]) -> Number:
        left = inner()
        while sign := self.taken(*signs):
            right = inner()
            if sign.text in ("/", "//", "%") and isinstance(right, Figure) and not right.value:
                raise self.wrong((sign.at[0], right.at[1]), "a division by zero")
            left = Arithmetic(sign.text, (self._number(left), self._number(right)), (left.at[0], right.at[1]))
        return left

    def _signed(self) -> Number:
        sign = self.taken("-", "+")
        if sign is None:
            return self._operand()
        self._deeper(sign)
        inner = self._number(self._signed())
        self.depth -= 1
        return Arithmetic("-", (inner,), (sign.at[0], inner.at[1])) if sign.text == "-" else inner

    def _operand(self) -> Number:
        token = self.next
        if token.kind == "number":
            self.place += 1
            return Figure(token.value, token.bytes, token.at, token.time)
        if opened := self.taken("("):
            self._deeper(opened)
            inner = self._sum()
            self.depth -= 1
            return inner.but(at=(opened.at[0], self._closed(opened).at[1]))
        if token.kind == "word" and token.text.casefold() not in _JOINING:
            return self._named()
        raise self.wrong(token.at, f"a number or a name is wanted here, not {token.text}", "params < 5M and H >= 128")

    def _named(self) -> Named | Word:
        """A name, of several words where no comparison parts them. Raises Fault, with the nearest one."""
        said = [self.next]
        self.place += 1
        while self.next.kind == "word" and self.next.text.casefold() not in _JOINING:
            said.append(self.next)
            self.place += 1
        text, at = " ".join(word.text for word in said), (said[0].at[0], said[-1].at[1])
        if text in self.variables:
            return Named(text, at)
        words = [each for values in self.words.values() for each in values]
        if text.casefold() in words:
            return Word(text.casefold(), at)
        known = text if text in self.quantities else latency_named(text) or quantity_named(text)
        if known is None or known not in self.quantities:
            help = nearest(text, [*self.variables, *self.quantities, *words])
            raise self.wrong(at, f"no quantity or variable named '{text}'", help, "A401")
        return Named(known, at)
