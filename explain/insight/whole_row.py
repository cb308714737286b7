"""One row as it was uploaded and as it was read: every value that the model was given, and those beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain import words
from explain.decisions import recorded_column
from explain.shown import shown

if TYPE_CHECKING:
    from explain.decisions import Decisions


@dataclass(frozen=True)
class RowCell:
    """A column's `title` and its value in words; `uploaded` is what stood there where that was read as something else,
    `usual` what past rows hold; both "" where there is nothing to say.
    """

    title: str
    value: str
    uploaded: str = ""
    usual: str = ""


def whole_row(decisions: Decisions, at: int) -> list[RowCell]:
    """The row at position `at`: the model's columns in their order, then those that it does not use."""
    table, happened = decisions.table, recorded_column(decisions)
    uploaded = {
        repair.column: repair.found[place] for repair in table.repairs for place in (repair.rows == at).nonzero()[0]
    }
    cells = [
        RowCell(
            column.title,
            words.cell(table.frame[column.name].iat[at], column, table.unread.get(column.name, {}).get(at)),
            shown(uploaded.get(column.name, "")),
            words.held(column, 3),
        )
        for column in decisions.schema
    ]
    beside = [
        RowCell(
            shown(str(name)),
            shown(str(texts.iat[at])),
            "",
            "what really happened" if str(name) == happened else "not used",
        )
        for name, texts in table.context.items()
    ]
    return cells + beside
