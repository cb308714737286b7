"""Cells: the model's columns of some rows as arrays, which is what every engine works on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from explain.types.arrays import Flags, Floats, Ints
    from explain.types.column import Column, Schema

    Places = npt.NDArray[np.int32]
    Texts = npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Codes:
    """A column of texts: `places` (n,) of each cell among the `words`, -1 for blanks.

    The categories that the column knows stand first among the words, in the schema's order, whether they come up or
    not; behind them stand texts that it does not know. No word stands there twice.
    """

    places: Places
    words: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, rows: Ints | Flags | slice) -> Codes:
        return Codes(self.places[rows], self.words)

    @cached_property
    def lookup(self) -> Texts:
        """(words + 1,) the words, and None for blanks, which stand at -1."""
        import numpy as np

        return np.array([*self.words, None], dtype=object)

    @property
    def texts(self) -> Texts:
        """(n,) the cells as texts, None for blanks."""
        return self.lookup[self.places]

    def among(self, words: tuple[str, ...]) -> Places:
        """(n,) places among other words: -1 for blanks, -2 for texts that are not among them."""
        import numpy as np

        if words is self.words:
            return self.places
        place = _places(words)
        found = [place.get(word, -2) for word in self.words]
        return np.array([*found, -1], dtype=np.int32)[self.places]

    def put(self, rows: Ints | Flags | slice, other: Codes) -> Codes:
        """The same with other cells in some rows."""
        import numpy as np

        words = self.words
        if other.words is not words:
            words = tuple(dict.fromkeys([*words, *other.words]))
        places = self.places.copy()
        places[rows] = other.among(words)
        return Codes(np.asarray(places, dtype=np.int32), words)

    def known(self, column: Column) -> Places:
        """(n,) places among the column's own categories; -1 for blanks and unknown texts."""
        import numpy as np

        return np.where(self.places < len(column.categories), self.places, -1).astype(np.int32)


@dataclass(frozen=True, eq=False)
class Cells:
    """`columns` by name, in schema order: float64 (n,) for numbers (NaN is a blank), Codes for categories."""

    columns: Mapping[str, Floats | Codes]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def numbers(self, name: str) -> Floats:
        """(n,) the cells of a number column."""
        found = self.columns[name]
        if isinstance(found, Codes):
            raise TypeError(f"'{name}' is a column of categories.")
        return found

    def codes(self, name: str) -> Codes:
        """The cells of a category column."""
        found = self.columns[name]
        if not isinstance(found, Codes):
            raise TypeError(f"'{name}' is a column of numbers.")
        return found

    def blank(self, name: str) -> Flags:
        """(n,) which cells of a column are blank."""
        import numpy as np

        found = self.columns[name]
        return found.places < 0 if isinstance(found, Codes) else np.isnan(found)

    def objects(self, name: str) -> Texts:
        """(n,) the cells of a column as Python's own: floats with NaN, or texts with None."""
        found = self.columns[name]
        return found.texts if isinstance(found, Codes) else found.astype(object)

    def at(self, name: str, row: int) -> float | str | None:
        """One cell: a number, NaN for a blank, or a text, None for a blank."""
        found = self.columns[name]
        if not isinstance(found, Codes):
            return float(found[row])
        place = int(found.places[row])
        return found.words[place] if place >= 0 else None

    def take(self, rows: Ints | Flags | slice) -> Cells:
        """Some of the rows, in that order."""
        return Cells({name: found[rows] for name, found in self.columns.items()})

    def put(
        self, name: str, rows: Ints | Flags | slice, cells: Floats | Codes | Texts | Sequence[float | str | None]
    ) -> Cells:
        """The same with other cells in some rows of one column: numbers, or codes or texts with None for blanks."""
        import numpy as np

        found = self.columns[name]
        if isinstance(cells, Codes):
            return self.with_column(name, self.codes(name).put(rows, cells))
        if isinstance(found, Codes):
            texts = found.texts
            texts[rows] = np.array([*cells, None], dtype=object)[:-1]
            return self.with_column(name, coded(texts, found.words))
        numbers = found.copy()
        numbers[rows] = cells
        return self.with_column(name, numbers)

    def with_column(self, name: str, cells: Floats | Codes) -> Cells:
        """The same with one column in place of another of its name."""
        return Cells({**self.columns, name: cells})

    @cached_property
    def frame(self) -> pd.DataFrame:
        """(n, p) the same as a data frame, for people: float64, and objects that are texts or None."""
        import pandas as pd

        made = {
            name: pd.Series(found.texts, dtype=object) if isinstance(found, Codes) else pd.Series(found)
            for name, found in self.columns.items()
        }
        return pd.DataFrame(made)


def coded(texts: Texts, words: tuple[str, ...] = ()) -> Codes:
    """Texts (n,), None for blanks, as places among the `words` and such as come up beside them."""
    import numpy as np
    import pandas as pd

    if len(texts) <= FEW:
        return _few_coded(texts.tolist(), words)
    codes, distinct = pd.factorize(texts)
    place = {word: at for at, word in enumerate(words)}
    more = [text for text in distinct if text not in place]
    place |= {word: at for at, word in enumerate(more, start=len(words))}
    lookup = np.array([*(place[text] for text in distinct), -1], dtype=np.int32)
    return Codes(lookup[codes], (*words, *more) if more else words)


FEW = 64
"""Texts that are looked up one by one sooner than put in order together."""


def _few_coded(texts: list[str | None], words: tuple[str, ...]) -> Codes:
    import numpy as np

    place = dict(_places(words))
    for text in texts:
        place.setdefault(text, len(place) - 1)
    found = np.fromiter((place[text] for text in texts), dtype=np.int32, count=len(texts))
    more = list(place)[len(words) + 1 :]
    return Codes(found, (*words, *(str(text) for text in more)) if more else words)


@lru_cache(maxsize=256)
def _places(words: tuple[str, ...]) -> dict[str | None, int]:
    return {**{word: at for at, word in enumerate(words)}, None: -1}


def cells_of(frame: pd.DataFrame, schema: Schema) -> Cells:
    """A data frame (n, p) with at least the columns of a schema; blanks are NaN or None.

    Categories are taken as the texts that they are: what else stands in such a column counts as its text.
    """
    import numpy as np

    columns: dict[str, Floats | Codes] = {}
    for column in schema:
        values = frame[column.name]
        if column.kind == "number":
            columns[column.name] = values.to_numpy(dtype=np.float64, na_value=np.nan)
        else:
            columns[column.name] = coded(_texts(values), column.categories)
    return Cells(columns)


def as_cells(rows: pd.DataFrame | Cells, schema: Schema) -> Cells:
    """The same for rows that may be cells already."""
    return rows if isinstance(rows, Cells) else cells_of(rows, schema)


def _texts(values: pd.Series) -> Texts:
    import numpy as np
    import pandas as pd

    found: Texts = values.to_numpy(dtype=object)
    odd = [at for at, value in enumerate(found.tolist()) if value is not None and not isinstance(value, str)]
    if odd:
        found = found.copy()
        found[odd] = [None if pd.isna(value) else str(value) for value in found[odd].tolist()]
    return np.asarray(found, dtype=object)
