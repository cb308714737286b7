"""Checks of single categories: nearly a known one, new, rare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain import words
from explain.quality.catalog import flag
from explain.tables.categories import nearest_category

if TYPE_CHECKING:
    from explain.quality.profile import Profile
    from explain.types import Column, DataWarning, Severity, Table

RARE = 2
"""Times at most that a rare category stands in the reference."""
LEAST_ROWS = 1_000
"""Known reference cells from which on twice is rare."""


def category_checks(table: Table, column: Column, profile: Profile) -> list[DataWarning]:
    """All warnings of one category column."""
    import numpy as np
    import pandas as pd

    if column.kind != "category":
        return []
    codes, texts = pd.factorize(table.frame[column.name].to_numpy(dtype=object))
    cells = np.array([*texts, None], dtype=object)[codes]
    usual = profile.categories[column.name]
    known = set(column.categories)
    fixes = {text: nearest_category(str(text), column.categories) for text in texts if text not in known}
    near = np.isin(codes, [at for at, text in enumerate(texts) if fixes.get(text)])
    new = np.isin(codes, [at for at, text in enumerate(texts) if text in fixes and not fixes[text]])
    few = {name for name, count in usual.counts.items() if count <= RARE and usual.rows >= LEAST_ROWS}
    rare = np.isin(codes, [at for at, text in enumerate(texts) if text in few])
    severity: Severity = "info" if usual.new_is_usual else "warning"
    rows = np.flatnonzero(near)
    said = [
        f"{column.title} = “{cell}” is not a value the model knows. Did you mean “{fixes[cell]}”?"
        for cell in cells[rows]
    ]
    proposals = [fixes[cell] for cell in cells[rows]]
    found = flag(("near-miss category", severity), column.name, rows, list(cells[rows]), said, proposals)
    rows = np.flatnonzero(new)
    expected = words.listed([f"“{name}”" for name in column.categories])
    usually = " New values are usual here." if usual.new_is_usual else f" It knows {expected}."
    said = [f"{column.title} = “{cell}” is new to the model.{usually}" for cell in cells[rows]]
    found += flag(("new category", severity), column.name, rows, list(cells[rows]), said)
    rows = np.flatnonzero(rare)
    said = [
        f"{column.title} = “{cell}” is rare: {usual.counts[cell]} of {usual.rows:,} past rows had it."
        for cell in cells[rows]
    ]
    return found + flag(("rare category", "info"), column.name, rows, list(cells[rows]), said)
