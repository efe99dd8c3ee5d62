"""Graphs made of graphs: kernels swapped for others, fully connected layers as convolutions, another input."""

from archcalc.rewriting.convolutions import Convolutional, convolutionize
from archcalc.rewriting.rebuild import resized
from archcalc.rewriting.rule import Swap, swap_of
from archcalc.rewriting.swapping import swap

__all__ = ["Convolutional", "Swap", "convolutionize", "resized", "swap", "swap_of"]
