"""The catalogue: every check by its name, with how sure its alarms are; and the one way to make a warning."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from explain.shown import sentence
from explain.types import DataWarning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explain.types import Ints, Severity


class Check(NamedTuple):
    """What a check looks for, what people call it, and how sure its alarms are (0 to 1) by severity.

    The sureness is 1 where the cell cannot be right, and else the share of alarmed cells that were damaged where one
    row in twenty is (`benchmarks/trust.py`, on the tables and seeds that are not reported), rounded down; where fewer
    than 20 alarms came up there it is that of the nearest kind.
    """

    about: str
    title: str = ""
    error: float = 1.0
    warning: float = 0.5
    info: float = 0.0


CATALOG: dict[str, Check] = {
    "wrong type": Check("Text where a number belongs.", "text for a number"),
    "missing": Check("A blank; a warning where the reference has hardly any.", "blank", warning=0.5),
    "sentinel": Check("A number that stands for a blank: -999, 9999.", "code for “unknown”"),
    "out of range": Check(
        "A number beyond all of the reference; far beyond is an error.", "out of range", warning=0.65
    ),
    "empty gap": Check("A number inside the range, where the reference has a wide gap.", "in a gap", warning=0.65),
    "future date": Check("A date after today, where past rows have none.", "date in the future"),
    "far past": Check("A date before 1900, or one that programs write for a blank.", "date too far back"),
    "not whole": Check("A fraction in a column of whole numbers.", "not a whole number", warning=0.9),
    "near-miss category": Check("Nearly a known category.", "likely typo", warning=0.9),
    "new category": Check(
        "A category that the reference lacks; informs where new ones are usual.", "new to the model", warning=0.95
    ),
    "rare category": Check("A category that the reference has once or twice.", "rare"),
    "repaired": Check("Read as what it surely means.", "corrected while reading"),
    "two readings": Check("A column that can be read in two ways, and nothing tells which is meant.", "two readings"),
    "other words": Check(
        "A column in words that the model does not know and that may stand for those it does.", "other words"
    ),
    "other unit": Check("A column in a unit that does not convert into the model's.", "other unit"),
    "order": Check("Larger than a value that it never exceeds.", "larger than it can be", warning=0.7),
    "unlikely": Check("Hardly to be expected beside the rest of the row.", "odd beside the rest", warning=0.45),
    "new pair": Check("Two categories that never occur together though both are common.", "unusual pair", warning=0.45),
    "shifted row": Check("Cells that fit one column further.", "cells shifted"),
    "duplicate row": Check("The same row again.", "same row twice", warning=0.0),
    "near duplicate": Check("The same row again but for one cell.", "nearly the same row"),
    "missing column": Check("A column that is blank in every row.", "column blank"),
    "unit of column": Check("A whole column in another unit.", "column in another unit"),
    "spike": Check(
        "One number in far more rows than in the reference, as a default or a code for a blank.", "one value too often"
    ),
    "constant column": Check("One value throughout where the reference has many.", "one value throughout"),
    "sorted apart": Check(
        "A column that stands sorted while no other does, its ties to the others gone.", "sorted apart from its rows"
    ),
    "drift": Check("A column whose values differ from the reference's.", "differs from past rows"),
    "different rows": Check("Rows that can be told from past cases as a whole.", "rows differ from past cases"),
    "conflicting outcomes": Check(
        "Rows alike in all columns with different outcomes.", "same rows, different outcomes"
    ),
    "telling column": Check("A column that gives the outcome away.", "gives the outcome away"),
    "stale model": Check("Predictions that are less often right than in past cases.", "model less often right"),
}


def sureness(warning: DataWarning) -> float:
    """How sure an alarm is, 0 to 1."""
    check = CATALOG[warning.check]
    return {"error": check.error, "warning": check.warning, "info": check.info}[warning.severity]


def flag(
    kind: tuple[str, Severity],
    column: str,
    rows: Ints,
    found: Sequence[str],
    messages: Sequence[str],
    suggestion: Sequence[str | None] | None = None,
) -> list[DataWarning]:
    """One warning that covers all rows, or none for no rows; `column` "" is the row as a whole."""
    if not len(rows):
        return []
    name, severity = kind
    fixes = tuple(suggestion) if suggestion is not None else (None,) * len(rows)
    said = tuple(map(sentence, messages))
    return [DataWarning(name, column, severity, rows, tuple(found), fixes, said, name == "repaired")]


def flag_whole(kind: tuple[str, Severity], column: str, message: str, factor: float | None = None) -> DataWarning:
    """A warning about a whole column, or with `column` "" about the whole table."""
    import numpy as np

    name, severity = kind
    return DataWarning(name, column, severity, np.zeros(0, dtype=np.int64), (), (), (sentence(message),), factor=factor)
