"""A column that was sorted by itself, apart from its rows: it stands in order, and nothing ties it to the others."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple

from explain.quality.catalog import flag_whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from explain.quality.profile import Profile
    from explain.types import Column, DataWarning, Floats, Ints, Schema, Table

LEAST_ROWS = 50
"""Rows below which an order is easily an accident, and ties are hard to measure."""
CHANCE = 1e-9
"""Probability at most that rows in random order stand so."""
HEAD = 500
"""Rows that show of most columns that they stand in no order."""
SEEN = 20_000
"""Rows, evenly spaced, on which ties are measured."""
BINS, LEVELS = 5, 8
"""Bins of a number by quantiles, and frequent categories told apart; the others count as one."""
TIED = 8.0
"""Standard errors by which ties must exceed chance where they are, so that their absence means something."""
GONE = 4.0
"""Standard errors below which they are no more than chance."""
LEFT = 0.3
"""Share of the expected ties that may be left where they are gone."""
_TIME = re.compile(
    r"year|month|week|day|date|time|period|quarter|season|batch|fold|index|jahr|monat|woche|tag|datum|zeit"
)
"""Names of columns in whose order rows come by themselves."""


def sorted_apart(table: Table, profile: Profile) -> list[DataWarning]:
    """Columns of an upload that stand in order while no other does, and have lost the ties that past rows have."""
    head, schema = table.cells.take(slice(HEAD)).frame, table.schema
    if len(table) < LEAST_ROWS or not any(_runs(head[column.name], column) for column in schema):
        return []
    frame = table.frame
    name = _only_sorted(frame, schema)
    if name is None:
        return []
    past, now = (_ties(rows, name, schema) for rows in (profile.frame, frame))
    expected = past.excess / past.rows * now.rows
    measurable = past.z >= TIED and expected >= TIED * math.sqrt(2 * now.freedom)
    if not measurable or now.z >= GONE or now.excess > LEFT * expected:
        return []
    return [flag_whole(("sorted apart", "warning"), name, _text(schema[name]))]


def sorted_apart_in(frame: pd.DataFrame, schema: Schema) -> str:
    """The same of reference rows (m, p), which nothing can be compared with: the sentence, "" for none.

    A column is named where the others are tied to each other and nothing ties it to any; those that tell of time, or
    count, stand in order by themselves.
    """
    name = _only_sorted(frame, schema)
    if name is None or schema[name].is_date or _TIME.search(name.casefold()) or _counts(frame[name]):
        return ""
    others = sorted(_ties(frame, column.name, schema, without=name).z for column in schema if column.name != name)
    usual = others[len(others) // 2] if len(others) > 1 else 0.0
    return _text(schema[name]) if usual >= TIED and _ties(frame, name, schema).z < GONE else ""


def _text(column: Column) -> str:
    how = "sorted" if column.kind == "number" else "in unbroken runs"
    return f"{column.title} stands {how} while nothing else does: it was probably sorted apart from its rows."


def _counts(cells: pd.Series) -> bool:
    """Whether a column counts its rows, or steps evenly."""
    import numpy as np
    import pandas as pd

    if not pd.api.types.is_numeric_dtype(cells):
        return False
    steps = np.diff(cells.to_numpy(dtype=np.float64))
    return bool(len(steps) and (steps == steps[0]).all())


def _only_sorted(frame: pd.DataFrame, schema: Schema) -> str | None:
    """The one column that stands in order, where there is exactly one."""
    if len(frame) < LEAST_ROWS or len(schema) < 2:
        return None
    found = [column.name for column in schema if _in_order(frame[column.name], column)]
    return found[0] if len(found) == 1 else None


def _in_order(cells: pd.Series, column: Column) -> bool:
    """Whether each value stands in one run, of numbers up or down, as rows in random order hardly ever have it."""
    if not _runs(cells.iloc[:HEAD], column):
        return False
    known = cells.dropna()
    counts = known.value_counts()
    if len(known) < LEAST_ROWS or not _runs(known, column):
        return False
    # of n! orders k! times the product of n_i! have each of k values in one run; twice that product rise or fall
    orders = math.log(2) if column.kind == "number" else math.lgamma(len(counts) + 1)
    log_chance = orders + sum(math.lgamma(count + 1) for count in counts) - math.lgamma(len(known) + 1)
    return log_chance < math.log(CHANCE)


def _runs(cells: pd.Series, column: Column) -> bool:
    import numpy as np

    known = cells.dropna().to_numpy()
    if column.kind == "number":
        steps = np.diff(known.astype(np.float64))
        return bool((steps >= 0).all() or (steps <= 0).all())
    changes = int((known[1:] != known[:-1]).sum()) if len(known) else 0
    return changes + 1 <= len(set(known.tolist()))


class _Ties(NamedTuple):
    """Chi-squared of one column against all others over `rows`: by how much it exceeds its degrees of `freedom`."""

    excess: float
    freedom: float
    rows: int

    @property
    def z(self) -> float:
        """The excess in standard errors of what chance makes."""
        return self.excess / math.sqrt(2 * self.freedom) if self.freedom else 0.0


def _ties(frame: pd.DataFrame, name: str, schema: Schema, without: str = "") -> _Ties:
    some = frame.iloc[:: max(1, len(frame) // SEEN)]
    codes: Mapping[str, Ints] = {
        column.name: _codes(some[column.name], column) for column in schema if column.name != without
    }
    found = [_chi_squared(codes[name], other) for key, other in codes.items() if key != name]
    return _Ties(sum(chi - free for chi, free in found), sum(free for _, free in found), len(some))


def _codes(cells: pd.Series, column: Column) -> Ints:
    """(n,) bin of each cell, 0 for a blank."""
    import numpy as np
    import pandas as pd

    if column.kind == "number":
        values = cells.to_numpy(dtype=np.float64)
        known = values[~np.isnan(values)]
        edges = np.unique(np.quantile(known, np.arange(1, BINS) / BINS)) if len(known) else known
        return np.where(np.isnan(values), 0, 1 + np.searchsorted(edges, values, side="left")).astype(np.int64)
    frequent = cells.value_counts().index[:LEVELS]
    places = pd.Index(frequent).get_indexer(pd.Index(cells.to_numpy(dtype=object)))
    return np.where(cells.isna().to_numpy(), 0, np.where(places < 0, LEVELS + 1, places + 1)).astype(np.int64)


def _chi_squared(one: Ints, other: Ints) -> tuple[float, float]:
    """Pearson's statistic of two coded columns, and its degrees of freedom."""
    import numpy as np

    rows, columns = int(one.max()) + 1, int(other.max()) + 1
    counts: Floats = np.bincount(one * columns + other, minlength=rows * columns).reshape(rows, columns).astype(float)
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / max(len(one), 1)
    filled = expected > 0
    chi = float(((counts[filled] - expected[filled]) ** 2 / expected[filled]).sum())
    freedom = ((counts.sum(axis=1) > 0).sum() - 1) * ((counts.sum(axis=0) > 0).sum() - 1)
    return chi, float(freedom)
