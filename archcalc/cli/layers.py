"""``archcalc layers``: every layer that a spec can say, and how."""

from __future__ import annotations

from typing import Annotated

import typer


def layers(
    word: Annotated[str, typer.Argument(metavar="[WORD]", help="Only layers that hold this word.")] = "",
) -> None:
    """List the layers that a spec can say, their spellings and what they mean."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from archcalc.diagnostics import nearest
    from archcalc.notation.vocabulary import SPELLINGS

    rows = [row for row in SPELLINGS if word.casefold() in " ".join(row[:2]).casefold()]
    if not rows:
        hint = nearest(word, (row[0] for row in SPELLINGS)) or "archcalc layers lists them all"
        raise typer.BadParameter(f"no layer '{word}'; {hint}", param_hint="WORD")
    table = Table("layer", "spelling", "meaning", box=box.SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    Console(highlight=False, markup=False).print(table)
