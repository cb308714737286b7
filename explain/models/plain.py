"""Whether what was read from a stranger's JSON is of the types that a dataclass says."""

from __future__ import annotations

import sys
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeGuard, get_args

from explain.types import Kind, Task

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from _typeshed import DataclassInstance


def is_number(value: object) -> TypeGuard[float]:
    """A number that a float can hold, neither infinite nor NaN, which JSON cannot write; and no truth value."""
    most = sys.float_info.max
    return isinstance(value, int | float) and not isinstance(value, bool) and -most <= value <= most


def _is_text(value: object) -> bool:
    """A text without halves of characters, which JSON can spell but no file can write."""
    return isinstance(value, str) and not any("\ud800" <= letter <= "\udfff" for letter in value)


def _is_mapping(value: object) -> bool:
    return isinstance(value, dict) and all(_is_text(text) for pair in value.items() for text in pair)


def _each(is_one: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, tuple) and all(map(is_one, value))


TYPES: Mapping[str, Callable[[Any], bool]] = {
    "str": _is_text,
    "int": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "bool": lambda value: isinstance(value, bool),
    "float": is_number,
    "float | None": lambda value: value is None or is_number(value),
    "float | str | None": lambda value: value is None or _is_text(value) or is_number(value),
    "tuple[str, ...]": _each(_is_text),
    "tuple[float, ...]": _each(is_number),
    "Mapping[str, str]": _is_mapping,
    "Kind": lambda value: value in get_args(Kind),
    "Task": lambda value: value in get_args(Task),
    "Verdict": _is_text,
}
"""By the annotation of a field; fields of other types are left to whoever reads them."""


def wrong_field(item: DataclassInstance) -> str:
    """The name of the first field that does not hold what its annotation says, "" where all do."""
    for one in fields(item):
        check = TYPES.get(str(one.type))
        if check is not None and not check(getattr(item, one.name)):
            return one.name
    return ""
