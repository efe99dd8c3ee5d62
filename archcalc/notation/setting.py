"""What lowering asks of a place: numbers, the shape that enters, the kind of text, warnings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archcalc.algebra import Dim, Expr
from archcalc.diagnostics import Diagnostic
from archcalc.layers import IMAGE, Rule, Shape
from archcalc.notation import tree
from archcalc.notation.arithmetic import evaluate
from archcalc.notation.scope import Scope
from archcalc.notation.text import Line
from archcalc.notation.tokens import Unreadable

if TYPE_CHECKING:
    from archcalc.notation.laying import Laying


class Here:
    """What lowering asks of a place: numbers, the shape that enters, warnings."""

    def __init__(self, laying: Laying, scope: Scope, line: Line, current: int) -> None:
        self.laying, self.scope, self.line, self.current = laying, scope, line, current
        self.shape: Shape = laying.builder.shapes[current]
        self.shown, self.in_table, self.in_cell = scope.shown, scope.in_table, scope.in_cell

    def number(self, node: tree.Arithmetic) -> Dim:
        return self.laying.number(node, self.scope, self.current)

    def fraction(self, node: tree.Arithmetic) -> float:
        value = evaluate(node, self.laying.names(self.scope, self.current))
        if isinstance(value, Expr):
            raise Unreadable("a plain number is wanted here, not an open symbol", node.at, code="A407")
        return float(value)

    def require(self, rule: Rule) -> bool | None:
        """Whether a rule holds; one that open symbols leave undecided is kept as a condition."""
        held = rule.holds()
        if held is None:
            self.laying.builder.conditions[rule] = None
        return held

    def warn(self, code: str, message: str, at: tree.At, help: str | None = None) -> None:
        self.laying.builder.warn(Diagnostic(code, message, self.line.span(at), "warning", help=help))

    def shape_of(self, name: str, at: tree.At) -> Shape:
        shape = self.laying.builder.shapes[self.laying.found(name, self.scope, at).output]
        if len(shape) != IMAGE:
            raise Unreadable(f"'{name}' is no image", at, code="A304")
        return shape
