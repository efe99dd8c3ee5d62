"""What standard output is written on: its width, and whether it takes colour, bars and all characters."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archcalc.report.text import Paper


def paper(*, bars: bool = True, layout: str = "hwc") -> Paper:
    """Standard output as it is now; ``bars``: drawn on a terminal, not elsewhere."""
    from archcalc.report.style import coloured, plain_only, terminal_width
    from archcalc.report.text import Paper

    out = sys.stdout
    return Paper(terminal_width(out), coloured(out), bars and out.isatty(), plain_only(out), layout)
