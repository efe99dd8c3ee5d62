"""Switches of the whole process that a setting asks for: threads, and whether fp32 may be less than fp32."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import torch

from archcalc.analyses.latency.measured import Setting

#: Who computes fp32 matrix products and convolutions, each with a switch of its own. ``ieee`` is fp32 as it is written,
#: ``tf32`` a GPU's tensor cores; convolutions are ``tf32`` unless told otherwise. torch wants cuDNN's two to be alike.
_BACKENDS: Any = torch.backends  # torch gives these no types
_PRECISIONS = (_BACKENDS.cuda.matmul, _BACKENDS.cudnn.conv, _BACKENDS.cudnn.rnn)
#: The switches from before there were those (``allow_tf32``): torch's compiler still asks them, and asking them is an
#: error where they say otherwise.
_FORMER = (_BACKENDS.cuda.matmul, _BACKENDS.cudnn)


class Flags:
    """Sets what each setting asks for, and on leaving what was there before."""

    def __enter__(self) -> Self:
        self._threads = torch.get_num_threads()
        self._precisions = [each.fp32_precision for each in _PRECISIONS]
        self._former = [_allowed(each) for each in _FORMER]
        self._now: tuple[int, str] | None = None
        return self

    def set(self, setting: Setting) -> bool:
        """Whether threads changed between one subject and another: the first run after it is no sample."""
        wanted = (setting.threads or self._threads, "tf32" if setting.dtype == "tf32" else "ieee")
        before, self._now = self._now, wanted
        if before == wanted:
            return False
        self._put(wanted[0], [wanted[1] == "tf32"] * len(_FORMER), [wanted[1]] * len(_PRECISIONS))
        return before is not None and before[0] != wanted[0]

    def __exit__(self, *_: object) -> None:
        self._put(self._threads, self._former, self._precisions)

    def _put(self, threads: int, former: Sequence[bool | None], precisions: Sequence[str]) -> None:
        if torch.get_num_threads() != threads:
            torch.set_num_threads(threads)
        for each, allowed in zip(_FORMER, former, strict=True):
            if allowed is not None:
                each.allow_tf32 = allowed
        for each, precision in zip(_PRECISIONS, precisions, strict=True):
            each.fp32_precision = precision


def _allowed(backend: Any) -> bool | None:
    """What a former switch says; None where the caller has set them and the others at odds."""
    try:
        return bool(backend.allow_tf32)
    except RuntimeError:
        return None
