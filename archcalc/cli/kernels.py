"""``archcalc kernels``: every way to reach a receptive field at a given width."""

from __future__ import annotations

import re
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from archcalc.cli.options import Batch, DType, Numbers
from archcalc.cli.paper import paper
from archcalc.cli.predicted import Device, Threads, target_of
from archcalc.cli.recorded import Database

if TYPE_CHECKING:
    from archcalc.analyses.kernels import Kernels

#: Kernels above this are nobody's, and stacks of 3x3 instead of one are too long to build.
_WIDEST = 999
#: Digits of a number of channels, or of a side; and characters of what is wrong that are shown.
_DIGITS, _SHOWN = 9, 40


class Format(StrEnum):
    text = "text"
    json = "json"
    markdown = "markdown"
    csv = "csv"


class Sort(StrEnum):
    params = "params"
    macs = "macs"
    memory = "activations_bytes"
    saved = "saved_bytes"
    depth = "depth"
    field = "field"
    reads = "reads"
    latency = "latency"


def kernels(
    field: Annotated[int, typer.Option(min=1, max=_WIDEST, metavar="N", help="The receptive field, N x N.")],
    channels: Annotated[str, typer.Option(metavar="C|IN:OUT", help="Channels, the same in and out or not.")],
    size: Annotated[str, typer.Option(metavar="HxW", help="The image: 56x56, or 56.")],
    bias: Annotated[bool, typer.Option("--bias/--no-bias", help="Convolutions with biases.")] = False,
    bn: Annotated[bool, typer.Option("--bn", help="A batch normalisation behind each convolution.")] = False,
    reduce: Annotated[
        int, typer.Option(min=1, metavar="R", help="A bottleneck has this many times fewer channels inside.")
    ] = 4,
    batch: Batch = 1,
    dtype: Numbers = DType.fp32,
    device: Device = "",
    threads: Threads = None,
    db: Database = None,
    sort: Annotated[Sort | None, typer.Option(help="Order each table by a figure.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Show so many ways of each table.")] = None,
    show: Annotated[int | None, typer.Option(metavar="NO.", help="Print the way of this number as a spec.")] = None,
    format_: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.text,
) -> None:
    """Print every way to reach a receptive field: parameters, MACs, memory, depth, and which are Pareto-optimal.

    Exit status: 0 all well, 2 a bad command line.
    """
    from archcalc.analyses.kernels import kernels as every_way
    from archcalc.report import kernels as shown

    if show is not None and format_ is not Format.text:
        raise typer.BadParameter(f"a spec is no {format_.value}: leave one out", param_hint="--show")
    into, out = channels_of(channels)
    image = size_of(size)
    target = target_of(device, dtype.value, db, threads) if device or threads or sort is Sort.latency else None
    found = every_way(
        field, (into, out), image, bias=bias, bn=bn, reduce=reduce, batch=batch, dtype=dtype.value, target=target
    )
    if show is not None:
        sys.stdout.write(_spec(found, show))
        return
    found = shown.chosen(found, sort.value if sort else "", limit)
    if format_ is Format.json:
        sys.stdout.write(shown.dumps(found))
    elif format_ is Format.csv:
        sys.stdout.write(shown.comma_separated(found))
    elif format_ is Format.markdown:
        sys.stdout.write(shown.markdown(found))
    else:
        sys.stdout.write(shown.text(found, paper=paper(bars=False)))


def channels_of(text: str) -> tuple[int, int]:
    """``64`` or ``3:64`` as channels in and out. Raises BadParameter."""
    return _two(text, ":", "channels: 64, or in:out as 3:64", "--channels")


def size_of(text: str) -> tuple[int, int]:
    """``56x48`` as height and width, ``56`` as a square. Raises BadParameter."""
    return _two(text.lower(), "[x×]", "a size: height x width, as 56x56", "--size")


def _two(text: str, between: str, wanted: str, option: str) -> tuple[int, int]:
    """Two numbers, or one for both, none too long to be meant. Raises BadParameter."""
    found = re.fullmatch(rf"\s*0*(\d+)\s*(?:{between}\s*0*(\d+)\s*)?", text)
    both = (found[1], found[2] or found[1]) if found else ("0", "0")
    if max(map(len, both)) > _DIGITS:
        raise typer.BadParameter(f"'{_short(text)}' is too large: at most {10**_DIGITS - 1:,}", param_hint=option)
    first, second = map(int, both)
    if min(first, second) < 1:
        raise typer.BadParameter(f"'{_short(text)}' is not {wanted}", param_hint=option)
    return first, second


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _spec(found: Kernels, number: int) -> str:
    """A way as a spec that reads back. Raises BadParameter."""
    from archcalc.formats.spec import write

    way = found.way(number)
    if way is None:
        last = found.groups[-1].ways[-1].number
        raise typer.BadParameter(f"there is no way {number}: they are 1 to {last}", param_hint="--show")
    return write(way.graph)
