"""The names of categories in XGBoost's files (3.1 and later): all letters in a row, and where each name begins.

For a data frame of pandas XGBoost counts characters where bytes are meant and cuts the row there: names behind a letter
beyond ASCII are shifted, and the last ones are cut off. Such names are set right by those of the reference, or refused.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from explain.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explain.models.boosters.fields import Fields


def code_names(item: Fields, column: str, known: Sequence[str]) -> tuple[str, ...]:
    """The names of the codes 0, 1, … of one column, numbers as text; `known` are those that the reference has.

    Raises ModelError where the file is broken, or its names cannot be told.
    """
    import numpy as np

    numbers = item.floats("values")
    if not item.has("offsets"):
        if not np.isfinite(numbers).all():
            raise item.wrong("values", "a list of finite numbers")
        return tuple(str(int(value)) if value == int(value) else repr(value) for value in numbers.tolist())
    starts = item.ints("offsets")
    if starts[0] != 0 or starts[-1] != len(numbers) or (np.diff(starts) < 0).any() or (abs(numbers) > 255).any():
        raise item.wrong("offsets", "where the name of each category begins")
    raw, ends = bytes((item.ints("values") % 256).tolist()), starts.tolist()
    if raw.isascii():
        return tuple(raw[start:end].decode() for start, end in pairwise(ends))
    for found in (_by_bytes(raw, ends), _by_letters(raw, ends, known)):
        if found is not None and set(found) <= set(known):
            return found
    raise ModelError(
        f"The categories of '{column}' have letters beyond ASCII, which XGBoost cuts in the wrong places. Bring "
        "reference rows with every category of that column, so that they can be told, or train with plain names."
    )


def _by_bytes(raw: bytes, ends: list[int]) -> tuple[str, ...] | None:
    """The names as they are meant to be written."""
    try:
        return tuple(raw[start:end].decode("utf-8") for start, end in pairwise(ends))
    except UnicodeDecodeError:
        return None


def _by_letters(raw: bytes, ends: list[int], known: Sequence[str]) -> tuple[str, ...] | None:
    """The names cut by letters; what is cut off at the end is the one known name of that length and beginning."""
    text = raw.decode("utf-8", errors="ignore")
    found: list[str] = []
    for start, end in pairwise(ends):
        name = text[start:end]
        if len(name) < end - start:
            whole = [other for other in known if other.startswith(name) and len(other) == end - start]
            left = [other for other in whole if other not in found]
            if len(left) != 1:
                return None
            name = left[0]
        found.append(name)
    return tuple(found)
