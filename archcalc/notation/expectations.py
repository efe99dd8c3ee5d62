"""``expect`` and ``erratum`` lines to claims."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from archcalc.claims import TIMED, Claim, Figure, Operator
from archcalc.diagnostics import nearest
from archcalc.notation.arithmetic import evaluate
from archcalc.notation.figures import QUANTITIES, read_figure, read_time
from archcalc.notation.statements import IDENTIFIER
from archcalc.notation.syntax import parse_expression
from archcalc.notation.text import Line
from archcalc.notation.tokens import Unreadable
from archcalc.notation.tree import At

_ABOUT = (
    r"(?P<quantity>[\w -]+?)\s*(?:\((?P<under>[^()]*)\))?(?:\s+on\s+(?P<on>.+?))?"
    r"(?:\s+at\s+(?P<at>.+?))?(?:\s+of\s+(?P<of>.+?))?"
)
_VALUE = r"\s*(?P<value>.+?)(?:\s+with\s+(?P<with>.+))?"
_EXPECT = re.compile(
    rf"expect\s+{_ABOUT}(?:\s+fits\s+(?P<fits>.+)|\s*(?P<operator><=|>=|=|~|<|>){_VALUE})$", re.IGNORECASE
)
_ERRATUM = re.compile(rf'erratum\s+"(?P<text>[^"]*)"\s+{_ABOUT}\s*(?P<operator>=){_VALUE}$', re.IGNORECASE)
#: A line that ends where its figure is wanted, and a figure with what belongs before the sign.
_NO_VALUE = re.compile(r"(?P<about>.*?)\s*(?P<operator><=|>=|=|~|<|>)$")
_BEHIND = re.compile(r"(?P<figure>[\d.,]+\s*\w*)\s+(?P<part>(?P<word>of|at|on)\s+\S.*)$", re.IGNORECASE)
_SIC = re.compile(r"\(\s*sic\s*:\s*([^()]*)\)\s*$", re.IGNORECASE)
_PARENTHESES = re.compile(r"\((?!\s*sic\b)([^()]*)\)", re.IGNORECASE)
_SHAPE = re.compile(r"\d+(?:\s*x\s*\d+)+$", re.IGNORECASE)
#: What stands before a number that is no figure: Table 4, section 3.1, et al. 2017.
_REFERENCE = re.compile(
    r"(?:\b(?:table|figure|fig|section|sec|eq|equation|appendix|page|chapter)s?\.?\s*|[\w]-|\bal\.?,?\s*|[(,]\s*(?=(?:19|20)\d\d\b))$",
    re.IGNORECASE,
)
#: What may follow a figure's number.
_UNITS = ("", "bytes", "params", "layers", "/ image", "images")
_A_SECOND = re.compile(r"\s*(?:images?)?\s*(?:(?:/|per)\s*s(?:econd)?)?$", re.IGNORECASE)
#: A number of bytes whose B would else be billions.
_TIGHT_BYTES = re.compile(r"\s*([\d,]+)B\s*$")
#: What a text may well ask for in other words.
_OTHER_WORDS = {
    "time": "latency (cpu) <= 20 ms, or (on RTX 4090)",
    "speed": "throughput (cpu) >= 50 images/s, or latency",
    "energy": "archcalc does not know what a run needs: latency (cpu) is how long it takes",
}


def read_claim(line: Line) -> Claim:
    """The claim that an ``expect`` or ``erratum`` line makes. Raises Unreadable."""
    text = line.text
    erratum = text.lower().startswith("erratum")
    ends = _NO_VALUE.match(text)
    if ends is not None:
        raise Unreadable(f"a figure is wanted behind '{ends['operator']}'", ends.span("operator"), f"{text} 5M", "A107")
    match = (_ERRATUM if erratum else _EXPECT).match(text)
    if match is None:
        if erratum:
            raise Unreadable('an erratum line is: erratum "what a source prints" params = 25,557,032', (0, len(text)))
        raise Unreadable(
            "an expect line is: expect params [(CONDITIONS)] [at LAYER] [of NETWORK] = 25,557,032", (0, len(text))
        )
    quantity = _quantity(match)
    _misplaced(match)
    said, spots = _conditions(match)
    settings = dict(_settings(match["with"], match.start("with"))) if match["with"] else {}
    operator, expected, sic, at = _bound(match, quantity)
    printed = _quoted(match) if erratum else None
    return Claim(
        quantity,
        operator,
        expected,
        line.span(at),
        place=match["at"],
        network=match["of"],
        settings=settings,
        sic=sic,
        erratum=match["text"] if erratum else None,
        printed=printed,
        stated=True,
        under=said,
        spots={name: line.span(spot) for name, spot in spots.items()},
    )


def _quantity(match: re.Match[str]) -> str:
    quantity = " ".join(match["quantity"].lower().replace("_", " ").replace("-", " ").split())
    known = quantity if quantity in TIMED else QUANTITIES.get(quantity)
    if known is not None:
        return known
    help = _OTHER_WORDS.get(quantity) or nearest(quantity, (*QUANTITIES, *TIMED))
    raise Unreadable(f"unknown quantity '{match['quantity']}'", match.span("quantity"), help, "A105")


def _misplaced(match: re.Match[str]) -> None:
    """Raises Unreadable at a part behind the figure, and at conditions that stand elsewhere than behind the quantity;
    remarks are none.
    """
    behind = _BEHIND.match(match.groupdict().get("value") or "")
    if behind:
        at = (match.start("value") + behind.start("part"), match.start("value") + behind.end("part"))
        about = match.string[: match.start("operator")].strip()
        repair = f"{about} {behind['part']} {match['operator']} {behind['figure']}"
        raise Unreadable(f"'{behind['word']}' stands before the sign", at, repair, "A107")
    for part in ("at", "of", "value"):
        found = _PARENTHESES.search(match.groupdict().get(part) or "")
        if found and _are_conditions(found[1]):
            at = (match.start(part) + found.start(), match.start(part) + found.end())
            help = f"{match['quantity']} {found[0]}" if match["under"] is None else None
            raise Unreadable("conditions stand right behind the quantity", at, help, "A107")


def _are_conditions(text: str) -> bool:
    from archcalc.notation.conditions import read_conditions

    try:
        read_conditions(text, 0)
    except Unreadable:
        return False
    return True


def _conditions(match: re.Match[str]) -> tuple[dict[str, int | str | bool], dict[str, At]]:
    """What the quantity is asked under, and where it and the line's other parts stand."""
    spots = {"quantity": match.span("quantity")}
    spots |= {name: match.span(part) for name, part in (("place", "at"), ("network", "of")) if match[part]}
    said: dict[str, int | str | bool] = {}
    where = [(name, match[name], match.start(name)) for name in ("under", "on", "fits") if match.groupdict().get(name)]
    if match["under"] is not None and not match["under"].strip():
        raise Unreadable("conditions are wanted between the parentheses", match.span("under"), "(batch 32, adam)")
    if not where:
        return said, spots
    from archcalc.notation.conditions import device, read_conditions

    for name, text, start in where:
        at = (start, start + len(text))
        more, places = read_conditions(text, start) if name == "under" else (device(text, at), {})
        twice = [key for key in more if said.get(key, more[key]) != more[key]]
        if twice:
            before = match.string[slice(*spots[twice[0]])]
            raise Unreadable(f"'{text}' contradicts '{before}' before it", at, "one is wanted", "A107")
        said |= more
        spots |= places or dict.fromkeys(more, at)
    return said, spots


