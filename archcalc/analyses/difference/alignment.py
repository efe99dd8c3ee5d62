"""Which layer of one network is which of another: by structure first, then by name, never by line."""

from __future__ import annotations

from collections.abc import Sequence

from archcalc.analyses.difference.sliding import slid
from archcalc.analyses.difference.token import Pair, Token, bare, renaming, tokens
from archcalc.analyses.summary import Row

#: Cells of the table of costs that are worked out: all of them for two networks of 500 layers, a band for longer ones.
_CELLS = 250_000
_NEVER = 1 << 60
_PAIR, _OLD, _NEW = range(3)


def aligned(old: Sequence[Row], new: Sequence[Row]) -> list[Pair]:
    """The layers of both in order, matched so that as little as possible was added, removed or changed.

    Of several ways the one that keeps most names. Swapping the networks swaps the pairs. A layer that stands elsewhere
    under its name, and is otherwise the same, is matched too.
    """
    left, right = tokens(old), tokens(new)
    # what is found must not depend on which is called the old one
    if _order(left) <= _order(right):
        pairs = _whole(left, right)
    else:
        pairs = [Pair(pair.new, pair.old) for pair in _whole(right, left)]
    return _with_moved(slid(pairs, left, right), left, right)


def _order(tokens: Sequence[Token]) -> tuple[int, list[tuple[str, ...]]]:
    return len(tokens), [(token.name, token.kind, token.attributes, str(token.output)) for token in tokens]


def _whole(old: Sequence[Token], new: Sequence[Token]) -> list[Pair]:
    """The pairs of two networks: equal beginnings and ends are matched, and the middle where it costs least."""
    shorter = min(len(old), len(new))
    head = 0
    while head < shorter and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < shorter - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    ends = len(old) - tail, len(new) - tail
    middle = _middle(old[head : ends[0]], new[head : ends[1]])
    return [
        *(Pair(index, index) for index in range(head)),
        *(Pair(_shifted(pair.old, head), _shifted(pair.new, head)) for pair in middle),
        *(Pair(ends[0] + index, ends[1] + index) for index in range(tail)),
    ]


def _shifted(index: int | None, by: int) -> int | None:
    return None if index is None else index + by


def _middle(old: Sequence[Token], new: Sequence[Token]) -> list[Pair]:
    if [(token.name, token.kind) for token in old] == [(token.name, token.kind) for token in new]:
        return [Pair(index, index) for index in range(len(old))]  # other numbers in the same network
    return _cheapest(old, new)


class _Prices:
    """What it costs to match two layers, in units that no number of names outweighs.

    A layer on one side only costs a unit, so does one with other attributes under its name; under another name it costs
    more, and another kind of layer under the same name nearly as much as to remove and add one. An equal layer with
    other figures has been affected by something else: that costs little, but with another output and under another name
    it is doubtful that it is the same.
    """

    def __init__(self, layers: int) -> None:
        self.unit = 16 * (layers + 1)
        self.known: dict[tuple[int, int], tuple[int, int]] = {}

    def of(self, old: Token, new: Token, what: tuple[int, int]) -> int:
        """The cost of a match; ``what`` numbers the two layers without their names."""
        found = self.known.get(what)
        if found is None:
            found = self.known[what] = self._apart(old, new)
        apart = renaming(old, new)
        return found[1] + apart if apart else found[0]

    def _apart(self, old: Token, new: Token) -> tuple[int, int]:
        """The cost under the same name, and under different ones."""
        unit, same_output = self.unit, old.output == new.output
        if old.kind != new.kind:
            return unit * 13 // 8, _NEVER
        if old.attributes != new.attributes:
            return unit, unit * (11 if same_output else 12) // 8
        same_params = old.params == new.params
        if same_output:
            return (0, 0) if same_params else (unit // 8, unit // 8)
        return unit // 8, unit * (3 if same_params else 5) // 8


def _cheapest(old: Sequence[Token], new: Sequence[Token]) -> list[Pair]:
    """The alignment of least cost, by the table of all prefixes' least costs, or a band around its diagonal."""
    count, other = len(old), len(new)
    prices = _Prices(count + other)
    kinds: dict[Token, int] = {}
    here = [kinds.setdefault(bare(token), len(kinds)) for token in old]
    there = [kinds.setdefault(bare(token), len(kinds)) for token in new]
    band = max(32, _CELLS // (2 * max(count, 1)))
    lowest, highest = min(0, other - count) - band, max(0, other - count) + band
    unit = prices.unit
    before = [index * unit for index in range(other + 1)]
    moves = [bytearray([_NEW]) * (other + 1)]
    for row, token in enumerate(old, 1):
        costs, move = [_NEVER] * (other + 1), bytearray(other + 1)
        first, last = max(0, row + lowest), min(other, row + highest)
        if first == 0:
            costs[0], move[0] = row * unit, _OLD
        for column in range(max(first, 1), last + 1):
            best, way = before[column] + unit, _OLD
            if costs[column - 1] + unit < best:
                best, way = costs[column - 1] + unit, _NEW
            matched = before[column - 1]
            if matched <= best:
                matched += prices.of(token, new[column - 1], (here[row - 1], there[column - 1]))
                if matched <= best:
                    best, way = matched, _PAIR
            costs[column], move[column] = best, way
        moves.append(move)
        before = costs
    return _followed(moves, count, other)


def _followed(moves: Sequence[bytearray], row: int, column: int) -> list[Pair]:
    """The pairs, from the table's last corner back to its first."""
    pairs: list[Pair] = []
    while row or column:
        way = moves[row][column]
        row -= way != _NEW
        column -= way != _OLD
        pairs.append(Pair(None if way == _NEW else row, None if way == _OLD else column))
    return pairs[::-1]


def _with_moved(pairs: Sequence[Pair], old: Sequence[Token], new: Sequence[Token]) -> list[Pair]:
    """The pairs, and layers that were taken from one place and put elsewhere, at their new place."""
    gone = {_itself(old[pair.old]): pair.old for pair in pairs if pair.old is not None and pair.new is None}
    back = {
        pair.new: gone[_itself(new[pair.new])]
        for pair in pairs
        if pair.old is None and pair.new is not None and _itself(new[pair.new]) in gone
    }
    sources = set(back.values())
    return [
        Pair(back[pair.new], pair.new, True) if pair.new in back else pair
        for pair in pairs
        if pair.new is not None or pair.old not in sources
    ]


def _itself(token: Token) -> tuple[str, str, str]:
    """A layer wherever it stands."""
    return token.name, token.kind, token.attributes
