"""What differs between networks as a comment on a pull request: the verdict first, layers folded away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from archcalc.report.difference.runs import lines
from archcalc.report.difference.text import MOST, heading
from archcalc.report.difference.words import became, claims, failing, per_cent, quantity, signed, verdict
from archcalc.report.markdown import COMMENT, escaped, fitting, row
from archcalc.report.numbers import exact

if TYPE_CHECKING:
    from archcalc.analyses.difference import Difference, FileDifference


def markdown(files: Sequence[FileDifference], *, everything: bool = False) -> str:
    """A section for each network that differs, a newline at the end; unless everything is asked for, as many as a
    comment on GitHub holds."""
    every = sections(files, everything=everything)
    kept = every if everything else fitting(every, COMMENT)[0]
    if len(kept) < len(every):
        left = len(every) - len(kept)
        kept.append(f"Left out, as there is no room: {left:,} of {len(every):,} sections; --all has them.\n")
    return "\n".join(kept)


def sections(files: Sequence[FileDifference], *, everything: bool = False) -> list[str]:
    """One for each network that differs, and for all that do not, each with a newline at its end."""
    found = [(each, file) for file in files for each in file.networks]
    differing = [pair for pair in found if pair[0].state != "same"]
    if not differing and len(found) == 1:
        differing = found
    made = ["\n".join(_network(*pair, everything)) + "\n" for pair in differing]
    same = len(found) - len(differing)
    if same:
        others = "other " if differing else ""
        made.append(f"{same:,} {others}network{' is' if same == 1 else 's are'} the same.\n")
    return made


def _network(found: Difference, file: FileDifference, everything: bool) -> Iterator[str]:
    yield f"### {escaped(heading(found, file))}"
    yield ""
    mark = "❌ " if found.broken else ""
    yield f"{mark}**{escaped(verdict(found))}**"
    if found.broken:
        yield ""
        yield from (f"- not allowed: {escaped(failing(each, found))}" for each in found.broken)
    if found.old is None or found.new is None:
        return
    if found.settings:
        yield ""
        yield from (f"- parameter {escaped(became(each))}" for each in found.settings)
    yield from _totals(found)
    yield from _layers(found, everything)
    changed = list(claims(found.claims))
    if changed:
        yield from _folded(f"claims of the text: {len(changed):,}", (f"- {escaped(each)}" for each in changed))


def _totals(found: Difference) -> Iterator[str]:
    if not found.totals:
        return
    yield ""
    yield row(("total", "old", "new", "difference", "per cent"))
    yield row(("---", "---:", "---:", "---:", "---:"))
    for each in found.totals:
        values = (exact(each.old) or "none", exact(each.new) or "none", signed(each.difference), per_cent(each))
        yield row((quantity(each.name), *map(escaped, values)))


def _layers(found: Difference, everything: bool) -> Iterator[str]:
    shown = lines(found.layers, everything=everything)
    if not shown:
        return
    drawn = shown if everything else shown[:MOST]
    count = sum(layer.state != "same" for layer in found.layers)
    body = [row(("", "layer", "what", "change", "params", "MACs")), row(("---",) * 4 + ("---:",) * 2)]
    for line in drawn:
        sums = [signed(by) if by != 0 else "" for by in (line.params, line.macs)]
        body.append(row(map(escaped, (line.state, line.name, line.what, line.change, *sums))))
    if len(drawn) < len(shown):
        body += ["", f"and {len(shown) - len(drawn):,} more rows"]
    yield from _folded(f"{count:,} layer{' differs' if count == 1 else 's differ'}", body)


def _folded(title: str, body: Iterable[str]) -> Iterator[str]:
    """Lines behind a title that opens them; Markdown is read inside only after an empty line."""
    yield from ("", f"<details><summary>{title}</summary>", "", *body, "", "</details>")
