"""Where a run of added or removed layers lies, of the places that cost the same."""

from __future__ import annotations

from collections.abc import Sequence

from archcalc.analyses.difference.token import Pair, Token, bare, renaming

#: Layers by which a run is slid at most.
_FARTHEST = 16


def slid(pairs: Sequence[Pair], old: Sequence[Token], new: Sequence[Token]) -> list[Pair]:
    """The pairs, runs of added or removed layers slid to where one begins with a convolution or the like.

    Of ``conv relu conv relu``, relu and the conv behind it may be added for the same price as conv and its relu.
    """
    made = list(pairs)
    start = 0
    while start < len(made):
        at = 0 if made[start].new is None else 1
        if made[start][1 - at] is not None:
            start += 1
            continue
        stop = start
        while stop < len(made) and made[stop][1 - at] is None:
            stop += 1
        _slide(made, (old, new), start, stop, at)
        start = stop
    return made


def _slide(pairs: list[Pair], sides: tuple[Sequence[Token], Sequence[Token]], start: int, stop: int, at: int) -> None:
    """Slides one run, down or else up, as far as it must; not at all where no place is better."""
    own, other = sides[at], sides[1 - at]

    def token(place: int) -> Token:
        return own[pairs[place][at] or 0]

    def alike(loses: int, gains: int) -> bool:
        """Whether the partner of one layer may be that of another."""
        partner = pairs[loses][1 - at] if 0 <= loses < len(pairs) and pairs[loses][at] is not None else None
        if partner is None or bare(token(loses)) != bare(token(gains)):
            return False
        return renaming(other[partner], token(gains)) <= renaming(other[partner], token(loses))

    def hand(loses: int, gains: int) -> None:
        partner = pairs[loses][1 - at]
        pairs[gains] = _matched(at, pairs[gains][at], partner)
        pairs[loses] = _matched(at, pairs[loses][at], None)

    for down in (True, False):
        first, last = start, stop - 1
        done: list[tuple[int, int]] = []
        while not token(first).leads:
            loses, gains = (last + 1, first) if down else (first - 1, last)
            if len(done) == _FARTHEST or not alike(loses, gains):
                break
            hand(loses, gains)
            done.append((gains, loses))
            first, last = (first + 1, last + 1) if down else (first - 1, last - 1)
        if token(first).leads:
            return
        for step in reversed(done):
            hand(*step)


def _matched(at: int, own: int | None, other: int | None) -> Pair:
    """A pair, whose own side is the old one if ``at`` is 0."""
    return Pair(other, own) if at else Pair(own, other)
