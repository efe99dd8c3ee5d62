"""Two that were measured by turns, and which is faster: in words, as Markdown and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from archcalc.analyses.latency.measured import Profile
from archcalc.analyses.latency.ratio import Ratio
from archcalc.report.markdown import escaped
from archcalc.report.numbers import exact, factor
from archcalc.report.profile.json import SCHEMA, dumps
from archcalc.report.profile.text import printed
from archcalc.report.profile.words import setting_words
from archcalc.report.style import paint, visible, wrapped
from archcalc.report.text import Paper
from archcalc.version import __version__

_STYLES = {"faster": "good", "slower": "warning"}


def text(found: Ratio, pair: Sequence[Profile], paper: Paper) -> str:
    """Which two, and how long one takes in times of the other."""
    lines = [wrapped(f"{letter}  {name}", paper.width, "   ") for letter, name in _names(pair)]
    said = wrapped(sentence(found, pair), paper.width, "   ")
    style = _STYLES.get(found.verdict, "bold")
    lines += [paint(line, style, paper.colour) for line in said.splitlines()]
    return printed("\n".join(lines), paper)


def markdown(found: Ratio, pair: Sequence[Profile]) -> str:
    """The same as a paragraph."""
    names = "; ".join(f"{letter}: {name}" for letter, name in _names(pair))
    return f"**{escaped(sentence(found, pair))}.** {escaped(names)}.\n"


def document(found: Ratio | None, profiles: Sequence[Mapping[str, Any]]) -> str:
    """Both measurements and the ratio, which is null where one of them failed."""
    ratio = found and {**{name: getattr(found, name) for name in found.fields}, "verdict": found.verdict}
    return dumps({"schema": SCHEMA, "archcalc": __version__, "ratio": ratio, "profiles": [*profiles]}) + "\n"


def _names(pair: Sequence[Profile]) -> Iterator[tuple[str, str]]:
    """With their files where nothing else tells one from the other."""
    told = [[each.network, *setting_words(each.setting, each.machine.get("threads"))] for each in pair]
    alike = told[0] == told[1]
    for letter, words, profile in zip("AB", told, pair, strict=True):
        yield letter, visible(", ".join([*words, *([profile.file] if alike and profile.file else [])]))


def sentence(found: Ratio, pair: Sequence[Profile]) -> str:
    """The verdict on B."""
    low, high = found.low, found.high
    count = f"the median ratio of {exact(found.pairs)} pair{'' if found.pairs == 1 else 's'} by turns"
    between = "" if low is None or high is None else f", 95 % between {factor(low)} and {factor(high)}"
    takes = f"B takes {factor(found.median)} times as long as A, {count}{between}"
    if found.verdict == "doubtful":
        noisy = [letter for letter, profile in zip("AB", pair, strict=True) if profile.noisy]
        return f"in doubt, as {' and '.join(noisy)} {'is' if len(noisy) == 1 else 'are'} noisy: {takes}"
    if found.verdict == "near":
        return f"{takes}: no more than two runs of the same may differ by"
    if found.verdict == "open":
        return f"{'too few pairs to tell' if low is None else 'no difference seen'}: {takes}"
    return f"B is {found.verdict}: {takes}"
