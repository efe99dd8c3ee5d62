"""The language of ``--fail-on``: which changes of a figure are not allowed, as ``params > +1%``."""

from __future__ import annotations

import re
from fractions import Fraction

from archcalc.analyses.difference.condition import ANY, OUT, Condition
from archcalc.analyses.footprint import LARGEST
from archcalc.analyses.quantities import IN_BYTES, QUANTITIES, quantity_named
from archcalc.analyses.summary import Totals
from archcalc.claims import TIMED, Figure
from archcalc.diagnostics import nearest
from archcalc.graph import same_name
from archcalc.notation.figures import read_figure

#: The totals as a person spells them.
_TOTALS = {total.replace("_", " "): total for total in Totals.fields}
_WORDS = {"shape": OUT, "any": ANY}
_CONDITION = re.compile(r"\s*(?P<quantity>[^<>=!]+?)\s*(?:(?P<order><=|>=|!=|==?|<|>)\s*(?P<value>.*?)\s*)?", re.S)
_VALUE = re.compile(r"(?P<sign>[+\-−]?)\s*(?P<number>.*?)\s*(?P<relative>%|per ?cent)?", re.I | re.S)
_DECIMAL = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?|\.\d+", re.ASCII)
_EXAMPLES = "as in 'params > +1%', 'macs > +1M', 'shape' or 'any'"


#: Characters of a number that is read.
_LONGEST = 40


class UnknownCondition(ValueError):
    """A text is no condition: which part is not understood, and the nearest that would be."""


def condition(text: str) -> Condition:
    """A condition as a person writes it: ``QUANTITY OPERATOR SIGNED-VALUE``, or a quantity alone.

    Raises UnknownCondition.
    """
    match = _CONDITION.fullmatch(text)
    if match is None:
        raise UnknownCondition(f"'{text}' is no condition: a quantity, an operator and a change, {_EXAMPLES}")
    quantity, order = _quantity(match["quantity"]), match["order"]
    if order is None:
        return Condition(text=text.strip(), quantity=quantity)
    if quantity in (ANY, OUT):
        raise UnknownCondition(f"'{text}': '{match['quantity']}' stands alone, it is no number")
    value, relative, in_bytes = _value(text, match["value"], quantity)
    return Condition(
        text=text.strip(),
        quantity=_TOTALS.get(IN_BYTES.get(quantity, quantity), quantity) if in_bytes else quantity,
        order="=" if order == "==" else order,
        value=value,
        relative=relative,
        in_bytes=in_bytes,
    )


def _quantity(word: str) -> str:
    """A quantity as the totals or ``expect`` name it. Raises UnknownCondition."""
    name = " ".join(same_name(word).split("."))
    if name in _WORDS:
        return _WORDS[name]
    known = quantity_named(name)
    spelled = known or next((each for each in (name, f"{name} bytes") if each in _TOTALS), None)
    if spelled is None:
        every = (*_WORDS, *dict.fromkeys((*_TOTALS, *QUANTITIES)))
        hint = nearest(name, every) or f"known: {', '.join(every)}"
        raise UnknownCondition(f"unknown quantity '{word}'; {hint}")
    if spelled in (*LARGEST, *TIMED):
        raise UnknownCondition(
            f"'{word}' hangs on a device: 'training memory', 'inference memory' and 'flops' are the same of any"
        )
    return _TOTALS.get(spelled, spelled)


def _value(text: str, written: str, quantity: str) -> tuple[Fraction, bool, bool]:
    """A signed change, whether it is in per cent, and whether it is in bytes. Raises UnknownCondition."""
    match = _VALUE.fullmatch(written)
    assert match is not None, "every part may be empty"
    number, relative = match["number"], match["relative"] is not None
    figure = _figure(number, relative)
    if figure is None:
        raise UnknownCondition(f"'{text}': '{written}' is no change: a signed number or per cent, {_EXAMPLES}")
    in_bytes = figure.unit == "bytes"
    if in_bytes and not (quantity.endswith("bytes") or quantity in IN_BYTES or "memory" in quantity):
        raise UnknownCondition(f"'{text}': {quantity.replace('_', ' ')} is a count, {number} is in bytes")
    if figure.value and not match["sign"]:
        repair = f"'+{written}' or '-{written}'"
        raise UnknownCondition(f"'{text}': a change has a sign: {repair}; a limit of the figure itself is 'expect'")
    return (figure.value if match["sign"] in ("", "+") else -figure.value), relative, in_bytes


def _figure(number: str, relative: bool) -> Figure | None:
    """A number as specs print it, 1M or 24MiB; a plain decimal of per cent."""
    if len(number) > _LONGEST:
        return None
    if relative:
        return Figure(number, Fraction(number.replace(",", ""))) if _DECIMAL.fullmatch(number) else None
    figure = read_figure(number)
    return figure if figure and figure.text == number and "~" not in number else None
