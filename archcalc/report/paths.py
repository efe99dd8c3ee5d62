"""The paths of a network as text, JSON (docs/schema/paths-1.json) and Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import isqrt
from typing import TYPE_CHECKING, Any

from archcalc.record import Record
from archcalc.report.bars import bars
from archcalc.report.layout import Column, draw, fitted, fold, total
from archcalc.report.markdown import escaped, row
from archcalc.report.style import visible
from archcalc.report.text import ASCII, Paper, heading
from archcalc.version import __version__

if TYPE_CHECKING:
    from archcalc.analyses.paths import Ensemble
    from archcalc.graph import Graph

SCHEMA = 1
#: Shares of the paths whose lengths are told.
CENTRAL = (Fraction(95, 100), Fraction(98, 100))
#: A histogram has no more rows; of the lengths outside of this share of the paths one at either end.
_ROWS, _DRAWN = 31, Fraction(9999, 10_000)
_BAR = 40
#: Digits of a number that a person still reads.
_DIGITS = 24
#: Decimals of a share in per cent, at most.
_FINEST = 6


class Told(Record):
    """A network, its paths, what is left of them without ``dropped`` (or None), and the range asked for (or None)."""

    graph: Graph
    whole: Ensemble
    left: Ensemble | None = None
    between: tuple[int, int] | None = None


def text(told: Told, paper: Paper) -> str:
    """How many paths, how long, a histogram; a newline at the end."""
    graph = told.graph
    lines = [*heading(graph.name, graph.title, graph.file, paper), ""]
    for name, said in _facts(told):
        line = f"{visible(name):<{_widest(told)}}  {visible(said)}"
        lines.append(line if paper.width is None else fold(line, paper.width, "...", tail=True))
    lines += ["", *_histogram(told, paper)]
    made = "".join(f"{line}\n" for line in lines)
    return made.translate(ASCII) if paper.ascii_only else made


def _widest(told: Told) -> int:
    return max(len(visible(name)) for name, _ in _facts(told))


def _facts(told: Told) -> Iterator[tuple[str, str]]:
    whole = told.whole
    yield "modules", f"{len(whole.modules):,}: merges with a shortcut" if whole.modules else "none: no shortcuts"
    yield "choices", _merges(whole.choices) or "none: no branches are added"
    if whole.passed:
        yield "no choices", f"{_merges(whole.passed)}: of each the branch of the most paths, then the longest"
    yield from _about("", whole, told.between)
    if told.left is not None:
        left, names = told.left, ", ".join(told.left.dropped)
        kept = share(Fraction(left.total, whole.total)) if whole.total else ""
        yield f"without {names}", f"{kept} of the paths are left"
        yield from _about("  ", left, told.between)


def _about(indent: str, found: Ensemble, between: tuple[int, int] | None) -> Iterator[tuple[str, str]]:
    yield f"{indent}paths", number(found.total)
    if found.lengths is None:
        return
    shortest, longest = found.lengths
    mean, spread = _decimal(found.mean), _root(found.variance)
    lengths = (
        f"{shortest:,}"
        if shortest == longest
        else f"{shortest:,} to {longest:,}, mean {mean}, standard deviation {spread},"
    )
    yield f"{indent}length", f"{lengths} {found.unit}"
    ranges = [found.central(each) for each in CENTRAL] if shortest < longest else []
    for least, most in dict.fromkeys([*filter(None, ranges), *filter(None, [between])]):
        of = share(Fraction(found.between(least, most), found.total))
        yield f"{indent}  {of}", f"have {least:,} to {most:,}"


def _merges(kinds: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {kind}" for kind, count in kinds.items())


def _histogram(told: Told, paper: Paper) -> Iterator[str]:
    """Shares by length, with bars; beside them those of what is left."""
    bins = _bins([each for each in (told.whole, told.left) if each is not None and each.total])
    if not bins:
        return
    table = [Column("length", told.whole.unit, [_range(*each) for each in bins], right=True)]
    for found in filter(None, (told.whole, told.left)):
        title = "share" if found is told.whole else "without"
        counts = [found.between(*each) for each in bins]
        table.append(Column(f"{title} paths", "paths", [number(count, brief=True) for count in counts], right=True))
        table.append(Column(title, title, [share(Fraction(count, told.whole.total)) for count in counts], right=True))
    while paper.width is not None and len(table) > 2 and total(table) + 10 > paper.width:
        table.pop(-2)
    room = (paper.width or 100) - total(table) - 2
    drawn = bars([told.whole.between(*each) for each in bins], max(min(room, _BAR), 1), paper.ascii_only)
    table.append(Column("bar", "", drawn, style="macs"))
    fit = fitted(table, paper.width, "..." if paper.ascii_only else "…")
    yield from draw(fit, colour=paper.colour, rule="-" if paper.ascii_only else "─", summed=False)


def _bins(found: Sequence[Ensemble]) -> list[tuple[int, int]]:
    """Ranges of lengths, equally wide; what lies far out is one range at either end."""
    ends = [each.lengths for each in found if each.lengths]
    if not ends:
        return []
    ranges = [each for each in (one.central(_DRAWN) for one in found) if each]
    least, most = min(one for one, _ in ranges), max(other for _, other in ranges)
    width = -(-(most - least + 1) // _ROWS)
    made = [(first, min(first + width - 1, most)) for first in range(least, most + 1, width)]
    shortest, longest = min(one for one, _ in ends), max(other for _, other in ends)
    before = [(shortest, least - 1)] if shortest < least else []
    return [*before, *made, *([(most + 1, longest)] if most < longest else [])]


def _range(least: int, most: int) -> str:
    return f"{least:,}" if least == most else f"{least:,}–{most:,}"


def number(count: int, *, brief: bool = False) -> str:
    """``18,014,398,509,481,984 = 2^54``; what has more digits than a person reads as ``1.75 x 10^100``."""
    digits = str(count)
    text = _round(digits) if len(digits) > _DIGITS else f"{count:,}"
    power = "" if brief else _power(count)
    return f"{text} = {power}" if power else text


def _round(digits: str) -> str:
    """Three digits of a long number."""
    top, exponent = (int(digits[:4]) + 5) // 10, len(digits) - 1
    if top == 1000:
        top, exponent = 100, exponent + 1
    return f"{top // 100}.{top % 100:02d} x 10^{exponent}"


def _power(count: int) -> str:
    """The number as a power of something small, where it is one."""
    for base in range(2, 11):
        exponent, rest = 0, count
        while rest > 1 and rest % base == 0:
            rest //= base
            exponent += 1
        if rest == 1 and exponent > 1:
            return f"{base}^{exponent}"
    return ""


def share(part: Fraction) -> str:
    """``98.0 %``, ``0.004 %``, ``99.998 %``: as many digits as tell it from none and from all."""
    if part in (0, 1):
        return f"{part * 100} %"
    rare = min(part, 1 - part) * 100
    least = Fraction(1, 10**_FINEST)
    if rare < least:
        return f"< {float(least):f} %" if part < least else f"> {100 - float(least):f} %"
    digits = next(each for each in range(1, _FINEST + 1) if rare * 10**each >= (10 if each == 1 else 1))
    scaled = (part * 100 * 10**digits * 2 + 1) // 2  # half up
    return f"{scaled // 10**digits}.{scaled % 10**digits:0{digits}d} %"


def _decimal(value: Fraction | None) -> str:
    """A mean with two decimals, or as a whole number if it is one."""
    assert value is not None
    if value.denominator == 1:
        return f"{value.numerator:,}"
    scaled = (value * 200 + 1) // 2
    return f"{scaled // 100:,}.{scaled % 100:02d}"


def _root(variance: Fraction | None) -> str:
    assert variance is not None
    return _decimal(Fraction(isqrt(int(variance * 10**8)), 10**4))


def plain(told: Told) -> dict[str, Any]:
    """The network's object of the JSON document; numbers of paths are text: they outgrow what programs count with."""
    made = {"schema": SCHEMA, "archcalc": __version__, "network": told.graph.name, "file": told.graph.file}
    made |= {"unit": told.whole.unit} | _plain(told.whole, told.between)
    return made | {"dropped": None if told.left is None else _plain(told.left, told.between)}


