"""What is to be measured, read from options: every fault is told before anything slow is imported."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

import typer

from archcalc.analyses.latency.measured import RUN, Setting
from archcalc.cli.profiled import Subject

if TYPE_CHECKING:
    from archcalc.layers import Shape
    from archcalc.network import Network
    from archcalc.pytorch.profile import Measurable

#: By their names as options.
_FLAGS = {"channels-last": "channels_last", "compile": "compile", "cuda-graph": "cuda_graph"}
_SECONDS = {"ms": 0.001, "s": 1.0, "": 1.0, "min": 60.0}
_SHORTEST, _LONGEST = 0.01, 3600.0
#: Seconds, where no unit says so: more were meant to be milliseconds.
_LONGEST_BARE = 60.0
#: Images that anyone means; and digits of a number that is read.
_MOST, _DIGITS = 1 << 20, 9
#: Threads: so many for each logical core, and at least so many in all. Far more of them end the process.
_A_CORE, _THREADS = 16, 64


def device_of(text: str) -> str:
    """``cpu``, ``cuda`` or ``cuda:1``. Raises BadParameter."""
    name = text.strip().lower()
    if not re.fullmatch(r"cpu|cuda(:\d{1,3})?", name):
        hint = "; did you mean cuda?" if name in ("gpu", "nvidia") or name.startswith("cuda") else ""
        raise typer.BadParameter(f"'{text}' is not cpu, cuda or cuda:N{hint}", param_hint="--device")
    return name


def seconds_of(text: str) -> float:
    """``500ms``, ``5s``, ``2min``, or ``5`` for few seconds. Raises BadParameter."""
    match = re.fullmatch(r"\s*(\d{1,9}(?:\.\d{1,9})?|\.\d{1,9})\s*(ms|s|min|)\s*", text, re.IGNORECASE | re.ASCII)
    if match is None:
        raise typer.BadParameter(f"'{text}' is not a time, as 500ms, 5s or 2min", param_hint="--time")
    seconds = float(match[1]) * _SECONDS[match[2].lower()]
    if not match[2] and seconds > _LONGEST_BARE:
        raise typer.BadParameter(f"'{text}' has no unit: {match[1]}ms or {match[1]}s", param_hint="--time")
    if not _SHORTEST <= seconds <= _LONGEST:
        raise typer.BadParameter(f"'{text}' is not between 10ms and 60min", param_hint="--time")
    return seconds


def optimizer_of(text: str, train: bool) -> str:
    """An optimizer's own name. Raises BadParameter."""
    from archcalc.cli.options import optimizer_of as named

    if text and not train:
        raise typer.BadParameter(
            "inference has no optimizer: --train measures training steps", param_hint="--optimizer"
        )
    return named(text) if text else "sgd"


def settings(usual: Setting, batches: str, dtypes: str, threads: str, vary: Sequence[str]) -> tuple[Setting, ...]:
    """Every setting that is asked for, in order, each once. Raises BadParameter."""
    choices: dict[str, Sequence[Any]] = {
        "batch": _numbers(batches, "--batch"),
        "dtype": _dtypes(dtypes),
        "threads": _numbers(threads, "--threads", most_threads()) if threads.strip() else [None],
    }
    for text in vary:
        choices[_flag(text, usual)] = (False, True)
    made = tuple(usual.but(**dict(zip(choices, values, strict=True))) for values in product(*choices.values()))
    for setting in made:
        _possible(setting)
    return made


def most_threads() -> int:
    """Beyond it threads only wait, and soon cannot be made."""
    return max(_A_CORE * (os.cpu_count() or 1), _THREADS)


def _numbers(text: str, option: str, most: int = _MOST) -> list[int]:
    """``1,8,32``, each once. Raises BadParameter."""
    found: dict[int, None] = {}
    for word in text.split(","):
        digits = word.strip()
        if not re.fullmatch(rf"\d{{1,{_DIGITS}}}", digits, re.ASCII) or not 1 <= int(digits) <= most:
            wanted = f"a number from 1 to {most:,}, or several as 1,8,32"
            fault = f"'{digits}' is not {wanted}" if digits else f"'{text}' has an empty place, not {wanted}"
            raise typer.BadParameter(fault, param_hint=option)
        found[int(digits)] = None
    return list(found)


