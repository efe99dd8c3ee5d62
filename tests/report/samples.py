"""Small texts that the tests of reports print."""

from __future__ import annotations

import archcalc

LISTING = """\
network slide "a listing"
[227x227x3] INPUT
[55x55x96]  CONV1: 96 11x11 filters at stride 4, pad 0
[27x27x96]  POOL1: max pool 3x3, stride 2
[10]        FC2: 10 neurons
"""

BLOCKS = """\
network blocks
param width = 8
input 32x32x3
conv1: conv 3x3, width, pad half, no bias; bn; relu
stage:
    a: conv 3x3, width, pad half; relu
    b: conv 3x3, width, pad half; relu
    deep:
        c: conv 1x1, 2*width
        d: conv 1x1, width
fc: fc 10
"""


def report(text=LISTING, **options):
    return archcalc.parse(text).report(**options)
