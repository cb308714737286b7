"""Table against what is usual -> DataWarnings: every check in order, cells first, then rows and whole columns.

Every sentence says what was expected, what came and, where there is one, the fix. Nothing here changes data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain.quality.blanks import blank_checks, repaired_checks, unread_checks
from explain.quality.categories import category_checks
from explain.quality.columns import column_checks
from explain.quality.dates import date_checks
from explain.quality.numbers import number_checks
from explain.quality.readings import reading_checks
from explain.quality.rows import row_checks
from explain.quality.sorted_apart import sorted_apart
from explain.quality.unlikely import likelier_fixes, unlikely

if TYPE_CHECKING:
    from collections.abc import Callable

    from explain.quality.expected import Expected
    from explain.quality.profile import Profile
    from explain.quality.whole import Whole
    from explain.types import Column, DataWarning, Table

    Check = Callable[[Table, Column], list[DataWarning]]
    ProfileCheck = Callable[[Table, Column, Profile], list[DataWarning]]

READING_CHECKS: tuple[Check, ...] = (blank_checks, unread_checks)
VALUE_CHECKS: tuple[ProfileCheck, ...] = (number_checks, date_checks)


def check(
    table: Table, profile: Profile, expected: Expected | None = None, whole: Whole | None = None
) -> tuple[DataWarning, ...]:
    """All warnings of a table, cells in schema order; prices come later, from `price`.

    Without what is `expected` beside the rest of a row no cell is called unlikely. Of some rows of a `whole` table
    nothing is said that hangs on the others, but for what is known of them.
    """
    found: list[DataWarning] = []
    for column in table.schema:
        found += [warning for run in READING_CHECKS for warning in run(table, column)]
        found += repaired_checks(table, column, whole)
        found += [warning for run in VALUE_CHECKS for warning in run(table, column, profile)]
        found += category_checks(table, column, profile, whole)
    found += [*reading_checks(table), *row_checks(table, profile, whole)]
    if expected:
        found = [*likelier_fixes(table, expected, found), *unlikely(table, expected, found)]
    if whole is not None:
        return tuple(warning for warning in found if not warning.whole_column)
    return (*found, *sorted_apart(table, profile), *column_checks(table, profile))
