"""Checks of how whole columns were read: in two ways, in other words, in another unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain.quality.catalog import flag_whole
from explain.tables.numbers import OTHER_UNIT
from explain.tables.proposals import OTHER_WORDS

if TYPE_CHECKING:
    from explain.types import DataWarning, Table


def reading_checks(table: Table) -> list[DataWarning]:
    """One warning for each column that may be meant otherwise than it was read."""
    found = [
        flag_whole(("other words" if item.kind == OTHER_WORDS else "two readings", "warning"), item.column, item.text)
        for item in table.proposals
    ]
    for item in table.repairs:
        if item.kind == OTHER_UNIT:
            column = table.schema[item.column]
            text = (
                f"{column.title} came in another unit (“{item.found[0].strip()}”) than the model counts in "
                f"({column.unit}), which does not convert into it. The numbers were taken as they stand."
            )
            found.append(flag_whole(("other unit", "warning"), column.name, text))
    return found
