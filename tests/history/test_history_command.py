"""``archcalc history`` as a person or a program sees it."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from latency.calibrations import calibration, keep
from measured import MACHINE, NOISE, measured
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from typer.testing import CliRunner

from archcalc.analyses.latency.measured import Setting
from archcalc.cli import app
from archcalc.cli.recorded import record, warn
from archcalc.history import History
from archcalc.report.profile.json import document, profile_of

SCHEMAS = Path(__file__).parents[2] / "docs" / "schema"
MEASURED = (
    measured(),
    measured(26_700_000, started="2026-03-02T10:00:00+00:00", noise=(NOISE,), machine=MACHINE | {"torch": "2.14.0"}),
    measured(
        1_900_000, network="lenet5", started="2026-03-03T10:00:00+00:00", interrupted=True,
        setting=Setting(device="cuda:1", batch=64, dtype="bf16"), machine=MACHINE | {"name": "NVIDIA H100"},
    ),
)  # fmt: skip


@pytest.fixture(autouse=True)
def path(tmp_path, monkeypatch):
    monkeypatch.setenv("ARCHCALC_DB", str(tmp_path / "history.sqlite"))
    monkeypatch.setenv("TZ", "UTC")
    return tmp_path / "history.sqlite"


@pytest.fixture
def kept(path):
    history = History(path)
    for profile in MEASURED:
        history.add("profile", document(profile))
    return history


def run(*arguments, code=0, width=100, **more):
    result = CliRunner().invoke(
        app, ["history", *arguments], catch_exceptions=False, env={"COLUMNS": str(width)}, **more
    )
    assert result.exit_code == code, result.output
    return result


def numbers(listed):
    return [int(line.split()[0]) for line in listed.splitlines()[2:] if re.match(r"\s*\d+\s", line)]


def complaint(*arguments, **more):
    """The line that a command ends with."""
    result = run(*arguments, code=2, **more)
    assert result.stdout == ""
    [line] = result.stderr.splitlines()
    return line


def test_the_list(kept):
    lines = [re.sub(r"  +", "|", line.strip()) for line in run(width=120).stdout.splitlines()]
    assert lines[0] == "no.|when|network|setting|machine|median|interval"
    assert lines[2:] == [
        "3|2026-03-03 10:00|lenet5|cuda:1, batch 64, bf16|NVIDIA H100|1.900 ms|1.898 to 1.902|interrupted",
        "2|2026-03-02 10:00|resnet-50|cpu, batch 1, fp32, 2 threads|Xeon 8481C|26.70 ms|26.67 to 26.73|noisy",
        "1|2026-03-01 10:00|resnet-50|cpu, batch 1, fp32, 2 threads|Xeon 8481C|25.00 ms|24.97 to 25.03",
    ]


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_nothing_wraps(kept, width):
    kept.add("profile", document(measured(network="net-" * 30, machine=MACHINE | {"name": "Processor " * 20})))
    made = run(width=width).stdout
    assert max(map(len, made.splitlines())) <= width
    assert "noisy" in made and "26.70 ms" in made


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["--network", "resnet*"], [2, 1]),
        (["--network", "RESNET-50"], [2, 1]),
        (["--device", "cuda"], [3]),
        (["--device", "*h100"], [3]),
        (["--device", "cpu"], [2, 1]),
        (["--since", "2026-03-02"], [3, 2]),
        (["--since", "2026-03-02T10:00:01+00:00"], [3]),
        (["--limit", "2"], [3, 2]),
        (["--network", "resnet*", "--since", "2026-03-02"], [2]),
    ],
)
def test_filters(kept, arguments, found):
    assert numbers(run("list", *arguments).stdout) == found
    assert [each["id"] for each in json.loads(run("export", *arguments).stdout)] == found


def test_since_so_long_ago(kept):
    from datetime import UTC, datetime, timedelta

    for hours in (5, 30):
        started = datetime.now(UTC) - timedelta(hours=hours)
        kept.add("profile", document(measured(started=started.isoformat())))
    assert [numbers(run("--since", ago).stdout) for ago in ("12h", "2d", "500w")] == [[4], [4, 5], [4, 5, 3, 2, 1]]


def test_what_the_limit_leaves_out_is_told(kept):
    assert "the newest 2 of 3; --limit 3 shows all" in run("--limit", "2").stdout
    assert "shows all" not in run("--limit", "3").stdout


def test_nothing_yet(path):
    result = run()
    assert result.stdout == ""
    assert result.stderr == f"nothing is kept in {path} yet: archcalc profile SPEC measures a network\n"
    assert json.loads(run("export").stdout) == []
    assert not path.exists()


def test_nothing_of_that_kind(kept, path):
    assert run("--network", "vgg*").stderr == f"none of 3 in {path} is as asked for\n"
    assert "archcalc calibrate measures this machine" in run("--kind", "calibration").stderr


def test_other_kinds(kept):
    made = {"started": "2026-03-04T10:00:00+00:00", "device": "cuda:0", "machine": {"name": "NVIDIA H100"}}
    kept.add("calibration", made)
    assert re.search(r"4 +2026-03-04 10:00 +calibration +cuda:0 +NVIDIA H100", run("--kind", "calibration").stdout)
    assert json.loads(run("show", "4", "--format", "json").stdout) == made
    assert [each["kind"] for each in json.loads(run("export").stdout)] == ["calibration", *["profile"] * 3]
    assert [each["id"] for each in json.loads(run("export", "--kind", "calibration").stdout)] == [4]
    assert [each["id"] for each in json.loads(run("list", "--format", "json").stdout)] == [3, 2, 1]
    said = "error: no. 4 is a calibration, no measured network; --format json shows it"
    assert complaint("show", "4", "--format", "csv") == said
    assert "no. 4 is a calibration" in complaint("compare", "1", "4")


def test_show(kept):
    text = run("show", "2").stdout
    assert text.startswith("resnet-50") and "26.70 ms" in text and "9 % apart" in text
    assert profile_of(json.loads(run("show", "2", "--format", "json").stdout)) == MEASURED[1]
    assert "conv1" in run("show", "2", "--format", "markdown").stdout
    assert len(list(csv.DictReader(io.StringIO(run("show", "2", "--format", "csv").stdout)))) >= 2


def test_compare(kept):
    made = run("compare", "1", "2").stdout
    assert "in doubt, as no. 2 is noisy: no. 2 takes 1.068 times as long\n" in made
    assert re.search(r"torch +2\.13\.0 +2\.14\.0", made)
    assert "1 more" in run("compare", "1", "2", "--limit", "1").stdout
    assert json.loads(run("compare", "2", "1", "--format", "json").stdout)["verdict"] == "doubtful"
    assert json.loads(run("compare", "1", "3", "--format", "json").stdout)["verdict"] == "faster"


def test_export_as_csv(kept):
    rows = list(csv.DictReader(io.StringIO(run("export", "--format", "csv").stdout)))
    assert [(row["id"], row["network"], row["median_ns"], row["noisy"], row["batch"]) for row in rows] == [
        ("3", "lenet5", "1900000", "false", "64"), ("2", "resnet-50", "26700000", "true", "1"),
        ("1", "resnet-50", "25000000", "false", "1"),
    ]  # fmt: skip
    assert None not in rows[0] and "" not in rows[0]


def test_an_export_is_imported_once_elsewhere(kept, tmp_path):
    (tmp_path / "a.json").write_text(run("export").stdout, encoding="utf-8")
    other = tmp_path / "other.sqlite"
    assert run("import", str(tmp_path / "a.json"), "--db", str(other)).stderr == f"{other}: 3 added\n"
    assert run("import", str(tmp_path / "a.json"), "--db", str(other)).stderr == f"{other}: 0 added, 3 had been there\n"
    assert [row.document for row in History(other).rows()] == [row.document for row in kept.rows()]


def test_what_profile_prints_is_imported_too(path):
    from archcalc.report.profile.json import dumps

    printed = dumps(document(MEASURED[0]))
    run("import", "-", input=printed)
    run("import", "-", input=f"[{printed}, {dumps(document(MEASURED[1]))}]")
    assert [row.median_ns for row in History(path).rows()] == [26_700_000, 25_000_000]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "it is not JSON: "), ("[1]", "its object 1 is no measurement"), ('{"network": "x"}', "object 1 is no"),
        ('[{"kind": 1, "document": {}}]', "object 1 is no measurement"), ("[" * 100_000, "it is not JSON"),
    ],
)  # fmt: skip
def test_what_is_no_export_adds_nothing(kept, tmp_path, text, why):
    (tmp_path / "bad.json").write_text(text, encoding="utf-8")
    (tmp_path / "good.json").write_text(run("export", "--limit", "1").stdout, encoding="utf-8")
    other = tmp_path / "other.sqlite"
    said = complaint("import", str(tmp_path / "good.json"), str(tmp_path / "bad.json"), "--db", str(other))
    assert said.startswith(f"error: {tmp_path / 'bad.json'} is no export of archcalc history: ") and why in said
    assert not other.exists()


def test_files_that_cannot_be_imported(tmp_path):
    none = tmp_path / "none"
    assert complaint("import", str(none)) == f"error: cannot read {none}: no such file or directory"
    assert "is a directory" in complaint("import", str(tmp_path))
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    assert "it is not UTF-8" in complaint("import", str(tmp_path / "bytes"))


def test_delete(kept, path):
    assert complaint("delete", "1", "9") == f"error: there is no measurement 9 in {path}: nothing is deleted"
    assert run("delete", "1", "3", "1").stderr == f"{path}: 2 deleted\n"
    assert numbers(run().stdout) == [2]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show"], "show takes ID, numbers as listed"),
        (["show", "1", "2"], "show takes ID"),
        (["compare", "1"], "compare takes ID ID, numbers as listed"),
        (["compare", "1", "x"], "'x' is no number of a measurement"),
        (["delete"], "delete takes ID..., numbers as listed"),
        (["delete", "99999999999999999999"], "is no number of a measurement"),
        (["list", "1"], "list takes nothing more"),
        (["import"], "import takes FILE..."),
        (["show", "1", "--network", "x"], "show takes --depth"),
        (["compare", "1", "2", "--depth", "1"], "compare takes --limit"),
        (["delete", "1", "--kind", "profile"], "delete takes none of these"),
        (["--depth", "1"], "list takes --network and --device and --since and --limit and --kind"),
        (["compare", "1", "2", "--format", "csv"], "compare prints text or json"),
        (["export", "--format", "text"], "export prints json or csv"),
        (["--since", "yesterday"], "'yesterday' is not a date as 2026-03-01"),
        (["--since", "9999999w"], "is not a date as 2026-03-01"),
        (["--limit", "0"], "x>=1"),
        (["forget"], "'forget' is not one of"),
    ],
)
def test_bad_command_lines(kept, arguments, said):
    result = run(*arguments, code=2, width=300)
    assert said in " ".join(result.stderr.split())
    assert numbers(run().stdout) == [3, 2, 1]


def test_numbers_that_are_not_there(kept, path):
    said = f"error: there is no measurement 8 in {path}; archcalc history lists them"
    assert complaint("show", "8") == complaint("compare", "1", "8") == said


def test_a_file_that_is_named_must_be_there(tmp_path):
    missing = tmp_path / "typo.sqlite"
    assert complaint("--db", str(missing)) == (
        f"error: there is no file {missing}; archcalc profile SPEC --db {missing} makes it"
    )


def test_a_damaged_file_is_told_in_a_line(path):
    path.write_bytes(b"garbage " * 500)
    for arguments in ([], ["export"], ["show", "1"], ["compare", "1", "2"]):
        assert "the next measurement sets it aside" in complaint(*arguments)


def test_a_document_that_a_later_archcalc_wrote_is_listed(kept):
    kept.add("profile", {**document(MEASURED[0]), "schema": 99, "started": "2026-04-01T10:00:00+00:00"})
    assert re.search(r"^ +4 .*resnet-50 .*25\.0 ms.* unreadable$", run().stdout, re.M)
    assert complaint("show", "4").startswith("error: no. 4 cannot be read: it is of a later archcalc")


def test_a_measurement_that_cannot_be_kept_is_warned_of(path, capsys):
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE bookmarks (url TEXT)")
    assert record("profile", document(MEASURED[0])) is None
    assert capsys.readouterr().err == f"warning: not kept: {path} is a database of another program; name another file\n"
    path.unlink()
    assert record("profile", document(MEASURED[0])) == 1


def test_a_damaged_file_that_is_set_aside_is_warned_of(path, capsys):
    path.write_bytes(b"garbage " * 500)
    assert record("profile", document(MEASURED[0])) == 1
    aside = "set aside as history.sqlite.corrupt-1, and another begun"
    assert capsys.readouterr().err == f"warning: {path} is damaged (file is not a database): {aside}\n"


def test_no_name_steers_a_terminal(kept):
    kept.add("profile", document(measured(network="a\x1b[31mb", machine=MACHINE | {"name": "x\ny"})))
    for made in (run(width=200).stdout, run("compare", "1", "4").stdout):
        assert "\x1b" not in made and "a␛[31mb" in made and "x␊y" in made


def test_a_warning_fits_the_terminal(monkeypatch):
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setenv("NO_COLOR", "1")
    warn("one word and another, and as many again")
    assert terminal.getvalue() == "warning: one word and another,\n  and as many again\n"


def test_inputs_that_differ_are_height_width_channels(kept):
    kept.add("profile", document(measured(inputs=((3, 256, 192),))))
    found = " ".join(run("compare", "1", "4").stdout.split())
    assert "inputs 224x224x3 256x192x3" in found


def test_calibrations_are_told_apart_in_the_list(tmp_path):
    db = tmp_path / "calibrated.sqlite"
    keep(db, calibration(threads=1).but(noisy=True), calibration("cuda", "NVIDIA H200", "bf16", None))
    History(db).add("calibration", {"setting": {"device": "cpu", "dtype": 7}})
    _, _, *lines = run("--kind", "calibration", "--db", str(db), width=200).stdout.splitlines()
    cells = {" ".join(line.split()[3:]) for line in lines}
    assert cells == {
        "calibration cpu", "calibration cuda, bf16 NVIDIA H200", "calibration cpu, fp32, 1 thread a processor noisy",
    }  # fmt: skip


def test_an_export_is_as_its_schema_says(kept):
    schemas = {
        name: json.loads((SCHEMAS / name).read_text(encoding="utf-8"))
        for name in ("profile-1.json", "history-export-1.json")
    }
    resources = [(name, Resource.from_contents(each, DRAFT202012)) for name, each in schemas.items()]
    schema = Draft202012Validator(schemas["history-export-1.json"], registry=Registry().with_resources(resources))
    keep(kept.path, calibration(), calibration("cuda", "NVIDIA H200", "bf16", None))
    exported = json.loads(run("export").stdout)
    schema.validate(exported)
    schema.validate(json.loads(run("list", "--format", "json").stdout))
    assert {each["kind"] for each in exported} == {"calibration", "profile"}
    for each in exported:
        short = {**each, "document": {key: value for key, value in each["document"].items() if key != "setting"}}
        assert not schema.is_valid([short])


def test_a_calibration_is_shown_by_its_rules(tmp_path):
    db = tmp_path / "rules.sqlite"
    keep(db, calibration())
    History(db).add("calibration", {"started": "2026-01-01T00:00:00+00:00", "setting": {"device": "cpu"}})
    shown = run("show", "1", "--db", str(db)).stdout
    assert "conv" in shown and "mean error" in shown
    assert "of another version of archcalc" in run("show", "2", "--db", str(db), code=2).stderr
