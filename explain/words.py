"""Plain sentences and numbers for people: the one source for screen, command line, notebook and exported files."""

from __future__ import annotations

import datetime as dt
import math
from functools import lru_cache
from typing import TYPE_CHECKING

from explain.shown import LONGEST_NAME, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explain.types import Column, Cut, Space, Task

MISSING = "—"
NO_ANSWER = "no answer"
"""What stands for the prediction of a row that the model gives no number for."""
UP, DOWN = "▲", "▼"
MARKS: dict[str, str] = {"error": "✖", "warning": "⚠", "info": "○"}
"""The shape that stands for each severity beside its word: such as every machine has letters for."""
CURRENCIES = {"$", "€", "£"}
"""Units whose sign stands before the number."""
DATE = "date"
"""The unit of days since 1970-01-01, which are shown as dates."""
FLOAT32 = 2.0**-24
"""Half a step of a float32, relative: numbers that went through one differ that much from what was written."""
AS_WRITTEN = 2
"""Digits after the point that are shown as they stand: cents, and what most people write."""
TOLD_APART = 3
"""A column's range is told apart in a thousand steps."""


def places(column: Column) -> int:
    """Digits after the point that tell the values of a column apart: those its reference values are written with.

    Measurements with endless digits get as many as split the reference range into a thousand steps.
    """
    return _places(column.low, column.high, column.deciles)


@lru_cache(maxsize=1_000)
def _places(low: float | None, high: float | None, deciles: tuple[float, ...]) -> int:
    known = [value for value in (low, high, *deciles) if value is not None]
    written = max(map(decimals, known), default=0)
    if written <= AS_WRITTEN or low is None or high is None or high <= low:
        return AS_WRITTEN
    steps = TOLD_APART - math.floor(math.log10(high - low))
    return max(AS_WRITTEN, min(steps, written))


def number(value: float | None, unit: str = "", places: int = 0) -> str:
    """Three significant digits, thousands separators, the unit; an em dash for missing.

    Whole numbers of four and more digits keep all of them: 12,345 reads better than 12,300. So do up to `places`
    digits after the point, where these tell values apart (see `cell`). Of the unit "date" it is the date, with the
    time of day where there is one.
    """
    if value is None or not math.isfinite(value):
        return MISSING
    if unit == DATE:
        return _date(value)
    if value == 0:
        text = "0"
    elif abs(value) >= 1e15 or abs(value) < 1e-4:
        text = f"{value:.3g}"
    else:
        digits = max(0, 2 - math.floor(math.log10(abs(value))), min(places, decimals(value)))
        text = f"{value:,.{digits}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    return with_unit(text, unit)


def decimals(value: float) -> int:
    """Digits after the point that the number is written with; float32 numbers have those that they were given."""
    shortest = f"{value:.7g}" if abs(value - float(f"{value:.7g}")) <= FLOAT32 * abs(value) else f"{value:.15g}"
    mantissa, _, power = shortest.partition("e")
    return max(0, len(mantissa.partition(".")[2]) - int(power or 0))


def _date(days: float) -> str:
    """'2024-03-01', '2024-03-01 14:30' or '2024-03-01 14:30:05'; to the second."""
    try:
        moment = dt.datetime(1970, 1, 1) + dt.timedelta(seconds=round(days * 86_400))  # noqa: DTZ001 - as written
    except OverflowError:  # before the year 1 or after 9999
        return f"{number(days)} days since 1970"
    return moment.isoformat(" ").removesuffix(":00").removesuffix(" 00:00")


def bare(value: float | None, column: Column) -> str:
    """A number of a column whose unit is said elsewhere in the sentence; a date is a date anywhere."""
    return number(value, DATE if column.is_date else "", places(column))


def amount_of(value: float | None, column: Column) -> str:
    """A number of a column with its unit, in as many digits as tell its values apart."""
    return number(value, column.unit, places(column))


def span(low: float | None, high: float | None, column: Column, between: str = "–") -> str:
    """'18–75 years', '2019-01-02–2024-06-30'; `between` may be " to ". Ends that read alike are said once: '1 year'."""
    first, last = bare(low, column), bare(high, column)
    return amount_of(high, column) if first == last else f"{first}{between}{amount_of(high, column)}"


def estimated(low: float, high: float, column: Column) -> str:
    """`span` of two estimates, which are not known to more than three digits."""
    if not column.is_date:
        low, high = (float(number(end).replace(",", "")) for end in (low, high))
    return span(low, high, column)


def held(column: Column, most: int = 6) -> str:
    """What past rows hold of a column: '18 to 75 years', 'Bern, Oslo and 3 more' after `most` categories."""
    if column.kind == "category":
        return listed([cell(name, column) for name in column.categories], most)
    return span(column.low, column.high, column, " to ")


def difference(size: float | None, unit: str = "") -> str:
    """How far two numbers are apart; two dates are some days apart."""
    if unit != DATE:
        return number(size, unit)
    text = number(size)
    return with_unit(text, "day" if text == "1" else "days")


def within(value: float, least: float | None, most: float | None) -> float:
    """A number cut to what it can be at all, where that is known."""
    value = value if least is None else max(value, least)
    return value if most is None else min(value, most)


def with_unit(text: str, unit: str) -> str:
    """'12 months', but '$12' and '12 %': currency signs stand before the number, after its sign."""
    if not unit or text == MISSING:
        return text
    if unit in CURRENCIES:
        sign = text[0] if text[0] in "+-−" else ""
        return f"{sign}{unit}{text[len(sign) :]}"
    return f"{text} {unit}"


def in_100(probability: float | None) -> str:
    """A probability as '78 in 100'; never '0' or '100', since no model is that sure."""
    if probability is None or not math.isfinite(probability):
        return MISSING
    return f"{_hundredths(probability)} in 100"


