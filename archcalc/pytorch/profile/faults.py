"""Why something cannot be measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archcalc.analyses.latency.measured import Profile


class Unmeasurable(Exception):
    """``message`` says in a line what is wrong, ``help`` what would repair it.

    ``layer``: which one the device cannot run. ``largest_batch``: what fits its memory, as predicted. ``partial``: what
    was measured before.
    """

    def __init__(
        self,
        message: str,
        help: str = "",
        *,
        layer: str | None = None,
        largest_batch: int | None = None,
        partial: Profile | None = None,
    ) -> None:
        super().__init__(message)
        self.message, self.help = message, help
        self.layer, self.largest_batch, self.partial = layer, largest_batch, partial


def line_of(error: BaseException) -> str:
    """What an error says, in a line."""
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0]}" if text else type(error).__name__