def _dtypes(text: str) -> list[str]:
    from archcalc.diagnostics import nearest

    words = list(dict.fromkeys(word.strip().lower() for word in text.split(",")))
    for word in words:
        if word not in RUN:
            hint = nearest(word, RUN) or f"known are {', '.join(RUN)}"
            raise typer.BadParameter(f"'{word}' is no type to run in: {hint}", param_hint="--dtype")
    return words


def _flag(text: str, usual: Setting) -> str:
    from archcalc.diagnostics import nearest

    name = text.strip().lower().removeprefix("--").replace("_", "-")
    if name not in _FLAGS:
        hint = nearest(name, _FLAGS) or f"known are {', '.join(_FLAGS)}"
        raise typer.BadParameter(f"'{text}' is nothing to do without and with: {hint}", param_hint="--vary")
    if getattr(usual, _FLAGS[name]):
        raise typer.BadParameter(f"{name} is given and varied: leave --{name} out", param_hint="--vary")
    return _FLAGS[name]


def _possible(setting: Setting) -> None:
    """Raises BadParameter for what no machine can do."""
    if setting.device == "cpu" and setting.dtype == "tf32":
        raise typer.BadParameter("tf32 is of GPUs: fp32, or --device cuda", param_hint="--dtype")
    if setting.device == "cpu" and setting.cuda_graph:
        raise typer.BadParameter("a CUDA graph needs a GPU: --device cuda", param_hint="--cuda-graph")
    if setting.cuda_graph and setting.train:
        raise typer.BadParameter("a CUDA graph is of inference: leave one out", param_hint="--cuda-graph")


def of_module(name: str, specs: Sequence[str], values: Mapping[str, Any], shapes: Sequence[Shape]) -> list[Subject]:
    """A person's own module on images of these shapes. Raises BadParameter."""
    if specs:
        raise typer.BadParameter(f"a module is measured without {specs[0]}: leave one out", param_hint="--module")
    if values:
        raise typer.BadParameter("a module has no parameters to set: leave one out", param_hint="--set")
    if not shapes:
        raise typer.BadParameter("what images does it take? as in --input 224x224x3", param_hint="--input")
    _need_torch()

    def of(setting: Setting) -> Measurable:
        from archcalc.pytorch.profile import module

        return module(name, [[int(str(side)) for side in shape] for shape in shapes], setting)

    return [Subject(name, None, of)]


def of_specs(specs: Sequence[str], values: Mapping[str, Any], shapes: Sequence[Shape]) -> tuple[list[Subject], int]:
    """The networks of specs, and the exit status that those make which are none. Raises BadParameter."""
    from archcalc.cli.output import Printer
    from archcalc.cli.specs import named_by
    from archcalc.network import Network

    if not specs:
        raise typer.BadParameter("what is to be measured? a SPEC, or --module package.module:factory")
    if len(shapes) > 1:
        raise typer.BadParameter("a spec's network has one --input: several are of a module", param_hint="--input")
    options = {"settings": values, "input_shape": shapes[0] if shapes else None}
    printer, found = Printer("text"), list[Subject]()
    for network in (network for spec in specs for network in named_by(spec, options)):
        if isinstance(network, Network):
            found.append(_of_network(network))
        else:
            printer.add(network)
    _need_torch()
    return found, printer.status


def _of_network(network: Network) -> Subject:
    from hashlib import sha256

    digest = sha256(network.head.source.text.encode("utf-8", "surrogatepass")).hexdigest()

    def of(setting: Setting) -> Measurable:
        from archcalc.pytorch.profile import network as wanted

        return wanted(network, setting, digest=digest)

    return Subject(f"{network.graph.file}:{network.name}", network.graph, of)


def _need_torch() -> None:
    """Ends in a line where PyTorch is not installed."""
    from archcalc.cli.recorded import end
    from archcalc.pytorch import TorchMissing, require

    try:
        require()
    except TorchMissing as error:
        end(str(error))
