"""Calls of blocks: the definition whose literals fit, its parameters bound, its body laid in a frame of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction

from archcalc.algebra import Dim, Expr, same
from archcalc.diagnostics import nearest
from archcalc.graph import Place
from archcalc.notation import tree
from archcalc.notation.arithmetic import Value, evaluate
from archcalc.notation.draft import Draft
from archcalc.notation.laying import Laying
from archcalc.notation.naming import Frame, same_name
from archcalc.notation.scope import BlockDef, NameTable, Scope
from archcalc.notation.statements import Statement
from archcalc.notation.text import Line
from archcalc.notation.tokens import Follows, Unreadable
from archcalc.notation.vocabulary import suggestions
from archcalc.notation.work import TooMuch

DEEPEST = 48


class Calls(Laying):
    """``body`` (a block's lines) is given by the class that reads lines."""

    #: values given from outside to parameters that blocks declare in their bodies
    given_inside: tuple[tuple[str, Dim | Fraction], ...] = ()

    def body(self, statements: Sequence[Statement], scope: Scope, current: int | None) -> int | None:
        raise NotImplementedError

    def _close(self, frame: Frame, scope: Scope, first: int, output: int | None) -> Place:
        """Ends a frame and hangs it into the one around it."""
        stop = len(self.builder.layers)
        frame.first, frame.stop = first, stop
        frame.output = output if output is not None else stop - 1
        scope.frame.members.append(frame)
        return Place(first, stop, frame.output)

    def call(
        self,
        name: str,
        positional: tuple[tree.Arithmetic, ...],
        named: dict[str, tree.Arithmetic],
        scope: Scope,
        line: Line,
        current: int | None,
        at: tree.At,
        draft: Draft | None = None,
    ) -> int | None:
        """A block's layers. Raises Unreadable for an unknown block, wrong arguments or a recursion without end."""
        definitions = self.work.blocks.get(same_name(name))
        if definitions == []:
            raise Follows("", at)
        if definitions is None:
            raise self.unknown(name, at, scope, line, called=draft is None)
        self.work.used_blocks.add(same_name(name))
        self.work.step(at)
        if scope.depth >= DEEPEST:
            raise TooMuch(
                f"block '{name}' calls itself more than {DEEPEST} deep",
                at,
                "put a literal case first: block name(1, c):",
                "A403",
            )
        values = [evaluate(node, self.names(scope, current)) for node in positional]
        keywords = {key: evaluate(node, self.names(scope, current)) for key, node in named.items()}
        if draft is not None:
            values += [evaluate(node, self.names(scope, current)) for node in draft.numbers]
        definition, arguments = self._bound(name, definitions, values, keywords, at)
        if current is not None:
            arguments["in"] = self.channels(current)
        first = len(self.builder.layers)
        frame, current = self._made(name, definition, arguments, scope, current, at)
        if len(self.builder.layers) > first:
            self._close(frame, scope, first, current)
            if draft is not None and "share" in draft.said:
                shared, everything = draft.said["share"]
                self.share(shared, everything, first, scope, draft.at)
        return current

    def unknown(self, name: str, at: tree.At, scope: Scope, line: Line, called: bool) -> Unreadable:
        """The fault of a word that is neither a block nor of the notation."""
        help = _pair(line, at) or nearest(name, [*self.work.blocks, *scope.params, *suggestions()])
        if called:
            return Unreadable(f"no block named '{name}'", at, help, "A401")
        return Unreadable(f"unknown word '{name}'", at, help, "A105")

    def _made(
        self,
        name: str,
        definition: BlockDef,
        arguments: dict[str, Dim | Fraction],
        scope: Scope,
        current: int | None,
        at: tree.At,
    ) -> tuple[Frame, int | None]:
        """The frame of a call's layers and the node that flows out: laid again if the same call was made before."""
        work, top = self.work, self._top(scope.names)
        entering = None if current is None else self.builder.shapes[current]
        values = tuple(sorted(arguments.items(), key=_first))
        key = (id(definition), values, entering, scope.head > 0, self.given_inside)
        # on symbols a call leaves side conditions in its own network
        given = (value for _, value in self.given_inside)
        closed = not any(isinstance(value, Expr) for value in (*arguments.values(), *(entering or ()), *given))
        recordings = work.shared if closed else work.recordings
        recording = recordings.find(key)
        if recording is not None:
            work.step(at, len(recording.layers))
            return recording.lay(self.builder, current)
        frame = Frame(stem=name.rsplit("/", 1)[-1])
        inner = Scope(
            {**definition.params, **arguments},
            definition.means,
            NameTable(outer=top),
            frame,
            head=scope.head,
            depth=scope.depth + 1,
            fixed_in=current is not None,
        )
        first, before = len(self.builder.layers), work.marks(top)
        output = self.body(definition.line.body, inner, current)
        if work.marks(top) == before:
            frame.first, frame.stop = first, len(self.builder.layers)
            frame.output = output if output is not None else frame.stop - 1
            recordings.keep(key, self.builder, frame, first, current, output, definition)
        return frame, output

    def _top(self, names: NameTable) -> NameTable:
        while names.outer is not None:
            names = names.outer
        return names

    def _bound(
        self,
        name: str,
        definitions: list[BlockDef],
        values: Sequence[Value],
        keywords: Mapping[str, Value],
        at: tree.At,
    ) -> tuple[BlockDef, dict[str, Dim | Fraction]]:
        """The first definition whose literals fit, and its parameters bound."""
        problem = ""
        for definition in definitions:
            bound = self._bind(definition, values, keywords)
            if isinstance(bound, dict):
                return definition, bound
            problem = bound or problem
        raise Unreadable(
            problem or f"no case of block '{name}' takes these numbers", at, self._signature(definitions[-1]), "A402"
        )

    def _signature(self, definition: BlockDef) -> str:
        shown = ", ".join(
            f"{key}=..." if key and default else key or str(getattr(default, "value", ""))
            for key, default in definition.line.parameters
        )
        return f"{definition.line.name}({shown})"

    def _bind(
        self, definition: BlockDef, values: Sequence[Value], keywords: Mapping[str, Value]
    ) -> dict[str, Dim | Fraction] | str:
        """Parameters bound, or why not (empty: a literal does not fit)."""
        parameters = definition.line.parameters
        if len(values) > len(parameters):
            return f"block '{definition.line.name}' takes {len(parameters)} numbers, here are {len(values)}"
        bound: dict[str, Dim | Fraction] = {}
        for index, (key, default) in enumerate(parameters):
            given = values[index] if index < len(values) else keywords.get(key or "")
            if key is None:
                assert isinstance(default, tree.Number)
                if given is None or not same(given, default.value):
                    return ""
            elif given is not None:
                bound[key] = given
            elif default is not None:
                bound[key] = evaluate(default, {**definition.params, **bound})
            else:
                return f"block '{definition.line.name}' wants a number for '{key}'"
        twice = [key for key, _ in parameters[: len(values)] if key in keywords]
        if twice:
            return f"block '{definition.line.name}' is given '{twice[0]}' twice"
        unknown = [key for key in keywords if key not in {name for name, _ in parameters}]
        return f"block '{definition.line.name}' has no parameter '{unknown[0]}'" if unknown else bound


def _first(pair: tuple[str, object]) -> str:
    return pair[0]


def _pair(line: Line, at: tree.At) -> str | None:
    """The known words nearest to two that are misspelt together: ``max pol`` is a max pool, no kind of ``max``."""
    words = re.match(r"[A-Za-z]+\s+[A-Za-z]+", line.text[at[0] :])
    return nearest(words[0], (known for known in suggestions() if " " in known), cutoff=0.8) if words else None
