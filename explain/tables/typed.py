"""A table whose columns nobody has described yet, as reference rows are: each column typed by what its cells are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain import words
from explain.tables.numbers import parse_numbers
from explain.tables.table import raw_table
from explain.types import Column, Note

if TYPE_CHECKING:
    import pandas as pd

    from explain.tables.table import Source

MOST_UNREAD = 0.01
"""Share of the filled cells of a column of numbers that may be none, and are then left blank."""


@dataclass(frozen=True)
class Rows:
    """`frame` (m, any): numbers as float64, dates as datetime64, all else as text with None for missing."""

    frame: pd.DataFrame
    notes: tuple[Note, ...]
    name: str


def read_rows(source: Source, *, sheet: str | None = None) -> Rows:
    """Read a file, its bytes or a data frame without a schema; raises what `read_table` raises."""
    import pandas as pd

    raw, name = raw_table(source, sheet)
    notes = list(raw.notes)
    columns = {str(name): _typed(raw.frame[name], notes) for name in raw.frame}
    return Rows(pd.DataFrame(columns), tuple(notes), name)


def _typed(cells: pd.Series, notes: list[Note]) -> pd.Series:
    import pandas as pd

    if pd.api.types.is_datetime64_any_dtype(cells):
        return cells
    if pd.api.types.is_bool_dtype(cells) or _codes(cells):
        return _texts(cells)
    name = str(cells.name)
    found = parse_numbers(cells, Column(name, "number"))
    filled = len(cells) - int(pd.isna(found.values).sum()) + len(found.unread)
    if len(found.unread) > MOST_UNREAD * filled or filled == len(found.unread):
        return _texts(cells)
    if found.unread:
        some = words.listed([f"“{text}”" for text in dict.fromkeys(found.unread.values())], 3)
        notes.append(
            Note(f"{words.count(len(found.unread), 'cell')} of “{name}” left blank: {some} is no number.", name)
        )
    return pd.Series(found.values, index=cells.index, name=cells.name, dtype="float64")


def _codes(cells: pd.Series) -> bool:
    """Whether texts are codes that only look like numbers: "007" is another one than "7"."""
    import pandas as pd

    if pd.api.types.is_numeric_dtype(cells):
        return False
    return any(isinstance(cell, str) and len(cell) > 1 and cell[0] == "0" and cell.isdigit() for cell in cells)


def _texts(cells: pd.Series) -> pd.Series:
    import pandas as pd

    texts = [None if cell is None or cell != cell or not str(cell).strip() else str(cell).strip() for cell in cells]
    return pd.Series(texts, index=cells.index, name=cells.name, dtype=object)
