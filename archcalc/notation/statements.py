"""Lines to statements: what each line is, its name, shape and figures taken off, its layers parsed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from archcalc.diagnostics import Diagnostic, nearest
from archcalc.notation import tree
from archcalc.notation.figures import Printed, read_printed, split_figures
from archcalc.notation.lexer import MERGES, Unreadable
from archcalc.notation.phrases import read_groups
from archcalc.notation.syntax import parse_expression, parse_items
from archcalc.notation.text import Line
from archcalc.notation.vocabulary import is_reserved, is_vocabulary, kind_words, spelled

IDENTIFIER = r"[A-Za-z_][A-Za-z0-9_]*"
_NAME = re.compile(r"(?P<name>[A-Za-z0-9_][A-Za-z0-9_.\-/ ]*?)\s*:(?![=:])")
_SHAPE = re.compile(r"\[\s*(?P<dims>[\w²]+(?:\s*[xX]\s*[\w²]+|\s*[xX]\s*\([^()]*\))*)\s*\]\s*(?P<sic>\(\s*sic\s*:\s*(?P<true>[^()]*)\))?\s*")
_INPUT = re.compile(r"(?:input|inputs)\b(?!\s*[=(]\s*$)", re.IGNORECASE)
_DIMS = re.compile(r"(?:\d+²|\w+)(?:\s*[xX]\s*(?:\d+²|\w+|\([^()]*\)))+|\(\s*\w+\s*,[^()]*\)|(?<![\w.])\d+(?![\w.])")


@dataclass(eq=False, slots=True)
class LayerLine:
    """A line of layers. ``shown`` is the shape before them; ``merge_bar`` that the line is a branch."""

    line: Line
    name: str | None = None
    name_at: tree.At | None = None
    shown: tree.Shown | None = None
    shown_sic: tuple[str, tree.At] | None = None
    items: tree.Items = tree.Items((), (0, 0))
    figures: tuple[Printed, ...] = ()
    body: list[Statement] = field(default_factory=list)
    branch: bool = False
    copies: tree.Arithmetic | None = None


@dataclass(eq=False, slots=True)
class InputLine:
    line: Line
    name: str | None
    dims: tuple[tree.Arithmetic, ...]
    figures: tuple[Printed, ...] = ()


@dataclass(eq=False, slots=True)
class ParamLine:
    line: Line
    name: str
    value: tree.Arithmetic


@dataclass(eq=False, slots=True)
class MeansLine:
    """``conv means conv, pad half; bn; relu``; ``heading`` holds a table's columns (``inception means inception(#1x1)``)."""

    line: Line
    subject: str
    hidden: bool
    items: tree.Items | None
    cell: str | None = None
    block: str | None = None
    headings: tuple[str, ...] = ()


@dataclass(eq=False, slots=True)
class BlockLine:
    line: Line
    name: str
    parameters: tuple[tuple[str | None, tree.Arithmetic | None], ...]
    body: list[Statement]


@dataclass(eq=False, slots=True)
class NetworkLine:
    line: Line
    name: str
    title: str


@dataclass(eq=False, slots=True)
class UseLine:
    line: Line
    path: str
    path_at: tree.At


@dataclass(eq=False, slots=True)
class ClaimLine:
    """``expect``, ``erratum`` and ``TOTAL``, read later by ``expectations``."""

    line: Line
    printed: Printed | None = None


@dataclass(eq=False, slots=True)
class FitStrict:
    line: Line


@dataclass(eq=False, slots=True)
class TableLines:
    """A table's rows, as they stand."""

    line: Line
    rows: list[Line]
    wide: bool


Statement = LayerLine | InputLine | ParamLine | MeansLine | BlockLine | NetworkLine | UseLine | ClaimLine | FitStrict | TableLines


