"""Cells with dates -> days since 1970-01-01: written in many styles, typed, or as numbers that programs count in."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, NamedTuple

from explain.tables.day_month import DAY_AND_MONTH, SWAPPED, BothWays, order_of, swapped
from explain.tables.decimals import matches
from explain.tables.numbers import BLANK, MISSING, MISSING_WORD, PLAIN, Distinct, Doubt, Numbers, Reading, distinct
from explain.types import Note

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt
    import pandas as pd
    import pyarrow as pa

    from explain.types import Column, Flags, Floats, Ints

    Texts = npt.NDArray[np.object_]

DATE_ORDER, SERIAL, UNIX = "date order", "serial number", "Unix time"
DAY, MICROSECONDS = 86_400, 86_400_000_000
"""Seconds and microseconds in a day."""
NONE = frozenset({"nat", "0000-00-00", "0000-00-00 00:00:00", "00.00.0000", "00/00/0000"})
"""Dates of zeros, which databases write for a blank, and what pandas does."""
SERIAL_EPOCHS = (25_569, 24_107)
"""Serial numbers of 1970-01-01: spreadsheets count the days since 1899-12-30, or since 1904-01-01."""
FIRST, LAST = -719_162, 2_932_896
"""The first day of year 1 and the last of 9999: what can be shown as a date."""
NEAR = 366
"""Days that a number may lie beyond past rows and still be one of their kind, or as many as these span."""
LEAST_SECONDS = 1e8
"""Those of March 1973; any smaller number would be a moment of the first years after 1970."""
YEARS = (1800, 2200)
"""Whole numbers that are years rather than days, unless the column counts days."""
CENTURIES = (1900, 2000)
"""What two digits of a year may stand for."""
MONTHS = {
    name: at
    for at, names in enumerate(
        (
            "jan january januar jän jänner janvier janv enero ene gennaio gen januari janeiro",
            "feb february februar février févr fevrier febrero febbraio februari fevereiro fev",
            "mar march märz mär mrz maerz mars marzo maart mrt março",
            "apr april avril avr abril abr aprile",
            "may mai mayo maggio mag mei maio",
            "jun june juni juin junio giugno giu junho",
            "jul july juli juillet juil julio luglio lug julho",
            "aug august août aout agosto ago augustus",
            "sep sept september septembre septiembre settembre set setembro",
            "oct october oktober okt octobre octubre ottobre ott outubro out",
            "nov november novembre noviembre novembro",
            "dec december dezember dez décembre déc diciembre dic dicembre dezembro",
        ),
        start=1,
    )
    for name in names.split()
}
"""Names of months in seven languages, lower case."""

_TIME = (
    r"(?:(?:t|,?\s+)(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,](?P<part>[0-9]{1,9}))?)?"
    r"\s?(?P<half>[ap])?(?:\.?m\.?)?\s?(?P<zone>z|utc|gmt|[+-][0-9]{2}:?(?:[0-9]{2})?)?)?$"
)
_LETTER = r"[^\x00-@\[-`{-\x7f]"
"""Or anything beyond ASCII: the class of all letters takes RE2 long to prepare."""
_WEEKDAY = rf"^(?:{_LETTER}{{2,10}}\.?,?\s+)?"
_NAME = rf"(?P<name>{_LETTER}{{3,10}})\.?"
_DAY, _YEAR = "(?P<day>[0-9]{1,2})", "(?P<year>[0-9]{4}|[0-9]{2})"
_YEAR_FIRST = r"^(?P<year>[0-9]{4})[-/.](?P<month>[0-9]{1,2})[-/.]" + _DAY + _TIME
_COMPACT = r"^(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})" + _TIME
_NUMBERS = _WEEKDAY + _DAY + r"(?:[-/]|(?P<dot>\.)\s?)(?P<month>[0-9]{1,2})(?:[-/]|\.\s?)" + _YEAR + _TIME
_DAY_NAME = (
    _WEEKDAY + _DAY + r"(?:st|nd|rd|th|\.)?[-/\s]?(?:of\s|de\s)?" + _NAME + r",?[-/\s]?(?:de\s)?" + _YEAR + _TIME
)
_NAME_DAY = _WEEKDAY + _NAME + r"[-/\s]?" + _DAY + r"(?:st|nd|rd|th)?(?:,\s?|[-/\s])" + _YEAR + _TIME
_COUNT = r"^[+-]?[0-9]{1,15}(?:[.,][0-9]*)?$"
CLEAR = (_YEAR_FIRST, _COMPACT, _DAY_NAME, _NAME_DAY)
"""The styles that can be read one way only."""


class _Parts(NamedTuple):
    """Year, month and day of the texts at `rows` (m,), 0 where there is none such; the number of `digits` of the year,
    the `time` of day and how much `ahead` of UTC it is in microseconds, and whether `dots` part day and month.
    """

    rows: Ints
    year: Ints
    month: Ints
    day: Ints
    digits: Ints
    time: Ints
    ahead: Ints
    dots: Flags


class Found(NamedTuple):
    """What to say of the order of day and month, and where it is in doubt the kind of that and `other` days (d,)."""

    notes: Sequence[Note] = ()
    kind: str = ""
    other: Floats = None  # type: ignore[assignment]  # no kind, no days


def parse_dates(cells: pd.Series, column: Column) -> tuple[Numbers, list[Note]]:
    """Read a column of dates (n,) as days since 1970-01-01, and say how day and month were told apart.

    Each distinct text is looked at once. Nothing is raised for unreadable cells. Of times with a zone the moment
    counts, but the day as it is written where past rows have whole days.
    """
    import numpy as np
    import pandas as pd

    if isinstance(cells.dtype, np.dtype | pd.DatetimeTZDtype) and cells.dtype.kind == "M":
        return Numbers(_typed_days(cells, column), {}), []
    return read_dates(distinct(cells), column)


def read_dates(given: Distinct, column: Column) -> tuple[Numbers, list[Note]]:
    """The same of the different cells of a column."""
    import numpy as np

    codes, cells = given.codes, given.cells
    values, kinds, found = _dates(cells, given.counts, column)
    bad = np.isnan(values) & (kinds != MISSING_WORD) & (kinds != BLANK)
    kinds[bad] = PLAIN
    rows = np.flatnonzero(np.append(bad, False)[codes])
    readings = []
    for kind in sorted({*kinds.tolist()} - {PLAIN, BLANK}):
        at = np.flatnonzero(np.append(kinds == kind, False)[codes])
        readings.append(Reading(kind, at, np.array([_text(item) for item in cells[codes[at]]], dtype=object)))
    unread = {int(row): _text(cells[codes[row]]).strip() for row in rows}
    doubt = None
    differs = np.append(~np.isnan(found.other) & (found.other != values), False)[codes] if found.kind else ()
    if np.any(differs):
        at = np.flatnonzero(differs)
        texts = np.array([_text(item) for item in cells[codes[at]]], dtype=object)
        other = np.array([f"{value:.15g}" for value in found.other[codes[at]]], dtype=object)
        doubt = Doubt(found.kind, at, texts, other)
    return Numbers(np.append(values, np.nan)[codes], unread, tuple(readings), doubt), list(found.notes)


def _typed_days(cells: pd.Series, column: Column) -> Floats:
    """Days of moments (n,); NaN for blanks."""
    if cells.dt.tz is not None:
        cells = cells.dt.tz_localize(None) if column.integer else cells.dt.tz_convert(None)
    return _as_days(cells.to_numpy(dtype="datetime64[us]"))


def _as_days(moments: npt.NDArray[np.datetime64]) -> Floats:
    import numpy as np

    return np.where(np.isnat(moments), np.nan, moments.astype(np.int64) / MICROSECONDS)


def _dates(cells: Texts, counts: Ints, column: Column) -> tuple[Floats, Texts, Found]:
    """Days (d,) of distinct cells, NaN for what is no date, in which way each was read, and how day and month were."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    values, strings = _folded(cells)
    kinds = np.full(len(cells), PLAIN, dtype=object)
    blank = np.asarray(pc.is_in(strings, value_set=pa.array(sorted((MISSING | NONE) - {""}))).to_numpy(False))
    empty = np.asarray(pc.equal(strings, "").fill_null(False).to_numpy(False))
    kinds[blank], kinds[empty] = MISSING_WORD, BLANK
    for pattern in CLEAR:
        parts = _parts(strings, np.flatnonzero(np.isnan(values)), pattern)
        values[parts.rows] = _moments(parts, parts.month, parts.day, column)
    _read_weeks(strings, values)
    found = _read_either(strings, values, kinds, counts, column)
    _read_counts(strings, values, kinds, counts, column)
    return values, kinds, found


