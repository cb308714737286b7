"""What is known of a whole table, for checks that look at some of its rows: any cut of it is then judged the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explain.types import DataWarning, Severity


@dataclass(frozen=True)
class Whole:
    """`rows` of the whole table; the `severities` of unknown categories, by column and check; the `habits`, column and
    kind of repair, in which most of a column is written; and what was found about these rows beside others (`found`).
    """

    rows: int
    severities: Mapping[tuple[str, str], Severity] = field(default_factory=dict)
    habits: frozenset[tuple[str, str]] = frozenset()
    found: tuple[DataWarning, ...] = ()
