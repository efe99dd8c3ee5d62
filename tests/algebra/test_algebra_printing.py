"""Golden cases of the three ways to write a dim."""

from __future__ import annotations

import subprocess
import sys

import pytest

from archcalc.algebra import Dim, ceil_div, largest, smallest, symbol, to_latex, to_python, to_text

H, W, k, a, b, m, c1 = (symbol(name) for name in ("H", "W", "k", "a", "b", "in_channels", "c1"))

CASES: list[tuple[Dim, str, str, str]] = [
    (0, "0", "0", "0"),
    (-25557032, "-25557032", "-25557032", "-25557032"),
    (H, "H", "H", "H"),
    (2 - H, "2 - H", "2 - H", "2 - H"),
    (5 - H - 2 * W + k, "k - H - 2·W + 5", "k - H - 2*W + 5", "k - H - 2 W + 5"),
    (-3 * H * W - 1, "-3·H·W - 1", "-3*H*W - 1", "-3 H W - 1"),
    (32147 * k + 14156 * k**2, "14156·k² + 32147·k", "14156*k**2 + 32147*k", "14156 k^{2} + 32147 k"),
    ((H + W) ** 2, "H² + 2·H·W + W²", "H**2 + 2*H*W + W**2", "H^{2} + 2 H W + W^{2}"),
    (k**12, "k¹²", "k**12", "k^{12}"),
    (m * c1, "c1·in_channels", "c1*in_channels", r"c_{1} \mathrm{in\_channels}"),
    (ceil_div(H, 32), "⌊(H+31)/32⌋", "(H + 31)//32", r"\left\lfloor \frac{H+31}{32} \right\rfloor"),
    (H // 2 - 1, "⌊H/2⌋ - 1", "H//2 - 1", r"\left\lfloor \frac{H}{2} \right\rfloor - 1"),
    (-(H // 2), "-⌊H/2⌋", "-(H//2)", r"-\left\lfloor \frac{H}{2} \right\rfloor"),
    ((H * W + 1) // 5, "⌊(H·W+1)/5⌋", "(H*W + 1)//5", r"\left\lfloor \frac{H W+1}{5} \right\rfloor"),
    ((2 * H - W) // 5, "⌊(2·H-W)/5⌋", "(2*H - W)//5", r"\left\lfloor \frac{2 H-W}{5} \right\rfloor"),
    (2 * H // 5, "⌊2·H/5⌋", "(2*H)//5", r"\left\lfloor \frac{2 H}{5} \right\rfloor"),
    (
        64 * k * (H // 2) ** 2,
        "64·k·⌊H/2⌋²",
        "64*k*(H//2)**2",
        r"64 k \left\lfloor \frac{H}{2} \right\rfloor^{2}",
    ),
    (H // k, "⌊H/k⌋", "H//k", r"\left\lfloor \frac{H}{k} \right\rfloor"),
    (H // (3 * k), "⌊H/(3·k)⌋", "H//(3*k)", r"\left\lfloor \frac{H}{3 k} \right\rfloor"),
    (-H // (k + 1), "⌊-H/(k+1)⌋", "(-H)//(k + 1)", r"\left\lfloor \frac{-H}{k+1} \right\rfloor"),
    (largest(b, a), "max(a, b)", "max(a, b)", r"\max\left(a, b\right)"),
    (largest(0, H - 3) * 2, "2·max(H - 3, 0)", "2*max(H - 3, 0)", r"2 \max\left(H - 3, 0\right)"),
    (smallest(b, 7, a + 1), "min(a + 1, b, 7)", "min(a + 1, b, 7)", r"\min\left(a + 1, b, 7\right)"),
    (
        largest(a, b) + H // 2 + a,
        "a + ⌊H/2⌋ + max(a, b)",
        "a + H//2 + max(a, b)",
        r"a + \left\lfloor \frac{H}{2} \right\rfloor + \max\left(a, b\right)",
    ),
    (
        largest(W // 2, H // 2, 5),
        "max(⌊H/2⌋, ⌊W/2⌋, 5)",
        "max(H//2, W//2, 5)",
        r"\max\left(\left\lfloor \frac{H}{2} \right\rfloor, \left\lfloor \frac{W}{2} \right\rfloor, 5\right)",
    ),
]


@pytest.mark.parametrize(("dim", "text", "python", "latex"), CASES)
def test_golden(dim: Dim, text: str, python: str, latex: str) -> None:
    assert to_text(dim) == text == str(dim)
    assert to_python(dim) == python
    assert to_latex(dim) == latex


def test_the_same_in_every_process() -> None:
    """Whatever order Python's randomised hashes put sets in."""
    code = (
        "from archcalc.algebra import *; v = [symbol(n) for n in 'zyxwvabc'];"
        "s = sum(v); print(s * s, (s + 3) // 2, (v[0] - v[1]) // 6, largest(*v),"
        "smallest(*(x // 3 + x * s for x in v)),"
        "(v[0] // v[1] - v[2] // v[3]) // 2, (v[0] // 2 + v[1] // 2 + v[2] // 3) // 4)"
    )
    written = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path), "PYTHONUTF8": "1"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(written) == 1