def _bound(
    match: re.Match[str], quantity: str
) -> tuple[Operator, Figure | tuple[int, ...], Figure | tuple[int, ...] | None, At]:
    """What is compared with, how, the true figure beside a wrong one, and where it stands."""
    fits = match.groupdict().get("fits")
    if fits:
        return "<=", _memory_of(fits, match.span("fits")), None, match.span("fits")
    value, offset = match["value"], match.start("value")
    sic_match = _SIC.search(value)
    if quantity in TIMED and (sic_match or match["operator"] in ("=", "~")):
        raise Unreadable(
            f"{quantity} is an estimate: it is held to a limit", match.span("operator"), "<=, <, >= or >", "A107"
        )
    sic = None
    if sic_match:
        sic = _value(sic_match[1], (offset + sic_match.start(1), offset + sic_match.end(1)), quantity)
        value = value[: sic_match.start()].rstrip()
    at = (offset, offset + len(value))
    expected = _value(value, at, quantity)
    operator: Operator = match["operator"]  # type: ignore[assignment]  # the pattern has no other
    if operator == "~" and isinstance(expected, Figure):
        expected = Figure(expected.text, expected.value, abs(expected.value) / 20, expected.unit)
    return operator, expected, sic, at


def _memory_of(text: str, at: At) -> Figure:
    """The memory of a device as the figure that something fits."""
    from archcalc.devices import device_named

    try:
        device = device_named(text)
    except ValueError:
        raise Unreadable(f"'{text}' has no memory of its own", at, "fits RTX 4090, or <= 24GB", "A107") from None
    if device.memory_bytes is None:
        raise Unreadable(f"the memory of {device.name} is not known", at, "give a size: <= 24GB", "A107")
    size = Fraction(device.memory_bytes)
    return Figure(f"{text}'s {float(size / 10**9):g} GB", size, unit="bytes")


