"""28 kinds of faults in the text of an upload, as people and programs make them; each put down with its truth.

`easy` faults can be seen in the cell alone, `medium` ones beside what the column usually holds, `hard` ones only beside
the rest of the row, if at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from explain.models import Package
    from explain.types import Column

Row: TypeAlias = "dict[str, str]"
LEVELS = ("easy", "medium", "hard")
DAMAGED = 0.05
"""Share of rows with a fault: one cell each."""
TRIES = 12
"""Cells looked at before a kind of fault is given up for a row."""
UNITS = (2.54, 1 / 2.54, 0.4536, 1 / 0.4536, 1.609, 1 / 1.609)
"""Inches, pounds and miles for centimetres, kilograms and kilometres, and back."""
CLOSE = 0.1
"""Two values nearer than this share are as good as the same when they are swapped."""
COUNTED = 10
"""Whole numbers below are counts or codes, which have no unit."""
USUAL = 0.005
"""Share of blanks from which on a blank is no fault."""


@dataclass(frozen=True)
class Facts:
    """A column as the model's reference rows have it; `pool` are the texts of all uploaded rows, to copy from."""

    column: Column
    known_values: np.ndarray
    pool: pd.DataFrame
    above: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Of the column."""
        return self.column.name

    @property
    def low(self) -> float:
        """Smallest."""
        return float(self.known_values[0])

    @property
    def high(self) -> float:
        """Largest."""
        return float(self.known_values[-1])

    @cached_property
    def middle(self) -> tuple[float, float]:
        """What 95 % of the reference values lie between."""
        return tuple(np.quantile(self.known_values, [0.025, 0.975]))

    @cached_property
    def gaps(self) -> list[tuple[float, float]]:
        """Empty stretches: 5 % of the range or more, and five times as wide as nine in ten steps between values."""
        steps = np.unique(self.known_values)
        wide = np.diff(steps)
        if len(wide) < 20:
            return []
        limit = max(0.05 * (self.high - self.low), 5 * np.quantile(wide, 0.9))
        found = np.flatnonzero(wide >= limit)
        return [(float(steps[at]), float(steps[at + 1])) for at in found]

    @cached_property
    def known(self) -> frozenset[str]:
        """Categories without case."""
        return frozenset(name.casefold() for name in self.column.categories)


Change: TypeAlias = "Callable[[Row, Facts, np.random.Generator], Row | None]"
"""A row -> the same row damaged, or None where this column of it cannot be damaged so."""


@dataclass(frozen=True)
class Kind:
    """A kind of fault: what it needs of a column, and how it damages a row; `wide`: more than one column is wrong."""

    name: str
    level: str
    needs: str
    change: Change
    wide: bool = False


@dataclass(frozen=True)
class Fault:
    """The truth about one fault: `columns` may be named for it, `original` is the text of the first."""

    row: int
    columns: tuple[str, ...]
    kind: Kind
    original: str


@dataclass(frozen=True)
class Spoiled:
    """Damaged texts; `origin` (n,) is the clean row that each row says something about."""

    frame: pd.DataFrame
    faults: list[Fault]
    origin: np.ndarray


def text_of(value: float) -> str:
    """A number as people type it."""
    return f"{value:.0f}" if value == round(value) and abs(value) < 1e15 else f"{value:.10g}"


def _pick(rng: np.random.Generator, options: tuple | list) -> str | float | tuple:
    return options[int(rng.integers(len(options)))]


def _cell(change: Callable[[str, Facts, np.random.Generator], str | None]) -> Change:
    def on_row(row: Row, facts: Facts, rng: np.random.Generator) -> Row | None:
        text = change(row[facts.name], facts, rng)
        return None if text is None or text == row[facts.name] else row | {facts.name: text}

    return on_row


def _worded(*words: str) -> Change:
    """One of some texts in place of the cell, none of which is a category."""

    def change(_: str, facts: Facts, rng: np.random.Generator) -> str | None:
        text = str(_pick(rng, words))
        return None if text.casefold() in facts.known else text

    return _cell(change)


def _number(change: Callable[[float, Facts, np.random.Generator], float | str | None]) -> Change:
    def on_text(text: str, facts: Facts, rng: np.random.Generator) -> str | None:
        made = change(float(text), facts, rng)
        return text_of(made) if isinstance(made, float) else made

    return _cell(on_text)


def _decimal_comma(value: float, facts: Facts, _: np.random.Generator) -> str:
    return (f"{value:.2f}" if facts.column.integer else text_of(value)).replace(".", ",")


def _thousands(value: float, _: Facts, rng: np.random.Generator) -> str | None:
    return f"{value:,.10g}".replace(",", str(_pick(rng, (",", ",", " ", "'")))) if value >= 1_000 else None


def _currency(value: float, _: Facts, rng: np.random.Generator) -> str:
    return str(_pick(rng, ("$%s", "€ %s", "%s EUR", "£%s", "%s $", "US$ %s"))) % text_of(value)


def _suffix(value: float, _: Facts, rng: np.random.Generator) -> str:
    return text_of(value) + str(_pick(rng, (" kg", " cm", "kg", " years", " units", "%", " %", " mm", "h")))


def _times(factor: float, beyond: float) -> Change:
    """`factor` times too large, where that leaves the share `beyond` of the reference values behind."""

    def change(value: float, facts: Facts, _: np.random.Generator) -> float | None:
        return value * factor if value > 0 and value * factor > np.quantile(facts.known_values, beyond) else None

    return _number(change)


def _negative(value: float, facts: Facts, _: np.random.Generator) -> float | None:
    return -value if facts.low >= 0 and value > 0 else None


def _sentinel(_: float, facts: Facts, rng: np.random.Generator) -> float | None:
    code = float(_pick(rng, (-999.0, 9999.0, -9999.0, 99999.0)))
    return None if facts.low <= code <= facts.high else code


def _fraction(value: float, facts: Facts, rng: np.random.Generator) -> float | None:
    made = value + float(rng.choice([0.5, 0.25, 0.37, 0.8]))
    return made if facts.column.integer and facts.low <= made <= facts.high else None


def _just_outside(_: float, facts: Facts, rng: np.random.Generator) -> float | None:
    """Beyond an end by 2 to 15 % of the range; below it only where that starts no new sign."""
    step = rng.uniform(0.02, 0.15) * (facts.high - facts.low)
    below = rng.random() < 0.3 and (facts.low < 0 or facts.low > step)
    made = facts.low - step if below else facts.high + step
    made = (np.floor if below else np.ceil)(made) if facts.column.integer else f"{made:.6g}"
    return None if facts.low <= float(made) <= facts.high else float(made)


def _in_gap(_: float, facts: Facts, rng: np.random.Generator) -> float | None:
    if not facts.gaps:
        return None
    start, end = _pick(rng, facts.gaps)
    made = float(start + rng.uniform(0.3, 0.7) * (end - start))
    return float(round(made)) if facts.column.integer else float(f"{made:.5g}")


def _doubled(value: float, facts: Facts, _: np.random.Generator) -> float | None:
    return 2 * value if 0 < 2 * value <= facts.high and value > 0 else None


def _other_unit(value: float, facts: Facts, rng: np.random.Generator) -> float | None:
    if value <= 0 or (facts.column.integer and value < COUNTED):
        return None
    made = float(f"{value * float(_pick(rng, UNITS)):.4g}")
    made = float(round(made)) if facts.column.integer else made
    return made if facts.low <= made <= facts.high else None


def _far_value(value: float, facts: Facts, rng: np.random.Generator) -> float | None:
    low, high = facts.middle
    far = facts.known_values[np.abs(facts.known_values - value) >= (high - low) / 2]
    return float(rng.choice(far)) if len(far) and high > low else None


def _case(text: str, facts: Facts, rng: np.random.Generator) -> str | None:
    made = getattr(text, str(_pick(rng, ("upper", "lower", "title", "swapcase"))))()
    return None if made in facts.column.categories else made


def _spaces(text: str, _: Facts, rng: np.random.Generator) -> str:
    inner = [re.sub(r" ", "  ", text, count=1)] if " " in text else []
    return str(_pick(rng, [f" {text}", f"{text} ", f"  {text}  ", f"{text}\u00a0", *inner]))


def _typo(text: str, facts: Facts, rng: np.random.Generator) -> str | None:
    if len(text) < 4:
        return None
    at = int(rng.integers(1, len(text) - 1))
    letter = chr(int(rng.integers(97, 123)))
    less, twice = text[:at] + text[at + 1 :], text[: at + 1] + text[at:]
    turned, other = text[:at] + text[at + 1] + text[at] + text[at + 2 :], text[:at] + letter + text[at + 1 :]
    made = str(_pick(rng, (less, twice, turned, other)))
    return None if made.casefold() in facts.known else made


def _mojibake(text: str, _: Facts, __: np.random.Generator) -> str | None:
    """UTF-8 read as Latin-1: a dash that a word processor lengthened, a hard space, an accent."""
    for plain, typed in (("-", "–"), (" ", "\u00a0"), ("e", "é"), ("a", "á"), ("o", "ö"), ("i", "ï"), ("u", "ü")):
        if plain in text:
            return text.replace(plain, typed, 1).encode().decode("cp1252")
    return None


def _wrong_category(text: str, facts: Facts, rng: np.random.Generator) -> str | None:
    made = str(facts.pool[facts.name].iat[int(rng.integers(len(facts.pool)))])
    return made if made not in {"", text} else None


def _broken_order(row: Row, facts: Facts, rng: np.random.Generator) -> Row | None:
    """A value of its own column that is larger than the one it never exceeds."""
    above = str(_pick(rng, facts.above)) if facts.above else ""
    if not above or not row[above]:
        return None
    larger = facts.known_values[facts.known_values > float(row[above])]
    return row | {facts.name: text_of(float(rng.choice(larger)))} if len(larger) else None


def _swapped(row: Row, facts: Facts, rng: np.random.Generator) -> Row | None:
    other = str(_pick(rng, facts.alike)) if facts.alike else ""
    if not other or not row[other] or row[other] == row[facts.name]:
        return None
    mine, its = float(row[facts.name]), float(row[other])
    pool = pd.to_numeric(facts.pool[other])
    inside = facts.low <= its <= facts.high and pool.min() <= mine <= pool.max()
    inside = inside and abs(mine - its) > CLOSE * max(abs(mine), abs(its))
    return row | {facts.name: row[other], other: row[facts.name]} if inside else None


def _shifted(row: Row, facts: Facts, _: np.random.Generator) -> Row | None:
    """Everything from this column on stands one column to the right, as after a stray separator."""
    names = list(facts.pool.columns[1:])
    at = names.index(facts.name)
    moved = dict(zip(names[at + 1 :], [row[name] for name in names[at:-1]], strict=True))
    return row | {facts.name: ""} | moved if len(moved) >= 2 else None


def _repeated(row: Row, facts: Facts, rng: np.random.Generator) -> Row | None:
    """An earlier row once more; which one is told by its position."""
    at = int(row["#"])
    if at == 0:
        return None
    source = int(rng.integers(at))
    return dict(facts.pool.iloc[source].items()) | {"#": str(source)}


UNSEEN = ("zeppelin", "Atlantis", "XK-22", "see attachment", "test", "new tariff 7", "Rumpelstiltskin")
FAULTS: tuple[Kind, ...] = (
    Kind("text in a number", "easy", "number", _worded("abc", "n/a?", "see note", "twelve", "#REF!", "12o", "tbd")),
    Kind("decimal comma", "easy", "number", _number(_decimal_comma)),
    Kind("thousands separator", "easy", "number", _number(_thousands)),
    Kind("currency sign", "easy", "number", _number(_currency)),
    Kind("unit suffix", "easy", "number", _number(_suffix)),
    Kind("category case", "easy", "category", _cell(_case)),
    Kind("category spaces", "easy", "category", _cell(_spaces)),
    Kind("x 1000", "easy", "number", _times(1_000.0, 1.0)),
    Kind("sign", "easy", "number", _number(_negative)),
    Kind("sentinel", "easy", "number", _number(_sentinel)),
    Kind("missing token", "easy", "filled", _worded("unknown", "-", "n/a", "?", "not stated")),
    Kind("blank", "easy", "filled", _cell(lambda *_: "")),
    Kind("duplicate row", "easy", "row", _repeated, wide=True),
    Kind("category typo", "medium", "category", _cell(_typo)),
    Kind("unseen category", "medium", "category", _worded(*UNSEEN)),
    Kind("x 100", "medium", "number", _times(100.0, 1.0)),
    Kind("x 10", "medium", "number", _times(10.0, 0.995)),
    Kind("fraction of a whole", "medium", "number", _number(_fraction)),
    Kind("just out of range", "medium", "number", _number(_just_outside)),
    Kind("in an empty gap", "medium", "number", _number(_in_gap)),
    Kind("mojibake", "medium", "category", _cell(_mojibake)),
    Kind("order broken", "medium", "number", _broken_order, wide=True),
    Kind("shifted row", "medium", "any", _shifted, wide=True),
    Kind("swapped values", "hard", "number", _swapped, wide=True),
    Kind("another row's value", "hard", "number", _number(_far_value)),
    Kind("doubled", "hard", "number", _number(_doubled)),
    Kind("wrong category", "hard", "category", _cell(_wrong_category)),
    Kind("other unit", "hard", "number", _number(_other_unit)),
)


@dataclass(frozen=True)
class Spoiler:
    """Damages the clean texts `frame` (an id, then the columns of `package`)."""

    package: Package
    frame: pd.DataFrame
    facts: tuple[Facts, ...] = field(default=())

    @classmethod
    def of(cls, package: Package, frame: pd.DataFrame) -> Spoiler:
        """With the facts of every column."""
        known = package.reference.frame
        numbers = [column.name for column in package.schema if column.kind == "number"]
        facts = []
        for column in package.schema:
            is_number = column.kind == "number"
            values = np.sort(known[column.name].dropna().to_numpy(dtype=float)) if is_number else np.zeros(0)
            others = tuple(name for name in numbers if name != column.name) if is_number else ()
            above = tuple(name for name in others if never_above(known[column.name], known[name]))
            facts.append(Facts(column, values, frame, above, others))
        return cls(package, frame, tuple(facts))

    def spoil(self, rng: np.random.Generator, share: float = DAMAGED) -> Spoiled:
        """A copy with faults in a share of the rows, every kind as often as any other that the table allows."""
        frame, origin = self.frame.copy(), np.arange(len(self.frame))
        rows = rng.permutation(len(frame))[: max(1, round(share * len(frame)))]
        kinds, faults = self._kinds(rng), []
        for row in rows:
            texts = self.frame.iloc[row].to_dict() | {"#": str(row)}
            for _ in range(len(FAULTS)):
                kind = next(kinds)
                found = self._damage(texts, kind, rng)
                if found is not None:
                    break
            else:
                continue
            facts, damaged = found
            origin[row] = int(damaged.pop("#"))
            changed = tuple(name for name in frame.columns if damaged[name] != texts[name])
            named = (*changed, *(facts.above if kind.name == "order broken" else ())) if kind.wide else (facts.name,)
            frame.iloc[row] = pd.Series(damaged)
            faults.append(Fault(int(row), named, kind, texts[facts.name]))
        return Spoiled(frame, faults, origin)

    @staticmethod
    def _kinds(rng: np.random.Generator) -> Iterator[Kind]:
        while True:
            yield from (FAULTS[at] for at in rng.permutation(len(FAULTS)))

    def _damage(self, texts: Mapping[str, str], kind: Kind, rng: np.random.Generator) -> tuple[Facts, Row] | None:
        able = [facts for facts in self.facts if self._suits(facts, kind) and texts[facts.name] != ""]
        for at in rng.permutation(len(able))[:TRIES]:
            if (damaged := kind.change(dict(texts), able[at], rng)) is not None:
                return able[at], damaged
        return None

    @staticmethod
    def _suits(facts: Facts, kind: Kind) -> bool:
        if kind.needs == "filled":
            return facts.column.missing_share < USUAL
        return kind.needs in {"any", "row", facts.column.kind}


def never_above(lower: pd.Series, upper: pd.Series) -> bool:
    """Whether one column is never larger than another though their ranges overlap."""
    both = lower.notna() & upper.notna()
    holds = (lower[both] <= upper[both]).mean() if both.sum() > 100 else 0.0
    return bool(holds >= 0.9995 and lower.quantile(0.95) > upper.quantile(0.05))
