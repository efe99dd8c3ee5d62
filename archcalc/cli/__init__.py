"""The command line: one file a command, each parses, calls and prints."""

from __future__ import annotations

import gc
import os
import sys
from typing import Annotated

import typer

from archcalc.cli.check import check
from archcalc.cli.compare import compare
from archcalc.cli.conventions import conventions
from archcalc.cli.convolutionize import convolutionize
from archcalc.cli.diff import diff
from archcalc.cli.explain import explain
from archcalc.cli.formula import formula
from archcalc.cli.kernels import kernels
from archcalc.cli.layers import layers
from archcalc.cli.memory import memory
from archcalc.cli.paths import paths
from archcalc.cli.report import report
from archcalc.cli.sizes import sizes
from archcalc.cli.verify import verify

app = typer.Typer(
    name="archcalc",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(report)
app.command()(check)
app.command()(layers)
app.command()(memory)
app.command()(explain)
app.command()(kernels)
app.command()(convolutionize)
app.command()(verify)
app.command()(conventions)
app.command()(diff)
app.command()(compare)
app.command()(paths)
app.command()(formula)
app.command()(sizes)


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
