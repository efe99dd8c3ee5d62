"""What PyTorch itself holds while a module runs: bytes of the storages that live after each operation."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, NamedTuple

import torch
from torch import Tensor, UntypedStorage, nn
from torch.autograd.graph import saved_tensors_hooks
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

_BATCH_NORM, _TRAINING = torch.ops.aten.native_batch_norm.default, 5


class Moment(NamedTuple):
    """After an operation: bytes that live, those of indices that it gave beside, and the storages that it read."""

    live: int
    indices: int
    reads: frozenset[int]


class Watch(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch gives it no types
    """Sees every operation below autograd, composite functions taken apart, on tensors that need no memory."""

    def __init__(self, given: Iterable[Tensor], apart: Iterable[Tensor] = ()) -> None:
        """``given`` live from the start; ``apart`` are never counted."""
        super().__init__()  # type: ignore[no-untyped-call]
        self.live = 0
        self.moments: list[Moment] = []
        self._apart = {key_of(tensor) for tensor in apart}
        self._living: dict[int, weakref.ref[UntypedStorage]] = {}
        for tensor in given:
            self._see(tensor)

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Nothing compiled runs here, and to keep dynamo off all of it would be imported, for seconds."""
        return False

    def _see(self, tensor: Tensor) -> bool:
        """Counts a tensor's storage for as long as it lives; whether it is new."""
        storage, key = tensor.untyped_storage(), key_of(tensor)
        if key in self._apart or key in self._living:
            return False
        size = storage.nbytes()

        def gone(_: weakref.ref[UntypedStorage]) -> None:
            self.live -= size
            del self._living[key]

        self.live += size
        self._living[key] = weakref.ref(storage, gone)
        return True

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        reads = frozenset(key_of(leaf) for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, Tensor))
        out = func(*args, **(kwargs or {}))
        # a CPU's kernel leaves the statistics of evaluation empty, the meta device's does not
        given = out[0] if func is _BATCH_NORM and not args[_TRAINING] else out
        new = [leaf for leaf in tree_leaves(given) if isinstance(leaf, Tensor) and self._see(leaf)]
        indices = sum(leaf.untyped_storage().nbytes() for leaf in new if leaf.dtype == torch.int64)
        self.moments.append(Moment(self.live, indices, reads))
        return out


def key_of(tensor: Tensor) -> int:
    """Tensors of one storage have one key."""
    return int(tensor.untyped_storage()._cdata)


def stored(module: nn.Module) -> list[Tensor]:
    """What a module stores: parameters and buffers."""
    return [*module.parameters(), *module.buffers()]


def inference_bytes(module: nn.Module, images: list[Tensor]) -> tuple[int, int]:
    """The most bytes that live at once, weights apart, in a run without gradients: with the images held throughout,
    and with each let go after its last reader and pools' indices left out."""
    with torch.no_grad(), Watch(images, apart=stored(module)) as watch:
        held = watch.live
        module.eval()(*images)
    # of a run that makes nothing the images are all that there is
    peak = max((moment.live for moment in watch.moments), default=held)
    last = {key_of(image): -1 for image in images}
    for place, moment in enumerate(watch.moments):
        last.update(dict.fromkeys(moment.reads & last.keys(), place))
    arena = 0 if watch.moments else held
    for place, moment in enumerate(watch.moments):
        spent = sum(image.untyped_storage().nbytes() for image in images if last[key_of(image)] < place)
        arena = max(arena, moment.live - moment.indices - spent)
    return peak, arena


@contextmanager
def saving(keep: Callable[[Tensor], None]) -> Iterator[None]:
    """Tells of every tensor that autograd keeps."""

    def pack(tensor: Tensor) -> Tensor:
        keep(tensor)
        return tensor

    with saved_tensors_hooks(pack, lambda tensor: tensor):
        yield


def saved_bytes(module: nn.Module, images: list[Tensor]) -> int:
    """Bytes of the storages that autograd keeps of a run in training mode, parameters and buffers apart."""
    apart = {key_of(tensor) for tensor in stored(module)}
    kept: dict[int, Tensor] = {}

    def keep(tensor: Tensor) -> None:
        kept[key_of(tensor)] = tensor

    with saving(keep):
        module.train()(*images)
    return sum(tensor.untyped_storage().nbytes() for key, tensor in kept.items() if key not in apart)


def training_bytes(
    module: nn.Module,
    optimizer: torch.optim.Optimizer,
    images: list[Tensor],
    targets: Tensor,
    around: AbstractContextManager[Any] | None = None,
) -> dict[str, int]:
    """The most bytes that live at once in a second training step, as torch's memory tracker sees them, by its names
    of what they are (and ``Total``). ``around``: a context of the forward pass."""
    from torch.distributed._tools.mem_tracker import MemTracker

    tracker = MemTracker()
    tracker.track_external(module, optimizer, *images, targets)
    with tracker:
        for repeat in range(2):
            if repeat:
                tracker.reset_mod_stats()
            with around or nullcontext():
                loss = nn.functional.cross_entropy(module.train()(*images), targets)
            torch.autograd.backward(loss)
            del loss
            optimizer.step()
            optimizer.zero_grad()
    (peak,) = tracker.get_tracker_snapshot("peak").values()
    return {str(name): int(size) for name, size in peak.items()}
