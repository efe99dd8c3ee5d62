"""The grammar as a table of states: lark works it out once, and reading a line is a walk through it.

``automaton.json`` beside this file is what lark makes of ``grammar.lark``; ``python -c "from
archcalc.notation.automaton import main; main()"`` writes it anew.
Importing lark and building the table takes longer than a whole report, so it is done only where the two files do not
agree.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from archcalc.notation.tokens import Token
from archcalc.record import Record

_HERE = Path(__file__).parent
_END = "$END"


class Misplaced(Exception):
    """A token that no rule takes where it stands; None is the end of the line."""

    def __init__(self, token: Token | None) -> None:
        super().__init__(token)
        self.token = token


class Rule(Record):
    """What a reduction does: ``name`` makes a value of ``length`` children; ``spliced`` hands them on as they are.

    ``collapses`` says that a single child stands for itself.
    """

    origin: str
    name: str
    length: int
    collapses: bool
    spliced: bool


class Automaton(Record):
    """LALR(1) states: for each symbol a state to go to (0 and up), or a rule to reduce by (below 0)."""

    states: Sequence[Mapping[str, int]]
    rules: Sequence[Rule]
    start: int
    end: int

    def parse(self, tokens: Sequence[Token], build: Mapping[str, Callable[[list[Any]], Any]]) -> Any:
        """The value of a line, each reduction built by its rule's name. Raises Misplaced."""
        stack, values = [self.start], []
        for token in [*tokens, None]:
            symbol = _END if token is None else token.type
            while True:
                action = self.states[stack[-1]].get(symbol)
                if action is None:
                    raise Misplaced(token)
                if action >= 0:
                    stack.append(action)
                    values.append(token)
                    break
                rule = self.rules[-action - 1]
                values.append(self._reduced(rule, stack, values, build))
                stack.append(self.states[stack[-1]][rule.origin])
                if token is None and stack[-1] == self.end:
                    return values[-1]
        raise Misplaced(None)

    def _reduced(
        self, rule: Rule, stack: list[int], values: list[Any], build: Mapping[str, Callable[[list[Any]], Any]]
    ) -> Any:
        """Takes a rule's children off the stack; lists of spliced ones are children of its own."""
        children: list[Any] = []
        if rule.length:
            for value in values[-rule.length :]:
                children.extend(value) if isinstance(value, list) else children.append(value)
            del values[-rule.length :], stack[-rule.length :]
        if rule.spliced:
            return children
        if rule.collapses and len(children) == 1:
            return children[0]
        return build[rule.name](children)


def _digest(grammar: str) -> int:
    return zlib.crc32(grammar.replace("\r\n", "\n").encode())


def compiled(grammar: str) -> dict[str, Any]:
    """The table that lark makes of a grammar, as plain values."""
    from lark import Lark
    from lark.lexer import Lexer
    from lark.parsers.lalr_analysis import Shift

    class Ready(Lexer):
        """The tokens are made elsewhere."""

        def __init__(self, conf: Any) -> None:
            pass

        def lex(self, lexer_state: Any, parser_state: Any) -> Any:
            return iter(())

    made = Lark(grammar, parser="lalr", lexer=Ready, maybe_placeholders=False)
    return {"digest": _digest(grammar)} | _numbered(made.parser.parser.parser.parse_table, Shift)


def _numbered(table: Any, shift: Any) -> dict[str, Any]:
    """States and rules numbered as a walk from the start meets them: lark's own numbers differ from run to run."""
    order = {table.start_states["start"]: 0}
    rules: dict[Any, int] = {}
    states: list[dict[str, int]] = []
    for state in order_as_met(order):
        row: dict[str, int] = {}
        for symbol, (action, argument) in sorted(table.states[state].items()):
            if action is shift:
                row[str(symbol)] = order.setdefault(argument, len(order))
            else:
                row[str(symbol)] = -rules.setdefault(argument, len(rules)) - 1
        states.append(row)
    listed = [
        [
            str(rule.origin.name),
            str(rule.alias or rule.origin.name),
            len(rule.expansion),
            bool(rule.options.expand1 and not rule.alias),
            str(rule.origin.name).startswith("_"),
        ]
        for rule in rules
    ]
    return {"start": 0, "end": order[table.end_states["start"]], "rules": listed, "states": states}


def order_as_met(order: dict[Any, int]) -> Iterator[Any]:
    """The keys of a dictionary that grows while it is walked."""
    done = 0
    while done < len(order):
        for key in list(order)[done:]:
            done += 1
            yield key


@lru_cache(maxsize=1)
def load() -> Automaton:
    """The automaton of ``grammar.lark``."""
    grammar = (_HERE / "grammar.lark").read_text(encoding="utf-8")
    try:
        table = json.loads((_HERE / "automaton.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        table = {}
    if table.get("digest") != _digest(grammar):
        table = compiled(grammar)
    rules = [Rule(*rule) for rule in table["rules"]]
    return Automaton(table["states"], rules, table["start"], table["end"])


def main() -> None:
    """Writes ``automaton.json``."""
    table = compiled((_HERE / "grammar.lark").read_text(encoding="utf-8"))
    (_HERE / "automaton.json").write_text(json.dumps(table, separators=(",", ":")) + "\n", encoding="utf-8")
