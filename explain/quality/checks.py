"""The checks: each takes one column of a table and gives DataWarnings; a row of CHECKS a kind of fault.

Every sentence says what was expected, what came and, where there is one, the fix. Nothing here changes data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain import words
from explain.types import DataWarning

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from explain.types import Column, Flags, Floats, Ints, Severity, Table

    Check = Callable[[Table, Column], list[DataWarning]]

FAR = 0.5
"""Half of the reference range beyond its end is 'far outside': a new kind of case, or a slip, more than a tail."""
USUAL_MISSING = 0.005
"""Reference blanks from this share on (1 in 200) make a blank usual: then it only informs."""
LETTERS_PER_SLIP = 5
"""One wrong, missing, extra or swapped letter is forgiven per five letters, and one in any word of three or more:
that is how people slip. Of two categories equally near, neither is proposed."""


def check(table: Table) -> tuple[DataWarning, ...]:
    """All warnings of a table, in schema order; prices come later, from `price`."""
    return tuple(warning for column in table.schema for run in CHECKS for warning in run(table, column))


def _warning(
    kind: tuple[str, Severity],
    column: Column,
    rows: Ints,
    found: Sequence[str],
    messages: Sequence[str],
    suggestion: Sequence[str | None] | None = None,
) -> list[DataWarning]:
    """No warning for no rows, else one that covers them all."""
    if not len(rows):
        return []
    name, severity = kind
    fixes = tuple(suggestion) if suggestion is not None else (None,) * len(rows)
    return [DataWarning(name, column.name, severity, rows, tuple(found), fixes, tuple(messages))]


def missing(table: Table, column: Column) -> list[DataWarning]:
    """Blank cells; a blank where the reference has hardly any is a warning, a usual one only informs.

    Of a column that is blank in every row the whole column is warned of, too.
    """
    import numpy as np

    blank = table.frame[column.name].isna().to_numpy(copy=True)
    blank[list(table.unread.get(column.name, {}))] = False
    whole = []
    if len(blank) > 1 and blank.all():
        text = f"{column.title} is blank in every row. The model has to guess without it; check the export."
        whole = [DataWarning("missing column", column.name, "error", np.zeros(0, np.int64), (), (), (text,))]
    usual = column.missing_share >= USUAL_MISSING
    known = (
        f"usual: {round(100 * column.missing_share) or 1} of 100 past rows were blank here, too"
        if usual
        else "past rows were never blank here"
        if column.missing_share == 0
        else "past rows were hardly ever blank here"
    )
    text = f"{column.title} is missing; {known}."
    rows = np.flatnonzero(blank)
    cells = _warning(("missing", "info" if usual else "warning"), column, rows, [""] * len(rows), [text] * len(rows))
    return [*whole, *cells]


def wrong_type(table: Table, column: Column) -> list[DataWarning]:
    """Text where a number belongs; the model sees a blank instead."""
    import numpy as np

    cells = dict(sorted(table.unread.get(column.name, {}).items()))
    rows = np.array(list(cells), dtype=np.int64)
    texts = [
        f"{column.title} = “{cell}” is not a number. The model was given a blank instead." for cell in cells.values()
    ]
    return _warning(("wrong type", "error"), column, rows, list(cells.values()), texts)


def out_of_range(table: Table, column: Column) -> list[DataWarning]:
    """Numbers below or above anything in the reference; far outside is an error."""
    import numpy as np

    if column.kind != "number" or column.low is None or column.high is None:
        return []
    cells = table.frame[column.name].to_numpy(dtype=np.float64)
    outside = (cells < column.low) | (cells > column.high)
    margin = FAR * (column.high - column.low)
    far = outside & ((cells < column.low - margin) | (cells > column.high + margin) | _new_sign(cells, column))
    result = []
    for severity, rows in (("error", np.flatnonzero(far)), ("warning", np.flatnonzero(outside & ~far))):
        values = cells[rows]
        fixes = [_number_fix(value, column) for value in values]
        texts = [_range_text(value, fix, column) for value, fix in zip(values, fixes, strict=True)]
        kind: tuple[str, Severity] = ("out of range", severity)  # type: ignore[assignment]  # one of two literals
        result += _warning(kind, column, rows, [words.number(v) for v in values], texts, fixes)
    return result


def _new_sign(cells: Floats, column: Column) -> Flags:
    """Negative where the reference never was."""
    return (cells < 0) & (column.low is not None and column.low >= 0)


def _number_fix(value: float, column: Column) -> str | None:
    """The one plausible slip: a lost decimal point (10, 100 or 1,000 times too large) or a stray minus."""
    tries = [-value] if value < 0 else [value / 10**k for k in (1, 2, 3)]
    for fixed in tries:
        rounded = float(round(fixed)) if column.integer else fixed
        if column.low is not None and column.high is not None and column.low <= rounded <= column.high:
            return f"{rounded:.10g}"
    return None


def _range_text(value: float, fix: str | None, column: Column) -> str:
    side = "above" if column.high is not None and value > column.high else "below"
    seen = f"{words.number(column.low)}–{words.number(column.high, column.unit)}"
    text = f"{column.title} = {words.number(value)} is {side} anything the model saw ({seen})."
    return text + (f" Did you mean {words.number(float(fix))}?" if fix is not None else "")


def unknown_category(table: Table, column: Column) -> list[DataWarning]:
    """Categories the reference does not have: a near miss of a known one gets a proposal, others are new."""
    import numpy as np
    import pandas as pd

    if column.kind != "category":
        return []
    codes, texts = pd.factorize(table.frame[column.name].to_numpy(dtype=object))
    known = set(column.categories)
    result = []
    near_rows, new_rows = np.zeros(len(codes), bool), np.zeros(len(codes), bool)
    fixes: dict[str, str] = {}
    for code, text in enumerate(texts):
        if text in known:
            continue
        fix = nearest_category(str(text), column.categories)
        (near_rows if fix else new_rows)[codes == code] = True
        fixes |= {text: fix} if fix else {}
    cells = texts[codes] if len(texts) else np.array([])
    near, new = np.flatnonzero(near_rows), np.flatnonzero(new_rows)
    if len(near):
        said = [
            f"{column.title} = “{cell}” is not a value the model knows. Did you mean “{fixes[cell]}”?"
            for cell in cells[near]
        ]
        proposals = [fixes[cell] for cell in cells[near]]
        result += _warning(("near-miss category", "warning"), column, near, list(cells[near]), said, proposals)
    if len(new):
        expected = words.listed([f"“{name}”" for name in column.categories])
        said = [f"{column.title} = “{cell}” is new to the model. It knows {expected}." for cell in cells[new]]
        result += _warning(("new category", "warning"), column, new, list(cells[new]), said)
    return result


def nearest_category(text: str, categories: tuple[str, ...]) -> str | None:
    """The known category that `text` is a slip of: equal but for case and spaces, or clearly the closest spelling.

    Distance is that of optimal string alignment: letters wrong, missing, extra or swapped.
    """
    from rapidfuzz.distance import OSA

    own = _fold(text)
    folded = {_fold(name): name for name in reversed(categories)}
    if own in folded:
        return folded[own]
    if len(own) < 3:
        return None
    slips = sorted((OSA.distance(own, name), name) for name in folded)
    allowed = max(1, len(own) // LETTERS_PER_SLIP)
    if not slips or slips[0][0] > allowed or (len(slips) > 1 and slips[1][0] == slips[0][0]):
        return None
    return folded[slips[0][1]]


def _fold(text: str) -> str:
    return " ".join(text.casefold().replace("_", " ").replace("-", " ").split())


CHECKS: tuple[Check, ...] = (missing, wrong_type, out_of_range, unknown_category)
