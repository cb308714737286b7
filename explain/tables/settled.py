"""How cells are read where a table is never whole in memory: settled on its first rows, then the same for every row.

A cell is read as if it stood below the first rows, whatever stands beside it: any cut of the table reads the same.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from explain.errors import ColumnsError
from explain.tables import decimals
from explain.tables.categories import Reader, category_text
from explain.tables.dates import hang_on_others, parse_dates, read_dates
from explain.tables.numbers import PLAIN, Reading, distinct, is_truth, parse_numbers, read_numbers
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

    from explain.tables.numbers import Distinct, Numbers
    from explain.tables.raw import Raw
    from explain.types import Column, Flags, Floats, Ints, Proposal, Repair, Schema

    Texts = npt.NDArray[np.object_]

_WHOLE_NUMBER = r"^-?[0-9]{1,15}$"
"""A number that reads the same beside any other."""
_WITH_POINT = r"^-?[0-9]{1,15}(\.[0-9]{1,15})?$"
"""The same where the decimal mark is a point."""
_PROBE = {"7": 7.0, "7.5": 7.5, "7.125": 7.125, "-1250.5": -1250.5}
"""Such numbers, of which one at least reads otherwise where the decimal mark is none."""


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
            column.name: reader_of(column, self.head.columns[self.match.found[column.name]], self.mark, words)
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
    """A column of numbers or dates: the different cells `head` of the first rows, which settle how it is read.

    `alone` are the cells met so far that these do not tell how to read.
    """

    column: Column
    head: Distinct
    mark: str
    alone: dict[object, _Meant] = field(default_factory=dict)
    proposal: Proposal | None = None
    point: bool = False
    """Whether what is written with a decimal point is read as that."""

    def settle(self) -> None:
        """Read the first rows together."""
        import numpy as np

        found = self._parsed(self.head)
        if found.doubt:
            self.proposal = of_doubt(found.doubt, found.values, self.column)
        if not self.column.is_date:
            probe = self._parsed(self.head.followed_by(np.array(list(_PROBE), dtype=object)))
            as_written = not probe.unread and not any(len(item.rows) for item in probe.readings)
            self.point = as_written and probe.values.tolist() == [*_PROBE.values()] and not self._silent  # noqa: PD011 - no pandas object

    @cached_property
    def _silent(self) -> bool:
        """Whether the first rows show no decimal mark."""
        return decimals.silent(self.head.bare, self.head.counts)

    def _parsed(self, cells: Distinct) -> Numbers:
        if self.column.is_date:
            return read_dates(cells, self.column)[0]
        return read_numbers(cells, self.column, self.mark)

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
        values, kinds, not_read = self._meant(items)
        result = np.append(values, np.nan)[codes]
        unread = {int(row): not_read[codes[row]] for row in np.flatnonzero(np.isin(codes, list(not_read)))}
        return result, _readings(kinds, codes, items), unread

    def _meant(self, items: Texts) -> tuple[Floats, list[str], dict[int, str]]:
        """Values (d,), kinds and texts that are no numbers of distinct cells."""
        import numpy as np

        values = np.full(len(items), np.nan)
        if not self.column.is_date:
            texts = [item if isinstance(item, str) else "" for item in items]
            values = _plain_values(texts, _WITH_POINT if self.point else _WHOLE_NUMBER)
        kinds = np.full(len(items), PLAIN, dtype=object)
        unread: dict[int, str] = {}
        odd = np.flatnonzero(np.isnan(values))
        if len(odd):
            found = self._parsed(self.head.followed_by(items[odd]))
            values[odd] = found.values  # noqa: PD011 - no pandas object
            for item in found.readings:
                kinds[odd[item.rows]] = item.kind
            unread = {int(odd[row]): text for row, text in found.unread.items()}
            for at in odd[self._untold(items[odd])].tolist():
                meant = self._alone(items[at])
                values[at], kinds[at] = meant.cell, meant.kind
                unread.pop(at, None)
                unread |= {at: meant.unread} if meant.unread is not None else {}
        return values, kinds.tolist(), unread

    def _untold(self, items: Texts) -> Flags:
        """(d,) which cells the first rows do not tell how to read, having none that is written so."""
        import numpy as np

        if self.column.is_date:
            untold = np.zeros(len(items), dtype=bool)
            for own, mine in zip(hang_on_others(self.head.cells), hang_on_others(items), strict=True):
                untold |= mine & (not own.any())
            return untold
        if is_truth(self.column):
            return np.ones(len(items), dtype=bool)
        if not self._silent:
            return np.zeros(len(items), dtype=bool)
        return decimals.either_way(self.head.followed_by(items).bare)[len(self.head.cells) :]

    def _alone(self, item: object) -> _Meant:
        """One cell, read as if it stood below the first rows and counted like them."""
        import numpy as np

        if item not in self.alone:
            one = np.array([item, None], dtype=object)[:1]
            found = self._parsed(self.head.followed_by(one, counting=1))
            kind = next((item.kind for item in found.readings if len(item.rows)), PLAIN)
            self.alone[item] = _Meant(float(found.values[0]), kind, found.unread.get(0))  # noqa: PD011 - no pandas object
        return self.alone[item]


def _plain_values(texts: list[str], pattern: str) -> Floats:
    """(d,) the numbers that texts of a pattern are; NaN for all else."""
    import numpy as np
    import pyarrow as pa

    values = np.full(len(texts), np.nan)
    strings = pa.array(texts, type=pa.string())
    at = np.flatnonzero(decimals.matches(strings, pattern))
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


def reader_of(column: Column, cells: pd.Series, mark: str, words: frozenset[str]) -> _Numbers | _Categories:
    """How the cells of a column are read, as its first ones settle it."""
    if column.kind == "category":
        own = frozenset(map(fold, column.categories))
        counts = Counter(cells.dropna().tolist())
        return _Categories(column, Reader(column, words - own, list(counts), {}), counts)
    made = _Numbers(column, distinct(cells), mark)
    made.settle()
    return made
