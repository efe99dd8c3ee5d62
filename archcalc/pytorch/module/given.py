"""A person's own module: found by name, and run on a copy without memory, so that nothing of it changes."""

from __future__ import annotations

import copy
import importlib
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, redirect_stdout
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from archcalc.diagnostics import nearest
from archcalc.pytorch.module.executed import Ran, executed
from archcalc.pytorch.verify.flops import Counter


class ModuleFault(ValueError):
    """A module cannot be found, made or run: one line says why."""


def found(name: str) -> nn.Module:
    """What ``package.module:factory`` makes, or is; the current folder is on the path. Raises ModuleFault."""
    where, colon, factory = name.partition(":")
    if not colon or not where or not factory:
        raise ModuleFault(f"'{name}' is not package.module:factory, as in mynet.models:resnet50")
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    with _quiet():
        made = _attribute(_imported(where, name), where, factory)
        if not isinstance(made, nn.Module) and callable(made):
            made = _made(made, name)
    if not isinstance(made, nn.Module):
        raise ModuleFault(f"{name} gives {_article(type(made).__name__)}, not a torch.nn.Module")
    return made


def _imported(where: str, name: str) -> Any:
    try:
        return importlib.import_module(where)
    except ModuleNotFoundError as error:
        raise ModuleFault(f"{name}: there is no module '{error.name}' on the path or in this folder") from None
    except (Exception, SystemExit) as error:  # importing runs a person's code
        raise ModuleFault(f"importing {where} raises {_line(error)}") from None


def _attribute(module: Any, where: str, path: str) -> Any:
    for part in path.split("."):
        if not hasattr(module, part):
            hint = nearest(part, [name for name in dir(module) if not name.startswith("_")])
            raise ModuleFault(f"{where} has no '{path}'{f'; {hint}' if hint else ''}")
        module = getattr(module, part)
    return module


def _made(factory: Callable[[], Any], name: str) -> Any:
    try:
        return factory()
    except (Exception, SystemExit) as error:
        raise ModuleFault(f"{name}() raises {_line(error)}") from None


def _article(word: str) -> str:
    return f"{'an' if word[:1].lower() in 'aeiou' else 'a'} {word}"


@contextmanager
def _quiet() -> Iterator[None]:
    """What a person's code prints is no part of our output, and its warnings are not for here."""
    with redirect_stdout(sys.stderr), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


class Outcome(NamedTuple):
    """What a module's run showed: its layers in order, the operations counted, what it gave; ``module`` is what ran."""

    module: nn.Module
    ran: list[Ran]
    flops: int
    output: Any


#: What else looks on while a module runs, given what runs and the counter of its operations.
Onlooker = Callable[[nn.Module, Counter], AbstractContextManager[Any]]


def run(module: nn.Module, inputs: Sequence[Tensor], onlooker: Onlooker | None = None) -> Outcome:
    """One image through the module in evaluation: through a copy without memory or, where it takes none, a copy with
    its weights, or itself. Raises ModuleFault."""
    looking = onlooker or (lambda *_: nullcontext())
    fault: BaseException | None = None
    for copied in (_without_memory, copy.deepcopy, _itself):
        try:
            own = copied(module)
            images = [_like(each, own) for each in inputs]
            with _quiet(), _evaluating(own), executed(own) as ran, Counter() as counter, looking(own, counter):
                output = own(*images)
            return Outcome(own, ran, counter.get_total_flops(), output)
        except (Exception, SystemExit) as error:  # a person's code, on inputs or devices that it may not be made for
            fault = error
    shapes = " and ".join("x".join(map(str, each.shape)) for each in inputs)
    raise ModuleFault(f"the module refuses an input of {shapes} (batch, channels first): {_line(fault)}") from None


def _without_memory(module: nn.Module) -> nn.Module:
    known: dict[int, Any] = {}
    for tensor in (*module.parameters(), *module.buffers()):
        if not is_lazy(tensor):
            empty = torch.empty_like(tensor, device="meta", requires_grad=False)
            parameter = isinstance(tensor, nn.Parameter)
            known[id(tensor)] = nn.Parameter(empty, tensor.requires_grad) if parameter else empty
    return copy.deepcopy(module, known)


def _itself(module: nn.Module) -> nn.Module:
    return module


@contextmanager
def _evaluating(module: nn.Module) -> Iterator[None]:
    modes = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        yield
    finally:
        for part, training in modes:
            part.training = training


def _like(image: Tensor, module: nn.Module) -> Tensor:
    """An input of the module's own numbers, where those are."""
    own = next((each for each in module.parameters() if each.is_floating_point() and not is_lazy(each)), None)
    return torch.zeros(image.shape) if own is None else torch.zeros(image.shape, dtype=own.dtype, device=own.device)


def _line(error: BaseException | None) -> str:
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0]}" if text else type(error).__name__
