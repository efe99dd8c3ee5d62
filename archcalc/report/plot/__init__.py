"""Pictures of points and lines: a scatter in a terminal, and the same as SVG."""

from __future__ import annotations

from archcalc.report.plot.picture import Axis as Axis
from archcalc.report.plot.picture import Line as Line
from archcalc.report.plot.picture import Point as Point
from archcalc.report.plot.svg import svg as svg
from archcalc.report.plot.terminal import scatter as scatter
