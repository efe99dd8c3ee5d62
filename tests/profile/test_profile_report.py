"""What a person sees of a measurement, and what other programs read of it."""

from __future__ import annotations

import csv as csv_module
import io
import re
from decimal import Decimal
from fractions import Fraction

import pytest
from markdown_it import MarkdownIt
from measurements import NOISE, flat, measured, trained

from archcalc.analyses.latency.measured import Phase
from archcalc.report.profile import csv, markdown, several
from archcalc.report.profile.figures import figures, scale
from archcalc.report.profile.text import text
from archcalc.report.text import Paper

WIDTHS = (40, 60, 80, 100, 200)
LONG = NOISE.but(seen="the clock of the GPU fell from 1.98 GHz to 1.41 GHz " * 4)


def seen(profile, width=None, depth=None, **how):
    return text(profile, Paper(width=width, bars=True, **how), depth=depth)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("depth", [None, 1])
@pytest.mark.parametrize("profile", [measured(noise=(NOISE, LONG)), trained(), measured("specs/stn.arch:stn-mnist")])
def test_nothing_is_wider_than_the_paper(profile, width, depth):
    made = seen(profile, width, depth)
    assert max(map(len, made.splitlines())) <= width
    assert re.search(r"^median +\S+ [mµ]s", made, re.M)


def test_the_column_of_times_adds_up_as_it_is_read():
    made = seen(measured(), 100, 1)
    table = made.partition("time, µs")[2]
    found = dict(re.findall(r"^(\S+) .*?  ([\d,]+\.\d)  +[\d.]+", table, re.M))
    times = {name: round(10 * float(time.replace(",", ""))) for name, time in found.items()}
    layers = [time for name, time in times.items() if name not in ("sum", "other", "whole")]
    assert len(layers) == 9
    assert sum(layers) == times["sum"] and times["sum"] + times["other"] == times["whole"]


def test_what_is_noisy_says_so_everywhere():
    quiet, noisy = measured(), measured(noise=(NOISE,))
    made = [lambda each: seen(each, 100), markdown.section, csv.rows, lambda each: several.text([each, each], Paper())]
    for show in made:
        assert re.search("noisy|true", show(noisy), re.I)
        assert not re.search("noisy|,true,", show(quiet), re.I)
    assert "10 % apart" in seen(noisy, 100) and "10 % apart" in markdown.section(noisy)
    assert "no sign of noise" in seen(quiet)


def test_what_was_interrupted_says_so():
    profile = measured(interrupted=True)
    assert "interrupted: fewer runs" in seen(profile)
    assert "**Interrupted**" in markdown.section(profile)
    assert "interrupted" in several.text([profile, profile], Paper())


def test_a_p95_is_told_only_if_there_is_one():
    profile = measured()
    assert "95th percentile" in seen(profile)
    few = profile.but(whole=profile.whole.but(p95=None, low=None, high=None, count=5))
    assert "95th percentile" not in seen(few) and "too few to bound it" in seen(few)


@pytest.mark.parametrize(("time", "told"), [
    (1, "1 ns"), (999, "999 ns"), (1000, "1.000 µs"), (25_312_345, "25.31 ms"), (253_123_450, "253.1 ms"),
    (4_000_000_000, "4.000 s"), (74_000_000_000, "74.00 s"), (123_456_000_000_000, "123,456 s"), (0, "0 ns"),
])  # fmt: skip
def test_times_have_four_digits(time, told):
    assert scale(time).told(time) == told


def test_rates_are_of_the_median():
    whole = measured().whole.but(median=25_000_000)
    found = {each.name: each for each in figures(measured(batch=8, whole=whole, flops=10**10), Fraction(5_000_000))}
    assert found["throughput"].value == "320 images/s" and found["throughput"].remark == "3.13 ms each"
    assert found["achieved"].value == "400 GFLOP/s"
    assert found["achieved"].remark == "20.0 % of what the roof allows: 5.00 ms"


@pytest.mark.parametrize(("use", "words"), [
    ((1024, 1024), "the peak beyond weights; as predicted"),
    ((1127, 1024), "1.00 KiB predicted, +10.1 % of it"),
    ((1024, None), "the peak beyond weights"),
    ((None, 1024), "predicted: the peak beyond weights; not measured here"),
    ((1024, 0), "0 B predicted"),
])  # fmt: skip
def test_memory_stands_beside_what_was_predicted(use, words):
    profile = measured()
    found = {
        each.name: each for each in figures(profile.but(memory=profile.memory.but(measured=use[0], predicted=use[1])))
    }
    assert found["memory"].remark.endswith(words)


def test_energy_is_an_estimate():
    made = seen(measured(millijoules=412.4))
    assert re.search(r"^energy +0\.412 J  an image, an estimate", made, re.M)


