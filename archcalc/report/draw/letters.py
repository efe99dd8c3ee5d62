"""How wide a text is drawn, without asking a font."""

from __future__ import annotations

import unicodedata

#: Advance widths in hundredths of the font's size, rounded up: the widest of DejaVu Sans, Helvetica and Aileron. So
#: what fits its box here does in whatever a viewer takes for text without serifs.
_REGULAR = {
    28: "'ijl", 30: "I", 32: " ,.·", 34: "/:;\\|", 36: "f", 37: "-", 40: "()[]t⌊⌋", 41: "!²", 42: "r", 46: '"',
    50: "`–", 53: "sz", 55: "Jc", 56: "*?_", 58: "Lk", 60: "vxy", 62: "FTaeo", 64: "$0123456789bdghnpqu{}",
    67: "EKPSY", 69: "ABVXZ", 73: "CR", 74: "U", 75: "N", 76: "H", 78: "&DG", 79: "OQ", 82: "w", 84: "#+<=>^~×→",
    87: "M", 96: "%", 98: "m", 99: "W", 100: "…", 102: "@",
}  # fmt: skip
_BOLD = {
    31: "'", 35: " ijl", 37: "/\\|", 38: ",.I·", 40: ":;", 42: "-", 44: "f²", 46: "!()[]⌊⌋", 48: "t", 50: "`r–",
    53: '"', 56: "*J_", 59: "z", 60: "cs", 62: "?", 64: "L", 65: "x", 66: "vy", 67: "k", 68: "ae", 69: "EFTo",
    70: "$0123456789", 72: "bdghnpqu{}", 73: "SYZ", 74: "CP", 77: "B", 78: "AKRVX", 82: "U", 83: "G",
    84: "#+<=>DHN^~×→", 86: "OQ", 88: "&", 93: "w", 100: "@M…", 101: "%", 105: "m", 111: "W",
}  # fmt: skip
_WIDTHS = {
    bold: {character: width for width, characters in table.items() for character in characters}
    for bold, table in ((False, _REGULAR), (True, _BOLD))
}
#: Of any other letter: wider than those of most scripts, Cyrillic and Greek among them.
_OTHER, _COMBINING = 112, 0


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Pixels that a text takes at most, at this font size."""
    known = _WIDTHS[bold]
    return size * sum(known.get(each) or _unknown(each) for each in text) / 100


def _unknown(character: str) -> int:
    return _COMBINING if unicodedata.category(character) in ("Mn", "Me") else _OTHER
