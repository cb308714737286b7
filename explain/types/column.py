"""Column and Schema: what training said about the raw columns of a model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from explain.shown import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from explain.types.arrays import Kind


@dataclass(frozen=True)
class Column:
    """What training said about one raw column.

    `low` and `high` are the smallest and largest reference value of a number, `typical` its median (or the most
    frequent category), `missing_share` the share of blank reference cells (0 to 1). `label` is the name in plain
    words, `unit` what a number is counted in ("date": days since 1970-01-01, fractions for the time of day),
    `describe` maps a category code to plain words. `deciles` are the eleven quantiles 0, .1, … 1 of a number's
    reference values, `shares` the share of filled reference cells that hold each of `categories`, in their order; both
    are empty on cards written before they were kept. Columns with the same `group` are shown as one, whose share is
    the sum of theirs. `meaning` says in a sentence what the column is. `personal` columns say who somebody is, such as
    sex or age: nobody is told what would follow if these were different.
    """

    name: str
    kind: Kind
    label: str = ""
    unit: str = ""
    low: float | None = None
    high: float | None = None
    typical: float | str | None = None
    categories: tuple[str, ...] = ()
    missing_share: float = 0.0
    integer: bool = False
    describe: Mapping[str, str] = field(default_factory=dict)
    deciles: tuple[float, ...] = ()
    shares: tuple[float, ...] = ()
    group: str = ""
    meaning: str = ""
    personal: bool = False

    @property
    def title(self) -> str:
        """The name that people see."""
        return shown(self.label or self.name)

    @property
    def is_date(self) -> bool:
        """Whether the numbers are days since 1970-01-01."""
        return self.kind == "number" and self.unit == "date"


@dataclass(frozen=True)
class Schema:
    """The raw columns that a model takes, in the model's order."""

    columns: tuple[Column, ...]

    def __len__(self) -> int:
        return len(self.columns)

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def names(self) -> list[str]:
        """Column names in the model's order."""
        return [column.name for column in self.columns]
