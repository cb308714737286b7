"""Raw cells of a file, before any model is asked: a frame of uniquely named columns, and notes on how it was read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from explain import words
from explain.errors import TableError, TooLargeError
from explain.tables import limits
from explain.tables.cells import plain_column, whole_text
from explain.types import Note

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

NUMBERED = "column "
"""What a column without a name is called, before its number."""


@dataclass(frozen=True)
class Raw:
    """`frame` (n, any): text cells ("" for empty) from text files, typed columns from others; unique text names.

    `delimiter` is that of a text file; `headless` says that the file has no header, so that columns are numbered.
    """

    frame: pd.DataFrame
    notes: tuple[Note, ...]
    delimiter: str = ""
    headless: bool = False

    @cached_property
    def columns(self) -> dict[str, pd.Series]:
        """The columns by name: a frame makes each anew whenever it is asked."""
        return {str(name): cells for name, cells in self.frame.items()}


def checked(header: Sequence[str], rows: int) -> tuple[list[str], list[Note]]:
    """Column names made unambiguous, with notes; raises for too many, repeated or no columns."""
    if len(header) > limits.LIMITS.columns:
        raise TooLargeError(
            f"The table has {len(header):,} columns; at most {limits.LIMITS.columns:,} are read. "
            "Is it turned on its side?"
        )
    refuse_many(rows)
    if rows * len(header) > limits.LIMITS.cells:
        raise TooLargeError(
            f"The table has {rows * len(header):,} cells; at most {limits.LIMITS.cells:,} are read here. Split it."
        )
    names, notes = [], []
    given = {name.strip() for name in header}
    for at, name in enumerate(header):
        clean = name.strip()
        if not clean:
            clean = f"{NUMBERED}{at + 1}"
            clean += " without a name" if clean in given else ""
            notes.append(Note(f"The {at + 1}. column has no name; it is called “{clean}” here."))
        names.append(clean)
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise TableError(
            f"The header names {words.listed([f'“{name}”' for name in twice])} more than once. "
            "Rename one, so that it is clear which is meant."
        )
    return names, notes


def refuse_many(rows: int) -> None:
    """Raise TooLargeError for more rows than are read."""
    if rows > limits.LIMITS.rows:
        raise TooLargeError(f"The table has {rows:,} rows; at most {limits.LIMITS.rows:,} are read here. Split it.")


def typed(frame: pd.DataFrame, notes: Sequence[Note]) -> Raw:
    """A frame with plain cells; raises TableError when there are no rows."""
    if not len(frame):
        raise TableError(f"The table has {words.count(frame.shape[1], 'column')}, but no rows.")
    return Raw(plain_frame(frame), tuple(notes))


def plain_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with cells that later steps can hash and write."""
    import pandas as pd

    cells = dict(frame.items())
    plain = {name: plain_column(own) for name, own in cells.items()}
    if all(plain[name] is own for name, own in cells.items()):
        return frame
    return pd.DataFrame(plain, index=frame.index)


def from_frame(frame: pd.DataFrame) -> Raw:
    """A data frame of the caller's, checked like a file."""
    import pandas as pd

    names, notes = checked([whole_text(str(name)) for name in frame.columns], len(frame))
    if names != list(frame.columns):
        frame = frame.set_axis(names, axis=1)
    if not (isinstance(frame.index, pd.RangeIndex) and frame.index.equals(pd.RangeIndex(len(frame)))):
        frame = frame.reset_index(drop=True)
    return Raw(plain_frame(frame), tuple(notes))
