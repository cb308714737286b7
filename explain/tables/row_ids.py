"""Which column names the rows, and what to say of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain import words
from explain.errors import TableError
from explain.tables.likeness import fold
from explain.types import Note

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

ENDINGS = (
    "id", "ids", "no", "nr", "num", "number", "key", "ref", "reference", "sku", "code", "uuid", "guid", "case",
    "nummer", "kennung", "numero", "número", "numéro", "codigo", "código", "matricule", "acct", "account", "customer",
    "client", "policy", "contract", "loan", "invoice", "patient", "ticket", "serial", "kunde", "konto", "vertrag",
)  # fmt: skip
"""Last words of a column's name that say it names the rows; as the end of one word: "id" and "nummer"."""
LEAST_NAMED = 0.5
"""Share of the rows that a column must give a name of their own to name them all: of fewer, most would be numbers."""


@dataclass(frozen=True)
class _Names:
    """What one column would call the rows: `ids` (n,), all different, and how many of them had to be made up: `twins`
    repeat an earlier row's, `blanks` have none; `twin` is the first name that repeats, `called` what its row is called.
    """

    ids: tuple[str, ...]
    twins: int
    blanks: int
    twin: str
    called: str


def row_ids(context: pd.DataFrame) -> tuple[tuple[str, ...], str | None, list[Note]]:
    """Ids from an extra column that looks like one, else 1 to n; the column's name; and what to say.

    The first column that tells all rows apart names them, or the first in which only some names repeat or are blank:
    then later twins are numbered ("C7", "C7 #2"), and rows without a name go by their place ("row 12").
    """
    notes: list[Note] = []
    second: tuple[_Names, str] | None = None
    for name in context.columns:
        if not looks_like_ids(name):
            continue
        cells = list(context[name])
        found = _names(cells)
        if not found.twins and not found.blanks:
            return found.ids, name, notes
        if len(cells) - found.twins - found.blanks > LEAST_NAMED * len(cells):
            second = second or (found, name)
        else:
            fault = f"“{found.twin}” comes more than once" if found.twin else "it is blank in some rows"
            notes.append(Note(f"“{name}” cannot name the rows: {fault}. They are numbered instead."))
    if second:
        return second[0].ids, second[1], [_said(second[1], second[0])]
    return tuple(str(at + 1) for at in range(len(context))), None, notes


def looks_like_ids(name: str) -> bool:
    """Whether the name of a column says that it names the rows."""
    parts = "".join(letter if letter.isalnum() else " " for letter in name.casefold()).split()
    return bool(parts) and (parts[-1] in ENDINGS or fold(name).endswith(("id", "nummer")))


def _names(cells: Sequence[str]) -> _Names:
    """What a column's cells (n,) would call the rows: twins numbered from 2 on, in upload order."""
    import pandas as pd

    taken = set(cells)
    ids = list(cells)
    own = pd.Series(ids, dtype=object)
    made_up = ((own == "") | own.duplicated()).to_numpy().nonzero()[0].tolist()
    last: dict[str, int] = {}
    twins: list[int] = []
    for at in made_up:
        if cells[at]:
            twins.append(at)
            ids[at], last[cells[at]] = _free(cells[at], taken, last.get(cells[at], 1) + 1)
        else:
            ids[at], _ = _free(f"row {at + 1}", taken)
        taken.add(ids[at])
    twin, called = (cells[twins[0]], ids[twins[0]]) if twins else ("", "")
    return _Names(tuple(ids), len(twins), len(made_up) - len(twins), twin, called)


def _free(name: str, taken: set[str], number: int = 1) -> tuple[str, int]:
    """The name with the first number from `number` on that no row has, and the number; 1 is not written."""
    found = name if number == 1 else f"{name} #{number}"
    while found in taken:
        number += 1
        found = f"{name} #{number}"
    return found, number


def _said(name: str, found: _Names) -> Note:
    text = ""
    if found.twins:
        text = f"“{name}” repeats in {words.count(found.twins, 'row')}; a number was put behind it (“{found.called}”). "
    if found.blanks:
        text += f"“{name}” is blank in {words.count(found.blanks, 'row')}, named by place instead."
    return Note(text.strip())


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
