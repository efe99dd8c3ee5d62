"""The commands by name, each loaded when it is called or listed: none makes another slower to start."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import Any

import typer.core
import typer.main

#: In the order of ``--help``; each is a function of its name in a module of its name.
NAMES = (
    "report", "check", "explain", "memory", "layers", "formula", "sizes", "compare", "kernels", "convolutionize",
    "sweep", "paths", "draw", "diff", "verify", "conventions", "profile", "calibrate", "predict", "roofline",
    "history",
)  # fmt: skip


class Loaded(MutableMapping[str, Any]):
    """Commands by name, imported at the first look."""

    def __init__(self) -> None:
        self.known: dict[str, Any] = dict.fromkeys(NAMES)

    def __getitem__(self, name: str) -> Any:
        if self.known[name] is None:
            self.known[name] = _command(name)
        return self.known[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self.known[name] = command

    def __delitem__(self, name: str) -> None:
        del self.known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.known)

    def __len__(self) -> int:
        return len(self.known)

    def __contains__(self, name: object) -> bool:
        return name in self.known


class Commands(typer.core.TyperGroup):
    """The group of all commands."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands = Loaded()


def _command(name: str) -> Any:
    """A command as typer makes it of a function that stands alone."""
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    alone.command(name)(getattr(import_module(f"archcalc.cli.{name}"), name))
    return typer.main.get_command(alone)
