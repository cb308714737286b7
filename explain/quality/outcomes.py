"""Checks of an upload that comes with outcomes: conflicts, columns that give the outcome away, a model grown stale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain import words
from explain.models.package import outcome_numbers
from explain.quality.catalog import flag, flag_whole
from explain.quality.hashes import row_hashes
from explain.tables.likeness import fold

if TYPE_CHECKING:
    from explain.models import Package
    from explain.types import DataWarning, Flags, Floats, Ints, Table

LEAST_KNOWN = 0.5
"""Share of the filled cells that must be outcomes of the model: else the column's name is a coincidence."""
LEAST_ROWS = 100
"""Rows with an outcome from which on a column or a model is judged."""
TELLING = 0.99
"""Share of rows that one column alone gets right, from which on it gives the outcome away."""
WORSE = 0.05
"""Loss of accuracy that is worth a word."""
SURE = 3.0
"""Standard errors that it must be."""
BINS = 20


def uploaded_outcomes(model: Package, table: Table) -> Floats | None:
    """Known outcomes (n,) as class index or target value, NaN where blank; None where the upload has none."""
    import numpy as np

    wanted = fold(model.card.target)
    name = next((str(item) for item in table.context.columns if fold(str(item)) == wanted), None)
    if name is None:
        return None
    cells = table.context[name]
    outcomes = outcome_numbers(cells, model.info)
    filled = int((cells != "").sum())
    return outcomes if filled and np.isfinite(outcomes).sum() >= LEAST_KNOWN * filled else None


def outcome_checks(table: Table, outcomes: Floats, right: Flags, past_right: Flags) -> list[DataWarning]:
    """All warnings about outcomes (n,) (class index; NaN unknown), given which predictions were right, then and now."""
    return [*conflicts(table, outcomes), *telling(table, outcomes), *stale(outcomes, right, past_right)]


def conflicts(table: Table, outcomes: Floats) -> list[DataWarning]:
    """Rows alike in every column of the model that ended differently."""
    import numpy as np
    import pandas as pd

    known = np.flatnonzero(~np.isnan(outcomes))
    if len(known) < 2:
        return []
    alike = row_hashes(table.cells.take(known))
    groups = pd.DataFrame({"alike": alike, "outcome": outcomes[known]}).groupby("alike")["outcome"]
    rows = known[(groups.transform("nunique") > 1).to_numpy()]
    sizes = groups.transform("size").to_numpy()[np.isin(known, rows)]
    said = [f"{size:,} rows are alike in every column and ended differently; no model can tell them." for size in sizes]
    return flag(("conflicting outcomes", "info"), "", rows, [""] * len(rows), said)


def telling(table: Table, outcomes: Floats) -> list[DataWarning]:
    """Columns that alone foretell nearly every outcome: they may be written down only after it is known."""
    import numpy as np

    known = ~np.isnan(outcomes)
    classes, place = np.unique(outcomes[known], return_inverse=True)
    if known.sum() < LEAST_ROWS or len(classes) < 2 or np.bincount(place).max() >= TELLING * known.sum():
        return []
    found = []
    for column in table.schema:
        share = _alone(table.cells.take(known).objects(column.name), place, number=column.kind == "number")
        if share >= TELLING:
            text = (
                f"{column.title} alone tells the outcome of {words.of_100(share)} rows. "
                "Was it written down before the outcome was known?"
            )
            found.append(flag_whole(("telling column", "warning"), column.name, text))
    return found


def _alone(cells: object, place: Ints, *, number: bool) -> float:
    """Share of rows whose class is the commonest among the others with a like value (each row left out in turn)."""
    import numpy as np
    import pandas as pd

    values = pd.Series(cells)
    codes = (
        pd.qcut(pd.to_numeric(values, errors="coerce"), BINS, labels=False, duplicates="drop").fillna(-1).to_numpy()
        if number
        else pd.factorize(values, use_na_sentinel=False)[0]
    )
    counts = np.zeros((int(codes.max()) + 2, int(place.max()) + 1))
    np.add.at(counts, (codes.astype(np.int64), place), 1.0)
    others = counts[codes.astype(np.int64)]
    others[np.arange(len(place)), place] -= 1
    told = (others.argmax(axis=1) == place) & (others.sum(axis=1) > 0)
    return float(told.mean())


def stale(outcomes: Floats, right: Flags, past_right: Flags) -> list[DataWarning]:
    """Fewer right predictions than in past cases, beyond chance."""
    import numpy as np

    known = ~np.isnan(outcomes)
    if known.sum() < LEAST_ROWS or len(past_right) < LEAST_ROWS:
        return []
    now, before = float(right[known].mean()), float(past_right.mean())
    error = np.sqrt(now * (1 - now) / known.sum() + before * (1 - before) / len(past_right))
    if before - now < max(WORSE, SURE * float(error)):
        return []
    text = (
        f"The model was right in {words.of_100(now)} of these rows; in past cases it was in {words.of_100(before)}. "
        "It may have grown old."
    )
    return [flag_whole(("stale model", "warning"), "", text)]
