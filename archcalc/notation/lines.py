"""A line of layers: its frame, its layers, the lines below, and the name that stays."""

from __future__ import annotations

from archcalc.diagnostics import Diagnostic
from archcalc.graph import Place
from archcalc.notation import tree
from archcalc.notation.labels import label_layers, lent_kind
from archcalc.notation.lower import as_shape
from archcalc.notation.naming import Frame, same_name
from archcalc.notation.printed import Printing
from archcalc.notation.scope import Scope
from archcalc.notation.statements import LayerLine
from archcalc.notation.vocabulary import is_reserved


class LayerLines(Printing):
    """Lays lines of layers."""

    def remember(self, scope: Scope, name: str, frame: Frame) -> None:
        self.named(scope, name, Place(frame.first, frame.stop, frame.output))

    def layers(self, statement: LayerLine, scope: Scope, current: int | None) -> int | None:
        """A line of layers: its frame, its items, then what it prints about them."""
        line, items, name = statement.layers or statement.line, statement.items, statement.name
        shown = None
        if statement.shown is not None:
            shown = as_shape(self.shape(statement.shown, scope, current))
        elif (lone := _lone_shape(items)) is not None:
            shown = as_shape(self.shape(lone, scope, current))
        inner = scope.but(shown=shown)
        first = len(self.builder.layers)
        names_itself = name is not None and not statement.body and all(_only_shape(item) for item in items.items)
        if name is not None and names_itself:
            current = self.items(label_layers(name, statement), inner, statement.line, current, [])
            current = self.items(items, inner, line, current, [])
        elif name is not None:
            frame = Frame(label=name)
            lent = lent_kind(name)
            inner = inner.but(frame=frame, lent=lent)
            body = statement.body
            current = self.items(items, inner, line, current, body) if items.items else self.body(body, inner, current)
            if items.items and body and not _takes_body(items):
                current = self.body(body, inner, current)
            self._second_use(statement, scope)
            self._end_line(frame, name, scope, first, current)
        else:
            current = self.items(items, inner, line, current, statement.body)
            if statement.body and not _takes_body(items):
                current = self.body(statement.body, scope, current)
        if current is not None:
            self._line_claims(statement, scope, first, current)
        return current

    def _second_use(self, statement: LayerLine, scope: Scope) -> None:
        """Warns of a name that another line of this body has; a word of the notation is a kind, and no name."""
        assert statement.name is not None and statement.name_at is not None
        earlier = scope.names.own.get(same_name(statement.name))
        if earlier is None or is_reserved(statement.name):
            return
        line = self.builder.layers[earlier.first][2].line
        message = f"'{statement.name}' already names what line {line} says"
        span = statement.line.span(statement.name_at)
        self.builder.warn(Diagnostic("A506", message, span, "warning", help="give each line a name of its own"))

    def _end_line(self, frame: Frame, name: str, scope: Scope, first: int, current: int | None) -> None:
        """Closes a named line's frame; one that adds nothing names what flows through, a side head its end."""
        if len(self.builder.layers) > first:
            if current is not None and current < first:
                self._close(frame, scope, first, None)
                return  # nothing goes on from a side head
            self._close(frame, scope, first, current)
        elif current is not None:
            frame.first, frame.stop, frame.output = current, current + 1, current
            scope.frame.members.append(frame)
        self.remember(scope, name, frame)


def _lone_shape(items: tree.Items) -> tree.Shown | None:
    """The one shape printed behind a line's layers, from which an fc without a width takes its own."""
    shapes = [
        e for item in items.items if isinstance(item, tree.Chain) for e in item.elements if isinstance(e, tree.Shown)
    ]
    return shapes[-1] if shapes else None


def _only_shape(item: tree.Item) -> bool:
    return isinstance(item, tree.Chain) and all(isinstance(e, (tree.Shown, tree.Remark)) for e in item.elements)


def _takes_body(items: tree.Items) -> bool:
    """Whether the last item has a colon, and so takes the lines below."""
    return bool(items.items) and not isinstance(items.items[-1], tree.Chain)
