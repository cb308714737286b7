"""A table's own cells for files: as they were read, as they were uploaded where that differs, and the whole table."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from explain import words

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from explain.types import Column, Repair, Table


def value_columns(table: Table) -> dict[str, Any]:
    """`value.<column>` (n,) of each of the model's columns as read: numbers, categories as they are spelt, dates as
    '2024-03-01'; blanks are missing.
    """
    return {f"value.{column.name}": _cells(table, column) for column in table.schema}


def _cells(table: Table, column: Column) -> npt.NDArray[Any]:
    import numpy as np

    if column.kind == "category":
        return table.cells.codes(column.name).texts
    cells = table.cells.numbers(column.name)
    if not column.is_date:
        return cells
    days, place = np.unique(cells, return_inverse=True)
    texts = [None if math.isnan(day) else words.number(day, column.unit) for day in days.tolist()]
    return np.array([*texts, None], dtype=object)[place]


def uploaded_columns(table: Table) -> dict[str, Any]:
    """`uploaded.<column>` (n,) texts that stood in the upload where they are not what was read; missing elsewhere.

    Only columns with such cells are there: repaired, corrected, or text in place of a number.
    """
    import numpy as np

    columns = {}
    for column in table.schema:
        mine = [item for item in table.repairs if item.column == column.name and len(item.rows)]
        unread = table.unread.get(column.name, {})
        if not mine and not unread:
            continue
        texts = np.full(len(table), None, dtype=object)
        # what was corrected may have been read otherwise before: what came first is what was uploaded
        for item in reversed(mine):
            texts[item.rows] = _as_uploaded(item, column)
        for row, text in unread.items():
            texts[row] = text
        columns[f"uploaded.{column.name}"] = texts
    return columns


def _as_uploaded(item: Repair, column: Column) -> npt.NDArray[np.object_]:
    """What stood in the cells of a repair; a date that was read and then corrected is kept as its number of days."""
    import numpy as np

    found = np.empty(len(item.found), dtype=object)
    found[:] = item.found
    if item.kind == "corrected" and column.is_date:
        found[:] = [_date(text, column) for text in item.found]
    return found


def _date(text: str, column: Column) -> str:
    try:
        days = float(text)
    except ValueError:
        return text
    return words.number(days, column.unit) if math.isfinite(days) else text


def whole_table(table: Table) -> pd.DataFrame:
    """The table as it was reviewed, (n, all): repairs and corrections in, text that was not read as it came.

    Columns stand in the order of the upload as far as it is known, the model's under its own names, the extra ones
    beside them as text; those whose place is not known come last.
    """
    import numpy as np
    import pandas as pd

    cells: dict[str, Any] = {}
    for column in table.schema:
        mine = _cells(table, column)
        unread = table.unread.get(column.name, {})
        if unread:
            mine = mine.astype(object)
            mine[list(unread)] = np.array(list(unread.values()), dtype=object)
        cells[column.name] = mine
    context = table.context
    extra = {str(name): context.iloc[:, at].to_numpy(object) for at, name in enumerate(context.columns)}
    # an extra column may be called as the model's is, where another one was said to be it
    cells |= {f"{name} (as uploaded)" if name in cells else name: column for name, column in extra.items()}
    known = [name for name in dict.fromkeys(table.order) if name in cells]
    return pd.DataFrame({name: cells[name] for name in [*known, *(name for name in cells if name not in known)]})
