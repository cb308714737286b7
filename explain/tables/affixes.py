"""What stands around a number: brackets, a currency, a per cent sign, a unit; taken off, with what it means."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from explain.tables.units import CALENDAR, SCALES, UNITS, folded_unit

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

_CURRENCIES = (
    r"(?:us|nt|hk|au?|ca?|nz|sg?|r|mx)\$|[$€£¥₹₩₽₺₫₴₪฿₱]|usd|eur|euro?s?|gbp|chf|jpy|cny|rmb|inr|cad|aud|nzd|sgd|hkd|"
    r"twd|sek|nok|dkk|pln|czk|huf|ron|bgn|try|rub|uah|ils|aed|sar|brl|mxn|ars|clp|zar|krw|thb|rs\.?|kr\.?|fr\.|zł|kč"
)
THOUSANDS = {
    "k": 1e3, "tsd": 1e3, "thousand": 1e3, "thousands": 1e3, "mio": 1e6, "mn": 1e6, "mill": 1e6,
    "million": 1e6, "millions": 1e6, "bn": 1e9, "mrd": 1e9, "billion": 1e9, "billions": 1e9, "tn": 1e12,
    "trillion": 1e12,
}  # fmt: skip
"""Words for powers of a thousand, lower case; "M" and "B" are told by their case."""
_CAPITALS = {"M": 1e6, "B": 1e9}
_PER_CENT = frozenset({"%", "percent", "per cent", "pct"})
_SIGNS = "\u2012\u2013\u2014\u2010\u2011\u2212\ufe63\uff0d"
"""Dashes that stand for a minus."""
_NUMBER = "(?P<number>[+-]?[0-9](?:[0-9.,' ]*[0-9])?)"
_SPACE = r"[\s\x{00a0}\x{2009}\x{202f}]*"


class Bare(NamedTuple):
    """Texts (d,) without what stood around a number, the kind of what was taken off last ("" for nothing), and the mark
    behind the number that has a meaning of its own: a per cent sign, a power of a thousand, a unit; "" for none.
    """

    texts: pa.StringArray
    kinds: npt.NDArray[np.object_]
    marks: npt.NDArray[np.object_]


def bare(strings: pa.StringArray) -> Bare:
    """Take off what is known to stand around numbers; other texts stay as they are."""
    import numpy as np
    import pyarrow.compute as pc

    kinds = np.full(len(strings), "", dtype=object)
    texts = strings
    for kind, take_off in (
        ("text mark", _text_marks),
        ("negative", _negatives),
        ("currency", _currencies),
        ("negative", _negatives),
    ):
        rest = take_off(texts)
        changed = np.asarray(pc.not_equal(rest, texts).to_numpy(zero_copy_only=False), dtype=bool)
        kinds[changed & ((kinds == "") | (kind == "currency"))] = kind
        texts = rest
    found = pc.extract_regex(texts, rf"^(?P<number>[+-]?[0-9.,].*?){_SPACE}(?P<mark>[^0-9.,\s+'-][^\n]*)$")
    marks = np.asarray(pc.fill_null(found.field("mark"), "").to_numpy(zero_copy_only=False), dtype=object)
    known = {mark: kind_of_mark(mark) for mark in set(marks.tolist())}
    kind_of = np.array([known[mark] for mark in marks], dtype=object)
    has = kind_of != ""
    kinds[has] = np.where(kind_of[has] == "scale", "unit", kind_of[has])
    texts = pc.if_else(has, pc.fill_null(found.field("number"), ""), texts)
    return Bare(texts, kinds, np.where(has, marks, ""))


def _text_marks(strings: pa.StringArray) -> pa.StringArray:
    """How spreadsheets are told that a cell is a text: '123 and ="0123"."""
    import pyarrow.compute as pc

    return pc.replace_substring_regex(
        pc.replace_substring_regex(strings, r'^=\s*"([^"]*)"$', r"\1"), r"^['’](.*)$", r"\1"
    )


def _negatives(strings: pa.StringArray) -> pa.StringArray:
    """(1,234) as bookkeepers write it, 1,234- as SAP does, and dashes that stand for a minus."""
    import pyarrow.compute as pc

    number = r"[0-9.,'\s\x{00a0}\x{2009}\x{202f}]*[0-9]"
    for pattern, text in (
        (rf"^[-+]?\(\s*([^-+()]*{number}[^-+()]*)\)$", r"-\1"),
        (rf"^([^-+]*{number}){_SPACE}[-{_SIGNS}]$", r"-\1"),
        (rf"^[{_SIGNS}]{_SPACE}(.+)$", r"-\1"),
        (r"^-\s+(.+)$", r"-\1"),
    ):
        strings = pc.replace_substring_regex(strings, pattern, text)
    return strings


