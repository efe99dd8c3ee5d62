"""Spec text to graphs: listings, tables and programs in one notation."""

from __future__ import annotations

from archcalc.notation.document import Document, read

__all__ = ["Document", "read"]
