"""``archcalc check``: all of specs/, a thousand specs of 50 lines, fresh and unchanged, and a save under ``--watch``.

    python benchmarks/check.py

Prints whole-process times (medians) and their ratios to one small report of the same run.
"""

from __future__ import annotations

import os
import queue
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
SMALL = "input 32x32x3\nconv 3x3, 16, pad 1; relu\nmax pool 2x2\nfc 10\n"
COUNT, LINES, SAVES = 1000, 50, 20


def spec(number: int, draw: random.Random) -> str:
    """A network of 50 lines unlike the others: a stem, stages of convolutions and sums, expectations."""
    sides = [96, 128, 160, 192, 224, 256]
    lines = [
        f"network net-{number}", f"param width = {draw.choice([8, 12, 16, 20, 24, 32, 40, 48, 64])}",
        f"input {draw.choice(sides)}x{draw.choice(sides)}x3", "conv means conv, pad half, no bias; bn; relu",
        "stem: conv 7x7, width, stride 2",
    ]  # fmt: skip
    stage = 0
    while len(lines) < LINES - 10:
        stage += 1
        if stage < 5:
            lines.append(f"pool{stage}: max pool 2x2, ceil")
        maps = draw.randint(1, 12)
        for turn in range(draw.randint(1, 3)):
            lines.append(f"conv{stage}_{turn}: conv {draw.choice(['1x1', '3x3', '5x5'])}, {maps}*width")
        lines += [f"sum{stage}: sum:", f"    | conv 3x3, {maps}*width; conv 1x1, {maps}*width", "    | shortcut"]
    lines += ["global average pool", f"fc {draw.randint(10, 1000)}; softmax", f"expect params > {draw.randint(1, 999)}"]
    lines += ["expect macs < 900G", f"expect field >= {draw.randint(3, 50)}", "expect weight layers >= 8"]
    return "\n".join(lines + [f"# remark {n}" for n in range(LINES - len(lines))]) + "\n"


def seconds(*arguments: str, runs: int = 5, before: object = None) -> float:
    """The median of whole runs of the command line; ``before`` is called before each."""
    times = []
    for _ in range(runs):
        if callable(before):
            before()
        start = time.perf_counter()
        done = subprocess.run([sys.executable, "-m", "archcalc", *arguments], capture_output=True, text=True)
        times.append(time.perf_counter() - start)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    return median(times)


def saves(path: Path) -> float:
    """The median time from a save to the last line of the check that it starts."""
    lines: queue.Queue[str] = queue.Queue()
    command = [sys.executable, "-u", "-m", "archcalc", "check", "--watch", str(path)]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=path.parent)
    assert running.stdout is not None
    threading.Thread(target=lambda: [lines.put(line) for line in running.stdout or ()], daemon=True).start()

    def told() -> None:
        while "network" not in lines.get(timeout=60):
            pass

    told()
    time.sleep(1)
    text, times = path.read_text(encoding="utf-8"), []
    for turn in range(SAVES):
        time.sleep(0.2)
        start = time.perf_counter()
        path.write_text(f"{text}# save {turn}\n", encoding="utf-8")
        told()
        times.append(time.perf_counter() - start)
    running.terminate()
    running.wait()
    return median(times)


def in_process(path: Path) -> float:
    """The median time of one check of a file in this process."""
    from archcalc.checking.file import check_file

    times = []
    for _ in range(SAVES + 1):
        start = time.perf_counter()
        check_file(str(path))
        times.append(time.perf_counter() - start)
    return median(times[1:])


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        many, small, kept = Path(folder, "many"), Path(folder, "small.arch"), Path(folder, ".archcalc_cache")
        many.mkdir()
        small.write_text(SMALL, encoding="utf-8")
        draw = random.Random(7)
        for number in range(COUNT):
            Path(many, f"net-{number}.arch").write_text(spec(number, draw), encoding="utf-8")
        one = seconds("report", str(small))
        rows = [
            ("one small report", one),
            ("all of specs/", seconds("check", "--no-cache", str(ROOT / "specs"))),
            ("all of specs/, one process", seconds("check", "--no-cache", "--jobs", "1", str(ROOT / "specs"))),
            (f"{COUNT:,} specs of {LINES} lines", seconds("check", "--no-cache", str(many), runs=3)),
        ]
        assert not kept.exists()
        os.chdir(folder)
        seconds("check", str(many), runs=1)
        rows.append(("the same, unchanged", seconds("check", str(many))))
        for name, each in rows:
            print(f"{name:32}{each:8.2f} s{each / one:10.2f} times one small report")
        watched = Path(folder, "watched.arch")
        watched.write_text((ROOT / "specs" / "resnet.arch").read_text(encoding="utf-8"), encoding="utf-8")
        save, check = saves(watched), in_process(watched)
        print(f"{'a save under --watch':32}{1000 * save:8.0f} ms")
        print(f"{'an in-process check of the file':32}{1000 * check:8.0f} ms{2 * 1000 * check + 100:10.0f} ms allowed")


if __name__ == "__main__":
    main()
