"""Uploaded column names against a model's: exact, then but for case and spaces; near misses are only proposed."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain.errors import TableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explain.types import Schema

CLOSE = 72.0
"""rapidfuzz ratio (0 to 100) from which a name is worth proposing: about one letter in four may differ. The person
confirms every proposal, so a generous limit costs one glance."""


@dataclass(frozen=True)
class Match:
    """`found`: model column -> uploaded column; `extra` uploaded columns; `missing` model columns with `proposals`."""

    found: dict[str, str]
    extra: tuple[str, ...]
    missing: tuple[str, ...]
    proposals: dict[str, str]


def match_columns(uploaded: Sequence[str], schema: Schema) -> Match:
    """Match names; raises TableError when two uploaded columns could both be the same model column."""
    found: dict[str, str] = {}
    exact = set(uploaded)
    folded: dict[str, list[str]] = {}
    for name in uploaded:
        folded.setdefault(fold(name), []).append(name)
    for column in schema:
        if column.name in exact:
            found[column.name] = column.name
            continue
        own = [name for name in folded.get(fold(column.name), []) if name not in schema.names]
        own = own or [name for name in folded.get(fold(column.title), []) if name not in schema.names]
        if len(own) > 1:
            raise TableError(
                f"Both “{own[0]}” and “{own[1]}” could be the model's column “{column.name}”. Rename or remove one."
            )
        if own:
            found[column.name] = own[0]
    taken = set(found.values())
    extra = tuple(name for name in uploaded if name not in taken)
    missing = tuple(column.name for column in schema if column.name not in found)
    return Match(found, extra, missing, _proposals(missing, extra, schema))


def fold(name: str) -> str:
    """A name without case, accents, spaces and punctuation."""
    plain = unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in plain.casefold() if letter.isalnum())


def _proposals(missing: tuple[str, ...], extra: tuple[str, ...], schema: Schema) -> dict[str, str]:
    """The closest free column for each missing one, best pairs first; no column is proposed twice."""
    from rapidfuzz import fuzz

    pairs = [
        (max(fuzz.ratio(fold(column), fold(name)), fuzz.ratio(fold(schema[column].title), fold(name))), column, name)
        for column in missing
        for name in extra
    ]
    proposals: dict[str, str] = {}
    for score, column, name in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
        if score >= CLOSE and column not in proposals and name not in proposals.values():
            proposals[column] = name
    return proposals
