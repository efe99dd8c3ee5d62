"""The command line: one file a command, each parses, calls and prints."""

from __future__ import annotations

import gc
import os
import sys
from typing import Annotated

import typer

from archcalc.cli.commands import Commands

app = typer.Typer(
    name="archcalc",
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


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
    """Runs the command line: no traceback for an interrupt, a narrow encoding or output that cannot be written."""
    gc.set_threshold(200_000)  # a report makes many values and no cycles: collecting costs a fifth of it
    _streams()
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except SystemExit as end:
        # typer makes 1 of a closed pipe, which is the status of a wrong figure
        if isinstance(end.__context__, BrokenPipeError):
            _discard()
            sys.exit(141)
        raise
    except OSError as error:
        _discard()
        sys.stderr.write(f"error: the output cannot be written: {(error.strerror or str(error)).lower()}\n")
        sys.exit(2)


def _streams() -> None:
    """Standard output and error that take any text, though they were closed or know few characters."""
    sys.stdout = sys.stdout or os.fdopen(_nowhere(), "w")
    sys.stderr = sys.stderr or os.fdopen(_nowhere(), "w")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _discard() -> None:
    """What Python still holds for an output that takes no more must not raise again at exit."""
    os.dup2(_nowhere(), sys.stdout.fileno())


def _nowhere() -> int:
    return os.open(os.devnull, os.O_WRONLY)