def decides(outputs: Sequence[str], cut: Cut) -> str:
    """Where a model with a threshold of its own decides, in one sentence."""
    yes, no = outputs[cut.outcome], outputs[1 - cut.outcome]
    return f"It says “{yes}” from {number(100 * cut.at)} in 100 on, and “{no}” below."


def of_100(share: float | None) -> str:
    """A share of cases as '77 of 100'."""
    return in_100(share).replace(" in ", " of ")


def about_of_100(share: float | None) -> str:
    """'about 77 of 100', 'more than 99 of 100', 'fewer than 1 of 100'."""
    said = of_100(share)
    return {"<": "fewer than ", ">": "more than "}.get(said[:1], "about ") + said.lstrip("<>")


def _hundredths(probability: float) -> str:
    if probability < 0.01:
        return "<1"
    if probability > 0.99:
        return ">99"
    return f"{round(100 * probability)}"


def points(difference: float | None) -> str:
    """A difference of probabilities as '+12 points' of 100."""
    if difference is None or not math.isfinite(difference):
        return MISSING
    size = abs(100 * difference)
    shown = f"{size:.0f}" if size >= 10 else f"{size:.1f}"
    sign = "−" if difference < 0 else "+"
    if float(shown) == 0:
        return "±0 points"
    return f"{sign}{shown} point" + ("" if shown == "1.0" else "s")


def amount(value: float | None, space: Space, unit: str = "") -> str:
    """A score as people read it: '78 in 100', or a number with the target's unit."""
    if space == "probability":
        return in_100(value)
    return log_odds(value) if space == "log-odds" else number(value, unit)


def log_odds(value: float | None) -> str:
    """Log-odds to two digits after the point: one step is at most a quarter of a point of probability."""
    if value is None or not math.isfinite(value):
        return MISSING
    return f"{value:.2f}".replace("-", "−")


def change(value: float | None, space: Space, unit: str = "") -> str:
    """A signed difference of scores: '+12 points', '−$340', or '+3 days' of dates."""
    if space == "probability":
        return points(value)
    if value is None or not math.isfinite(value):
        return MISSING
    text = log_odds(abs(value)) if space == "log-odds" else difference(abs(value), unit)
    sign = "−" if value < 0 else "+"
    return sign + text


def step(before: float, after: float, space: Space, unit: str = "") -> str:
    """The change from one number to another as it follows from the two as they are shown: from 50 to 7 it is −43."""
    if unit != DATE and all(map(math.isfinite, (before, after))):
        if space == "probability" and all(0.01 <= share <= 0.99 for share in (before, after)):
            before, after = (round(100 * share) / 100 for share in (before, after))
        elif space == "target":
            before, after = (float(number(value).replace(",", "")) for value in (before, after))
    return change(after - before, space, unit)


def cell(value: object, column: Column, unread: str | None = None) -> str:
    """A raw value with its unit, or a category in plain words; an em dash for missing.

    What was `unread`, a text in place of a number, stands there as it was spelled.
    """
    if unread:
        return shown(unread)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return MISSING
    if column.kind == "category":
        return shown(column.describe.get(str(value), str(value)))
    return amount_of(float(value), column)  # type: ignore[arg-type]  # numeric columns hold floats


def raises(contribution: float, shown: str, task: Task, amount_text: str) -> str:
    """'raises the chance of declined by 12 points', 'lowers the price by $340'."""
    verb = "raises" if contribution > 0 else "lowers"
    what = f"the {shown}" if task == "regression" else f"the chance of {shown}"
    return f"{verb} {what} by {amount_text.lstrip('+−-')}"


def count(n: int, one: str, many: str = "") -> str:
    """'1 row', '2 rows', '12,000 rows'."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def listed(items: list[str], most: int = 5) -> str:
    """'a, b and c'; after `most` items 'and 7 more'; of a long item, such as a name with its value, both ends."""
    left = len(items) - most
    items = [shown(item, 2 * LONGEST_NAME) for item in items[:most]] + [f"{left:,} more"] * (left > 0)
    if len(items) < 2:
        return "".join(items)
    return ", ".join(items[:-1]) + " and " + items[-1]


def arrow(contribution: float) -> str:
    """The mark of the direction: raises or lowers."""
    return UP if contribution > 0 else DOWN


def differ(columns: list[str]) -> str:
    """That an upload's rows can be told from past cases, and by what."""
    return f"These rows differ from past cases{', mostly in: ' * bool(columns)}{', '.join(columns)}."


MAY_NOT_HOLD = "What past cases say may not hold for them."
WEIGHTED = "Past cases count by how much they are like these rows."
WITHDRAWN = "Too few past cases are like them, so nothing is claimed of how often such predictions are right."
"""What follows from a difference, after `differ`."""


def past(cases: int, hits: int, outcome: str) -> str:
    """What became of past cases with scores like this one, counted, never invented."""
    if cases < ENOUGH_CASES:
        return f"Too few past cases had such a score to count them ({cases} of the {ENOUGH_CASES} needed)."
    return f"Of {cases:,} past cases with scores like this, {of_100(hits / cases)} were {outcome}."


ENOUGH_CASES = 30
"""Cases below which a share says little: at 30, one standard error of a share near one half is 9 points."""

CALLED: dict[str, str] = {"error": "error", "warning": "warning", "info": "remark"}
"""What people call each severity: errors and warnings are faults, a remark is none."""
GRADES = {
    "A": "right in at least 90 of 100 such cases",
    "B": "right in 75 to 89 of 100 such cases, or in more, known from fewer than 500 past cases",
    "C": "right in 60 to 74 of 100 such cases",
    "D": "right in fewer than 60 of 100 such cases",
    "": "no past cases with known outcomes to grade by",
}
