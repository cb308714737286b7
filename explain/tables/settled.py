"""How cells are read where a table is never whole in memory: settled on its first rows, then the same for every row.

A cell is read as if it stood below the first rows, whatever stands beside it: any cut of the table reads the same.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from explain.errors import ColumnsError
from explain.tables.categories import Reader, category_text
from explain.tables.dates import parse_dates
from explain.tables.numbers import PLAIN, Reading, parse_numbers
from explain.tables.proposals import of_doubt, of_words
from explain.tables.repairs import repair
from explain.tables.said import NOTHING
from explain.tables.spelling import fold
from explain.tables.table import confirmed, file_mark_of, in_unit, known_words, missing_text, order_of
from explain.types import Cells, Codes
from explain.types.cells import coded

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from explain.tables.raw import Raw
    from explain.types import Column, Floats, Ints, Proposal, Repair, Schema

    Texts = npt.NDArray[np.object_]

_PLAIN_NUMBER = r"^-?[0-9]{1,15}(\.[0-9]{1,15})?$"
"""A number that reads the same beside any other, where the decimal mark is a point."""
_PLAIN_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?)?$"
"""A date, or a moment, that reads the same beside any other."""


@dataclass(frozen=True)
class Rows:
    """Some rows as they were read: the model's `cells`, and what was done to read them; see Table."""

    cells: Cells
    unread: dict[str, dict[int, str]]
    repairs: tuple[Repair, ...]


@dataclass
class _Meant:
    """What one distinct cell of a column is read as, and in which way; `unread` is its text where it is no number."""

    cell: float | str | None
    kind: str = PLAIN
    unread: str | None = None


@dataclass
class Settled:
    """The columns of a table, and how their cells are read, as its first rows `head` settle it.

    Raises ColumnsError where the model's columns are not all there.
    """

    head: Raw
    schema: Schema
    columns: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.match = confirmed(self.head, self.schema, dict(self.columns), NOTHING)
        if self.match.missing:
            text = missing_text(self.head, self.match, self.schema)
            raise ColumnsError(text, self.match.missing, self.match.proposals, self.match.extra)
        self.mark = file_mark_of(self.head, self.match, self.schema)
        words = known_words(self.schema)
        self._readers = {
            column.name: _reader(column, self.head.columns[self.match.found[column.name]], self.mark, words)
            for column in self.schema
        }

    @property
    def extra(self) -> tuple[str, ...]:
        """The columns that the model does not take, which are kept beside the data."""
        return tuple(self.match.extra)

    @property
    def order(self) -> tuple[str, ...]:
        """All columns as the table has them, the model's by its own names."""
        return order_of(self.head, self.match)

    def read(self, columns: Mapping[str, pd.Series]) -> Rows:
        """Some rows (n,) of every column of the model, by the names that the table has them under."""
        cells: dict[str, Floats | Codes] = {}
        unread: dict[str, dict[int, str]] = {}
        repairs: list[Repair] = []
        for column in self.schema:
            uploaded = self.match.found[column.name]
            own, readings, not_read = self._readers[column.name].read(columns[uploaded])
            if not isinstance(own, Codes) and not column.is_date:
                own, readings = in_unit(own, readings, columns[uploaded], uploaded, column)
            cells[column.name] = own
            unread |= {column.name: not_read} if not_read else {}
            repairs += [repair(item, column) for item in readings]
        return Rows(Cells(cells), unread, tuple(repairs))

    def proposals(self, cells: Cells) -> tuple[Proposal, ...]:
        """Other ways to read whole columns, of which some rows `cells` give the words, and the first rows the marks."""
        found: list[Proposal | None] = []
        for column in self.schema:
            if column.kind == "category":
                found.append(of_words(cells.codes(column.name), column))
            else:
                found.append(self._readers[column.name].proposal)
        return tuple(item for item in found if item is not None)


