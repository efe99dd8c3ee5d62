"""How long networks run on a GPU, and what archcalc says of them beforehand: tables, and all that was measured.

    python benchmarks/gpu.py [--only NAME,...] [--batches 1,64] [--time 3] [--calibration 60] [--again]
    python benchmarks/gpu.py --device cpu --out FOLDER

Each network runs as it is written (eager), compiled and as a CUDA graph, in fp32, tf32 and bf16. Then the GPU is
calibrated, for fp32 and bf16, on networks of its own, and what that predicts stands beside what was measured.

Results go to ``benchmarks/results/gpu-DEVICE.json`` and ``.md`` as soon as they are there. What is there is measured
again with ``--again`` only; what failed is tried again. The second form tries all of it on a CPU, in fp32 and bf16
and without CUDA graphs, and writes ``cpu-NAME`` into a folder of yours: none of that is a figure of a GPU.

Exit status: 0 all is measured, 1 some of it could not be, 2 nothing could be, 130 interrupted: the next call goes on.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import gpu_page
from gpu_memory import NETWORKS, folder_of

import archcalc

if TYPE_CHECKING:
    from archcalc.analyses.latency.measured import Setting

HERE = Path(__file__).parent
NAMES = ("resnet-50", "vgg-16", "densenet-121", "resnext-50")
BATCHES = (1, 64)
MODES: dict[str, dict[str, bool]] = {"eager": {}, "compiled": {"compile": True}, "CUDA graph": {"cuda_graph": True}}
#: What is run on each kind of device; what is calibrated.
DTYPES = {"cuda": ("fp32", "tf32", "bf16"), "cpu": ("fp32", "bf16")}
CALIBRATED = ("fp32", "bf16")


class Row(NamedTuple):
    """One measurement that is wanted."""

    network: str
    mode: str
    dtype: str
    batch: int

    def setting(self, device: str, seconds: float) -> Setting:
        from archcalc.analyses.latency.measured import Setting

        return Setting(device=device, batch=self.batch, dtype=self.dtype, seconds=seconds, **MODES[self.mode])


class Results:
    """What is measured so far: a file, written anew after each measurement, and the page beside it."""

    def __init__(self, path: Path, device: str) -> None:
        self.path = path
        self.found: dict[str, Any] = {"device": device, "rows": [], "calibrations": []}
        if path.exists():
            self.found = json.loads(path.read_text(encoding="utf-8"))

    def has(self, kind: str, key: dict[str, Any]) -> bool:
        """Whether something is measured; what failed is not."""
        return any(key.items() <= each.items() and not each["fault"] for each in self.found[kind])

    def put(self, kind: str, key: dict[str, Any], result: dict[str, Any]) -> None:
        """Keeps a result in place of an earlier one, in the order in which they came first."""
        kept = self.found[kind]
        place = next((place for place, each in enumerate(kept) if key.items() <= each.items()), len(kept))
        kept[place : place + 1] = [key | result]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._write(self.path, "\n".join(self._lines()))
        self._write(self.path.with_suffix(".md"), "\n".join(gpu_page.page(self.found, HERE.parent)))

    def _lines(self) -> Iterator[str]:
        """A line a measurement."""
        yield f'{{"device": {json.dumps(self.found["device"])}'
        for kind in ("rows", "calibrations"):
            yield f', "{kind}": ['
            yield ",\n".join(map(json.dumps, self.found[kind]))
            yield "]"
        yield "}"

    @staticmethod
    def _write(path: Path, text: str) -> None:
        """All of it or nothing: an interrupt leaves the file of before."""
        part = path.with_name(f"{path.name}.part")
        part.write_text(f"{text}\n", encoding="utf-8")
        part.replace(path)


def measured(row: Row, device: str, seconds: float) -> dict[str, Any]:
    """A document of one measurement."""
    import torch

    from archcalc.analyses.latency.bound import bounded
    from archcalc.pytorch.profile import profile
    from archcalc.report.profile.json import document

    spec = NETWORKS[row.network]
    network = archcalc.load(str(HERE.parent / spec))
    digest = sha256(network.head.source.text.encode()).hexdigest()
    torch.compiler.reset()  # what was compiled for the row before holds memory
    found = profile(network, row.setting(device, seconds), digest=digest).but(file=spec.partition(":")[0])
    if found.interrupted:
        raise KeyboardInterrupt
    return {"profile": document(bounded(found, network.graph))}


def calibration(dtype: str, device: str, seconds: float, batches: Sequence[int]) -> dict[str, Any]:
    """A document of rules learnt from archcalc's own networks, at each batch for as long."""
    from archcalc.analyses.latency.calibration import document
    from archcalc.analyses.latency.learn import learn
    from archcalc.analyses.latency.measured import Setting
    from archcalc.cli.calibrated import probes
    from archcalc.pytorch.calibrate import measure

    usual = Setting(device=device, dtype=dtype, seconds=seconds / len(batches))
    networks = probes()
    return {
        "calibration": document(
            learn([each for batch in batches for each in measure(networks, usual.but(batch=batch))])
        )
    }


