"""What figures can be asked for."""

from __future__ import annotations

from archcalc.analyses.cost import BYTES
from archcalc.analyses.memory.optimizers import OPTIMIZERS


def check(batch: int, dtype: str, on: str, optimizer: str, amp: bool = False) -> None:
    """Raises ValueError where there is no such batch, dtype, device or optimizer, or mixed precision of that dtype."""
    if batch < 1:
        raise ValueError(f"batch {batch}: it must be at least 1")
    for what, value, known in (
        ("dtype", dtype, BYTES), ("device", on, ("cpu", "cuda")), ("optimizer", optimizer, OPTIMIZERS),
    ):  # fmt: skip
        if value not in known:
            raise ValueError(f"no {what} '{value}'; known: {', '.join(known)}")
    if amp and dtype != "fp32":
        raise ValueError("mixed precision is autocast over fp32")
