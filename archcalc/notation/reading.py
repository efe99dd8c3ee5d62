"""Lines to statements: what each line is, its name, shape and figures taken off, its layers parsed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from archcalc.diagnostics import Diagnostic
from archcalc.notation import tree
from archcalc.notation.headed import KEYWORDS, means_line
from archcalc.notation.labelled import Printed, read_printed, split_figures
from archcalc.notation.phrases import read_groups
from archcalc.notation.sizes import MORE_SIDES, SIZE, all_sizes, dims_of, is_size, shown_in
from archcalc.notation.statements import (
    IDENTIFIER,
    BlockLine,
    ClaimLine,
    FaultyLine,
    InputLine,
    LayerLine,
    NetworkLine,
    Statement,
    TableLines,
)  # fmt: skip
from archcalc.notation.syntax import parse_expression, parse_items
from archcalc.notation.tables import rows_from
from archcalc.notation.text import Line
from archcalc.notation.titles import ask
from archcalc.notation.tokens import Unreadable
from archcalc.notation.vocabulary import MERGES

_NAME = re.compile(r"(?P<name>[A-Za-z0-9_][A-Za-z0-9_.\-/ ]*+):(?![=:])")
_SHAPE = re.compile(rf"\[\s*(?P<dims>{SIZE})\s*\]\s*(?P<sic>\(\s*sic\s*:\s*(?P<true>[^()]*)\))?\s*")
_INPUT_LAST = re.compile(rf"\s*(?P<size>{SIZE})\s+(?:input|image)\s*", re.IGNORECASE)
_INPUT = re.compile(r"(?:input|inputs)\b(?!\s*[=(]\s*$)", re.IGNORECASE)
#: what is said of an input besides its size, and what parts layers from it
_OF_IMAGES = re.compile(
    r"(?:[\s(),;\]]|[-=]>(?!\s*[\d(])|\b(?:rgb|colou?r|gr[ae]y(?:scale)?|images?|input|layer|pixels?|px|tensor|data"
    r"|channels?|maps?)\b)*",
    re.IGNORECASE,
)
_DIMS = re.compile(rf"\(\s*\w+\s*,[^()]*\)|[\w²]++{MORE_SIDES}")


@dataclass(eq=False)
class Reading:
    """What reading a text needs to know and gathers: its parameters, what K is, the faults so far.

    ``opening`` is its first line, which may be meant as a title.
    """

    known: frozenset[str]
    kilo: int = 1000
    faults: list[Diagnostic] = field(default_factory=list)
    opening: Line | None = None

    def fault(self, line: Line, error: Unreadable) -> None:
        self.faults.append(Diagnostic(error.code, str(error), (error.line or line).span(error.at), help=error.help))

    def statements(self, lines: list[Line], in_merge: bool = False) -> list[Statement]:
        """The statements of a body; a line that cannot be read is a fault and left out."""
        found: list[Statement] = []
        index = 0
        while index < len(lines):
            rows, index_after = ([], index) if in_merge else rows_from(lines, index)
            try:
                if lines[index] is self.opening:
                    ask(lines[index], self.known)
                if rows:
                    found.append(TableLines(lines[index], rows, wide=False))
                    index = index_after
                    continue
                made = self.statement(lines[index])
                if made is not None:
                    found.append(made)
                if isinstance(made, InputLine) and made.behind is not None:
                    found.append(self.layers(made.behind))
                if isinstance(made, NetworkLine):
                    found += self.statements(lines[index].body)
                elif not isinstance(made, (LayerLine, BlockLine, TableLines)):
                    self._no_body(lines[index])
            except Unreadable as error:
                self.fault(lines[index], error)
                self.statements(lines[index].body, in_merge=True)
                found.append(self._faulty(lines[index]))
            index += 1
        return found

    def _no_body(self, line: Line) -> None:
        """Tells of lines that stand deeper than a line which takes none."""
        if line.body:
            message = "this line stands deeper than the one above, which takes no lines of its own"
            self.faults.append(Diagnostic("A406", message, line.body[0].span(), help="begin it in the same column"))
            self.statements(line.body)

    def _faulty(self, line: Line) -> FaultyLine:
        """What can still be known of a line at fault."""
        headed = re.match(rf"({'|'.join(KEYWORDS)})\b\s*({IDENTIFIER})?", line.text, re.IGNORECASE)
        if (headed and headed[1].lower() != "table") or re.search(r"\smeans\s", line.text):
            return FaultyLine(line, headed[2] if headed else None, flows=False)
        try:
            head, _ = self._head(line)
        except Unreadable:
            return FaultyLine(line)
        return FaultyLine(line, head.name, head.shown)

    def statement(self, line: Line) -> Statement | None:
        """One line as a statement, its body read too. Raises Unreadable."""
        word = re.match(r"[A-Za-z]+(?![\w])", line.text)
        reader = KEYWORDS.get(word[0].lower()) if word else None
        if reader is not None:
            made = reader(self, line)
            if made is not None:
                return made
        if re.match(r"(?:hidden\s+)?[\w#\[\]. \-]+?\s+means\s", line.text):
            return means_line(self, line)
        if re.fullmatch(r"[kK]\s*=\s*(1024|1000)", line.text):
            self.kilo = int(line.text[-4:])
            return None
        return self.layers(line)

    def _head(self, line: Line) -> tuple[LayerLine, int]:
        """A line's bar, shape and name, and where its layers begin. Raises Unreadable."""
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
        if shape and not text[shape.start() :].startswith("[[") and all_sizes(shape["dims"], self.known):
            made.shown = shown_in(shape, text)
            if shape["true"]:
                made.shown_sic = (shape["true"], shape.span("true"))
            position = shape.end()
        name = _NAME.match(text, position)
        _, labels = split_figures(text)
        if name and (not labels or name.end() <= labels[0][0].start()) and _is_name(name["name"]):
            made.name = name["name"].strip()
            made.name_at = (name.start(), name.start() + len(made.name))
            position = name.end()
        return made, position

    def layers(self, line: Line) -> Statement:
        """A line of layers, or of the input."""
        text = line.text
        made, position = self._head(line)
        ends, labels = split_figures(text)
        made.figures = self._figures(line, labels)
        rest = text[position:ends] if position < ends else ""
        if made.name is None and not rest.strip() and labels and labels[0][0]["total"]:
            return ClaimLine(line, made.figures)
        last = _INPUT_LAST.fullmatch(rest)
        named = _INPUT.fullmatch(made.name or "") or (last and is_size(last["size"]))
        if not made.branch and (named or _INPUT.match(rest.lstrip())):
            return self.input(made, rest, position)
        made.layers = line.part(position, max(ends, position))
        try:
            made.items = parse_items(made.layers.text, self.known)
            self.check_phrases(made.items, made.layers.text)
        except Unreadable as error:
            error.line = made.layers
            raise
        made.body = self.statements(line.body, in_merge=True)
        return made

    def _figures(self, line: Line, labels: list[tuple[re.Match[str], int]]) -> tuple[Printed, ...]:
        """What a line prints behind its layers; a figure that cannot be read is a fault, and the layers are read on."""
        found: list[Printed] = []
        for label, end in labels:
            try:
                found += read_printed(line.text, label, end, self.kilo)
            except Unreadable as error:
                self.fault(line, error)
        return tuple(found)

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
        after = start
        if made.shown is not None:
            dims = made.shown.dims
        else:
            sizes = (found for found in _DIMS.finditer(text, start, ends) if found[0][0] == "(" or is_size(found[0]))
            found = next(sizes, None)
            if found is None:
                raise Unreadable("the input does not say its size", (position, ends), "input 224x224x3", "A108")
            dims, after = dims_of(found[0], found.start()), found.end()
        colours = re.search(r"\b(rgb|colou?r|gr[ae]y(?:scale)?)\b", text[start:ends], re.I)
        if len(dims) == 2 and colours:
            channels = 1 if colours[1].lower().startswith("gr") else 3
            dims = (*dims, tree.Number(channels, (start + colours.start(), start + colours.end())))
        said = _OF_IMAGES.match(text, after, ends)
        after = max(said.end() if said else after, start)
        if after == ends:
            return InputLine(made.line, name, dims, made.figures)
        # what else stands behind the size are layers, and figures are theirs
        return InputLine(made.line, name, dims, behind=replace(made.line.part(after, len(text)), body=made.line.body))

    def check_phrases(self, items: tree.Items, text: str) -> None:
        """Reads every phrase once, so that a misspelt one is a fault where it stands, called or not."""
        for groups in _phrases(items):
            read_groups(groups, text)