def test_phases_of_a_training_step():
    made = seen(trained(), 100)
    assert re.search(r"^  forward .* 32\.0 %$", made, re.M) and "training with adam" in made
    assert "layer  " not in made and "a training step is timed by its phases: no times of layers" in made
    assert "timed by its phases" in markdown.section(trained())


@pytest.mark.parametrize("whole", [999, 3_333, 24_999_999, 1_234_567_890])
def test_phases_and_other_add_up_as_they_are_read(whole):
    parts = {"forward": whole * 301 // 1000, "backward": whole * 607 // 1000, "step": whole * 66 // 1000}
    profile = trained(phases=tuple(Phase(name, flat(time)) for name, time in parts.items()), whole=flat(whole))
    found = {each.name.strip(): each for each in figures(profile)}
    rows = [found[name] for name in (*parts, "other")]
    assert sum(Decimal(row.value.split()[0]) for row in rows) == Decimal(found["median"].value.split()[0])
    assert sum(Decimal(row.remark.split()[0]) for row in rows) == 100


def test_other_is_explained_where_runs_were_held_up():
    """Twice as long without stamps as all layers: others ran, if a pass with stamps is all layers."""
    profile = measured(noise=(NOISE,))
    late = profile.but(whole=flat(2 * profile.whole.median), within=0.987)
    assert "other is large because runs were held up" in seen(late) and "98.7 % of it" in markdown.section(late)
    for each in (late.but(noise=()), late.but(within=0.5), late.but(within=None), profile.but(within=0.987)):
        assert "held up" not in seen(each) + markdown.section(each)


def test_markdown_says_what_text_says_of_the_sum_and_of_stamps():
    profile = measured()
    made = markdown.section(profile)
    for name in ("sum", "whole"):
        assert re.search(rf"^\| \*\*{name}\*\* .*\| {profile.macs:,} \|", made, re.M)
    assert "Layers are timed in passes with a stamp between two, which took 210 µs more than the whole without." in made


def test_one_piece_says_that_it_has_no_layers():
    profile = measured(layers=())
    compiled = seen(profile.but(setting=profile.setting.but(compile=True)), 40)
    assert "one piece" in " ".join(compiled.split()) and max(map(len, compiled.splitlines())) <= 40
    assert "one piece" not in seen(trained())


def test_what_tells_settings_apart_has_a_column():
    one = measured()
    other = one.but(setting=one.setting.but(channels_last=True))
    assert "channels last" in several.text([one, other], Paper())
    assert "channels last" not in several.text([one, one], Paper())
    for width in WIDTHS[1:]:
        assert max(map(len, several.text([one, other], Paper(width=width)).splitlines())) <= width


def test_ascii_is_enough():
    made = seen(measured(noise=(NOISE,)), 80, 1, ascii_only=True)
    assert made.isascii() and "time, us" in made


def test_no_name_steers_a_terminal():
    profile = measured(network="evil\x1b[2Jnet", values={"k\x1b": 3}, machine={"name": "CPU\x07"})
    assert "\x1b" not in seen(profile) and "\x07" not in seen(profile)


def test_colour_changes_no_word():
    plain, coloured = seen(measured(noise=(NOISE,)), 80), seen(measured(noise=(NOISE,)), 80, colour=True)
    words = re.sub(r" +$", "", re.sub(r"\x1b\[[\d;]*m", "", coloured), flags=re.M)
    assert coloured != plain and words == plain


def test_csv_has_a_row_a_layer_and_adds_up():
    profile = measured(noise=(NOISE,))
    rows = list(csv_module.DictReader(io.StringIO(csv.header() + csv.rows(profile))))
    parts = {part: [row for row in rows if row["part"] == part] for part in ("layer", "other", "whole")}
    assert [row["name"] for row in parts["layer"]] == [layer.name for layer in profile.layers]
    times = {part: sum(int(row["median_ns"]) for row in found) for part, found in parts.items()}
    assert times["layer"] + times["other"] == times["whole"] == profile.whole.median
    assert {row["noisy"] for row in rows} == {"true"} and {row["network"] for row in rows} == {"resnet-50"}
    assert sum(int(row["macs"]) for row in parts["layer"]) == int(parts["whole"][0]["macs"])


def test_markdown_is_two_tables_and_nothing_of_a_name_is_markup():
    made = markdown.section(measured(network="a|b <i>*net*</i>", noise=(NOISE,)), depth=1)
    page = MarkdownIt("gfm-like", {"linkify": False}).render(made)
    assert page.count("<table>") == 2 and "<details>" in made and "<blockquote>" in page
    assert "<i>" not in page and "<em>" not in page
    assert MarkdownIt("gfm-like", {"linkify": False}).render(markdown.table([measured(), trained()])).count("<tr>") == 3