def _plain(found: Ensemble, between: tuple[int, int] | None) -> dict[str, Any]:
    ranges = [(least, most) for each in CENTRAL for least, most in filter(None, [found.central(each)])]
    asked = [between] if between and found.total else []
    return {
        "without": list(found.dropped),
        "paths": str(found.total),
        "shortest": found.lengths[0] if found.lengths else None,
        "longest": found.lengths[1] if found.lengths else None,
        "mean": None if found.mean is None else float(found.mean),
        "variance": None if found.variance is None else float(found.variance),
        "counts": [{"length": length, "paths": str(count)} for length, count in enumerate(found.counts) if count],
        "ranges": [
            {"least": least, "most": most, "share": float(Fraction(found.between(least, most), found.total))}
            for least, most in dict.fromkeys([*ranges, *asked])
        ],
        "modules": [each.name for each in found.modules],
        "choices": dict(found.choices),
        "passed": dict(found.passed),
    }


def dumps(all_told: Sequence[Told], *, many: bool) -> str:
    """One object, or an array if ``many``; a newline at the end."""
    made = [plain(each) for each in all_told]
    return json.dumps(made if many else made[0], indent=1) + "\n"


def markdown(told: Told) -> str:
    """What there is to say, and a table of lengths."""
    lines = [f"### {escaped(visible(told.graph.name))}", ""]
    lines += [f"- {escaped(name.strip())}: {escaped(said)}" for name, said in _facts(told)]
    whole = told.whole
    bins = _bins([whole]) if whole.total else []
    if bins:
        lines += ["", row((whole.unit, "paths", "share")), row(("---:",) * 3)]
    for each in bins:
        count = whole.between(*each)
        lines.append(row((_range(*each), number(count, brief=True), share(Fraction(count, whole.total)))))
    return "".join(f"{line}\n" for line in lines)
