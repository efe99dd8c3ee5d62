"""Under which setting a network was measured, in words."""

from __future__ import annotations

from datetime import datetime

from archcalc.analyses.latency.measured import Profile, Setting
from archcalc.report.numbers import shape
from archcalc.report.style import visible

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
