"""Frozen values with named fields, made without generating code.

A frozen dataclass costs about a millisecond of start-up each: its methods are written as text and compiled. archcalc
has a class a layer and a class a piece of grammar; these bases give them the same behaviour for a fiftieth of that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any, ClassVar, Self, dataclass_transform

_HASH = "its hash"
_Getter = Callable[[Mapping[str, Any]], Any]


class _Fields:
    """Fields from annotations, in order, those of bases first; defaults are class attributes."""

    fields: ClassVar[tuple[str, ...]] = ()
    _defaults: ClassVar[Mapping[str, Any]] = {}
    #: the values of all fields, out of a record's state
    _values: ClassVar[_Getter]

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        names: dict[str, None] = {}
        for base in reversed(cls.__mro__):
            for name, annotation in vars(base).get("__annotations__", {}).items():
                if not str(annotation).startswith("ClassVar"):
                    names[name] = None
        cls.fields = tuple(names)
        cls._defaults = {name: getattr(cls, name) for name in names if hasattr(cls, name)}
        cls._values = itemgetter(*names) if names else type  # without fields all states are alike

    def __init__(self, *values: Any, **named: Any) -> None:
        state = self.__dict__
        state.update(self._defaults)
        if values:
            state.update(zip(self.fields, values, strict=False))
        state.update(named)
        count = len(self.fields)
        if len(state) != count or len(values) > count or (values and named and self._twice(len(values), named)):
            raise self._misfit(named)

    def _twice(self, placed: int, named: Mapping[str, Any]) -> bool:
        """Whether one of the fields given by place is given by name too."""
        return not named.keys().isdisjoint(self.fields[:placed])

    def _misfit(self, named: Mapping[str, Any]) -> TypeError:
        """What is wrong with the fields: one is unknown, given twice or missing."""
        unknown = [name for name in named if name not in self.fields]
        missing = [name for name in self.fields if name not in self.__dict__]
        reasons = [f"no field {name!r}" for name in unknown] + [f"field {name!r} is missing" for name in missing]
        return TypeError(f"{type(self).__name__}: {'; '.join(reasons) or 'too many values'}")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={getattr(self, name)!r}' for name in self.fields)})"


class _Frozen(_Fields):
    """Equal by type and fields, hashable, and never changed."""

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return self is other or type(self)._values(self.__dict__) == type(self)._values(other.__dict__)

    def __hash__(self) -> int:
        """Kept: a layer is a key of every analysis's memory."""
        state = self.__dict__
        if _HASH not in state:
            state[_HASH] = hash((type(self), type(self)._values(state)))
        return state[_HASH]  # type: ignore[no-any-return]

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: make another with but({name}=...)")

    def but(self, **changes: Any) -> Self:
        """The same with some fields changed."""
        made = object.__new__(type(self))
        state = made.__dict__
        state.update(self.__dict__)
        if len(state) != len(self.fields):  # nothing that was worked out from them
            for name in state.keys() - set(self.fields):
                del state[name]
        state.update(changes)
        if len(state) != len(self.fields):
            raise made._misfit(changes)
        return made


@dataclass_transform(frozen_default=True)
class Record(_Frozen):
    """A frozen value; fields by position or by name."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Configuration(_Frozen):
    """A frozen value whose fields are given by name: a layer."""


@dataclass_transform()
class Mutable(_Fields):
    """Named fields that may change; equal only to itself."""
