"""Two that were measured by turns, and which is faster: in words, as Markdown and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from archcalc.analyses.latency.measured import Profile
from archcalc.analyses.latency.ratio import Ratio
from archcalc.report.markdown import escaped
from archcalc.report.numbers import exact
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
    said = wrapped(_sentence(found), paper.width, "   ")
    style = _STYLES.get(found.verdict, "bold")
    lines += [paint(line, style, paper.colour) for line in said.splitlines()]
    return printed("\n".join(lines), paper)


def markdown(found: Ratio, pair: Sequence[Profile]) -> str:
    """The same as a paragraph."""
    names = "; ".join(f"{letter}: {name}" for letter, name in _names(pair))
    return f"**{escaped(_sentence(found))}.** {escaped(names)}.\n"


def document(found: Ratio | None, profiles: Sequence[Mapping[str, Any]]) -> str:
    """Both measurements and the ratio, which is null where one of them failed."""
    ratio = found and {**{name: getattr(found, name) for name in found.fields}, "verdict": found.verdict}
    return dumps({"schema": SCHEMA, "archcalc": __version__, "ratio": ratio, "profiles": [*profiles]}) + "\n"


def _names(pair: Sequence[Profile]) -> Iterator[tuple[str, str]]:
    for letter, profile in zip("AB", pair, strict=True):
        words = setting_words(profile.setting, profile.machine.get("threads"))
        yield letter, visible(", ".join([profile.network, *words]))


def _sentence(found: Ratio) -> str:
    low, high = found.low, found.high
    between = "" if low is None or high is None else f", 95 % between {_times(low)} and {_times(high)}"
    count = f"{exact(found.pairs)} pair{'' if found.pairs == 1 else 's'} by turns"
    return f"B takes {_times(found.median)} times as long as A{between} ({count}): {found.verdict}"


def _times(ratio: float) -> str:
    return f"{ratio:.3f}" if ratio < 10 else f"{ratio:,.1f}"
