"""Structure: chains, calls, repeats, choices and merges, each taking the node that flows in to the one that flows out."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from archcalc.algebra import Dim, Expr
from archcalc.diagnostics import nearest
from archcalc.graph import Place
from archcalc.layers import Concat, Layer, Max, Mean, Product, Sum, Warp
from archcalc.notation import tree
from archcalc.notation.arithmetic import evaluate
from archcalc.notation.cells import lay_cell
from archcalc.notation.laying import MOST_LAYERS, Laying, TooMuch
from archcalc.notation.lexer import Unreadable
from archcalc.notation.naming import Frame, Leaf, same_name
from archcalc.notation.phrases import Draft
from archcalc.notation.scope import Around, BlockDef, NameTable, Scope
from archcalc.notation.statements import LayerLine, Statement
from archcalc.notation.text import Line
from archcalc.notation.vocabulary import suggestions

DEEPEST = 48
_MERGES: dict[str, type[Layer]] = {"sum": Sum, "concat": Concat, "mean": Mean, "max": Max, "product": Product}


class Flowing(Laying):
    """Reads items; ``body`` (a line's indented lines) is given by the class that reads lines."""

    def body(self, statements: list[Statement], scope: Scope, current: int | None) -> int | None:
        raise NotImplementedError

    def shown(self, shown: tree.Shown, scope: Scope, line: Line, first: int, current: int) -> None:
        raise NotImplementedError

    # -- items ------------------------------------------------------------------------------------------------------------

    def items(self, items: tree.Items, scope: Scope, line: Line, current: int | None, body: list[Statement]) -> int | None:
        """Items in order; the line's body belongs to the last of them that is open."""
        chosen = False
        inside, after = _dedent(body)
        for index, item in enumerate(items.items):
            below = inside if index == len(items.items) - 1 else []
            if isinstance(item, tree.Chain):
                current = self.chain(item, scope, line, current)
            elif isinstance(item, tree.Merge):
                current = self.merge(item, scope, line, current, below)
            elif isinstance(item, tree.Repeat):
                current = self.repeat(item, scope, line, current, below)
            elif isinstance(item, tree.Aux):
                self.aux(item, scope, line, current, below)
            else:
                chosen, current = self.choose(item, chosen, scope, line, current, below)
        return self.body(after, scope, current) if after else current

    def chain(self, chain: tree.Chain, scope: Scope, line: Line, current: int | None) -> int | None:
        """Elements parted by commas; a repeat turns the last layer, or all of them if it stands before."""
        parts = self._parts(chain, line)
        if chain.times is None:
            for part in parts:
                current = self.part(part, scope, line, current)
            return current
        head, last = ([], parts) if chain.before else (parts[:-1], parts[-1:])
        for part in head:
            current = self.part(part, scope, line, current)
        numbered = scope.frame.label is not None

        def turn(inner: Scope, current: int | None) -> int | None:
            for part in last:
                current = self.part(part, inner, line, current)
            return current

        return self.turns(chain.times, scope, line, current, turn, numbered)

    def _parts(self, chain: tree.Chain, line: Line) -> list[Draft | tree.Call | tree.Items | tree.Cell | tree.From | tree.Shown | tree.Remark]:
        """Groups gathered into drafts, other elements as they are; ``share`` after a call stays a draft without a kind."""
        parts: list[Draft | tree.Call | tree.Items | tree.Cell | tree.From | tree.Shown | tree.Remark] = []
        groups: list[tree.Group] = []
        for element in [*chain.elements, None]:
            if isinstance(element, tree.Group):
                groups.append(element)
                continue
            if groups:
                parts += self.drafts(tuple(groups), line)
                groups = []
            if element is not None:
                parts.append(element)
        return parts

    def turns(self, times: tree.Arithmetic, scope: Scope, line: Line, current: int | None, turn: object, numbered: bool) -> int | None:
        """``turn`` as often as ``times`` says, i counting from 0; bounded by what the first turn makes."""
        count = self.number(times, scope, current)
        if isinstance(count, Expr):
            raise Unreadable("a repeat cannot hang on an open symbol", times.at, "give it a value with --set", "A407")
        if count < 0:
            raise Unreadable(f"{count} turns: it must be at least 0", times.at, code="A403")
        for i in range(count):
            before = len(self.builder.layers)
            frame = Frame(first=before) if numbered else scope.frame
            inner = scope.but(params={**scope.params, "i": i}, frame=frame)
            current = turn(inner, current)  # type: ignore[operator]
            made = len(self.builder.layers) - before
            if numbered and made:
                self._close(frame, scope, before, current)
            if made * count > MOST_LAYERS or (made == 0 and count > MOST_LAYERS):
                raise TooMuch(f"{count:,} turns of {made} layers: more than {MOST_LAYERS:,} layers", times.at, code="A403")
        return current

    def _close(self, frame: Frame, scope: Scope, first: int, output: int | None) -> Place:
        """Ends a frame and hangs it into the one around it."""
        stop = len(self.builder.layers)
        frame.first, frame.stop = first, stop
        frame.output = output if output is not None else stop - 1
        scope.frame.members.append(frame)
        return Place(first, stop, frame.output)

    def part(self, part: object, scope: Scope, line: Line, current: int | None) -> int | None:
        """One element of a chain."""
        if isinstance(part, Draft):
            return self._draft(part, scope, line, current)
        if isinstance(part, tree.Call):
            return self.call(part.block, part.positional, dict(part.named), scope, line, current, part.at)
        if isinstance(part, tree.Items):
            return self.items(part, scope, line, current, [])
        if isinstance(part, tree.Cell):
            return lay_cell(self, part, scope, line, self.need(current, part.at))
        if isinstance(part, tree.From):
            return self.origin(part.name, scope, part.at)
        if isinstance(part, tree.Shown):
            node = self.need(current, part.at)
            self.shown(part, scope, line, node, node)
            return node
        assert isinstance(part, tree.Remark)
        node = self.need(current, part.at)
        self.remark(part, line, node)
        return node

    def remark(self, remark: tree.Remark, line: Line, node: int) -> None:
        raise NotImplementedError

    def _draft(self, draft: Draft, scope: Scope, line: Line, current: int | None) -> int | None:
        if draft.block is not None:
            name = line.text[draft.at[0] : draft.at[1]] if same_name(draft.block) not in self.work.blocks else draft.block
            return self.call(name, (), {}, scope, line, current, draft.at, draft)
        if draft.settled is None and "share" in draft.said and scope.frame.members:
            name, everything = draft.said["share"]
            last = scope.frame.members[-1]
            first = last.first if isinstance(last, Frame) else last.node
            self.share(name, everything, first, scope, draft.at)
            return current
        if draft.kind is None and scope.lent is not None and not draft.plain:
            draft = replace(draft, kind=scope.lent)
        return self.lay(draft, scope, line, current)

    def origin(self, name: str, scope: Scope, at: tree.At) -> int:
        """The node that ``from NAME`` starts at."""
        place = scope.names.find(name)
        if place is not None:
            return place.output
        if same_name(name) == "input" and self.work.inputs:
            return self.work.inputs[0]
        raise Unreadable(f"no layer named '{name}' above", at, nearest(name, scope.names.all()), "A401")

    # -- calls ------------------------------------------------------------------------------------------------------------

    def call(
        self, name: str, positional: tuple[tree.Arithmetic, ...], named: dict[str, tree.Arithmetic], scope: Scope, line: Line,
        current: int | None, at: tree.At, draft: Draft | None = None,
    ) -> int | None:  # fmt: skip
        """A block's layers. Raises Unreadable for an unknown block, wrong arguments or a recursion without end."""
        definitions = self.work.blocks.get(same_name(name))
        if definitions is None:
            known = [block for block in self.work.blocks] + suggestions()
            raise Unreadable(f"unknown word '{name}'" if draft else f"no block named '{name}'", at, nearest(name, known), "A105" if draft else "A401")
        self.work.used_blocks.add(same_name(name))
        self.work.step(at)
        if scope.depth >= DEEPEST:
            raise TooMuch(f"block '{name}' calls itself more than {DEEPEST} deep", at, "put a literal case first: block name(1, c):", "A403")
        values = [evaluate(node, self.names(scope, current)) for node in positional]
        keywords = {key: evaluate(node, self.names(scope, current)) for key, node in named.items()}
        if draft is not None:
            values += [evaluate(node, self.names(scope, current)) for node in draft.numbers]
        definition, arguments = self._bound(name, definitions, values, keywords, at)
        if current is not None:
            arguments["in"] = self.channels(current)
        frame = Frame(stem=name.rsplit("/", 1)[-1])
        inner = Scope(
            {**definition.params, **arguments}, definition.means, NameTable(outer=self._top(scope.names)), frame,
            head=scope.head, depth=scope.depth + 1, fixed_in=current is not None, in_table=False,
        )  # fmt: skip
        first = len(self.builder.layers)
        current = self.body(definition.line.body, inner, current)
        if len(self.builder.layers) > first:
            self._close(frame, scope, first, current)
            if draft is not None and "share" in draft.said:
                self.share(*draft.said["share"], first, scope, draft.at)
        return current

    def _top(self, names: NameTable) -> NameTable:
        while names.outer is not None:
            names = names.outer
        return names

    def _bound(
        self, name: str, definitions: list[BlockDef], values: list[object], keywords: dict[str, object], at: tree.At
    ) -> tuple[BlockDef, dict[str, Dim | Fraction]]:
        """The first definition whose literals fit, and its parameters bound."""
        problem = ""
        for definition in definitions:
            bound = self._bind(definition, values, keywords)
            if isinstance(bound, dict):
                return definition, bound
            problem = bound or problem
        raise Unreadable(problem or f"no case of block '{name}' takes these numbers", at, self._signature(definitions[-1]), "A402")

    def _signature(self, definition: BlockDef) -> str:
        shown = ", ".join(key or "1" if default is None else f"{key}=..." for key, default in definition.line.parameters)
        return f"{definition.line.name}({shown})"

    def _bind(self, definition: BlockDef, values: list[object], keywords: dict[str, object]) -> dict[str, Dim | Fraction] | str:
        """Parameters bound, or why not (empty: a literal does not fit)."""
        parameters = definition.line.parameters
        if len(values) > len(parameters):
            return f"block '{definition.line.name}' takes {len(parameters)} numbers, here are {len(values)}"
        bound: dict[str, Dim | Fraction] = {}
        for index, (key, default) in enumerate(parameters):
            given = values[index] if index < len(values) else keywords.get(key or "")
            if key is None:
                assert isinstance(default, tree.Number)
                if given != default.value:
                    return ""
            elif given is not None:
                bound[key] = given  # type: ignore[assignment]
            elif default is not None:
                bound[key] = evaluate(default, {**definition.params, **bound})  # type: ignore[assignment]
            else:
                return f"block '{definition.line.name}' wants a number for '{key}'"
        unknown = [key for key in keywords if key not in {name for name, _ in parameters}]
        return f"block '{definition.line.name}' has no parameter '{unknown[0]}'" if unknown else bound

    # -- repeats, choices, side heads -------------------------------------------------------------------------------------

    def repeat(self, item: tree.Repeat, scope: Scope, line: Line, current: int | None, body: list[Statement]) -> int | None:
        def turn(inner: Scope, current: int | None) -> int | None:
            return self._inner(item.body, inner.but(names=self.fresh_names(inner)), line, current, body)

        return self.turns(item.count, scope, line, current, turn, scope.frame.label is not None)

    def _inner(self, items: tree.Items | None, scope: Scope, line: Line, current: int | None, body: list[Statement]) -> int | None:
        """What stands behind a word with a colon, and on the lines below."""
        if items is not None:
            return self.items(items, scope, line, current, body)
        return self.body(body, scope, current)

    def choose(
        self, item: tree.When, chosen: bool, scope: Scope, line: Line, current: int | None, body: list[Statement]
    ) -> tuple[bool, int | None]:
        """``when`` takes its body if its condition holds; ``otherwise`` if none before it on the line did."""
        if item.condition is None:
            return chosen, current if chosen else self._inner(item.body, scope, line, current, body)
        holds = evaluate(item.condition, self.names(scope, current))
        if not isinstance(holds, bool):
            raise Unreadable("a comparison is wanted after 'when'", item.at, "when n == 1:")
        return holds, self._inner(item.body, scope, line, current, body) if holds else current

    def aux(self, item: tree.Aux, scope: Scope, line: Line, current: int | None, body: list[Statement]) -> None:
        """A side head: layers of their own from here; the main line goes on as if they were not there."""
        self.need(current, item.at)
        self.work.heads += 1
        inner = scope.but(head=self.work.heads, names=self.fresh_names(scope))
        self._inner(item.body, inner, line, current, body)

    # -- merges -----------------------------------------------------------------------------------------------------------

    def merge(self, item: tree.Merge, scope: Scope, line: Line, current: int | None, body: list[Statement]) -> int | None:
        """Branches from here, each to its end, then the merge. A shortcut goes around the first branch without one."""
        inline = list(item.branches)
        branches: list[tuple[tree.Branch | LayerLine, list[Statement]]] = [(branch, []) for branch in inline]
        if inline and body:
            branches[-1] = (inline[-1], body)
        elif not inline:
            branches = self._branch_lines(body)
        if not branches:
            raise Unreadable(f"{item.kind}: has no branches", item.at, "a branch a line, each after a |", "A303")
        ends: list[list[int]] = [[] for _ in branches]
        late = [index for index, (branch, below) in enumerate(branches) if _mentions_shortcut(branch, below)]
        around: Around | None = None
        for index in [i for i in range(len(branches)) if i not in late] + late:
            branch, below = branches[index]
            if index in late and around is None:
                first = next((i for i in range(len(branches)) if ends[i]), None)
                if first is None or current is None:
                    raise Unreadable("a shortcut needs another branch to go around", item.at, code="A303")
                around = Around(current, ends[first][-1], self.strides_between(current, ends[first][-1]))
            ends[index] = self._branch(item, branch, below, scope.but(around=around), line, current)
        inputs = tuple(end for group in ends for end in group)
        spans = tuple(branch.line.span() for branch, _ in branches if isinstance(branch, LayerLine))
        return self._join(item, inputs, scope, line, spans)

    def _join(self, item: tree.Merge, inputs: tuple[int, ...], scope: Scope, line: Line, spans: tuple[object, ...]) -> int:
        if item.kind == "warp":
            if item.size is None:
                raise Unreadable("an affine warp says its output's size", item.at, "affine warp 28x28:")
            height, width = (self.number(dim, scope, inputs[0]) for dim in item.size.dims)
            layer: Layer = Warp(height=height, width=width)
        else:
            layer = _MERGES[item.kind]()
        return self.place(layer, inputs, scope, line, item.at)

    def _branch_lines(self, body: list[Statement]) -> list[tuple[tree.Branch | LayerLine, list[Statement]]]:
        """Lines under a merge: a bar begins a branch, lines without one go on with it."""
        branches: list[tuple[tree.Branch | LayerLine, list[Statement]]] = []
        for statement in body:
            if isinstance(statement, LayerLine) and statement.branch:
                branches.append((statement, []))
            elif branches:
                branches[-1][1].append(statement)
            else:
                raise Unreadable("a branch begins with a |", (0, 1), code="A303")
        return branches

    def _branch(
        self, item: tree.Merge, branch: tree.Branch | LayerLine, below: list[Statement], scope: Scope, line: Line, current: int | None
    ) -> list[int]:
        """The end of a branch (of each of its copies); under ``flat`` a merge of the same kind at its end gives up its inputs."""
        copies = 1 if branch.copies is None else self.number(branch.copies, scope, current)
        if not isinstance(copies, int) or copies < 1:
            raise Unreadable(f"{copies} branches: it must be at least 1", branch.copies.at if branch.copies else item.at, code="A305")
        ends: list[int] = []
        for _ in range(copies):
            inner = scope.but(names=self.fresh_names(scope))
            before = len(self.builder.layers)
            if isinstance(branch, LayerLine):
                end = self.body([branch], inner, current)
            elif branch.items is not None:
                end = self.items(branch.items, inner, line, current, below)
            else:
                end = current
            if isinstance(branch, LayerLine) and below:
                end = self.body(below, inner, end)
            self.promote(inner, scope)
            if end is None:
                raise Unreadable("this branch has nothing in it and no input", item.at, code="A404")
            ends += self._flattened(item, end, before, scope)
            if len(ends) > MOST_LAYERS:
                raise TooMuch(f"more than {MOST_LAYERS:,} branches", item.at, code="A403")
        return ends

    def promote(self, inner: Scope, scope: Scope) -> None:
        """Names of a branch are seen by the lines after the merge too."""
        for key, place in inner.names.own.items():
            scope.names.own.setdefault(key, place)

    def _flattened(self, item: tree.Merge, end: int, before: int, scope: Scope) -> list[int]:
        kind = _MERGES.get(item.kind)
        last = len(self.builder.layers) - 1
        if not item.flat or kind is None or end != last or end < before or not isinstance(self.builder.layers[end][0], kind):
            return [end]
        inputs = self.builder.layers[end][1]
        self.builder.layers.pop()
        self.builder.shapes.pop()
        _drop_leaf(scope.frame, end)
        return list(inputs)


def _dedent(body: list[Statement]) -> tuple[list[Statement], list[Statement]]:
    """The lines of an open item, and those after them that stand less deep: they go on with the line above both."""
    for index, statement in enumerate(body):
        if statement.line.indent < body[0].line.indent:
            return body[:index], body[index:]
    return body, []


def _drop_leaf(frame: Frame, node: int) -> None:
    """Takes a node's leaf out of the frames that end with it."""
    member = frame.members[-1]
    if isinstance(member, Leaf):
        assert member.node == node
        frame.members.pop()
        return
    member.stop -= 1
    _drop_leaf(member, node)
    if not member.members:
        frame.members.pop()


def _mentions_shortcut(branch: tree.Branch | LayerLine, below: list[Statement]) -> bool:
    """Whether a branch itself (not a merge inside it) takes a shortcut."""
    items = branch.items
    own = items is not None and any(_is_shortcut(item) for item in items.items)
    return own or any(isinstance(s, LayerLine) and not s.branch and any(_is_shortcut(i) for i in s.items.items) for s in below)


def _is_shortcut(item: tree.Item) -> bool:
    return isinstance(item, tree.Chain) and any(
        isinstance(element, tree.Group) and any(isinstance(a, tree.Word) and a.text.casefold().startswith("shortcut") for a in element.atoms)
        for element in item.elements
    )

