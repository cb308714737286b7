"""Text cells -> the categories that a model knows, seen through spaces, case, typography, encoding and slips."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from explain.tables.numbers import MISSING, MISSING_WORD, PLAIN, Reading
from explain.tables.spelling import LETTERS_PER_SLIP, SURE_LEAD, fold, letters, mend, one_slip, slips, told_apart
from explain.tables.truths import pair_of, truths
from explain.types import Codes
from explain.types.cells import coded

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import pandas as pd

    from explain.types import Column


NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Categories:
    """The cells, and in `readings` those that did not hold a category as it is written."""

    cells: Codes
    readings: tuple[Reading, ...] = ()


def read_categories(
    cells: pd.Series, column: Column, elsewhere: Collection[str] = (), said: Mapping[str, str] = NOTHING
) -> Categories:
    """Read a column of categories (n,); what is surely a known one written otherwise becomes that one.

    `elsewhere` are folded texts that are known from other columns: words of their own, whatever they are near to.
    `said` tells what a person says that texts stand for: text -> category.
    """
    import numpy as np
    import pandas as pd

    codes, distinct = pd.factorize(cells.to_numpy(dtype=object))
    counts = np.bincount(codes[codes >= 0], minlength=len(distinct))
    reader = Reader(column, elsewhere, distinct, said)
    texts, kinds = [], []
    for item, count in zip(distinct, counts.tolist(), strict=True):
        meant, kind = reader.meant(item, once=count == 1)
        texts.append(meant)
        kinds.append(kind)
    known = coded(np.array([*texts, None], dtype=object)[:-1], column.categories)
    found = []
    for kind in sorted(set(kinds) - {PLAIN}):
        rows = np.flatnonzero(np.array([*(mine == kind for mine in kinds), False])[codes])
        found.append(Reading(kind, rows, distinct[codes[rows]]))
    return Categories(Codes(np.array([*known.places, -1], dtype=np.int32)[codes], known.words), tuple(found))


def category_text(item: object) -> str:
    """A cell as text: whole numbers without '.0', truth as 'true' and 'false'."""
    if isinstance(item, bool):
        return str(item).lower()
    if isinstance(item, float) and item.is_integer():
        return str(int(item))
    return str(item)


class Reader:
    """What a column's texts mean, with what is looked up for each of them made once."""

    def __init__(
        self, column: Column, elsewhere: Collection[str], distinct: Collection[object], said: Mapping[str, str]
    ) -> None:
        self.said = said
        self.known = frozenset(column.categories)
        self.column = column
        self.elsewhere = elsewhere
        self.pair = pair_of(column.categories)
        self.truths: Mapping[str, bool] = truths(map(category_text, distinct)) if self.pair else {}

    def meant(self, item: object, *, once: bool) -> tuple[str | None, str]:
        """The category that a cell stands for, and what was done to see it; unknown texts stay as they are."""
        text = category_text(item)
        stripped = text.strip()
        if stripped in self.known:
            return stripped, PLAIN if stripped == text else "spaces"
        if stripped in self.said:
            return self.said[stripped], "other words"
        if stripped.casefold() in self.truths:
            return self.pair[self.truths[stripped.casefold()]], PLAIN if isinstance(item, bool) else "truth"
        found = self._written_otherwise(stripped)
        if found is not None:
            return found
        if stripped.casefold() in MISSING:
            return None, MISSING_WORD if stripped else PLAIN
        found = self._garbled(stripped, once=once)
        return (stripped, PLAIN if stripped == text else "spaces") if found is None else found

    def _written_otherwise(self, text: str) -> tuple[str, str] | None:
        """Another case, other spaces or typography; "20.0" for 20 and "'020" as spreadsheets mark texts."""
        folded = _by_fold(self.column.categories).get(fold(text))
        if folded is not None:
            return folded, "case"
        whole, point, zeros = text.partition(".")
        if point and whole in self.known and zeros and not zeros.strip("0"):
            return whole, "whole number"
        bare = text[1:] if text.startswith(("'", "’")) else text[2:-1] if text.startswith('="') else text
        return (bare, "text mark") if bare != text and bare in self.known else None

    def _garbled(self, text: str, *, once: bool) -> tuple[str, str] | None:
        """A wrong encoding, or a slip that nothing else explains."""
        mended = mend(text)
        if mended != text:
            found = _by_letters(self.column.categories).get(letters(mended))
            if found is not None:
                return found, "encoding"
        if not once or fold(text) in self.elsewhere:
            return None
        sure = sure_category(text, self.column.categories)
        return None if sure is None else (sure, "spelling")


@lru_cache(maxsize=256)
def _by_fold(categories: tuple[str, ...]) -> dict[str, str]:
    """Folded name -> category; names that fold alike are left out."""
    return _unique(categories, [fold(name) for name in categories])


@lru_cache(maxsize=256)
def _by_letters(categories: tuple[str, ...]) -> dict[str, str]:
    return _unique(categories, [letters(name) for name in categories])


def _unique(categories: tuple[str, ...], keys: list[str]) -> dict[str, str]:
    counts = Counter(keys)
    return {key: name for key, name in zip(keys, categories, strict=True) if key and counts[key] == 1}


def nearest_category(text: str, categories: tuple[str, ...]) -> str | None:
    """The known category that `text` may be a slip of: equal but for case and spaces, or clearly the closest spelling.

    A number is no slip of another one, and a sign or a grade none of one without it.
    """
    own = fold(text)
    folded = _by_fold(categories)
    if own in folded:
        return folded[own]
    allowed = max(1, len(own) // LETTERS_PER_SLIP)
    near = slips(own, folded, allowed) if len(own) >= 3 else []
    if not near or (len(near) > 1 and near[1][0] == near[0][0]):
        return None
    return folded[near[0][1]] if _bare(own) == _bare(near[0][1]) else None


def sure_category(text: str, categories: tuple[str, ...]) -> str | None:
    """The one category that a single slip inside of a long word leads to, where no other is near.

    None where the categories themselves are but a slip apart, or too many to be told apart by their spelling.
    """
    if not told_apart(categories):
        return None
    own = fold(text)
    near = slips(own, _by_fold(categories), SURE_LEAD)
    if not near or near[0][0] != 1 or (len(near) > 1 and near[1][0] < near[0][0] + SURE_LEAD):
        return None
    return _by_fold(categories)[near[0][1]] if one_slip(own, near[0][1]) else None


def _bare(text: str) -> str:
    """Digits and signs that make another thing of a text."""
    return "".join(letter for letter in text if letter.isdigit() or letter in "+-#*<>")
