"""The report that a person reads: its figures, and that it fits whatever it is printed on."""

from __future__ import annotations

import re

import pytest
from samples import BLOCKS, LISTING, report

from archcalc.report.bars import bars
from archcalc.report.columns import COLUMNS, UnknownColumn
from archcalc.report.layout import Column, fitted, fold
from archcalc.report.style import columns
from archcalc.report.text import Paper, text

NESTED = "network deep\ninput 8x8x3\n"
for level in range(5):
    NESTED += f"{'    ' * level}a_rather_long_name_of_a_group{level}:\n"
NESTED += f"{'    ' * 5}conv: conv 3x3, 9999, pad 1\n"


def rows_of(made):
    """The lines of the table, each as its words, without rules and bars."""
    table = made.split("\n\n")[1]
    return [re.split(r"  +", line.strip()) for line in table.splitlines() if not set(line) <= set("─- ")]


def test_a_row_says_what_the_layer_is_and_what_it_costs():
    titles, _, conv, pool, _, total = rows_of(
        text(report(), keys=("name", "what", "output", "params", "macs", "field"))
    )
    # 11*11*3*96 + 96 by hand; 55*55 positions of 11*11*3*96 multiplications
    assert titles == ["layer", "what", "output", "params", "MACs", "field"]
    assert conv == ["CONV1", "conv 11x11, 96, /4", "55x55x96", "34,944", "105,415,200", "11"]
    assert pool == ["POOL1", "max pool 3x3, /2", "27x27x96", "0", "0", "19"]
    assert total == ["total", "734,794", "106,115,040"]


def test_totals_are_said_exactly_and_briefly():
    made = text(report())
    assert re.search(r"^params +734,794 +735 K$", made, re.M)
    assert re.search(r"^weight memory +2,939,176 B +2\.80 MiB", made, re.M)
    assert re.search(r"^depth +2 layers", made, re.M)
    assert re.search(r"^receptive field +19 px", made, re.M)


def test_shapes_in_pytorchs_order_on_request():
    made = text(report(), paper=Paper(layout="chw"))
    assert "96x55x55" in made and "channels x height x width" in made and "55x55x96" not in made


def test_batch_and_dtype_are_said_and_meant():
    made = text(report(batch=2, dtype="fp16"))
    assert "batch 2, fp16" in made
    assert re.search(r"^MACs +212,230,080", made, re.M)
    assert re.search(r"^weight memory +1,469,588 B", made, re.M)


@pytest.mark.parametrize("sample", [LISTING, BLOCKS, NESTED])
@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("bars_", [False, True])
def test_no_line_is_wider_than_the_terminal(sample, ascii_only, bars_):
    found = report(sample).but(title="a title so long that it cannot stand beside the name of the network " * 3)
    for width in (*range(34, 130), 200, 400):
        made = text(found, paper=Paper(width, bars=bars_, ascii_only=ascii_only))
        widest = max(made.splitlines(), key=columns)
        assert columns(widest) <= width, widest
        assert made.isascii() or not ascii_only


def test_room_goes_to_what_matters_most_first():
    found = report()
    shown = {width: rows_of(text(found, paper=Paper(width)))[0] for width in (40, 60, 90, 200)}
    assert shown[40] == ["layer", "output", "params", "MACs"]
    assert shown[60] == ["layer", "what", "output", "params", "MACs"]
    assert shown[90][-2:] == ["act. mem", "field"]
    assert shown[200][-2:] == ["stride", "FLOPs/byte"]


def test_a_narrow_terminal_gets_short_figures():
    assert rows_of(text(report(), paper=Paper(34)))[2] == ["CONV1", "55x55x96", "34.9 K", "105 M"]


def test_colours_change_no_character():
    plain, coloured = (text(report(), paper=Paper(100, colour, True)) for colour in (False, True))
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain


def test_asked_for_columns_are_shown_in_that_order():
    made = rows_of(text(report(), keys=("macs", "name", "field.size", "line")))
    assert made[0] == ["MACs", "layer", "field", "line"]
    assert made[2] == ["105,415,200", "CONV1", "11", "3"]


@pytest.mark.parametrize("key", COLUMNS)
def test_every_column_can_be_shown(key):
    assert len(text(report(BLOCKS), keys=(key,)).splitlines()) > 12


def test_an_unknown_column_is_named_with_its_neighbour():
    with pytest.raises(UnknownColumn, match="no column 'parms'; did you mean 'params'"):
        text(report(), keys=("parms",))


def test_a_long_name_keeps_its_start_and_its_end():
    assert fold("inception_4a.pool_proj.conv", 15, "…") == "incepti…oj.conv"
    assert fold("conv 3x3, 64, pad 1", 12, "…", tail=True) == "conv 3x3, 6…"
    assert fold("short", 12, "…") == "short"
    assert columns(fold("\u7573\u307f" * 10, 9, "…")) <= 9


def test_columns_that_may_be_cut_share_what_room_there_is():
    table = [Column("name", "name", ["n" * 30], least=10), Column("n", "n", ["1" * 8], right=True)]
    (name, number) = fitted(table, 25, "…")
    assert (name.width, number.width) == (15, 8)
    assert fitted(table, None, "…")[0].width == 30


def test_bars_are_in_proportion_and_nothing_above_zero_is_invisible():
    assert bars([100, 50, 25, 1, 0], 4, ascii_only=False) == ["████", "██", "█", "▏", ""]
    assert bars([100, 50, 30, 1, 0], 4, ascii_only=True) == ["####", "##", "#-", "-", ""]
    assert bars([0, 0], 4, ascii_only=False) == ["", ""]
    assert bars([3, None], 2, ascii_only=False) == ["██", ""]


def judged(**claims):
    """The lines under the totals for claims that hold (True), fail (False) or hang on a symbol (None)."""
    base = report("input 8x8x3\nconv 3x3, 4\nexpect params = 112\n")
    (claim,) = base.expectations
    made = [claim.but(quantity=name, holds=holds) for name, holds in claims.items()]
    return text(base.but(expectations=tuple(made))).split("\n\n")[-1]


def test_claims_are_counted_and_the_wrong_ones_listed():
    assert judged(params=True) == "1 printed figure agrees\n"
    assert judged(params=True, macs=True, depth=None) == "2 printed figures agree, 1 left open by a symbol\n"
    assert judged(params=True, macs=False) == (
        "1 of 2 printed figures is wrong:\n  line 3: macs = 112; the layers give 112\n"
    )


def test_errata_give_the_sentence_and_the_figure():
    made = text(report('input 8x8x3\nconv 3x3, 4\nerratum "Table 4 prints 154" params = 112\n'))
    assert made.endswith("1 erratum of the source:\n  Table 4 prints 154; the layers give params 112\n")
