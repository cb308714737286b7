"""Checks of how whole columns were read: in two ways, in other words, in another unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain.quality.catalog import flag, flag_whole
from explain.tables.numbers import OTHER_UNIT
from explain.tables.proposals import OTHER_WORDS

if TYPE_CHECKING:
    from explain.types import DataWarning, Severity, Table


def reading_checks(table: Table) -> list[DataWarning]:
    """One warning for each column that may be meant otherwise than it was read, and one for cells whose words the model
    does not know: it answered as if there were none.
    """
    found = []
    for item in table.proposals:
        kind: tuple[str, Severity] = ("other words" if item.kind == OTHER_WORDS else "two readings", "warning")
        found.append(flag_whole(kind, item.column, item.text))
        if item.kind == OTHER_WORDS:
            title = table.schema[item.column].title
            said = [
                f"{title} = “{cell}” is not a value the model knows; it probably stands for “{other}”."
                for cell, other in zip(item.found, item.other, strict=True)
            ]
            found += flag(kind, item.column, item.rows, item.found, said, item.other)
    for repair in table.repairs:
        if repair.kind == OTHER_UNIT:
            column = table.schema[repair.column]
            text = (
                f"{column.title} came in another unit (“{repair.found[0].strip()}”) than the model counts in "
                f"({column.unit}), which does not convert into it. The numbers were taken as they stand."
            )
            found.append(flag_whole(("other unit", "warning"), column.name, text))
    return found
