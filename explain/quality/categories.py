"""Checks of single categories: nearly a known one, new, rare."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from explain import words
from explain.quality.catalog import flag
from explain.tables.categories import nearest_category

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from explain.quality.profile import Profile
    from explain.quality.whole import Whole
    from explain.types import Column, DataWarning, Ints, Severity, Table

LEAST_NEW, MOST_NEW = 10, 0.5
"""Cells, and share of the filled ones, from which on an unknown category is more than one that is new."""
LISTED = 6
"""Categories that a sentence lists; of more it gives the number."""


def category_checks(table: Table, column: Column, profile: Profile, whole: Whole | None = None) -> list[DataWarning]:
    """All warnings of one category column; words for which others are proposed throughout are warned of as a whole."""
    import numpy as np

    if column.kind != "category":
        return []
    own = table.cells.codes(column.name)
    texts, usual = own.words, profile.categories[column.name]
    plain = usual.plain
    if len(texts) == len(column.categories) and plain[own.places].all():
        return []
    new_is_usual = profile.new_is_usual(column.name)
    known = frozenset(column.categories)
    proposed = {text for item in table.proposals if item.column == column.name for text in item.found}
    there = set(np.unique(own.places).tolist())
    fixes = {
        text: nearest_category(text, column.categories)
        for at, text in enumerate(texts)
        if at in there and text not in known | proposed
    }
    cells = own.texts

    def rows_of(which: list[bool]) -> Ints:
        return np.flatnonzero(np.array([*which, False], dtype=bool)[own.places])

    near = rows_of([bool(fixes.get(text)) for text in texts])
    said = [
        f"{column.title} = “{cell}” is not a value the model knows. Did you mean “{fixes[cell]}”?"
        for cell in cells[near]
    ]
    filled = int((own.places >= 0).sum())

    def severity_of(check: str, rows: Ints) -> Severity:
        if whole is None:
            return _severity(cells[rows], filled, new_is_usual=new_is_usual)
        return whole.severities.get((column.name, check), "info" if new_is_usual else "warning")

    severity = severity_of("near-miss category", near)
    proposals = [fixes[cell] for cell in cells[near]]
    found = flag(("near-miss category", severity), column.name, near, list(cells[near]), said, proposals)
    new = rows_of([text in fixes and not fixes[text] for text in texts])
    severity = severity_of("new category", new)
    found += flag(("new category", severity), column.name, new, list(cells[new]), _new(column, cells[new], severity))
    rare = rows_of([at < len(plain) - 1 and not plain[at] for at in range(len(texts))])
    said = [
        f"{column.title} = “{cell}” is rare: {usual.counts.get(cell, 0)} of {usual.rows:,} past rows had it."
        for cell in cells[rare]
    ]
    return found + flag(("rare category", "info"), column.name, rare, list(cells[rare]), said)


def _severity(cells: npt.NDArray[np.object_], filled: int, *, new_is_usual: bool) -> Severity:
    """Unknown cells (m,) only inform where new categories are usual, unless one of them takes the column over."""
    if not new_is_usual or not len(cells):
        return "warning"
    (_, most) = Counter(cells.tolist()).most_common(1)[0]
    return "warning" if most >= max(LEAST_NEW, MOST_NEW * filled) else "info"


def _new(column: Column, cells: npt.NDArray[np.object_], severity: Severity) -> list[str]:
    expected = words.listed([f"“{name}”" for name in column.categories[:LISTED]], LISTED - 1)
    usually = " New values are usual here." if severity == "info" else f" It knows {expected}."
    if severity == "warning" and len(column.categories) > LISTED:
        usually = f" It knows {len(column.categories):,} others."
    return [f"{column.title} = “{cell}” is new to the model.{usually}" for cell in cells]
