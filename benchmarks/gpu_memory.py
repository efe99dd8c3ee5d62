"""Memory that archcalc computes, beside what a GPU's allocator hands out: inference, and a second training step.

    python benchmarks/gpu_memory.py [--only NAME,...] [--batches 1,8,32] [--runs inference,sgd,momentum,adam]

Each network is built by ``archcalc.pytorch.build`` and run in fp32. ``tensors`` is the most that lives at once without
the workspaces of cuDNN, cuBLAS and CUB, ``whole`` is ``torch.cuda.max_memory_allocated``, workspaces and all. Results
go to ``benchmarks/results/DEVICE/memory.json`` and ``.md``; the JSON has the largest tensors of each peak, and the
largest workspaces.

Workspaces are left out by the allocator's record, which tells what asked for each block. Turning cuDNN off would not
do: PyTorch's own convolutions unfold images into tensors that are larger still.

Exit status: 0 if all are within their tolerance, 1 if not, 2 without a GPU.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import archcalc

if TYPE_CHECKING:
    from archcalc.graph import Graph
    from archcalc.pytorch.allocator import Allocator, Held

HERE = Path(__file__).parent
NETWORKS = {
    "resnet-50": "specs/resnet.arch:resnet-50",
    "vgg-16": "specs/vgg.arch:D",
    "densenet-121": "specs/densenet.arch:densenet121",
    "resnext-50": "specs/resnext.arch:resnext50-32x4d",
    "googlenet": "specs/googlenet.arch:googlenet",
    "alexnet": "specs/alexnet.arch:alexnet",
    "inception-v3": "specs/inception-v3.arch:inception-v3",
    "resnet-110": "specs/resnet-cifar.arch:resnet-110",
    "mobilenet-v1": "tests/cases/mobilenet-v1.arch",
    "vit-b-16": "tests/cases/vit.arch",
}
BATCHES = (1, 8, 32)
RUNS = ("inference", "sgd", "momentum", "adam")
#: What a measured figure may differ by, in percent of itself.
TOLERANCES = {"tensors": 2.0, "whole": 5.0}


class Case(NamedTuple):
    """One measurement. A measured figure is None where the device has too little memory or does not tell."""

    network: str
    batch: int
    run: str
    predicted: int
    tensors: int | None = None
    whole: int | None = None
    blocks: Sequence[Sequence[Any]] = ()
    workspaces: Sequence[Sequence[Any]] = ()

    def off(self, kind: str) -> float | None:
        """Percent by which the prediction departs from what was measured."""
        measured = getattr(self, kind)
        return None if measured is None else 100 * (self.predicted - measured) / measured

    def passes(self, kind: str) -> bool | None:
        """Whether that is within the tolerance."""
        off = self.off(kind)
        return None if off is None else abs(off) <= TOLERANCES[kind]


def predicted(graph: Graph, batch: int, run: str) -> int:
    """Bytes that archcalc computes, of a GPU without workspaces."""
    from archcalc.analyses.memory.inference import inference
    from archcalc.analyses.memory.setting import Setting
    from archcalc.analyses.memory.stored import stored
    from archcalc.analyses.memory.training import training_memory

    setting = Setting(batch=batch, cuda=True)
    if run == "inference":
        return stored(graph, setting).weights + inference(graph, setting).peak
    return training_memory(graph, setting, run).peak


def measured(graph: Graph, batch: int, run: str, on: Allocator) -> Held | None:
    """What the allocator hands out; None if there is too little."""
    import torch

    from archcalc.pytorch import steps

    try:
        return steps.run(graph, batch, on) if run == "inference" else steps.train(graph, batch, run, on)
    except torch.OutOfMemoryError:
        return None


def cases(names: Iterable[str], batches: Iterable[int], runs: Sequence[str], on: Allocator) -> Iterator[Case]:
    """Every network with every batch and run, one after the other."""
    batches = tuple(batches)
    for name in names:
        graph = archcalc.load(str(HERE.parent / NETWORKS[name])).graph.without_aux()
        for batch in batches:
            for run in runs:
                found, wanted = measured(graph, batch, run, on), predicted(graph, batch, run)
                if found is None:
                    yield Case(name, batch, run, wanted)
                else:
                    yield Case(
                        name, batch, run, wanted, found.tensors, found.whole, found.blocks, found.workspaces
                    )  # fmt: skip


HEAD = ("network", "batch", "run", "predicted, B", "tensors, B", "off", "2 %", "whole, B", "off", "5 %")
LEFT = {0, 2, 6, 9}


def cells(case: Case) -> tuple[str, ...]:
    """A row of the table."""
    found = [case.network, f"{case.batch}", case.run, f"{case.predicted:,}"]
    for kind in TOLERANCES:
        number, off, passes = getattr(case, kind), case.off(kind), case.passes(kind)
        found.append("-" if number is None else f"{number:,}")
        found.append("-" if off is None else f"{off:+.2f} %")
        found.append("-" if passes is None else "PASS" if passes else "FAIL")
    return tuple(found)


def aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows of a table for a terminal."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        placed = enumerate(zip(row, widths, strict=True))
        yield "  ".join(cell.ljust(wide) if place in LEFT else cell.rjust(wide) for place, (cell, wide) in placed)


def verdicts(done: Sequence[Case]) -> Iterator[str]:
    """A line for each figure: how many are within its tolerance."""
    for kind, tolerance in TOLERANCES.items():
        known = [case for case in done if case.passes(kind) is not None]
        good = sum(bool(case.passes(kind)) for case in known)
        worst = max((case.off(kind) or 0.0 for case in known), key=abs, default=0.0)
        word = "PASS" if known and good == len(known) else "FAIL"
        missing = f", {len(done) - len(known)} not measured" if len(known) < len(done) else ""
        yield f"{kind}: {good} of {len(known)} within {tolerance:g} %, the worst {worst:+.2f} %{missing}: {word}"


def passed(done: Sequence[Case]) -> bool:
    """Whether every measured figure is within its tolerance, and some are."""
    found = [case.passes(kind) for case in done for kind in TOLERANCES]
    return False not in found and True in found


def machine(on: Allocator) -> dict[str, str]:
    """What the measurements depend on."""
    import torch

    return {
        "device": on.name,
        "torch": str(torch.__version__),
        "cuda": str(torch.version.cuda),
        "cudnn": str(torch.backends.cudnn.version()),
        "archcalc": archcalc.__version__,
    }


def markdown(about: Mapping[str, str], done: Sequence[Case]) -> Iterator[str]:
    """The page of results."""
    yield f"# Memory on {about['device']}"
    yield ""
    yield ", ".join(f"{name} {value}" for name, value in about.items() if name != "device")
    yield ""
    yield "Made by `python benchmarks/gpu_memory.py`. `predicted` is archcalc's, `tensors` the most that the allocator"
    yield "handed out at once without workspaces, `whole` with them; `off` is the prediction's departure from either."
    yield ""
    yield from (f"- {line}" for line in verdicts(done))
    yield ""
    yield f"| {' | '.join(HEAD)} |"
    yield f"| {' | '.join('---' if place in LEFT else '---:' for place in range(len(HEAD)))} |"
    yield from (f"| {' | '.join(cells(case))} |" for case in done)


def write(folder: Path, about: Mapping[str, str], done: Sequence[Case]) -> None:
    """The results as JSON and as a page."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [case._asdict() for case in done]
    (folder / "memory.json").write_text(json.dumps({**about, "cases": rows}, indent=1) + "\n", encoding="utf-8")
    (folder / "memory.md").write_text("\n".join(markdown(about, done)) + "\n", encoding="utf-8")


