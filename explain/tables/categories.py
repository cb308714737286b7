"""Text cells -> the categories that a model knows, seen through spaces, case, encoding and spelling."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from explain.tables.numbers import MISSING, MISSING_WORD, PLAIN, Reading

if TYPE_CHECKING:
    import pandas as pd

    from explain.types import Column

LETTERS_PER_SLIP = 5
"""One wrong, missing, extra or swapped letter is forgiven per five letters, and one in any word of three or more:
that is how people slip. Of two categories equally near, neither is proposed."""
SURE_LETTERS = 4
"""Letters from which on a slip is corrected and not only proposed: in shorter words one letter makes another word."""
SURE_LEAD = 2
"""How many more slips the next category must be away for a correction."""
OFTEN = 0.01
"""Share of rows from which on a text is a category that the model does not know rather than a slip: slips are rare."""
TRUTHS = (("true", "false"), ("yes", "no"), ("1", "0"), ("1.0", "0.0"), ("y", "n"), ("t", "f"))
DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")


@dataclass(frozen=True)
class Categories:
    """`values` (n,) texts with None for blanks; `readings` the cells that did not hold a category as it is written."""

    values: pd.Series
    readings: tuple[Reading, ...] = ()


def read_categories(cells: pd.Series, column: Column) -> Categories:
    """Read a column of categories (n,); what is surely a known one written otherwise becomes that one."""
    import numpy as np
    import pandas as pd

    codes, distinct = pd.factorize(cells.to_numpy(dtype=object))
    counts = np.bincount(codes[codes >= 0], minlength=len(distinct))
    truth = _truth(column)
    texts, kinds = [], []
    for item, count in zip(distinct, counts, strict=True):
        text = truth[item] if isinstance(item, bool) else category_text(item)
        meant, kind = _meant(text, column, rare=bool(count <= max(1, OFTEN * len(codes))))
        texts.append(meant)
        kinds.append(kind)
    values = np.array([*texts, None], dtype=object)[codes]
    found = []
    for kind in sorted(set(kinds) - {PLAIN}):
        rows = np.flatnonzero(np.array([*(mine == kind for mine in kinds), False])[codes])
        found.append(Reading(kind, rows, distinct[codes[rows]]))
    return Categories(pd.Series(values, dtype=object), tuple(found))


def category_text(item: object) -> str:
    """A cell as text: whole numbers without '.0', truth as 'true' and 'false'."""
    if isinstance(item, bool):
        return str(item).lower()
    if isinstance(item, float) and item.is_integer():
        return str(int(item))
    return str(item)


def _meant(text: str, column: Column, *, rare: bool) -> tuple[str | None, str]:
    """The category that a text stands for, and what was done to see it; unknown texts stay as they are."""
    known = column.categories
    stripped = text.strip()
    if stripped in known:
        return stripped, PLAIN if stripped == text else "spaces"
    folded = _by_fold(known).get(fold(stripped))
    if folded is not None:
        return folded, "case"
    if stripped.casefold() in MISSING:
        return None, MISSING_WORD if stripped else PLAIN
    mended = mend(stripped)
    if mended != stripped:
        found = _by_letters(known).get(_letters(mended))
        if found is not None:
            return found, "encoding"
    sure = sure_category(stripped, known) if rare else None
    if sure is not None:
        return sure, "spelling"
    return stripped, PLAIN if stripped == text else "spaces"


def mend(text: str) -> str:
    """A text in UTF-8 that was read as another encoding, read aright; any other as it is."""
    for encoding in ("cp1252", "latin-1"):
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return text


def fold(text: str) -> str:
    """Without case, and with one space for any gap, hyphen or underscore."""
    return " ".join(text.translate(DASHES).casefold().replace("_", " ").replace("-", " ").split())


def _letters(text: str) -> str:
    """Folded and without accents."""
    plain = unicodedata.normalize("NFKD", fold(text))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


@lru_cache(maxsize=256)
def _by_fold(categories: tuple[str, ...]) -> dict[str, str]:
    """Folded name -> category; names that fold alike are left out."""
    return _unique(categories, [fold(name) for name in categories])


@lru_cache(maxsize=256)
def _by_letters(categories: tuple[str, ...]) -> dict[str, str]:
    return _unique(categories, [_letters(name) for name in categories])


def _unique(categories: tuple[str, ...], keys: list[str]) -> dict[str, str]:
    return {key: name for key, name in zip(keys, categories, strict=True) if key and keys.count(key) == 1}


def nearest_category(text: str, categories: tuple[str, ...]) -> str | None:
    """The known category that `text` is a slip of: equal but for case and spaces, or clearly the closest spelling.

    Distance is that of optimal string alignment: letters wrong, missing, extra or swapped.
    """
    own = fold(text)
    folded = _by_fold(categories)
    if own in folded:
        return folded[own]
    if len(own) < 3:
        return None
    slips = _slips(own, tuple(folded))
    allowed = max(1, len(own) // LETTERS_PER_SLIP)
    if not slips or slips[0][0] > allowed or (len(slips) > 1 and slips[1][0] == slips[0][0]):
        return None
    return folded[slips[0][1]]


def sure_category(text: str, categories: tuple[str, ...]) -> str | None:
    """The nearest category where nothing else comes near: long enough, the same digits, the next one further away."""
    nearest = nearest_category(text, categories)
    own = fold(text)
    if nearest is None or min(len(own), len(nearest)) < SURE_LETTERS or _digits(own) != _digits(nearest):
        return None
    slips = _slips(own, tuple(_by_fold(categories)))
    return None if len(slips) > 1 and slips[1][0] < slips[0][0] + SURE_LEAD else nearest


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())


def _slips(own: str, names: tuple[str, ...]) -> list[tuple[int, str]]:
    from rapidfuzz.distance import OSA

    return sorted((OSA.distance(own, name), name) for name in names)


def _truth(column: Column) -> dict[bool, str]:
    """How the model's categories write true and false."""
    known = {name.casefold(): name for name in column.categories}
    for yes, no in TRUTHS:
        if yes in known or no in known:
            return {True: known.get(yes, yes), False: known.get(no, no)}
    return {True: "true", False: "false"}
