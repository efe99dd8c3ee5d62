"""What the bytes of a peak are, in words."""

from __future__ import annotations

ITEMS = {
    "weights": "weights", "gradients": "gradients of the weights", "optimizer": "optimizer state",
    "saved": "saved for the backward pass", "input": "input", "activation": "activations", "temporary": "temporary",
    "copies": "autocast's copies of weights",
}  # fmt: skip