@dataclass(eq=False)
class Reading:
    """What reading a text needs to know and gathers: its parameters, what K is, the faults so far."""

    known: frozenset[str]
    kilo: int = 1000
    faults: list[Diagnostic] = field(default_factory=list)

    def fault(self, line: Line, error: Unreadable) -> None:
        self.faults.append(Diagnostic(error.code, str(error), line.span(error.at), help=error.help))

    def statements(self, lines: list[Line], in_merge: bool = False) -> list[Statement]:
        """The statements of a body; a line that cannot be read is a fault and left out."""
        from archcalc.notation.tables import rows_from

        found: list[Statement] = []
        index = 0
        while index < len(lines):
            rows, index_after = ([], index) if in_merge else rows_from(lines, index)
            try:
                if rows:
                    found.append(TableLines(lines[index], rows, wide=False))
                    index = index_after
                    continue
                made = self.statement(lines[index])
                if made is not None:
                    found.append(made)
            except Unreadable as error:
                self.fault(lines[index], error)
                self.statements(lines[index].body, in_merge=True)
            index += 1
        return found

    def statement(self, line: Line) -> Statement | None:
        """One line as a statement, its body read too. Raises Unreadable."""
        word = re.match(r"[A-Za-z]+(?![\w])", line.text)
        reader = _KEYWORDS.get(word[0].lower()) if word else None
        if reader is not None:
            made = reader(self, line)
            if made is not None:
                return made
        if re.match(r"(?:hidden\s+)?[\w#\[\]. \-]+?\s+means\s", line.text):
            return _means(self, line)
        if re.fullmatch(r"[kK]\s*=\s*(1024|1000)", line.text):
            self.kilo = int(line.text[-4:])
            return None
        return self.layers(line)

    def layers(self, line: Line) -> Statement:
        """A line of layers, or of the input."""
        text = line.text
        made = LayerLine(line)
        position = 0
        if text.startswith("|"):
            made.branch = True
            position = len(text) - len(text[1:].lstrip())
            copies = re.match(r"([^|:;\[\]]*?)\s+(?:branches|copies)\s*:", text[position:])
            if copies:
                made.copies = parse_expression(copies[1], position)
                position += copies.end()
                position += len(text[position:]) - len(text[position:].lstrip())
        shape = _SHAPE.match(text, position)
        if shape and not text[shape.start():].startswith("[[") and _all_sizes(shape["dims"], self.known):
            made.shown = _shown(shape, text)
            if shape["true"]:
                made.shown_sic = (shape["true"], shape.span("true"))
            position = shape.end()
        name = _NAME.match(text, position)
        ends, labels = split_figures(text)
        if name and (not labels or name.start() < labels[0][0].start()) and _is_name(name["name"]):
            made.name, made.name_at = name["name"].strip(), name.span("name")
            position = name.end()
        made.figures = tuple(read_printed(text, label, end, self.kilo) for label, end in labels)
        rest = text[position:ends] if position < ends else ""
        if made.name is None and not rest.strip() and made.figures and all(f.total for f in made.figures):
            return ClaimLine(line, made.figures[0])
        subject = made.name or ""
        if not made.branch and (_INPUT.match(rest.lstrip()) or _INPUT.fullmatch(subject)):
            return self.input(made, rest, position)
        made.items = parse_items(" " * position + rest, self.known)
        _check_phrases(made.items, text)
        made.body = self.statements(line.body, in_merge=_ends_in_merge(made))
        return made

    def input(self, made: LayerLine, rest: str, position: int) -> InputLine:
        """``input 224x224x3``, ``input left: 64x64x3``, ``INPUT (224 × 224 RGB image)``, ``[227x227x3] INPUT``."""
        name = made.name if made.name and not _INPUT.fullmatch(made.name) else None
        word = _INPUT.match(rest.lstrip())
        start = position + len(rest) - len(rest.lstrip()) + (word.end() if word else 0)
        text = made.line.text
        label = re.compile(rf"\s*({IDENTIFIER})\s*:").match(text, start)
        if label and word:
            name, start = label[1], label.end()
        ends = position + len(rest)
        if made.shown is not None:
            dims = made.shown.dims
        else:
            found = _DIMS.search(text, start, ends)
            if found is None:
                raise Unreadable("the input does not say its size", (position, ends), "input 224x224x3")
            dims = _dims(found[0], found.start())
        colours = re.search(r"\b(rgb|colou?r|gr[ae]y(?:scale)?)\b", text[start:ends], re.I)
        if len(dims) == 2 and colours:
            channels = 1 if colours[1].lower().startswith("gr") else 3
            dims = (*dims, tree.Number(channels, (start + colours.start(), start + colours.end())))
        if made.line.body:
            self.statements(made.line.body)
        return InputLine(made.line, name, dims, made.figures)


