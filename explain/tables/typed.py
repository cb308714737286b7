"""A table whose columns nobody has described yet, as reference rows are: each column typed by what its cells are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from explain import words
from explain.errors import TableError
from explain.tables.affixes import bare, kind_of_mark
from explain.tables.decimals import file_mark
from explain.tables.numbers import distinct, parse_numbers, read_numbers
from explain.tables.proposals import of_doubt
from explain.tables.table import raw_table
from explain.tables.units import folded_unit
from explain.types import Column, Note

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from explain.tables.numbers import Distinct
    from explain.tables.table import Source

MOST_UNREAD = 0.01
"""Share of the filled cells of a column of numbers that may be none, and are then left blank."""

SAY_MARK = "Say which with --decimal , or --decimal . and bring the rows again."


@dataclass(frozen=True)
class Rows:
    """`frame` (m, any): numbers as float64, dates as datetime64, all else as text with None for missing.

    `units` are those that stood in the cells of columns of numbers, by column.
    """

    frame: pd.DataFrame
    notes: tuple[Note, ...]
    name: str
    units: Mapping[str, str] = field(default_factory=dict)


def read_rows(source: Source, *, sheet: str | None = None, decimal: str = "") -> Rows:
    """Read a file, its bytes or a data frame without a schema; raises what `read_table` raises.

    `decimal` is the decimal mark, where a person said it; else it is told from all columns together.
    """
    import pandas as pd

    raw, name = raw_table(source, sheet)
    if raw.headless:
        raise TableError(
            "The rows have no header: the first line is one of data. Put a line with the names of the columns above it."
        )
    notes = list(raw.notes)
    found = {str(name): None if _is_typed(raw.frame[name]) else distinct(raw.frame[name]) for name in raw.frame}
    mark = decimal or file_mark(
        ((item.bare, item.counts) for item in found.values() if item is not None), raw.delimiter
    )
    units: dict[str, str] = {}
    columns = {name: _typed(raw.frame[name], item, mark, notes, units) for name, item in found.items()}
    return Rows(pd.DataFrame(columns), tuple(notes), name, units)


def _is_typed(cells: pd.Series) -> bool:
    """Whether a column needs no reading: dates, numbers and truth as they came, codes that only look like numbers."""
    from pandas.api.types import is_any_real_numeric_dtype, is_bool_dtype, is_datetime64_any_dtype

    return is_any_real_numeric_dtype(cells) or is_datetime64_any_dtype(cells) or is_bool_dtype(cells) or _codes(cells)


def _typed(cells: pd.Series, found: Distinct | None, mark: str, notes: list[Note], units: dict[str, str]) -> pd.Series:
    import pandas as pd

    if pd.api.types.is_datetime64_any_dtype(cells):
        return cells
    name = str(cells.name)
    if found is None:
        if not pd.api.types.is_any_real_numeric_dtype(cells):
            return _texts(cells)
        read = parse_numbers(cells, Column(name, "number"))
    else:
        read = read_numbers(found, Column(name, "number"), mark)
    filled = len(cells) - int(pd.isna(read.values).sum()) + len(read.unread)
    if len(read.unread) > MOST_UNREAD * filled or filled == len(read.unread):
        return _texts(cells)
    if read.unread:
        some = words.listed([f"“{text}”" for text in dict.fromkeys(read.unread.values())], 3)
        notes.append(
            Note(f"{words.count(len(read.unread), 'cell')} of “{name}” left blank: {some} is no number.", name)
        )
    if read.doubt is not None:
        notes.append(Note(f"{of_doubt(read.doubt, read.values, Column(name, 'number')).text} {SAY_MARK}", name))
    if found is not None and (unit := _unit(found, filled)):
        units[name] = unit
    return pd.Series(read.values, index=cells.index, name=cells.name, dtype="float64")


def _unit(found: Distinct, filled: int) -> str:
    """The unit that stands in nearly all filled cells of a column of numbers; "" for none, or for several."""
    marks = bare(found.texts).marks
    names = {mark for mark in set(marks.tolist()) if kind_of_mark(mark) == "unit"}
    if len({folded_unit(mark) for mark in names}) != 1:
        return ""
    unit = min(names)
    count = sum(int(found.counts[marks == mark].sum()) for mark in names)
    return unit if count >= (1 - MOST_UNREAD) * filled else ""


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
