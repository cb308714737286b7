"""Table: an upload matched to a model, with what was done to it while it was read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from explain.shown import sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from explain.types.arrays import Ints
    from explain.types.cells import Cells
    from explain.types.column import Schema


@dataclass(frozen=True)
class Note:
    """One thing that was done to the upload while reading it, in a sentence; `column` when it is about one."""

    text: str
    column: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", sentence(self.text))


@dataclass(frozen=True)
class Repair:
    """Cells of one column that were read as what they surely mean: at `rows` (m,) stood the texts `found` (m,).

    `kind` is what was seen through: "decimal comma", "decimal point", "thousands", "negative", "currency", "per cent",
    "unit", "other unit", "affix", "text mark", "truth", "time of day", "missing word", "spaces", "case",
    "whole number", "encoding", "spelling", "date order", "serial number", "Unix time", "corrected" where a suggested
    value was taken ("" where a blank stood), or that of a proposal taken.
    """

    kind: str
    column: str
    rows: Ints
    found: tuple[str, ...]


@dataclass(frozen=True)
class Proposal:
    """Another way to read a column, for a person to take or to leave; `text` says in sentences what it rests on.

    At `rows` (m,) stood the texts `found` (m,), which may mean what `other` (m,) spell. `kind` is "other words", where
    unknown texts may stand for known categories, "decimal mark", "day and month" or "swapped dates". `clear` ones can
    hardly be meant otherwise.
    """

    kind: str
    column: str
    rows: Ints
    found: tuple[str, ...]
    other: tuple[str, ...]
    text: str
    clear: bool = False


@dataclass(frozen=True)
class Table:
    """An uploaded table, matched to a model.

    `cells` are the model's columns in schema order, which `frame` (n, p) shows as a data frame: float64 for numbers,
    NaN for blanks, and `str` objects for categories, None for blanks. `context` (n, any) are the extra columns as text,
    which never reach the model.
    `unread` keeps, per numeric column, the cells that held text that is no number: row position -> that text.
    `repairs` are the cells that were read as something else than they spell; they can be undone column by column.
    `proposals` are other ways to read whole columns, none of which was taken.
    `order` are the names of all columns, the model's and the extra ones, as the upload has them; empty when not known.
    `fingerprint` is a sha256 over ids, cells and repairs: equal tables have equal fingerprints.
    """

    cells: Cells
    schema: Schema
    row_ids: tuple[str, ...]
    fingerprint: str
    context: pd.DataFrame
    notes: tuple[Note, ...] = ()
    unread: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    repairs: tuple[Repair, ...] = ()
    name: str = "table"
    proposals: tuple[Proposal, ...] = ()
    order: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.row_ids)

    @property
    def frame(self) -> pd.DataFrame:
        """The model's columns for people."""
        return self.cells.frame
