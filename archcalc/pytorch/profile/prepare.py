"""A subject made ready: run once, its faults told, its memory measured, then compiled or captured."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from archcalc.analyses.latency.measured import MemoryUse, Setting
from archcalc.analyses.memory import setting as memory
from archcalc.pytorch.allocator import Gpu, drop_workspaces
from archcalc.pytorch.profile.faults import Unmeasurable, line_of
from archcalc.pytorch.profile.room import free
from archcalc.pytorch.profile.subject import About, Subject
from archcalc.pytorch.watch import inference_bytes, key_of, stored, training_bytes

#: Runs before a CUDA graph is captured, on a stream aside: libraries take their workspaces in the first ones.
_BEFORE_CAPTURE = 3
_NO_MEMORY = ("can't allocate memory", "out of memory", "not enough memory", "STATUS_ALLOC_FAILED")


@contextmanager
def fitting(about: About, setting: Setting, device: torch.device) -> Iterator[int]:
    """Gives the bytes that there are. What needs more of a CPU's is not begun: the system would end the process, and
    others. Raises Unmeasurable with the largest batch that fits."""
    room = free(device)
    if device.type == "cpu" and about.predicted is not None and (about.weights or 0) + about.predicted > room:
        raise no_room(about, setting, room)
    try:
        yield room
    except (RuntimeError, MemoryError) as error:
        if is_no_memory(error):
            raise no_room(about, setting, room) from None
        if device.type != "cuda":
            raise
        # a driver, a library or a kernel that this build of torch has not: told when a kernel ends, not where it starts
        raise Unmeasurable(f"{setting.device} cannot run {about.network}: {line_of(error)}") from None


@contextmanager
def telling(subject: Subject) -> Iterator[None]:
    """What goes wrong in a run after the first pass. Raises Unmeasurable."""
    try:
        yield
    except Exception as error:  # a person's code may raise anything, in any run
        if is_no_memory(error):
            raise no_room(subject.about, subject.setting, subject.room) from None
        raise Unmeasurable(f"{subject.about.network} broke off: {line_of(error)}") from None


def is_no_memory(error: BaseException) -> bool:
    """Whether an error says that memory is used up."""
    known = isinstance(error, torch.OutOfMemoryError | MemoryError)
    return known or any(sign in str(error) for sign in _NO_MEMORY)


def no_room(about: About, setting: Setting, room: int) -> Unmeasurable:
    """The fault of a batch that does not fit, with the largest that does."""
    fits = about.largest(room)
    run = "a training step" if setting.train else "a run"
    repair = {None: "a smaller --batch", 0: "not even one image fits, as predicted"}.get(
        fits, f"--batch {fits} fits, as predicted"
    )
    images = "one image" if setting.batch == 1 else f"{setting.batch} images"
    message = f"{setting.device} has not enough memory for {run} of {about.network} on {images}"
    return Unmeasurable(message, repair, largest_batch=fits)


def prepared(subject: Subject, room: int) -> Subject:
    """The subject, ready to run. Raises Unmeasurable where its device cannot run it."""
    subject.room = room
    output = _first(subject)
    if subject.setting.train:
        if not isinstance(output, torch.Tensor) or output.dim() < 2 or not output.requires_grad:
            message = f"{subject.about.network} gives no tensor of classes that can be trained"
            raise Unmeasurable(message, "leave out --train")
        subject.train(output)
    del output
    with telling(subject):
        subject.memory = MemoryUse(_memory(subject), subject.about.predicted)
    if subject.setting.compile:
        _compile(subject)
    if subject.setting.cuda_graph:
        _capture(subject)
    return subject


def _first(subject: Subject) -> Any:
    """What a first pass gives. A layer that the device or the dtype has no kernel for is named."""
    stamps = 0

    def stamp() -> None:
        nonlocal stamps
        stamps += 1

    try:
        with subject.mode():
            return subject.boundaries.run(subject.inputs, stamp)
    except Exception as error:  # a person's code, or torch's for want of a kernel
        if is_no_memory(error):
            raise
        layer = subject.boundaries.raised(stamps) or subject.about.network
        setting = subject.setting
        of_images = not subject.about.file and re.search("shape|size|dimension|channels", str(error), re.IGNORECASE)
        own = "--input says what images it takes" if of_images else ""
        raise Unmeasurable(
            f"{layer} does not run in {setting.dtype} on {setting.device}: {line_of(error)}",
            "--dtype fp32" if setting.dtype != "fp32" else own, layer=layer,
        ) from None  # fmt: skip


def _memory(subject: Subject) -> int | None:
    """Bytes at the peak beyond what is stored, in a run without compiling or capturing."""
    if subject.device.type == "cuda":
        return _allocated(subject)
    if not subject.setting.train:
        return inference_bytes(subject.module, subject.inputs)[0]
    whole = training_bytes(subject.module, subject.optimizer, subject.inputs, subject.targets)["Total"]
    return whole - held(stored(subject.module))


def _allocated(subject: Subject) -> int:
    """What the GPU's allocator hands out, workspaces of this run included; what others hold is none of it."""
    with subject.mode():
        subject.run()  # an optimizer's state is made, libraries choose how they compute
        Gpu().empty()
        weights = held(stored(subject.module), cuda=True)
        given = [*subject.inputs, *subject.states()]
        others = torch.cuda.memory_allocated(subject.device) - weights - held(given, cuda=True)
        torch.cuda.reset_peak_memory_stats(subject.device)
        subject.run()
        torch.cuda.synchronize(subject.device)
        return torch.cuda.max_memory_allocated(subject.device) - others - weights