def _folded(cells: Texts) -> tuple[Floats, pa.StringArray]:
    """Days (d,) of cells that are dates already, else NaN; all others in lower case, parted by plain spaces."""
    import pyarrow as pa
    import pyarrow.compute as pc

    values, texts = _typed(cells)
    strings = pc.utf8_lower(pc.utf8_trim_whitespace(pa.array(texts, type=pa.string())))
    return values, pc.replace_substring_regex(strings, "[\u00a0\u2009\u202f]", " ")


def hang_on_others(cells: Texts) -> tuple[Flags, Flags]:
    """(d,) which cells have day and month as numbers, and which are plain numbers: others settle how to read these."""
    import numpy as np
    import pyarrow.compute as pc

    values, strings = _folded(cells)
    texts = pc.fill_null(strings, "")
    return np.isnan(values) & matches(texts, _NUMBERS), np.isnan(values) & matches(texts, _COUNT)


def _read_weeks(strings: pa.StringArray, values: Floats) -> None:
    """Fill in days by the week of the year (ISO 8601): 2023-W18-1 is a Monday, and so is 2023-W18."""
    import numpy as np
    import pyarrow.compute as pc

    found = pc.extract_regex(strings, "^(?P<year>[0-9]{4})-?w(?P<week>[0-9]{2})(?:-?(?P<day>[1-7]))?$")
    for at in np.flatnonzero(found.is_valid().to_numpy(zero_copy_only=False)).tolist():
        year, week, day = found[at].as_py().values()
        try:
            values[at] = (dt.date.fromisocalendar(int(year), int(week), int(day or 1)) - dt.date(1970, 1, 1)).days
        except ValueError:  # there is no such week
            continue


