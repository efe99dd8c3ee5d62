"""What a quantity is measured under, and which conditions each quantity hangs on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archcalc.analyses.asked import check
from archcalc.analyses.cost import DType
from archcalc.analyses.memory.setting import Setting
from archcalc.claims import TIMED, Claim, conditions
from archcalc.diagnostics import fault
from archcalc.record import Configuration


class Under(Configuration):
    """As the options of ``archcalc memory``; ``room``: the bytes that a batch is to fit.

    Of a latency, ``device`` is its device by name (none: ``on``), ``threads`` those of a CPU (0: as it is calibrated).
    """

    batch: int = 1
    dtype: DType = "fp32"
    optimizer: str = "sgd"
    amp: bool = False
    on: str = "cpu"
    segments: int = 1
    room: int = 0
    device: str = ""
    threads: int = 0

    @property
    def setting(self) -> Setting:
        """The same for the analysis of memory."""
        return Setting(self.batch, self.dtype, self.on == "cuda", self.amp)


ONE_IMAGE = Under()

_RUN = frozenset({"batch", "dtype", "amp", "on", "device", "aux"})
_TRAINED = _RUN | {"optimizer", "segments"}
_COUNT = frozenset({"aux"})
#: The conditions that a quantity hangs on.
HANGS_ON: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("macs", "flops", "training flops", "activations"), _COUNT | {"batch"}),
    **dict.fromkeys(("activations bytes", "input bytes", "intensity", "memory"), _COUNT | {"batch", "dtype"}),
    "weights bytes": _COUNT | {"dtype"},
    **dict.fromkeys(("inference memory", "inference peak bytes", "inference arena bytes"), _RUN),
    **dict.fromkeys(("training memory", "training peak bytes"), _TRAINED),
    "saved bytes": _TRAINED - {"optimizer"},
    "gradients bytes": _RUN,
    "optimizer bytes": _TRAINED - {"batch", "segments"},
    "largest batch": _TRAINED - {"batch"},
    "largest inference batch": _RUN - {"batch"},
    **dict.fromkeys(TIMED, (_RUN | {"threads"}) - {"amp"}),
}
_WORDS = {
    "batch": "batch", "dtype": "dtype", "optimizer": "optimizer", "amp": "amp", "on": "on DEVICE",
    "segments": "checkpoint", "threads": "threads", "aux": "aux",
}  # fmt: skip
#: Of a step that trains.
TRAINED = frozenset(
    {"training memory", "training peak bytes", "saved bytes", "gradients bytes", "optimizer bytes", "largest batch"}
)


def under(claim: Claim, quantity: str) -> Under:
    """What a claim is measured under. Raises Fault at a condition that is none of its quantity's."""
    said, known = claim.under, HANGS_ON.get(quantity, _COUNT)
    for name in said:
        if name not in known:
            told = conditions({name: said[name]}).strip(" ()")
            others = ", ".join(_WORDS[each] for each in _WORDS if each in known)
            raise _unfit(
                claim, name, f"{quantity} cannot be asked under '{told}'", f"it depends on no condition but {others}"
            )
    if said.get("dtype") == "int8" and quantity in TRAINED:
        raise _unfit(claim, "dtype", f"{quantity} in int8: that is not trained", "fp32, fp16 or bf16")
    room = _room(claim) if quantity.startswith("largest") else 0
    if "threads" in said and said.get("on") == "cuda":
        raise _unfit(claim, "threads", "threads are a CPU's", "leave them out, or ask for the CPU")
    own = {"device"} if quantity not in TIMED else set()
    options: dict[str, Any] = {name: value for name, value in said.items() if name in Under.fields and name not in own}
    asked = Under(room=room, **options)
    try:
        check(asked.batch, asked.dtype, asked.on, asked.optimizer, asked.amp)
    except ValueError as error:
        raise _unfit(claim, "amp", str(error), "leave the dtype out") from None
    return asked


def _room(claim: Claim) -> int:
    """The memory of the device that a batch is to fit. Raises Fault."""
    from archcalc.devices import device_named

    device = device_named(str(claim.under["device"])) if "device" in claim.under else None
    if device is None:
        raise _unfit(claim, "quantity", f"the {claim.quantity} on which device?", f"{claim.quantity} (on RTX 4090)")
    if device.memory_bytes is None:
        raise _unfit(claim, "device", f"the memory of {device.name} is not known", "expect training memory <= 24GB")
    return device.memory_bytes


def _unfit(claim: Claim, spot: str, message: str, help: str) -> Exception:
    return fault("A107", message, claim.spots.get(spot, claim.span), help=help)
