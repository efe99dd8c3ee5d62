"""Networks as pictures: SVG laid out in columns, and text for Graphviz and Mermaid."""

from __future__ import annotations

from archcalc.report.draw.dot import dot as dot
from archcalc.report.draw.dot_layout import NoLayout as NoLayout
from archcalc.report.draw.mermaid import mermaid as mermaid
from archcalc.report.draw.picture import drawing as drawing
from archcalc.report.draw.svg import svg as svg
