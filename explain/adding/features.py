"""The raw columns that a model takes, out of rows as they were read: numbers, days and categories of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explain import words
from explain.adding.choices import outcome_text
from explain.errors import ModelError
from explain.models.card import MICROSECONDS
from explain.tables.affixes import unit_in_name
from explain.tables.dates import parse_dates
from explain.tables.numbers import MISSING, parse_numbers
from explain.tables.truths import truths
from explain.types import Column
from explain.words import DATE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from explain.models.sources.source import Facts

    Details = dict[str, dict[str, Any]]

PANDAS_BLANKS = frozenset(
    {
        "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA",
        "NULL", "NaN", "None", "n/a", "nan", "null",
    }
)  # fmt: skip
"""Texts that pandas reads as a blank unless told otherwise (pandas.read_csv, `na_values`): most models saw them so."""


def features_of(
    rows: pd.DataFrame, details: Details, facts: Facts, blanks: Iterable[str] = ()
) -> tuple[pd.DataFrame, Details]:
    """The raw columns (m, p) named in `details`, and the details with what the cells and the file tell of each.

    `blanks` are words that stand for a blank, for columns whose categories the file does not list. Raises ModelError
    where the file takes numbers and the rows have none.
    """
    import pandas as pd

    frame, told = {}, {}
    for name, said in details.items():
        feature = _feature(name, facts)
        cells, more = _column(rows[name], said, facts.categories.get(feature, ()), frozenset(blanks))
        frame[name], told[name] = cells, {**said, **more}
        if cells.dtype == object and feature in facts.features:
            told[name].setdefault("kind", "category")
        if cells.dtype.kind == "f" and (unit := unit_in_name(name)):
            told[name].setdefault("unit", unit)

    made = pd.DataFrame(frame)
    return made.astype({name: object for name in made if made[name].dtype.kind not in "fM"}), told


def _feature(column: str, facts: Facts) -> str:
    """The name that the file has for a column: LightGBM and others put underscores for blanks."""
    known = column in facts.features or column in facts.categories
    return column if known else column.replace(" ", "_")


def _column(
    cells: pd.Series, said: Mapping[str, Any], listed: tuple[str, ...], blanks: frozenset[str]
) -> tuple[pd.Series, dict[str, Any]]:
    from pandas.api.types import is_datetime64_any_dtype, is_numeric_dtype

    if said.get("kind") == "number":
        return _numbers(cells)
    if said.get("kind") != "category" and (is_numeric_dtype(cells) or is_datetime64_any_dtype(cells)):
        return (cells.astype("float64") if cells.dtype.kind in "iu" else cells), {}
    # what was read as the number 3 is the category "3"
    texts = [outcome_text(cell) for cell in cells]
    known = {_plain(name) for name in listed}
    blank = PANDAS_BLANKS if listed else blanks
    kept = [None if text in blank and text not in known else text for text in texts]
    found = cells.astype(object).copy()
    found[:] = kept
    return found, {"categories": tuple(sorted(known))} if listed else {}


def _plain(name: str) -> str:
    """A category of a file as rows have it: those that were numbers without a point."""
    whole, point, zero = name.partition(".")
    return whole if point and zero == "0" and whole.lstrip("-").isdigit() else name


def _numbers(cells: pd.Series) -> tuple[pd.Series, dict[str, Any]]:
    """A column that the file takes for numbers: those that its texts spell, truth as 1 and 0, dates as days."""
    import numpy as np
    import pandas as pd
    from pandas.api.types import is_datetime64_any_dtype, is_numeric_dtype

    if is_numeric_dtype(cells):
        return cells.astype("float64"), {}
    name = str(cells.name)
    column = Column(name, "number")
    texts = cells.dropna().astype(str)
    if not is_datetime64_any_dtype(cells):
        read = parse_numbers(cells, column)
        if not read.unread:
            return pd.Series(read.values, index=cells.index, name=cells.name), {}
        distinct = set(texts.str.casefold()) - MISSING
        said = truths(distinct)
        if distinct <= said.keys():
            spelt = [said.get(str(cell).casefold(), np.nan) for cell in cells.astype(object)]
            return pd.Series(spelt, index=cells.index, name=cells.name, dtype="float64"), {}
        dates, _ = parse_dates(cells, Column(name, "number", unit=DATE))
        if not dates.unread:
            return pd.Series(dates.values, index=cells.index, name=cells.name), {"unit": DATE}
        some = words.listed([f"“{text}”" for text in dict.fromkeys(read.unread.values())], 3)
        raise ModelError(
            f"The model takes “{name}” as a number, but the reference has {some} in "
            f"{words.count(len(read.unread), 'row')}. Bring rows in which it is a number, as in training."
        )
    moments = cells.dt.tz_localize(None) if cells.dt.tz is not None else cells
    days = moments.to_numpy().astype("datetime64[us]")
    values = np.where(np.isnat(days), np.nan, days.astype(np.int64) / MICROSECONDS)
    return pd.Series(values, index=cells.index, name=cells.name), {"unit": DATE}


def strangers(features: pd.DataFrame, facts: Facts) -> str:
    """What is said of columns none of whose values is a category that the model's file lists; "" where all is well."""
    found = []
    for column in map(str, features):
        listed = facts.categories.get(_feature(column, facts), ())
        met = sorted({str(cell) for cell in features[column].dropna()}) if listed else []
        if met and not {_plain(text) for text in met} & {_plain(text) for text in listed}:
            values, known = (words.listed([f"“{one}”" for one in some], 3) for some in (met, sorted(listed)))
            found.append(
                f"None of the values of “{column}” in the reference ({values}) is a category that the model knows "
                f"({known}): to the model all of them are unknown. Bring rows with the words or codes of training."
            )
    return " ".join(found)


def open_blanks(rows: pd.DataFrame, columns: Iterable[str], facts: Facts) -> tuple[str, ...]:
    """Words in columns of texts that pandas would have read as blanks, where the file does not list the categories."""
    from pandas.api.types import is_numeric_dtype

    found: set[str] = set()
    for name in columns:
        kind = facts.kinds.get(name, "category")
        if kind == "category" and not facts.categories.get(name) and not is_numeric_dtype(rows[name]):
            found |= PANDAS_BLANKS.intersection(str(cell).strip() for cell in rows[name].dropna().unique())
    return tuple(sorted(found))