@dataclass
class _Numbers:
    """A column of numbers or dates: cells of the first rows, and what each distinct cell met so far is read as."""

    column: Column
    company: list[object]
    mark: str
    known: dict[object, _Meant] = field(default_factory=dict)
    proposal: Proposal | None = None
    plain: bool = True

    def settle(self) -> None:
        """Read the first rows together."""
        import pandas as pd

        found = self._parsed(self.company)
        kinds = {int(row): item.kind for item in found.readings for row in item.rows}
        for row, cell in enumerate(self.company):
            if not pd.isna(cell):  # type: ignore[call-overload]
                value = float(found.values[row])  # noqa: PD011 - no pandas object
                self.known.setdefault(cell, _Meant(value, kinds.get(row, PLAIN), found.unread.get(row)))
        if found.doubt:
            self.proposal = of_doubt(found.doubt, found.values, self.column)
        if not self.column.is_date:
            texts = [cell for cell in self.known if isinstance(cell, str)]
            values = _plain_values(texts, self.column)
            self.plain = all(
                value != value or (value == self.known[text].cell and self.known[text].kind == PLAIN)
                for text, value in zip(texts, values.tolist(), strict=True)
            )

    def _parsed(self, cells: list[object]) -> Any:  # noqa: ANN401 - Numbers, of either parser
        import pandas as pd

        own = pd.Series(cells, dtype=object)
        return parse_dates(own, self.column)[0] if self.column.is_date else parse_numbers(own, self.column, self.mark)

    def read(self, cells: pd.Series) -> tuple[Floats, tuple[Reading, ...], dict[int, str]]:
        """Values (n,), the readings that are no plain ones, and what could not be read, by row."""
        import numpy as np
        import pandas as pd

        if self.column.is_date and cells.dtype.kind == "M":
            return parse_dates(cells, self.column)[0].values, (), {}  # noqa: PD011 - no pandas object
        if not self.column.is_date and pd.api.types.is_any_real_numeric_dtype(cells):
            found = parse_numbers(cells, self.column, self.mark)
            return found.values, (), found.unread  # noqa: PD011 - no pandas object
        codes, items = pd.factorize(cells.to_numpy(dtype=object))
        values, kinds, not_read = self._meant(list(items))
        result = np.append(values, np.nan)[codes]
        unread = {int(row): not_read[codes[row]] for row in np.flatnonzero(np.isin(codes, list(not_read)))}
        return result, _readings(kinds, codes, items), unread

    def _meant(self, items: list[object]) -> tuple[Floats, list[str], dict[int, str]]:
        """Values (d,), kinds and texts that are no numbers of distinct cells."""
        import numpy as np

        texts = [item if isinstance(item, str) else "" for item in items]
        values = _plain_values(texts, self.column) if self.plain else np.full(len(items), np.nan)
        kinds = [PLAIN] * len(items)
        unread: dict[int, str] = {}
        for at in np.flatnonzero(np.isnan(values)).tolist():
            item = items[at]
            if item not in self.known:
                self.known[item] = self._alone(item)
            meant = self.known[item]
            values[at], kinds[at] = meant.cell, meant.kind
            if meant.unread is not None:
                unread[at] = meant.unread
        return values, kinds, unread

    def _alone(self, item: object) -> _Meant:
        """One cell, read as if it stood below the first rows."""
        row = len(self.company)
        found = self._parsed([*self.company, item])
        kind = next((one.kind for one in found.readings if row in one.rows), PLAIN)
        return _Meant(float(found.values[row]), kind, found.unread.get(row))  # noqa: PD011 - no pandas object


def _plain_values(texts: list[str], column: Column) -> Floats:
    """(d,) what texts are that read the same beside any others; NaN for all else."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    values = np.full(len(texts), np.nan)
    if not texts:
        return values
    strings = pa.array(texts, type=pa.string())
    pattern = _PLAIN_DATE if column.is_date else _PLAIN_NUMBER
    at = np.flatnonzero(pc.match_substring_regex(strings, pattern).to_numpy(zero_copy_only=False))
    if len(at) and column.is_date:
        values[at] = parse_dates(pd.Series([texts[i] for i in at], dtype=object), column)[0].values  # noqa: PD011 - no pandas object
    elif len(at):
        values[at] = strings.take(pa.array(at)).cast(pa.float64()).to_numpy()
    return values


@dataclass
class _Categories:
    """A column of categories, and what each distinct cell met so far is read as."""

    column: Column
    reader: Reader
    counts: Counter[object]
    known: dict[object, tuple[str | None, str]] = field(default_factory=dict)
    proposal: Proposal | None = None

    def read(self, cells: pd.Series) -> tuple[Codes, tuple[Reading, ...], dict[int, str]]:
        """The cells (n,) and the readings that are no plain ones."""
        import numpy as np
        import pandas as pd

        codes, items = pd.factorize(cells.to_numpy(dtype=object))
        texts, kinds = [], []
        for item in items:
            if item not in self.known:
                self.known[item] = self.reader.meant(item, once=self.counts[item] <= 1)
            meant, kind = self.known[item]
            texts.append(meant)
            kinds.append(kind)
        own = coded(np.array([*texts, None], dtype=object)[:-1], self.column.categories)
        return Codes(np.append(own.places, np.int32(-1))[codes], own.words), _readings(kinds, codes, items), {}


def _readings(kinds: list[str], codes: Ints, items: Texts) -> tuple[Reading, ...]:
    """The rows that were read in each way but the plain one."""
    import numpy as np

    found = []
    for kind in sorted(set(kinds) - {PLAIN, "blank"}):
        rows = np.flatnonzero(np.array([*(mine == kind for mine in kinds), False])[codes])
        texts = np.array([*(category_text(items[code]) for code in codes[rows]), None], dtype=object)[:-1]
        found.append(Reading(kind, rows, texts))
    return tuple(found)


def _reader(column: Column, cells: pd.Series, mark: str, words: frozenset[str]) -> _Numbers | _Categories:
    if column.kind == "category":
        own = frozenset(map(fold, column.categories))
        counts = Counter(cells.dropna().tolist())
        return _Categories(column, Reader(column, words - own, list(counts), {}), counts)
    made = _Numbers(column, cells.astype(object).tolist(), mark)
    made.settle()
    return made
