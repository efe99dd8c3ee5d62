"""The command line: one file a command, each parses, calls and prints."""

from __future__ import annotations

import gc
import os
import sys
from typing import Annotated

import typer

from archcalc.cli.conventions import conventions
from archcalc.cli.layers import layers
from archcalc.cli.memory import memory
from archcalc.cli.report import report
from archcalc.cli.verify import verify

app = typer.Typer(
    name="archcalc",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(report)
app.command()(layers)
app.command()(memory)
app.command()(verify)
app.command()(conventions)


def _version(wanted: bool) -> None:
    if wanted:
        from archcalc.version import __version__

        typer.echo(f"archcalc {__version__}")
        raise typer.Exit


@app.callback()
def archcalc(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which.")] = False,
) -> None:
    """Exact figures of a network from a layer table written as papers and slides write it."""


def main() -> None:
    """Runs the command line: no traceback for a closed pipe, an interrupt or a narrow encoding."""
    gc.set_threshold(200_000)  # a report makes many values and no cycles: collecting costs a fifth of it
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except BrokenPipeError:
        _close()
        sys.exit(141)
    except KeyboardInterrupt:
        sys.exit(130)


def _close() -> None:
    """The reader of our output has gone: what Python still holds for it must not raise again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
