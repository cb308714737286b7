"""Indexes of pandas in a pickle: names of columns, as arrays of numpy or, since pandas 3, of Arrow."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

from explain.models.boosters.forest import broken
from explain.models.scikit.pickle_machine import SOURCE, Made, Pairs
from explain.models.scikit.thing import objects

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from explain.models.scikit.records import Values

    Value: TypeAlias = Any
    """As in skops_file.py."""


def index(values: Values, made: Made) -> Value:
    """An index of pandas, of names of columns: the array in it."""
    import numpy as np

    settings = made.arguments[1] if len(made.arguments) == 2 else None
    pairs = settings.pairs if isinstance(settings, Pairs) else []
    found = next((values.of(value) for key, value in pairs if key == "data"), None)
    if not isinstance(found, np.ndarray) or found.ndim != 1:
        raise broken(SOURCE, "names of columns in it are an index of pandas that is not read; make them a list")
    return found


def texts(values: Values, made: Made) -> Value:
    """Texts of pandas, as an array of Arrow: that array."""
    import numpy as np

    state = values.of(made.state)
    parts = state if isinstance(state, dict) else {}
    found = parts.get("_pa_array", parts.get("_data"))
    if not isinstance(found, np.ndarray):
        raise broken(SOURCE, "texts of pandas in it are none")
    return found


def arrow(values: Values, made: Made) -> Value:
    """pyarrow.lib._restore_array: a type, length, blanks, start and buffers, of texts without blanks.

    Text n lies between the offsets n and n + 1 (https://arrow.apache.org/docs/format/Columnar.html).
    """
    import numpy as np

    kind, length, blanks, skipped, buffers, *_ = values.of(made.arguments[0])
    offset = {"large_string": "<i8", "string": "<i4"}.get(kind)
    if offset is None or blanks or skipped or len(buffers) != 3 or buffers[0] is not None:
        raise broken(SOURCE, "an array of Arrow in it holds something else than texts")
    ends = np.frombuffer(buffers[1], dtype=offset)[: length + 1].tolist()
    if len(ends) != length + 1 or sorted(ends) != ends or not 0 <= ends[0] <= ends[-1] <= len(buffers[2]):
        raise broken(SOURCE, "an array of Arrow in it is not of the size that it declares")
    return objects([buffers[2][start:end].decode() for start, end in pairwise(ends)])


def chunks(values: Values, made: Made) -> Value:
    """pyarrow.lib.chunked_array: arrays one after the other."""
    return objects([cell for part in values.of(made.arguments[0]) for cell in part])


def first(values: Values, made: Made) -> Value:
    """What stands for its first argument: a buffer for its bytes, a type of Arrow for its name."""
    return values.of(made.arguments[0])


INDEXES: Mapping[str, Callable[[Values, Made], Value]] = {
    "pandas.core.indexes.base._new_Index": index,
    "pandas.arrays.ArrowStringArray": texts,
    "pandas.core.arrays.string_arrow.ArrowStringArray": texts,
    "pyarrow.lib._restore_array": arrow,
    "pyarrow.lib.chunked_array": chunks,
    "pyarrow.lib.type_for_alias": first,
    "pyarrow.lib.py_buffer": first,
}
"""Functions that pickles of them call, and what is done in their place."""