def _phrases(items: tree.Items) -> list[tuple[tree.Group, ...]]:
    """The groups of every chain of plain layers, those in brackets, branches and bodies too."""
    found: list[tuple[tree.Group, ...]] = []
    for item in items.items:
        if isinstance(item, tree.Chain):
            groups = tuple(element for element in item.elements if isinstance(element, tree.Group))
            if groups and not any(isinstance(element, tree.Call) for element in item.elements):
                found.append(groups)
            if after := tuple(element for element in item.after if isinstance(element, tree.Group)):
                found.append(after)
            inner = [e for e in item.elements if isinstance(e, (tree.Items, tree.Cell))]
            found += [groups for e in inner for groups in _phrases(tree.Items(e.items, e.at))]
        elif isinstance(item, tree.Merge):
            found += [groups for branch in item.branches if branch.items for groups in _phrases(branch.items)]
        elif item.body is not None:
            found += _phrases(item.body)
    return found


def _is_name(text: str) -> bool:
    """Whether a word before a colon is a name and not a merge, a statement or a sentence."""
    words = text.strip().lower().split()
    if (
        not words
        or words[0] in ("when", "repeat", "otherwise", "aux", "from", "flat", "no")
        or words[-1] in ("stride", "pad", "padding")
        or (words[0] == "input" and len(words) > 1)
    ):
        return False
    return " ".join(words) not in MERGES and words[:2] != ["affine", "warp"] and len(words) <= 5
