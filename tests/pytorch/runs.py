"""Twins run and watched."""

from __future__ import annotations

import torch

from archcalc.pytorch.verify.watch import COUNTERS, images, macs_by_layer, module, on_meta, recorded, stored

__all__ = ["COUNTERS", "images", "macs_by_layer", "module", "on_meta", "recorded", "stored"]

torch.set_num_threads(1)
