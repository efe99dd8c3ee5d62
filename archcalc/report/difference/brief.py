"""What differs between files in a line a network, as a check has room for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archcalc.analyses.difference import FileDifference
from archcalc.report.difference.text import heading, plainly
from archcalc.report.difference.words import verdict
from archcalc.report.style import paint, visible, wrapped
from archcalc.report.text import Paper


def text(files: Sequence[FileDifference], paper: Paper) -> str:
    """A verdict on each network that differs, and how to see the rest; an empty line at its end."""
    return plainly("".join(f"{line}\n" for line in (*_lines(files, paper), "")), paper)


def _lines(files: Sequence[FileDifference], paper: Paper) -> Iterator[str]:
    differing = [(found, file) for file in files for found in file.networks if found.state != "same"]
    for found, file in differing:
        head = heading(found, file)
        line = wrapped(f"{head}: {visible(verdict(found))}", paper.width)
        yield paint(head, "bold", paper.colour) + line.removeprefix(head) if line.startswith(head) else line
    if not differing:
        yield paint("no network differs", "dim", paper.colour)
    shown = next((file for found, file in differing if found.old and found.new), None)
    if shown:
        from shlex import join

        command = visible(join(("archcalc", "diff", shown.old or "", shown.new or "")))
        yield paint(f"layer by layer: {command}", "dim", paper.colour)
