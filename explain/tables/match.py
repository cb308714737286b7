"""Uploaded column names against a model's: exact, then but for case and spaces; near misses are only proposed."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain.errors import TableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from explain.types import Schema

CLOSE = 72.0
"""rapidfuzz ratio (0 to 100) from which a name is worth proposing: about one letter in four may differ. The person
confirms every proposal, so a generous limit costs one glance."""
CLEAR = 2.0
"""How far the best must lie before the next free column: "rate_1" and "rate_2" for "rate" are a tie, and a proposal
would be a coin toss. One letter more or less in names of twenty letters makes 2.5."""


@dataclass(frozen=True)
class Match:
    """`found`: model column -> uploaded column; `extra` uploaded columns; `missing` model columns with `proposals`."""

    found: dict[str, str]
    extra: tuple[str, ...]
    missing: tuple[str, ...]
    proposals: dict[str, str]


def match_columns(uploaded: Sequence[str], schema: Schema) -> Match:
    """Match names; raises TableError when it is not clear which uploaded column belongs to which model column.

    The exact name goes before the name but for case and punctuation, and that before the label; an uploaded column
    is used once.
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
    return Match(in_order, extra, missing, _proposals(missing, extra, schema))


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


def fold(name: str) -> str:
    """A name without case, accents, spaces and punctuation."""
    plain = unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in plain.casefold() if letter.isalnum())


def _proposals(missing: tuple[str, ...], extra: tuple[str, ...], schema: Schema) -> dict[str, str]:
    """The closest free column for each missing one, best pairs first; no column is proposed twice."""
    if not missing or not extra:
        return {}
    import numpy as np
    from rapidfuzz import fuzz, process

    names = [fold(name) for name in extra]
    scores = np.maximum(
        process.cdist([fold(name) for name in missing], names, scorer=fuzz.ratio, score_cutoff=CLOSE - CLEAR),
        process.cdist([fold(schema[name].title) for name in missing], names, scorer=fuzz.ratio),
    )
    scores[:, [not name for name in names]] = 0  # two names of punctuation only are not alike
    pairs = [
        (-float(scores[row, at]), missing[row], extra[at], row, at) for row, at in np.argwhere(scores >= CLOSE).tolist()
    ]
    proposals: dict[str, str] = {}
    free = np.ones(len(extra), dtype=bool)
    for score, column, name, row, at in sorted(pairs):
        if column in proposals or not free[at]:
            continue
        rivals = free.copy()
        rivals[at] = False
        if (scores[row, rivals] <= -score - CLEAR).all():
            proposals[column] = name
            free[at] = False
    return proposals
