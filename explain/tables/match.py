"""Uploaded columns against a model's: exact names, then but for case and spaces; what is likely is only proposed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain.errors import TableError
from explain.tables.likeness import MOST_PAIRS, cells_of, fold, name_likeness, value_likeness

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from explain.types import Flags, Floats, Schema

__all__ = ["Match", "fold", "match_columns"]

CLOSE = 72.0
"""Likeness of names (0 to 100) from which one is worth proposing: about one letter in four may differ. The person
confirms every proposal, so a generous limit costs one glance."""
VERY_CLOSE = 85.0
"""Likeness from which a name is proposed although the cells look otherwise: the column may be in another unit."""
CLEAR = 2.0
"""How far the best must lie before the next free column: "rate_1" and "rate_2" for "rate" are a tie, and a proposal
would be a coin toss. One letter more or less in names of twenty letters makes 2.5."""
DOUBTFUL = -10.0
"""Logarithm of odds below which cells contradict a name: chance hardly makes that of the same column."""
PER_POINT = 0.5
"""Likeness of names that a point of what cells say makes up for: of names that tie, four times the odds decide."""
TELLS = 3.0
"""Logarithm of odds from which cells and name together are a proposal though the name alone is none: one in twenty."""
CLEARLY = 4.0
"""The lead of these odds over any other pair of either column, matched ones included: fifty to one, since cells of
another population may look more like those of a sister column ("rate_1", "rate_2")."""
HINT, PER_HINT = 45.0, 0.15
"""Likeness from which a name says anything at all (any two words of five letters share two), and points of odds for
each above it: a name just short of being proposed makes four."""


@dataclass(frozen=True)
class Match:
    """`found`: model column -> uploaded column; `extra` uploaded columns; `missing` model columns with `proposals`."""

    found: dict[str, str]
    extra: tuple[str, ...]
    missing: tuple[str, ...]
    proposals: dict[str, str]


def match_columns(uploaded: Sequence[str], schema: Schema, cells: pd.DataFrame | None = None) -> Match:
    """Match names; raises TableError when it is not clear which uploaded column belongs to which model column.

    The exact name goes before the name but for case and punctuation, and that before the label; an uploaded column
    is used once. With `cells` (n, any), the table as uploaded, what is left is proposed by values, too; without them
    by names alone.
    """
    names = set(schema.names)
    given = set(uploaded)
    found = {name: name for name in schema.names if name in given}
    free = _folded(name for name in uploaded if name not in names)
    for wanted in (
        {column.name: fold(column.name) for column in schema},
        {column.name: fold(column.label) for column in schema},
    ):
        open_columns = [name for name in schema.names if name not in found]
        rivals = _folded(open_columns, wanted)
        for name in open_columns:
            own = free.get(wanted[name], [])
            if own:
                _refuse_unclear(own, rivals[wanted[name]])
                found[name] = own[0]
        for name in open_columns:
            if name in found:
                free.pop(wanted[name], None)
    taken = set(found.values())
    extra = tuple(name for name in uploaded if name not in taken)
    missing = tuple(name for name in schema.names if name not in found)
    in_order = {name: found[name] for name in schema.names if name in found}
    return Match(in_order, extra, missing, _proposals(missing, extra, schema, cells))


def _folded(names: Iterable[str], folds: Mapping[str, str] | None = None) -> dict[str, list[str]]:
    """Names by their folded form; a name of punctuation only is like no other."""
    groups: dict[str, list[str]] = {}
    for name in names:
        key = folds[name] if folds else fold(name)
        if key:
            groups.setdefault(key, []).append(name)
    return groups


def _refuse_unclear(own: list[str], rivals: list[str]) -> None:
    if len(own) > 1:
        raise TableError(
            f"Both “{own[0]}” and “{own[1]}” could be the model's column “{rivals[0]}”. Rename or remove one."
        )
    if len(rivals) > 1:
        raise TableError(
            f"“{own[0]}” could be the model's column “{rivals[0]}” or “{rivals[1]}”. Name it exactly like one of them."
        )


def _proposals(
    missing: tuple[str, ...], extra: tuple[str, ...], schema: Schema, cells: pd.DataFrame | None
) -> dict[str, str]:
    """The likeliest free column for each missing one: first by names that are near, then by what the cells say."""
    if not missing or not extra:
        return {}
    import numpy as np

    # matched columns come last: they are rivals where values decide
    columns = sorted(schema, key=lambda column: column.name not in missing)
    names = name_likeness(columns, extra)
    own = range(len(missing))
    pairs: dict[int, int] = {}
    if cells is None or names.size > MOST_PAIRS:
        _add_clear(names[own], names[own] >= CLOSE, CLEAR, pairs)
        return {missing[row]: extra[at] for row, at in pairs.items()}
    values = value_likeness(columns, [cells_of(cells[name]) for name in extra])
    near = (names >= CLOSE) & (values > -np.inf) & ((values >= DOUBTFUL) | (names >= VERY_CLOSE))
    told = np.where(values > -np.inf, names + PER_POINT * np.maximum(values, DOUBTFUL), -np.inf)
    _add_clear(told[own], near[own], CLEAR, pairs)
    odds = values + PER_HINT * np.maximum(0, names - HINT)
    _add_clear(odds, odds >= TELLS, CLEARLY, pairs)
    return {missing[row]: extra[at] for row, at in sorted(pairs.items()) if row < len(missing)}


def _add_clear(scores: Floats, likely: Flags, lead: float, pairs: dict[int, int]) -> None:
    """Add `likely` pairs of row and column, best first, whose score lies clearly before that of any rival.

    Rivals are the uploaded columns that are still free, and all model columns: that one of two sisters is taken does
    not show that a column is the other one.
    """
    import numpy as np

    free = scores.copy()
    free[:, list(pairs.values())] = -np.inf
    for score, row, at in sorted((-scores[row, at], row, at) for row, at in np.argwhere(likely).tolist()):
        if row in pairs or free[row, at] == -np.inf:
            continue
        rivals = np.append(np.delete(free[row], at), np.delete(free[:, at], row))
        if (rivals <= -score - lead).all():
            pairs[row] = at
            free[:, at] = -np.inf
