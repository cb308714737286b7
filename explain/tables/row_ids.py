"""Which column names the rows, and what to say of it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from explain.errors import TableError
from explain.tables.likeness import fold
from explain.types import Note

if TYPE_CHECKING:
    import pandas as pd

ENDINGS = (
    "id", "ids", "no", "nr", "num", "number", "key", "ref", "reference", "sku", "code", "uuid", "guid", "case",
    "nummer", "kennung", "numero", "número", "numéro", "codigo", "código", "matricule", "acct", "account", "customer",
    "client", "policy", "contract", "loan", "invoice", "patient", "ticket", "serial", "kunde", "konto", "vertrag",
)  # fmt: skip
"""Last words of a column's name that say it names the rows; as the end of one word: "id" and "nummer"."""


def row_ids(context: pd.DataFrame) -> tuple[tuple[str, ...], str | None, list[Note]]:
    """Ids from the first extra column that looks like one and tells the rows apart, else 1 to n; with what to say."""
    numbered = tuple(str(at + 1) for at in range(len(context)))
    notes: list[Note] = []
    for name in context.columns:
        parts = "".join(letter if letter.isalnum() else " " for letter in name.casefold()).split()
        if not parts or (parts[-1] not in ENDINGS and not fold(name).endswith(("id", "nummer"))):
            continue
        ids = tuple(context[name])
        if all(ids) and len(set(ids)) == len(ids):
            return ids, name, notes
        twice = next((item for item, count in Counter(ids).items() if item and count > 1), "")
        fault = f"“{twice}” comes more than once" if twice else "it is blank in some rows"
        notes.append(Note(f"“{name}” cannot name the rows: {fault}. They are numbered instead."))
    return numbered, None, notes


def chosen_ids(context: pd.DataFrame, name: str) -> tuple[str, ...]:
    """Ids from the column that the caller named; raises TableError where they do not tell the rows apart."""
    if name not in context.columns:
        raise TableError(f"There is no column '{name}' beside the model's own to name the rows by.")
    ids = tuple(context[name])
    seen: set[str] = set()
    for at, row_id in enumerate(ids, start=1):
        if not row_id or row_id in seen:
            fault = f"“{row_id}” comes twice" if row_id else "it is blank"
            raise TableError(f"The column '{name}' cannot name the rows: {fault} in row {at:,}.")
        seen.add(row_id)
    return ids
