"""Under which setting a network was measured, in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from archcalc.analyses.latency.measured import Profile, Setting
from archcalc.report.numbers import duration, shape
from archcalc.report.style import visible

#: Of the whole: from here on it is said what lies beside the layers.
_LARGE = 0.05
_LIBRARIES = (("torch", "PyTorch"), ("cuda", "CUDA"), ("cudnn", "cuDNN"), ("python", "Python"))


def setting_words(setting: Setting, threads: int | None = None) -> list[str]:
    """``batch 1``, ``fp32``, ``2 threads``, and all that is not as usual; ``threads`` as PyTorch had them by itself."""
    count = setting.threads or threads
    words = [f"batch {setting.batch:,}", setting.dtype]
    if setting.device == "cpu" and count:
        words.append(f"{count} thread{'s' if count > 1 else ''}")
    flags = (
        ("channels last", setting.channels_last),
        ("compiled", setting.compile),
        ("CUDA graph", setting.cuda_graph),
    )
    words += [word for word, wanted in flags if wanted]
    return [*words, *([f"training with {setting.optimizer}"] if setting.train else [])]


def conditions(profile: Profile) -> str:
    """The input, how it was run, and on what."""
    machine, setting = profile.machine, profile.setting
    inputs = [f"input {shape(each)}" for each in profile.inputs]
    values = [f"{name} = {value}" for name, value in profile.values.items()]
    name = machine.get("name")
    on = f"on {setting.device}{f', {name}' if name else ''}"
    return visible(", ".join([*inputs, *setting_words(setting, machine.get("threads")), *values, on]))


def versions(profile: Profile) -> str:
    """Of what ran it, and when."""
    known = [(word, profile.machine.get(key)) for key, word in _LIBRARIES]
    told = [f"{word} {value}" for word, value in known if value]
    return visible(", ".join([*told, moment(profile.started)]))


def moment(text: str) -> str:
    """A time by the clock of who reads it, to the minute."""
    try:
        return f"{datetime.fromisoformat(text).astimezone():%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError):
        return text


def why_no_layers(profile: Profile) -> str:
    """Why a measurement has no times of layers; "" where nothing of its setting tells."""
    if profile.setting.train:
        return "a training step is timed by its phases: no times of layers"
    if profile.setting.compile or profile.setting.cuda_graph:
        return "compiled or captured it runs as one piece: no times of layers"
    return ""


def of_stamps(profile: Profile) -> Iterator[str]:
    """What it cost to look between the layers, and whether what is beside them is more than that."""
    if profile.instrumented is None:
        return
    beyond = profile.instrumented - profile.whole.median
    cost = f"{duration(abs(beyond))} {'more' if beyond >= 0 else 'less'}"
    yield f"layers are timed in passes with a stamp between two, which took {cost} than the whole without"
    other, within = profile.other, profile.within
    if other is None or within is None or not profile.noisy or other <= _LARGE * profile.whole.median:
        return
    if 1 - within < other / profile.whole.median / 2:
        yield (
            f"other is large because runs were held up, some more than others: "
            f"in each stamped pass the layers make {100 * within:.1f} % of it"
        )
