"""Dates whose day and month are both numbers: which comes first, and whether a spreadsheet has swapped some of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from explain import words
from explain.tables.decimals import INSIDE, OUTSIDE

if TYPE_CHECKING:
    from explain.types import Flags, Floats, Ints

DAY_AND_MONTH, SWAPPED = "day and month", "swapped dates"
"""Kinds of doubt: a column that can be read either way; one in which a spreadsheet read some cells the other way."""
LAST_MONTH = 12
LEAST_SWAPPED = 8
"""Dates that must all have a day up to 12 for that to be no accident: of so many, one column in 1,700 has."""


class BothWays(NamedTuple):
    """Days since 1970 (m,) for either order, NaN where that order makes no date."""

    day_first: Floats
    month_first: Floats


class Order(NamedTuple):
    """Whether the day comes first, how that was told ("" where it makes no difference), and whether it is left open."""

    day_first: bool
    said: str = ""
    open: bool = False


def order_of(both: BothWays, counts: Ints, dots: Flags, inside: tuple[Flags, Flags]) -> Order:
    """The order of the column, from its different cells (m,) with how often each comes, and whether it has `dots`.

    Cells that only one order fits decide ("13/02/2024"), else those `inside` past rows, and where these leave it open
    the mark between: with dots the day comes first.
    """
    import numpy as np

    fits = ~np.isnan(both.day_first), ~np.isnan(both.month_first)
    only = [int(counts[fits[at] & ~fits[1 - at]].sum()) for at in (0, 1)]
    names = ("day/month/year", "month/day/year")
    if only[0] != only[1]:
        first = only[0] > only[1]
        cells = words.count(max(only), "cell") + (" fits" if max(only) == 1 else " fit")
        return Order(first, f"was read as {names[not first]}: {cells} only that")
    either = fits[0] & fits[1] & (both.day_first != both.month_first)
    if not counts[either].any():
        return Order(day_first=True)
    choice = "mixes both orders of day and month" if only[0] else "could be read either way"
    total = int(counts[either].sum())
    within = [int(counts[either & own].sum()) for own in inside]
    if within[0] != within[1]:
        first = within[0] > within[1]
        lies = "lies" if max(within) == total else "puts more cells"
        clear = max(within) >= INSIDE * total and min(within) <= OUTSIDE * total
        return Order(first, f"{choice}; {names[not first]} {lies} in the range of past rows", open=not clear)
    first = bool(2 * counts[either & dots].sum() > total)
    why = ", as is usual with dots" if first else ""
    return Order(first, f"{choice}; it was read as {names[not first]}{why}", open=True)


def swapped(clear: Floats, counts: Ints, both: BothWays, both_counts: Ints) -> Floats:
    """Other days (c,) for dates that were clear as they came; NaN where nothing speaks for any.

    A spreadsheet of another country takes "02/03/2024" for its own order and leaves "13/03/2024" as text: then all
    dates have days up to 12, and all texts days above. `clear` are days since 1970 of the different clear cells, `both`
    (m,) the texts in both orders.
    """
    import numpy as np

    nothing = np.full(len(clear), np.nan)
    one_way = np.isnan(both.day_first) != np.isnan(both.month_first)
    readable = ~(np.isnan(both.day_first) & np.isnan(both.month_first))
    if counts.sum() < LEAST_SWAPPED or both_counts[readable].sum() < 1 or not (one_way | ~readable).all():
        return nothing
    days = np.floor(clear).astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    day = (days - months).astype(np.int64) + 1
    if (day > LAST_MONTH).any():
        return nothing
    years = months.astype("datetime64[Y]")
    month = (months - years).astype(np.int64)
    turned = (years.astype("datetime64[M]") + (day - 1)).astype("datetime64[D]") + month
    return np.asarray(turned.astype(np.int64) + (clear - np.floor(clear)))