def told(make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What is made, or why it cannot be: whatever a compiler or a driver raises ends nothing but this."""
    from archcalc.pytorch.profile import Unmeasurable
    from archcalc.pytorch.profile.faults import line_of

    try:
        return {**make(), "fault": ""}
    except Unmeasurable as fault:
        return {"fault": fault.message}
    except Exception as error:
        return {"fault": line_of(error)}


def work(wanted: argparse.Namespace) -> Iterator[tuple[str, dict[str, Any], Callable[[], dict[str, Any]]]]:
    """All that is wanted: its kind, what tells it from others, and what makes it."""
    kind = wanted.device.partition(":")[0]
    modes = [mode for mode in MODES if kind == "cuda" or mode != "CUDA graph"]
    for name in wanted.only:
        for row in (
            Row(name, mode, dtype, batch) for dtype in DTYPES[kind] for batch in wanted.batches for mode in modes
        ):
            yield "rows", row._asdict(), lambda row=row: measured(row, wanted.device, wanted.time)
    for dtype in CALIBRATED if wanted.calibration else ():
        made = (dtype, wanted.device, wanted.calibration, wanted.batches)
        yield "calibrations", {"dtype": dtype}, lambda made=made: calibration(*made)


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """What to measure. Ends with status 2 where that is unknown."""
    parser = argparse.ArgumentParser(description="Measure networks on a GPU, and predict them from a calibration.")
    parser.add_argument("--only", default=",".join(NAMES), help="networks, with commas between")
    parser.add_argument("--batches", default=",".join(map(str, BATCHES)))
    parser.add_argument("--time", type=float, default=3.0, help="seconds that samples of each are taken")
    parser.add_argument("--calibration", type=float, default=60.0, help="seconds for each; 0 leaves them out")
    parser.add_argument("--device", default="cuda", help="cuda, cuda:1, or cpu to try this without a GPU")
    parser.add_argument("--out", type=Path, help="a folder for the results")
    parser.add_argument("--again", action="store_true", help="measure what is there, too")
    found = parser.parse_args(given)
    known = {name.replace("-", ""): name for name in NAMES}
    for name in found.only.split(","):
        if name.replace("-", "") not in known:
            parser.error(f"no network {name!r}; known: {', '.join(NAMES)}")
    found.only = [known[name.replace("-", "")] for name in found.only.split(",")]
    if not all(batch.isdecimal() and int(batch) for batch in found.batches.split(",")):
        parser.error(f"batches {found.batches!r}: numbers from 1 with commas between, as in 1,64")
    found.batches = [int(batch) for batch in found.batches.split(",")]
    if found.device.partition(":")[0] not in DTYPES:
        parser.error(f"no device {found.device!r}; known: cuda, cuda:1, cpu")
    if found.device == "cpu" and found.out is None:
        parser.error("--device cpu only tries this: --out FOLDER says where its results go")
    found.out = found.out or HERE / "results"
    return found


def results(wanted: argparse.Namespace) -> Results:
    """Those of the device that there are. Raises Unmeasurable where there is no such device."""
    from archcalc.analyses.latency.measured import Setting
    from archcalc.pytorch.profile.device import device_of
    from archcalc.pytorch.profile.machine import machine

    name = machine(device_of(Setting(device=wanted.device)))["name"]
    kind = "cpu" if wanted.device == "cpu" else "gpu"
    return Results(wanted.out / f"{kind}-{folder_of(name)}.json", name)


def main(given: Sequence[str] | None = None) -> int:
    """Measures, prints and writes; the exit status."""
    wanted = arguments(given)
    from archcalc.pytorch import TorchMissing, require

    try:
        require()
        from archcalc.pytorch.profile import Unmeasurable

        kept = results(wanted)
    except TorchMissing as error:
        print(error, file=sys.stderr)
        return 2
    except Unmeasurable as fault:
        print(f"{fault.message}: this measures a GPU; --device cpu --out FOLDER tries it", file=sys.stderr)
        return 2
    everything = [*work(wanted)]
    try:
        for place, (kind, key, make) in enumerate(everything, 1):
            if wanted.again or not kept.has(kind, key):
                result = told(make)
                kept.put(kind, key, result)
                said = ", ".join(f"{value}" for value in key.values())
                print(f"{place} of {len(everything)}: {said}: {gpu_page.said(result)}", file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        print(f"interrupted: what is measured is in {kept.path}, the same command goes on", file=sys.stderr)
        return 130
    print(kept.path.with_suffix(".md").read_text(encoding="utf-8"), end="")
    there = [kept.has(kind, key) for kind, key, _ in everything]
    return 0 if all(there) else 1 if any(there) else 2


if __name__ == "__main__":
    sys.exit(main())