def _dims(text: str, offset: int) -> tuple[tree.Arithmetic, ...]:
    dims: list[tree.Arithmetic] = []
    for match in re.finditer(r"\([^()]*\)(?=\s*[xX])|(?<=x)\([^()]*\)|\d+²?|[A-Za-wyzA-WYZ_]\w*", text.replace("X", "x")):
        at = (offset + match.start(), offset + match.end())
        piece = match[0]
        if piece.rstrip("²").isdigit():
            dims += [tree.Number(int(piece.rstrip("²")), at)] * (2 if piece.endswith("²") else 1)
        elif piece.startswith("("):
            dims.append(parse_expression(piece, at[0]))
        else:
            for part in re.finditer(r"[^x]+", piece):
                where = (at[0] + part.start(), at[0] + part.end())
                dims.append(tree.Number(int(part[0]), where) if part[0].isdigit() else tree.Name(part[0], where))
    return tuple(dims)


def _shown(match: re.Match[str], text: str) -> tree.Shown:
    end = text.index("]", match.start()) + 1
    return tree.Shown(_dims(match["dims"], match.start("dims")), (match.start(), end))


def _all_sizes(dims: str, known: frozenset[str]) -> bool:
    """Whether brackets hold sizes alone (a name alone, or a word of the notation, is a cell)."""
    pieces = [piece for piece in re.split(r"\s*[xX]\s*", dims.strip())]
    return all(p.rstrip("²").isdigit() or p in known or p.startswith("(") or (len(pieces) > 1 and not is_vocabulary(p)) for p in pieces)


def _is_name(text: str) -> bool:
    """Whether a word before a colon is a name and not a merge, a statement or a sentence."""
    words = text.strip().lower().split()
    if not words or words[0] in ("when", "repeat", "otherwise", "aux", "from", "flat", "no") or words[-1] in ("stride", "pad", "padding"):
        return False
    return " ".join(words) not in MERGES and words[:2] != ["affine", "warp"] and len(words) <= 5


def _ends_in_merge(made: LayerLine) -> bool:
    """Whether the lines below are branches: the last item opens a merge (bars in its body are no table)."""
    return True


def _check_phrases(items: tree.Items, text: str) -> None:
    """Reads every phrase once, so that a misspelt one is a fault where it stands, called or not."""
    for item in items.items:
        if isinstance(item, tree.Chain):
            groups: list[tree.Group] = []
            for element in item.elements:
                if isinstance(element, tree.Group):
                    groups.append(element)
                elif isinstance(element, (tree.Items, tree.Cell)):
                    _check_phrases(tree.Items(element.items, element.at), text)
            if groups and not any(isinstance(e, tree.Call) for e in item.elements):
                read_groups(tuple(groups), text)
        elif isinstance(item, tree.Merge):
            for branch in item.branches:
                if branch.items is not None:
                    _check_phrases(branch.items, text)
        elif item.body is not None:
            _check_phrases(item.body, text)


# -- statements that begin with a word ------------------------------------------------------------------------------------


def _network(reading: Reading, line: Line) -> Statement | None:
    match = re.fullmatch(r'network\s+(?P<name>[^"\s][^"]*?)\s*:?\s*(?:"(?P<title>[^"]*)")?', line.text, re.I)
    if match is None:
        raise Unreadable("a network line is: network NAME \"where it is from\"", (0, len(line.text)))
    return NetworkLine(line, match["name"].strip(), match["title"] or "")


def _param(reading: Reading, line: Line) -> Statement | None:
    match = re.fullmatch(rf"param\s+({IDENTIFIER})\s*=\s*(.+)", line.text)
    if match is None:
        raise Unreadable("a parameter line is: param width = 64", (0, len(line.text)))
    if is_reserved(match[1]):
        raise Unreadable(f"'{match[1]}' is a word of the notation: it names no parameter", match.span(1), code="A405")
    if match[1] == "x":
        raise Unreadable("'x' names nothing: it stands between sizes", match.span(1), code="A405")
    return ParamLine(line, match[1], parse_expression(match[2], match.start(2)))


