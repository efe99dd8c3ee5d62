"""Sizes of memory: exact, and refused in one line."""

from __future__ import annotations

import pytest

from archcalc.notation.figures import read_figure
from archcalc.sizes import UnknownSize, bytes_of

WORTH = {
    "24GB": 24_000_000_000, "80 GB": 80_000_000_000, "80gb": 80_000_000_000, "24G": 24_000_000_000,
    "512MiB": 536_870_912, "1.5GiB": 1_610_612_736, "1 TiB": 1_099_511_627_776, "16 Gi": 17_179_869_184,
    "8e9": 8_000_000_000, "1.5e+3": 1500, "1,048,576": 1_048_576, "640 KB": 640_000, " 100 bytes ": 100, "1 byte": 1,
    ".5kB": 500, "0.1GB": 100_000_000, "79.1 GB": 79_100_000_000, "1e99": 10**99,
}  # fmt: skip
WRONG = ["", "GB", "-1GB", "1.5", "0", "0.0GB", "12GBps", "1,00", "1 2", "1.0000000000001GB", "24 GB x 2", "nan", "1e"]


@pytest.mark.parametrize("text", WORTH)
def test_a_size_is_exact(text):
    assert bytes_of(text) == WORTH[text]


@pytest.mark.parametrize("text", [*WRONG, "１GB", "1\nGB GB", "9" * 50 + "!"])
def test_what_is_no_size_is_said_in_one_line(text):
    with pytest.raises(UnknownSize) as error:
        bytes_of(text)
    assert len(str(error.value).splitlines()) == 1 and repr(text) in str(error.value)


@pytest.mark.parametrize("text", ["24GB", "512MiB", "1.5GiB", "80 GB", "640 KB", "2 TB", "3TiB"])
def test_a_spec_reads_the_same(text):
    assert read_figure(text).value == bytes_of(text)
