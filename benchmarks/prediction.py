"""How well ``archcalc predict`` does on networks that a calibration has not seen: the whole table from scratch.

    python benchmarks/prediction.py [--threads N] [--time 6min] [--batch N] [--out FILE.json] [--from FILE.json]

One measurement holds it all: a calibration's own networks and the held-out ones run in turns, so that a machine that
changes its pace changes both alike. Then two tables: predictions learnt from the calibration's networks alone
(``micro``), and from these and all held-out networks but those of the same file (``--nets``). ``error`` is predicted
over measured, less one; ``layers`` the share of a network's layers that lie in their printed band.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import archcalc

if TYPE_CHECKING:
    from archcalc.analyses.latency.measured import Profile
    from archcalc.analyses.latency.predict import Prediction
    from archcalc.graph import Graph

HERE = Path(__file__).parent.parent
HELD_OUT = (
    "specs/alexnet.arch", "specs/zfnet.arch", "specs/vgg.arch:A", "specs/nin.arch:nin-cifar10", "specs/googlenet.arch",
    "specs/inception-v3.arch", "specs/resnet.arch:resnet-18", "specs/resnet.arch:resnet-34",
    "specs/resnet-v1.5.arch:resnet50", "specs/resnext.arch:resnext50-32x4d", "specs/densenet.arch:densenet121",
    "specs/densenet.arch:densenet-bc-100-12", "specs/wide-resnet.arch:wrn-40-4", "specs/preact-resnet.arch:preact-110",
    "specs/fractalnet.arch:fractalnet-20", "tests/cases/squeezenet.arch", "tests/cases/mobilenet-v1.arch",
    "tests/cases/mobilenet-v2.arch", "tests/cases/efficientnet-b0.arch", "tests/cases/darknet19.arch",
    "tests/cases/vit.arch", "specs/lenet5.arch:lenet5-modern", "specs/resnet-cifar.arch:resnet-20", "specs/vgg.arch:D",
)  # fmt: skip


class Row:
    """A held-out network: its file, what it took and what was said of it."""

    def __init__(self, file: str, measured: Profile, predicted: Prediction) -> None:
        self.file, self.measured, self.predicted = file, measured, predicted
        self.error = predicted.time / measured.whole.median - 1
        self.inside = predicted.low <= measured.whole.median <= predicted.high
        bands = zip(predicted.layers, measured.layers, strict=True)
        self.layers = [said.low <= taken.time.median <= said.high for said, taken in bands]

    def __str__(self) -> str:
        took, said = self.measured.whole.median / 1e6, self.predicted
        band = f"{said.low / 1e6:.2f} to {said.high / 1e6:.2f}"
        share = sum(self.layers) / len(self.layers)
        return (
            f"{said.network:<22}{took:>12.2f}{said.time / 1e6:>12.2f}{self.error:>+9.1%}{band:>20}"
            f"{'' if self.inside else '  out':<5}{share:>8.0%}"
        )


def rows(profiles: dict[str, Profile], graphs: dict[str, Graph], own: Sequence[str], *, nets: bool) -> Iterator[Row]:
    """A row for each held-out network; with ``nets`` learnt from those of other files too."""
    from archcalc.analyses.latency.learn import learn
    from archcalc.analyses.latency.predict import predict

    learnt = None if nets else learn([profiles[name] for name in own])
    for name in HELD_OUT:
        others = [each for each in HELD_OUT if _file(each) != _file(name)]
        by = learnt or learn([profiles[each] for each in (*own, *others)])
        yield Row(name, profiles[name], predict(graphs[name], by, batch=profiles[name].setting.batch))


def _file(name: str) -> str:
    return name.partition(":")[0]


def summary(found: Sequence[Row]) -> dict[str, float]:
    """What is asked of a prediction."""
    errors = [abs(row.error) for row in found]
    took, said = [row.measured.whole.median for row in found], [row.predicted.time for row in found]
    layers = [each for row in found for each in row.layers]
    return {
        "networks": len(found),
        "mean error": statistics.mean(errors),
        "median error": statistics.median(errors),
        "worst error": max(errors),
        "rank correlation": statistics.correlation(_ranks(took), _ranks(said)),
        "networks in their band": sum(row.inside for row in found) / len(found),
        "layers in their band": sum(layers) / len(layers),
    }


def _ranks(values: Sequence[float]) -> list[float]:
    ordered = sorted(values)
    return [float(ordered.index(value)) for value in values]


def measured(names: Iterable[str], graphs: dict[str, Graph], seconds: float, threads: int, batch: int) -> list[Profile]:
    """All of them in turns."""
    from archcalc.analyses.latency.measured import Setting
    from archcalc.pytorch.calibrate import measure
    from archcalc.report.progress import Progress

    progress = Progress(sys.stderr)
    setting = Setting(threads=threads, seconds=seconds, batch=batch)
    found = measure([graphs[name] for name in names], setting, say=progress.tell)
    progress.wipe()
    return found


def main(given: Sequence[str] | None = None) -> int:
    """Prints both tables; the exit status."""
    from archcalc.cli.calibrated import probes
    from archcalc.cli.profiling import seconds_of
    from archcalc.report.profile.json import document, profile_of

    parser = argparse.ArgumentParser(description="Hold predictions against networks that a calibration has not seen.")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--time", default="6min", help="of all runs together")
    parser.add_argument("--out", type=Path, help="keep the measurements here")
    parser.add_argument("--from", type=Path, dest="kept", help="of measurements that were kept, not of new ones")
    wanted = parser.parse_args(given)
    graphs = {graph.name: graph for graph in probes()}
    own = list(graphs)
    graphs |= {name: archcalc.load(str(HERE / name)).graph.without_aux() for name in HELD_OUT}
    if wanted.kept:
        profiles = [profile_of(each) for each in json.loads(wanted.kept.read_text(encoding="utf-8"))]
    else:
        profiles = measured(graphs, graphs, seconds_of(wanted.time), wanted.threads, wanted.batch)
    if wanted.out:
        wanted.out.write_text(json.dumps([document(each) for each in profiles]), encoding="utf-8")
    tell(dict(zip(graphs, profiles, strict=True)), graphs, own)
    return 0


def tell(profiles: dict[str, Profile], graphs: dict[str, Graph], own: Sequence[str]) -> None:
    """Both tables, and under what they were made."""
    first = next(iter(profiles.values()))
    noisy = sum(each.noisy for each in profiles.values())
    about = f"{first.machine['name']}, {first.machine['threads']} threads, batch {first.setting.batch}"
    print(f"{about}, PyTorch {first.machine['torch']}: {len(profiles)} networks in turns, {noisy} of them noisy")
    print(f"{first.whole.count} runs of each, begun {first.started}")
    heads = f"{'network':<22}{'measured, ms':>12}{'predicted':>12}{'error':>9}{'nine of ten':>20}{'layers':>13}"
    for title, nets in (
        ("micro: learnt from the calibration's own networks", False),
        ("--nets: and from the held-out networks of other files", True),
    ):
        print(f"\n{title}\n{heads}")
        found = []
        for row in rows(profiles, graphs, own, nets=nets):
            found.append(row)
            print(row, flush=True)
        print(", ".join(_told(name, value) for name, value in summary(found).items()))


def _told(name: str, value: float) -> str:
    if name == "networks":
        return f"{value} networks"
    return f"{name} {value:.3f}" if name == "rank correlation" else f"{name} {value:.1%}"


if __name__ == "__main__":
    sys.exit(main())