def _use(reading: Reading, line: Line) -> Statement | None:
    match = re.fullmatch(r'use\s+"([^"]+)"', line.text)
    if match is None:
        raise Unreadable('a use line is: use "common.arch"', (0, len(line.text)))
    return UseLine(line, match[1], match.span(1))


def _claim(reading: Reading, line: Line) -> Statement | None:
    return ClaimLine(line)


def _fit(reading: Reading, line: Line) -> Statement | None:
    return FitStrict(line) if re.fullmatch(r"fit\s+strict", line.text, re.I) else None


def _block(reading: Reading, line: Line) -> Statement | None:
    match = re.match(r"block\s+([\w\-/.]+)\s*(?:\((.*?)\))?\s*:\s*", line.text)
    if match is None:
        raise Unreadable("a block line is: block name(c, s=1):", (0, len(line.text)))
    if spelled(kind_words(match[1])[:1]) or spelled(kind_words(match[1])):
        raise Unreadable(f"'{match[1]}' is a word of the notation: it names no block", match.span(1), code="A405")
    parameters = tuple(_parameters(match[2] or "", match.start(2)))
    body = reading.statements(line.body)
    rest = line.text[match.end() :]
    if rest.strip():
        inline = line.part(match.end(), len(line.text))
        body.insert(0, reading.layers(inline))
    if not body and not reading.faults:
        raise Unreadable(f"block {match[1]} is empty", match.span(1), "its layers stand on indented lines below")
    return BlockLine(line, match[1], parameters, body)


def _parameters(text: str, offset: int) -> Iterator[tuple[str | None, tree.Arithmetic | None]]:
    """A block's parameters: names with or without a default, or a number that must be given."""
    position = offset
    for part in text.split(",") if text.strip() else []:
        match = re.fullmatch(rf"\s*({IDENTIFIER})\s*(?:=\s*(.+?)\s*)?", part)
        at = (position, position + len(part))
        if match:
            if is_reserved(match[1]) or match[1] == "x":
                raise Unreadable(f"'{match[1]}' is a word of the notation: it names no parameter", at, code="A405")
            default = parse_expression(match[2], position + match.start(2)) if match[2] else None
            yield match[1], default
        elif re.fullmatch(r"\s*-?\d+\s*", part):
            yield None, tree.Number(int(part), at)
        else:
            raise Unreadable("a block's parameter is a name, name=default, or a number", at)
        position += len(part) + 1


def _means(reading: Reading, line: Line) -> Statement:
    match = re.match(r"(?P<hidden>hidden\s+)?(?P<subject>[\w#\[\]. \-]+?)\s+means\s+(?P<rest>.+)", line.text)
    assert match is not None
    subject = match["subject"].strip().lower()
    hidden, rest, start = bool(match["hidden"]), match["rest"], match.start("rest")
    if subject.startswith("["):
        return MeansLine(line, "[]", False, None, cell=rest.strip().lower())
    call = re.fullmatch(r"([\w\-/.]+)\s*\(([^()]*)\)", rest)
    if call and not is_vocabulary(call[1]):
        headings = tuple(part.strip() for part in call[2].split(","))
        return MeansLine(line, subject, False, None, block=call[1], headings=headings)
    items = parse_items(" " * start + rest, reading.known)
    _check_phrases(items, line.text)
    return MeansLine(line, subject, hidden, items)


def _table(reading: Reading, line: Line) -> Statement | None:
    if not re.fullmatch(r"table\s*:", line.text, re.I):
        return None
    if not line.body:
        raise Unreadable("this table has no rows", (0, len(line.text)), "its rows stand on indented lines below", "A110")
    rows: list[Line] = []

    def gather(lines: list[Line]) -> None:
        for row in lines:
            rows.append(row)
            gather(row.body)

    gather(line.body)
    return TableLines(line, rows, wide=True)


_KEYWORDS: dict[str, Callable[[Reading, Line], Statement | None]] = {
    "network": _network, "param": _param, "use": _use, "expect": _claim, "erratum": _claim, "fit": _fit, "block": _block, "table": _table,
}  # fmt: skip


def unknown_word(word: str, at: tree.At, known: list[str]) -> Unreadable:
    """The fault of a word that nothing knows."""
    return Unreadable(f"unknown word '{word}'", at, nearest(word, known), "A105")