def _value(text: str, at: At, quantity: str) -> Figure | tuple[int, ...]:
    if _SHAPE.match(text.strip()):
        return tuple(int(piece) for piece in re.split(r"\s*[xX]\s*", text.strip()))
    if quantity == "latency":
        return _time(text, at)
    if quantity == "throughput":
        text = _A_SECOND.sub("", text)
    tight = _TIGHT_BYTES.match(text) if quantity.endswith(("bytes", " memory")) else None
    if tight:
        text = f"{tight[1]} B"
    figure = read_figure(text)
    if figure is None or text.strip()[len(figure.text) :].strip().lower() not in _UNITS:
        raise Unreadable(f"'{text}' is no figure", at, "a number as printed: 25,557,032 or 25.6M", "A107")
    return figure


def _time(text: str, at: At) -> Figure:
    figure = read_time(text)
    if figure is None:
        raise Unreadable(f"'{text}' is no time", at, "a number and its unit: 20 ms, 1.5 s, 300 us or 90 ns", "A107")
    return figure


def _settings(text: str, offset: int) -> Iterator[tuple[str, Fraction]]:
    """``k = 2, depth = 40``."""
    position = offset
    for part in text.split(","):
        match = re.fullmatch(rf"\s*({IDENTIFIER})\s*=\s*(.+?)\s*", part)
        at = (position, position + len(part))
        if match is None:
            raise Unreadable("'with' is followed by parameters and their values", at, "with k = 2, depth = 40", "A107")
        value = evaluate(parse_expression(match[2], position + match.start(2)), {})
        if isinstance(value, bool) or not isinstance(value, (int, Fraction)):
            raise Unreadable("a number is wanted here", at, code="A107")
        yield match[1], Fraction(value)
        position += len(part) + 1


def _quoted(match: re.Match[str]) -> Figure:
    figure = quoted_figure(match["text"])
    if figure is None:
        help = 'erratum "Table 4 prints 154M" params = ...'
        raise Unreadable("no figure in what the erratum quotes", match.span("text"), help, "A107")
    return figure


def quoted_figure(text: str) -> Figure | None:
    """The figure that a quoted sentence prints: its last number that is no reference, year or part of a name."""
    found: list[Figure] = []
    end = 0
    for match in re.finditer(r"(?<![\w.])\d[\d.,]*", text):
        if match.start() < end:
            continue  # 138 of 25 557 138
        if _REFERENCE.search(text[: match.start()]) or re.fullmatch(r"(?:19|20)\d\d[,.:]?", match[0]):
            continue
        figure = read_figure(text[match.start() :])
        if figure is not None:
            found.append(figure)
            end = match.start() + len(figure.text)
    return found[-1] if found else None