def _currencies(strings: pa.StringArray) -> pa.StringArray:
    import pyarrow.compute as pc

    front = pc.replace_substring_regex(
        strings, rf"(?i)^([+-]?){_SPACE}(?:{_CURRENCIES}){_SPACE}([-+(]?[0-9.,])", r"\1\2"
    )
    return pc.replace_substring_regex(
        front, rf"(?i)([0-9.,)](?:{_SPACE}(?:k|tsd\.?|mio\.?|m|mrd\.?|bn))?){_SPACE}(?:{_CURRENCIES})$", r"\1"
    )


def kind_of_mark(mark: str) -> str:
    """Of which kind the mark behind a number is: "per cent", "scale" or "unit"; "" for one that is not known."""
    if mark.casefold() in _PER_CENT:
        return "per cent"
    if mark in _CAPITALS or _scale(mark) is not None:
        return "scale"
    return "unit" if folded_unit(mark) in UNITS else ""


def _scale(mark: str) -> float | None:
    return _CAPITALS.get(mark, THOUSANDS.get(mark.casefold(), THOUSANDS.get(mark.casefold().rstrip("."))))


def factors(mark: str, kind: str, unit: str) -> tuple[float, ...]:
    """What a number may have to be multiplied by for the mark that it carried; the one that is meant first.

    `unit` is the one that the column counts in: a suffix of the same kind is converted ("5 ft" in a column of cm).
    """
    if kind == "per cent":
        return (1.0,) if unit.strip() in _PER_CENT else (1.0, 0.01)
    if kind == "scale" and folded_unit(mark) != folded_unit(unit):
        size = _scale(mark)
        return (size, 1.0) if size else (1.0,)
    factor = conversion(mark, unit)
    return (1.0,) if factor is None else (factor,)


def conversion(mark: str, unit: str) -> float | None:
    """By what a number in one unit is multiplied to be in another; None where they do not measure the same."""
    own, wanted = folded_unit(mark), folded_unit(unit)
    if own == wanted:
        return 1.0
    for scale in SCALES:
        if own in scale and wanted in scale:
            return scale[own] / scale[wanted]
    return None


def unit_in_name(name: str) -> str:
    """The unit that a column's name ends with: "distance (km)", "Weight [kg]", "distance_km", "age in years".

    Of a bare last word only units of more than one letter count, and no word for a month or a year: "first_year" is no
    number of years.
    """
    inside = re.search(r"[(\[]\s*([^)\]]+?)\s*[)\]]\s*$", name)
    if inside:
        return inside[1] if folded_unit(inside[1]) in UNITS or inside[1] in _PER_CENT else ""
    behind = re.search(r"(?:\bin[\s_]|[_\s])([^\W_]+)$", name)
    word = behind[1] if behind else ""
    said = bool(re.search(r"(?:^|[\s_])in[\s_][^\W_]+$", name))
    sure = said or (len(word) > 1 and folded_unit(word) not in {*CALENDAR, *_TOO_COMMON})
    return word if sure and any(folded_unit(word) in scale for scale in SCALES) else ""


_TOO_COMMON = frozenset({"in", "min", "sec", "second", "seconds", "day", "days", "week", "weeks", "hour", "hours", "ct",
                         "pa", "ha", "ft", "mi", "mo", "cal", "bar", "hr", "oz"})  # fmt: skip
"""Units that are also plain last words of names: "price_min", "order_day"."""


def constant_affix(strings: pa.StringArray) -> tuple[str, str] | None:
    """What stands before and behind the number in all texts (d,) alike.

    None where it is not the same in all of them, or where there is nothing.
    """
    import pyarrow.compute as pc

    found = pc.extract_regex(strings, rf"^(?P<front>[^0-9]*?){_NUMBER}(?P<back>[^0-9]*)$")
    if found.null_count or not len(strings):
        return None
    fronts, backs = (pc.unique(found.field(side)).to_pylist() for side in ("front", "back"))
    return (fronts[0], backs[0]) if len(fronts) == len(backs) == 1 else None


def without(strings: pa.StringArray, front: str, back: str) -> pa.StringArray:
    """The numbers (d,) between the same before and behind; "" for texts that have it otherwise."""
    import pyarrow.compute as pc

    found = pc.extract_regex(strings, rf"^{re.escape(front)}{_NUMBER}{re.escape(back)}$")
    return pc.fill_null(found.field("number"), "")
