"""What a layer is, in few words: the notation's canonical spelling."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from archcalc.report.numbers import exact, shape


def _size(value: Any) -> str:
    return "x".join(map(_number, value))


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else exact(value).replace(",", "")


def _pair(value: Any) -> str:
    return _number(value[0]) if value[0] == value[1] else _size(value)


def _pad(value: Any) -> str:
    if value == "same":
        return "pad same"
    top, bottom, left, right = value
    if top == bottom and left == right:
        return f"pad {_pair((top, left))}"
    return f"pad {' '.join(map(_number, value))}"


def _flag(word: str) -> Callable[[Any], str]:
    return lambda value: word if value else ""


def _opposite(word: str) -> Callable[[Any], str]:
    return lambda value: "" if value else word


#: What stands right after the layer's name, then what follows after commas; in the order of writing.
_HEAD: tuple[tuple[str, Callable[[Any], str]], ...] = (
    ("kernel", _size),
    ("offset", lambda value: f"{_pair(value)} to"),
    ("factor", lambda value: _pair(value) if isinstance(value, list | tuple) else _number(value)),
    ("shape", lambda value: shape(tuple(value))),
    ("levels", lambda value: ",".join(map(_number, value))),
    ("units", _number),
    ("rate", _number),
    ("slope", _number),
)
_TAIL: tuple[tuple[str, Callable[[Any], str]], ...] = (
    ("channels", _number),
    ("stride", lambda value: f"/{_number(value[0])}" if value[0] == value[1] else f"stride {_size(value)}"),
    ("pad", _pad),
    ("dilation", lambda value: f"dilation {_pair(value)}"),
    ("groups", lambda value: f"groups {_number(value)}"),
    ("connect", lambda value: f"connect {sum(map(len, value))} maps"),
    ("mode", str),
    ("ceil", _flag("ceil")),
    ("bias", _opposite("no bias")),
    ("frozen", _flag("frozen")),
)
#: Where a kind writes an attribute otherwise.
_OWN: dict[str, dict[str, Callable[[Any], str]]] = {
    "attention": {"heads": lambda value: f"{_number(value)} heads"},
    "group norm": {"groups": _number},
    "channel shuffle": {"groups": _number},
    "crop": {"size": _pair},
    "lrn": {"size": _number},
}
_WORDS = {"shortcut": "shortcut A", "lrn": "LRN"}


def spelling(kind: str, attributes: Mapping[str, Any], tensors: Mapping[str, Any]) -> str:
    """``conv 7x7, 64, /2, pad 3`` from a row's kind, attributes and stored tensors (shapes by name)."""
    if kind == "input":
        return kind
    left = dict(attributes)
    words = [_WORDS.get(kind, kind)]
    if "kernel" not in left and "weight" in tensors and "channels" in left:
        left["kernel"] = (1, 1)
    if _depthwise(left, tensors):
        words = ["depthwise"]
        del left["groups"], left["channels"]
    for key, write in (*_HEAD, *_OWN.get(kind, {}).items()):
        if key in left:
            words.append(write(left.pop(key)))
    if "height" in left and "width" in left:
        words.append(_size((left["height"], left["width"])))
    tail = (write(left[key]) for key, write in _TAIL if key in left)
    return ", ".join([" ".join(words), *filter(None, tail)])


def _depthwise(attributes: Mapping[str, Any], tensors: Mapping[str, Any]) -> bool:
    """One filter a channel: as many groups as outputs, each reading one input."""
    groups, weight = attributes.get("groups", 1), tensors.get("weight", ())
    return bool(groups != 1 and groups == attributes.get("channels") and len(weight) > 1 and weight[1] == 1)
