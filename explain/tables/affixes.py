"""Marks around a number: a currency, a per cent sign, a unit; taken off, with the factor that they stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

_CURRENCIES = r"us\$|[$€£¥₹₩]|usd|eur|euro?s?|gbp|chf|jpy|cny|inr|cad|aud|nzd|sek|nok|dkk|pln|czk|brl|zar|kr\.?|fr\."
LENGTHS = {
    "mm": 0.001, "cm": 0.01, "m": 1.0, "km": 1000.0, "in": 0.0254, "inch": 0.0254, "inches": 0.0254, "ft": 0.3048,
    "feet": 0.3048, "yd": 0.9144, "mi": 1609.344, "mile": 1609.344, "miles": 1609.344,
}  # fmt: skip
WEIGHTS = {
    "mg": 1e-6, "g": 0.001, "kg": 1.0, "t": 1000.0, "oz": 0.028349523125, "lb": 0.45359237, "lbs": 0.45359237,
    "ct": 0.0002, "carat": 0.0002, "carats": 0.0002,
}  # fmt: skip
TIMES = {
    "s": 1.0, "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0, "min": 60.0, "mins": 60.0, "minute": 60.0,
    "minutes": 60.0, "h": 3600.0, "hr": 3600.0, "hrs": 3600.0, "hour": 3600.0, "hours": 3600.0, "d": 86_400.0,
    "day": 86_400.0, "days": 86_400.0, "wk": 604_800.0, "week": 604_800.0, "weeks": 604_800.0,
}  # fmt: skip
CALENDAR = {
    "mo": 1.0, "mos": 1.0, "month": 1.0, "months": 1.0, "y": 12.0, "yr": 12.0, "yrs": 12.0, "year": 12.0, "years": 12.0
}  # fmt: skip
"""Months and years are no fixed number of days, but a year has twelve months."""
SCALES = (LENGTHS, WEIGHTS, TIMES, CALENDAR)
_WORDS = (
    "units?|pcs|pieces?|items?|people|persons?|pax|l|ml|cl|gal|°?c|°?f|k?wh?|mph|kmh|km/h|m/s|m²|m2|sqft|sqm|ha|bps?|pp"
)
"""Units that are only taken off."""
THOUSANDS = {"k": 1e3, "tsd": 1e3, "thousand": 1e3, "mio": 1e6, "mn": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9}

KINDS = ("currency", "per cent", "unit")
"""In the order in which they are tried."""


def without(strings: pa.StringArray, kind: str) -> pa.StringArray:
    """The texts without marks of that kind at either end; others stay as they are."""
    import pyarrow.compute as pc

    if kind == "currency":
        front = pc.replace_substring_regex(strings, rf"(?i)^([+-]?)\s*(?:{_CURRENCIES})[\s\x{{00a0}}]*", r"\1")
        return pc.replace_substring_regex(front, rf"(?i)([0-9.,])[\s\x{{00a0}}]*(?:{_CURRENCIES})$", r"\1")
    if kind == "per cent":
        return pc.replace_substring_regex(strings, r"(?i)([0-9.,])[\s\x{00a0}]*(?:%|percent|per cent|pct)$", r"\1")
    return pc.replace_substring_regex(strings, rf"(?i)([0-9.,])[\s\x{{00a0}}]*(?:{_units()})\.?$", r"\1")


def _units() -> str:
    names = sorted({*(name for scale in SCALES for name in scale), *THOUSANDS}, key=lambda name: (-len(name), name))
    return "|".join([*names, _WORDS])


def factors(text: str, kind: str, unit: str) -> tuple[float, ...]:
    """What a number may have to be multiplied by for the mark that it carried; likeliest first.

    `unit` is the one that the column counts in: a suffix of the same kind is converted ("5 ft" in a column of cm).
    """
    if kind == "per cent":
        return (1.0, 0.01)
    mark = text.casefold().rstrip(".").lstrip("+-0123456789., '\u00a0\u2009\u202f\u2019")
    if kind == "unit" and mark in THOUSANDS:
        return (THOUSANDS[mark], 1.0)
    own = unit.casefold().rstrip(".")
    for scale in SCALES:
        if kind == "unit" and mark in scale and own in scale:
            return (scale[mark] / scale[own],)
    return (1.0,)