def held(tensors: Iterable[Tensor], *, cuda: bool = False) -> int:
    """Bytes of tensors' storages, each once, as an allocator hands them out."""
    allocated = memory.Setting(cuda=cuda).allocated
    return sum({key_of(tensor): allocated(tensor.untyped_storage().nbytes()) for tensor in tensors}.values())


def _compile(subject: Subject) -> None:
    try:
        # for itself alone: else a second batch is compiled for any batch, and the ninth network of a class not at all
        subject.forward = torch.compile(  # type: ignore[call-overload]  # torch's stubs do not know it
            subject.module, dynamic=False, isolate_recompiles=True
        )
        with subject.mode():
            subject.run()
    except Exception as error:  # of a dozen kinds, in as many layers of the compiler
        if is_no_memory(error):
            raise
        wants = "install a C++ compiler (g++ or clang++), or " if "compiler" in str(error).lower() else ""
        raise Unmeasurable(
            f"torch.compile cannot compile {subject.about.network}: {line_of(error)}", f"{wants}leave out --compile"
        ) from None


def _capture(subject: Subject) -> None:
    """The run becomes the replay of a graph, as PyTorch's notes on CUDA graphs have it.

    On a stream of the subject's own device, torch's usual one is that of its first capture. cuBLAS takes its workspace
    in the graph's memory and takes another one after it: neither is let go while the graph writes into it.
    """
    cuda: Any = torch.cuda  # torch gives streams no types
    current, aside = cuda.current_stream(subject.device), cuda.Stream(subject.device)
    try:
        with subject.mode():
            aside.wait_stream(current)
            with torch.cuda.stream(aside):
                for _ in range(_BEFORE_CAPTURE):
                    subject.run()
            current.wait_stream(aside)
            torch.cuda.synchronize(subject.device)
            drop_workspaces()
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph, stream=aside):
                subject.captured = subject.run()
            drop_workspaces()
    except RuntimeError as error:
        if is_no_memory(error):
            raise
        message = f"{subject.about.network} cannot be captured in a CUDA graph: {line_of(error)}"
        raise Unmeasurable(message, "leave out --cuda-graph") from None
    subject.run = graph.replay
