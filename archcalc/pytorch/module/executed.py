"""Which modules with weights a module runs, in order, and how each of them is made: seen by hooks on a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd, _ConvTransposeNd

Parts = tuple[tuple[str, Any], ...]

#: The first that fits names a module's kind; all others are of the kind ``weights``.
KINDS: tuple[tuple[type[nn.Module], str], ...] = (
    (_ConvTransposeNd, "deconv"), (_ConvNd, "conv"), (nn.Linear, "fc"), (_BatchNorm, "bn"),
    (nn.LayerNorm, "layer norm"), (nn.GroupNorm, "group norm"), (nn.PReLU, "prelu"),
)  # fmt: skip
_SETTINGS = ("stride", "dilation", "groups")


class Ran(NamedTuple):
    """One turn of a module: its path, its kind, its tensors and settings, and the shape that it gave, less the batch.

    ``padding`` is None where a border is made elsewhere, or said by a word.
    """

    path: str
    kind: str
    parts: Parts
    padding: tuple[int, ...] | None = None
    gave: tuple[int, ...] | None = None

    @property
    def config(self) -> tuple[str, Parts]:
        """What makes two modules the same layer, wherever they stand."""
        return self.kind, self.parts

    def __str__(self) -> str:
        plain = ("dilation", "groups")  # where they are 1, as nearly always
        said = told(tuple((name, value) for name, value in self.parts if not (name in plain and _ones(value))))
        return f"{self.kind} {said}".rstrip()


def told(parts: Parts) -> str:
    """Tensors and settings in words."""
    return ", ".join(f"{name} {_size(value)}" for name, value in parts)


def _size(value: Any) -> str:
    return "x".join(map(str, value)) if isinstance(value, tuple) else "none" if value is None else str(value)


def _ones(value: Any) -> bool:
    return set(value) == {1} if isinstance(value, tuple) else value == 1


@contextmanager
def executed(module: nn.Module) -> Iterator[list[Ran]]:
    """The modules with weights that run, in order."""
    ran: list[Ran] = []

    def keep(path: str) -> Any:
        def hook(own: nn.Module, _inputs: Any, output: Any) -> None:
            ran.extend(described(path, own, output))

        return hook

    handles = [own.register_forward_hook(keep(path)) for path, own in weighty(module).items()]
    try:
        yield ran
    finally:
        for handle in handles:
            handle.remove()


def weighty(module: nn.Module) -> Mapping[str, nn.Module]:
    """Modules that hold tensors of their own, by path; what makes a weight of others belongs to its module."""
    return {
        path: own
        for path, own in module.named_modules()
        if (_kind(own) != "weights" or own._parameters or own._buffers) and "parametrizations" not in path.split(".")
    }


def described(path: str, own: nn.Module, output: Any = None) -> Sequence[Ran]:
    """A module as layers: one, or, of torch's attention, the two projections that it does not call."""
    gave = tuple(output.shape[1:]) if isinstance(output, Tensor) else None
    if isinstance(own, nn.MultiheadAttention):
        first = _tensors({"weight": own.in_proj_weight, "bias": own.in_proj_bias})
        last = _tensors({"weight": own.out_proj.weight, "bias": own.out_proj.bias})
        return [Ran(f"{path}.in_proj", "fc", first), Ran(f"{path}.out_proj", "fc", last)]
    kind = _kind(own)
    if kind == "weights":
        return [Ran(path, kind, _tensors(own._parameters), gave=gave)]
    tensors = {name: getattr(own, name, None) for name in ("weight", "bias")}
    settings = tuple((name, getattr(own, name)) for name in _SETTINGS if hasattr(own, name))
    padding = getattr(own, "padding", None)
    plain = isinstance(padding, tuple) and not hasattr(own, "border")
    return [Ran(path, kind, (*_tensors(tensors), *settings), padding if plain else None, gave)]


def _kind(own: nn.Module) -> str:
    return next((kind for known, kind in KINDS if isinstance(own, known)), "weights")


def _tensors(named: Mapping[str, Tensor | None]) -> Parts:
    return tuple((name, tuple(tensor.shape)) for name, tensor in named.items() if tensor is not None)
