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
    from archcalc.notation.vocabulary import ENTRIES, MERGE_ENTRIES

    known = [(entry.example, entry.meaning, ", ".join(entry.spellings)) for entry in ENTRIES]
    known += [(example, meaning, kind) for kind, example, meaning in MERGE_ENTRIES]
    rows = [row for row in known if word.casefold() in " ".join(row).casefold()]
    if not rows:
        hint = nearest(word, (spelling for row in known for spelling in row[2].split(", ")))
        raise typer.BadParameter(f"no layer '{word}'; {hint or 'archcalc layers lists them all'}", param_hint="WORD")
    table = Table("write", "what it is", "spellings", box=box.SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    Console(highlight=False, markup=False).print(table)
