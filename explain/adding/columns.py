"""What a person says of columns, as two tables to fill in: one row a column, one row a category."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explain import words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from explain.types import Column, Schema

SAID = {"label": "called", "unit": "unit", "group": "group", "meaning": "what it means"}
"""Detail of a column -> head in the table."""
COLUMN, KIND, HOLDS, PERSONAL = "column", "kind", "past rows hold", "personal"
CATEGORY, OUTCOME, SHOWN_AS = "category", "outcome", "shown as"
KINDS = ("number", "category")
NAMED = 4
"""Categories named in a cell."""


def column_table(schema: Schema, said: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """(p, 8) the column, its kind, what past rows hold, what was said of it so far, and whether it is personal."""
    import pandas as pd

    rows = [
        {COLUMN: column.name, KIND: column.kind, HOLDS: holds(column)}
        | {head: str(said.get(column.name, {}).get(key) or "") for key, head in SAID.items()}
        | {PERSONAL: column.personal}
        for column in schema
    ]
    heads = [COLUMN, SAID["label"], KIND, SAID["unit"], HOLDS, PERSONAL, SAID["group"], SAID["meaning"]]
    return pd.DataFrame(rows, columns=heads)


def category_table(schema: Schema, said: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """(c, 3) texts: each category of each column, and the words that it is shown as."""
    import pandas as pd

    rows = [
        {
            COLUMN: column.name,
            CATEGORY: name,
            SHOWN_AS: str(said.get(column.name, {}).get("describe", {}).get(name) or ""),
        }
        for column in schema
        for name in column.categories
    ]
    return pd.DataFrame(rows, columns=[COLUMN, CATEGORY, SHOWN_AS])


def said_of_columns(columns: pd.DataFrame, categories: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """The details by column of two tables that were filled in; what was left empty is not in them."""
    found: dict[str, dict[str, Any]] = {}
    for row in columns.to_dict("records"):
        details: dict[str, Any] = {"kind": row[KIND], "personal": bool(row[PERSONAL])}
        details |= {key: _text(row[head]) for key, head in SAID.items() if _text(row[head])}
        found[str(row[COLUMN])] = details
    for row in categories.to_dict("records"):
        if _text(row[SHOWN_AS]) and found[str(row[COLUMN])]["kind"] == "category":
            found[str(row[COLUMN])].setdefault("describe", {})[str(row[CATEGORY])] = _text(row[SHOWN_AS])
    return found


def outcome_table(outputs: Sequence[str], said: Mapping[str, str]) -> pd.DataFrame:
    """(k, 2) texts: each outcome, and the word that it is shown as."""
    import pandas as pd

    rows = [{OUTCOME: name, SHOWN_AS: said.get(name, "")} for name in outputs]
    return pd.DataFrame(rows, columns=[OUTCOME, SHOWN_AS])


def said_of_outcomes(outcomes: pd.DataFrame) -> dict[str, str]:
    """Outcome -> word, of a table that was filled in; what was left empty is not in it."""
    rows = outcomes.to_dict("records")
    return {str(row[OUTCOME]): _text(row[SHOWN_AS]) for row in rows if _text(row[SHOWN_AS])}


def _text(value: object) -> str:
    """What was typed, in one line; "" where nothing was."""
    return "" if value is None or value != value else " ".join(str(value).split())


def holds(column: Column) -> str:
    """'18 to 75', 'Bern, Oslo and 3 more', with the share of blanks where there are any."""
    blank = round(100 * column.missing_share)
    text = words.held(column, NAMED)
    return f"{text}; {blank or '<1'} % blank" if column.missing_share else text