def _typed(cells: Texts) -> tuple[Floats, Texts]:
    """Days (d,) of cells that are dates already, else NaN; and all others as text."""
    import numpy as np
    import pandas as pd

    if pd.api.types.infer_dtype(cells) == "string":
        return np.full(len(cells), np.nan), cells
    plain = [item if isinstance(item, dt.date) and getattr(item, "tzinfo", None) is None else None for item in cells]
    texts = [_text(item) if mine is None else None for item, mine in zip(cells, plain, strict=True)]
    return _as_days(np.array(plain, dtype="datetime64[us]")), np.array(texts, dtype=object)


def _text(item: object) -> str:
    if isinstance(item, dt.datetime):
        return item.isoformat()
    return f"{item:.15g}" if isinstance(item, float) else str(item)


def _parts(strings: pa.StringArray, rows: Ints, pattern: str) -> _Parts:
    """What a style finds in the texts at `rows`, for those that it fits."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pc.extract_regex(strings.take(pa.array(rows)), pattern)
    fits = np.asarray(found.is_valid().to_numpy(zero_copy_only=False), dtype=bool)
    found = found.filter(pa.array(fits))
    fields = {field.name for field in found.type}

    def text(name: str) -> pa.StringArray:
        return pc.fill_null(found.field(name), "")

    def number(name: str) -> Ints:
        filled = pc.if_else(pc.equal(text(name), ""), "0", text(name))
        return np.asarray(filled.cast(pa.int64()).to_numpy(), dtype=np.int64)

    if "name" in fields:
        month = pc.fill_null(pc.index_in(text("name"), value_set=pa.array(list(MONTHS))), -1).to_numpy()
        month = np.array([*MONTHS.values(), 0], dtype=np.int64)[month]
    else:
        month = number("month")
    time, possible = _time(number("hour"), number("minute"), number("second"), text("half"))
    part = pc.utf8_rpad(text("part"), 6, "0")
    time += np.asarray(pc.utf8_slice_codeunits(part, 0, 6).cast(pa.int64()).to_numpy(), dtype=np.int64)
    return _Parts(
        rows=rows[fits],
        year=number("year"),
        month=month,
        day=np.where(possible, number("day"), 0),
        digits=np.asarray(pc.utf8_length(text("year")).to_numpy(), dtype=np.int64),
        time=time,
        ahead=_ahead(text("zone")),
        dots=np.asarray(pc.equal(text("dot"), ".").to_numpy(zero_copy_only=False), dtype=bool)
        if "dot" in fields
        else np.zeros(int(fits.sum()), dtype=bool),
    )


def _time(hour: Ints, minute: Ints, second: Ints, half: pa.StringArray) -> tuple[Ints, Flags]:
    """The time of day in microseconds (m,), and where there is such a time."""
    import numpy as np

    halves = np.asarray(half.to_numpy(zero_copy_only=False), dtype=object)
    by_half = (halves == "a") | (halves == "p")
    possible = (minute < 60) & (second < 60) & np.where(by_half, (hour >= 1) & (hour <= 12), hour < 24)
    hour = np.where(by_half, hour % 12 + 12 * (halves == "p"), hour)
    return 1_000_000 * (3_600 * hour + 60 * minute + second), possible


def _ahead(zone: pa.StringArray) -> Ints:
    """By how many microseconds clocks are ahead of UTC (m,)."""
    import numpy as np
    import pyarrow.compute as pc

    different = pc.dictionary_encode(zone)
    ahead = []
    for name in different.dictionary.to_pylist():
        digits = name[1:].replace(":", "") if name[:1] in {"+", "-"} else ""
        minutes = 60 * int(digits[:2] or 0) + int(digits[2:] or 0)
        ahead.append(60_000_000 * (-minutes if name[:1] == "-" else minutes))
    return np.asarray(np.array([*ahead, 0], dtype=np.int64)[different.indices.to_numpy()])


def _moments(parts: _Parts, month: Ints, day: Ints, column: Column) -> Floats:
    """Days (m,) with these months and days, NaN where there is no such day."""
    import numpy as np

    found = np.full(len(month), np.nan)
    for century in (0, *CENTURIES):
        short = parts.digits == 2
        own = np.flatnonzero(short if century else ~short)
        days, possible = _days(parts.year[own] + century, month[own], day[own])
        moments = MICROSECONDS * days + parts.time[own] - (0 if column.integer else parts.ahead[own])
        tried = np.where(possible, moments / MICROSECONDS, np.nan)
        better = np.isnan(found[own]) | (_off(tried, column) < _off(found[own], column))
        found[own[better]] = tried[better]
    return found


def _days(year: Ints, month: Ints, day: Ints) -> tuple[Ints, Flags]:
    """Whole days (m,) since 1970-01-01, and where there is such a day."""
    import numpy as np

    possible = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1)
    months = np.where(possible, 12 * (year - 1970) + month - 1, 0)
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    after = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return first + day - 1, possible & (day <= after - first)


def _off(values: Floats, column: Column) -> Floats:
    """How many days from past rows; without those from the time since 1970."""
    import numpy as np

    low, high = (0.0, 36_524.0) if column.low is None or column.high is None else (column.low, column.high)
    return np.maximum(0.0, np.maximum(low - values, values - high))


def _inside(values: Floats, column: Column) -> Flags:
    import numpy as np

    if column.low is None or column.high is None:
        return np.zeros(len(values), dtype=bool)
    return np.asarray((values >= column.low) & (values < np.floor(column.high) + 1))


def _read_either(strings: pa.StringArray, values: Floats, kinds: Texts, counts: Ints, column: Column) -> Found:
    """Fill in dates whose day and month are both numbers, in the order of the column, and say which that is.

    Cells that only the other order fits are read by that.
    """
    import numpy as np

    clear = ~np.isnan(values)
    parts = _parts(strings, np.flatnonzero(~clear), _NUMBERS)
    if not len(parts.rows):
        return Found()
    both = BothWays(_moments(parts, parts.month, parts.day, column), _moments(parts, parts.day, parts.month, column))
    order = order_of(both, counts[parts.rows], parts.dots, (_inside(both[0], column), _inside(both[1], column)))
    own, other = (both.day_first, both.month_first) if order.day_first else (both.month_first, both.day_first)
    values[parts.rows] = np.where(np.isnan(own), other, own)
    kinds[parts.rows[np.isnan(own) & ~np.isnan(other)]] = DATE_ORDER
    notes = [Note(f"{column.title} {order.said}.", column.name)] if order.said else []
    others = np.full(len(values), np.nan)
    if order.open:
        others[parts.rows] = np.where(np.isnan(own), np.nan, other)
        return Found(notes, DAY_AND_MONTH, others)
    others[clear] = swapped(values[clear], counts[clear], both, counts[parts.rows])
    return Found(notes, SWAPPED, others)


def _read_counts(strings: pa.StringArray, values: Floats, kinds: Texts, counts: Ints, column: Column) -> None:
    """Fill in plain numbers: days since 1970, serial numbers of spreadsheets, seconds or milliseconds since 1970.

    The column has the habit that puts most cells among past rows. A cell that its habit puts outside and another
    one among them is read by that; one that none puts near them is no date, unless the column's habit is clear.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    at = np.flatnonzero(matches(pc.fill_null(strings, ""), _COUNT) & np.isnan(values))
    if not len(at):
        return
    plain = pc.replace_substring(pc.utf8_ltrim(strings.take(pa.array(at)), "+"), ",", ".")
    given = np.asarray(plain.cast(pa.float64()).to_numpy())
    serial, serial_1904 = (np.round((given - first) * DAY * 1000) / (DAY * 1000) for first in SERIAL_EPOCHS)
    seconds, thousandths = (
        np.where(np.abs(given) >= LEAST_SECONDS * per, given / DAY / per, np.nan) for per in (1, 1000)
    )
    tries = np.array([given, serial, seconds, thousandths, serial_1904])
    inside = np.array([_inside(own, column) for own in tries])
    low, high = column.low or 0.0, column.high or 0.0
    near = np.array([_off(own, column) <= max(high - low, NEAR) for own in tries])
    for found in (inside, near):
        years = (given == np.round(given)) & (given >= YEARS[0]) & (given <= YEARS[1])
        if not (found[0] & ~years & (counts[at] > 0)).any():
            found[0] &= ~years
    support = (inside * counts[at]).sum(axis=1)
    habit = int(support.argmax()) if support.any() else int((near * counts[at]).sum(axis=1).argmax())
    score = 4 * inside + 2 * near
    score[habit] += 1
    best = score.argmax(axis=0)
    chosen = np.take_along_axis(tries, best[None], axis=0)[0]
    sure = (score.max(axis=0) > 1) | (support.any() & (chosen >= FIRST) & (chosen <= LAST))
    values[at] = np.where(sure, chosen, np.nan)
    kinds[at] = np.where(sure, np.array([PLAIN, SERIAL, UNIX, UNIX, SERIAL], dtype=object)[best], PLAIN)