def folder_of(device: str) -> str:
    """A device's name as that of a folder."""
    return "-".join("".join(sign if sign.isalnum() else " " for sign in device).lower().split())


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """What to measure. Ends with status 2 where that is unknown."""
    parser = argparse.ArgumentParser(description="Hold archcalc's memory figures against a GPU's allocator.")
    parser.add_argument("--only", default=",".join(NETWORKS), help="networks, with commas between")
    parser.add_argument("--batches", default=",".join(map(str, BATCHES)))
    parser.add_argument("--runs", default=",".join(RUNS))
    parser.add_argument("--out", type=Path, default=HERE / "results", help="where a folder for the device is made")
    found = parser.parse_args(given)
    found.only, found.runs = found.only.split(","), found.runs.split(",")
    for what, names, known in (("network", found.only, NETWORKS), ("run", found.runs, RUNS)):
        for name in names:
            if name not in known:
                parser.error(f"no {what} {name!r}; known: {', '.join(known)}")
    if not all(batch.isdecimal() and int(batch) for batch in found.batches.split(",")):
        parser.error(f"batches {found.batches!r}: numbers from 1 with commas between, as in 1,8")
    found.batches = [int(batch) for batch in found.batches.split(",")]
    return found


def main(given: Sequence[str] | None = None, on: Allocator | None = None) -> int:
    """Measures, prints and writes; the exit status."""
    wanted = arguments(given)
    if on is None:
        from archcalc.pytorch import TorchMissing, require

        try:
            require()
        except TorchMissing as error:
            print(error, file=sys.stderr)
            return 2
        import torch

        from archcalc.pytorch.allocator import Gpu

        if not torch.cuda.is_available():
            print("no CUDA device: this measures the memory of a GPU, and PyTorch sees none", file=sys.stderr)
            return 2
        on = Gpu()
    done: list[Case] = []
    about = machine(on)
    for case in cases(wanted.only, wanted.batches, wanted.runs, on):
        print("  ".join(cells(case)), file=sys.stderr, flush=True)
        done.append(case)
        write(wanted.out / folder_of(on.name), about, done)  # what is measured stays, whatever comes next
    print("\n".join((*aligned([HEAD, *map(cells, done)]), "", *verdicts(done))))
    return 0 if passed(done) else 1


if __name__ == "__main__":
    sys.exit(main())
