"""Units: the scales on which one converts into another, and those that are only known by name."""

from __future__ import annotations

LENGTHS = {
    "mm": 0.001, "cm": 0.01, "dm": 0.1, "m": 1.0, "meter": 1.0, "meters": 1.0, "metre": 1.0, "metres": 1.0,
    "km": 1000.0, "kilometer": 1000.0, "kilometers": 1000.0, "kilometre": 1000.0, "kilometres": 1000.0, "in": 0.0254,
    "inch": 0.0254, "inches": 0.0254, "ft": 0.3048, "feet": 0.3048, "foot": 0.3048, "yd": 0.9144, "yard": 0.9144,
    "yards": 0.9144, "mi": 1609.344, "mile": 1609.344, "miles": 1609.344, "nmi": 1852.0,
}  # fmt: skip
WEIGHTS = {
    "µg": 1e-9, "ug": 1e-9, "mg": 1e-6, "g": 0.001, "gram": 0.001, "grams": 0.001, "kg": 1.0, "kgs": 1.0,
    "kilo": 1.0, "kilos": 1.0, "kilogram": 1.0, "kilograms": 1.0, "t": 1000.0, "ton": 1000.0, "tons": 1000.0,
    "tonne": 1000.0, "tonnes": 1000.0, "oz": 0.028349523125, "lb": 0.45359237, "lbs": 0.45359237,
    "pound": 0.45359237, "pounds": 0.45359237, "ct": 0.0002, "carat": 0.0002, "carats": 0.0002,
}  # fmt: skip
TIMES = {
    "ms": 0.001, "s": 1.0, "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0, "min": 60.0, "mins": 60.0,
    "minute": 60.0, "minutes": 60.0, "h": 3600.0, "hr": 3600.0, "hrs": 3600.0, "hour": 3600.0, "hours": 3600.0,
    "std": 3600.0, "d": 86_400.0, "day": 86_400.0, "days": 86_400.0, "tage": 86_400.0, "jours": 86_400.0,
    "wk": 604_800.0, "week": 604_800.0, "weeks": 604_800.0,
}  # fmt: skip
CALENDAR = {
    "mo": 1.0, "mos": 1.0, "mth": 1.0, "mths": 1.0, "month": 1.0, "months": 1.0, "monate": 1.0, "mois": 1.0,
    "y": 12.0, "yr": 12.0, "yrs": 12.0, "year": 12.0, "years": 12.0, "jahre": 12.0, "ans": 12.0,
}  # fmt: skip
"""Months and years are no fixed number of days, but a year has twelve months."""
AREAS = {
    "mm2": 1e-6, "cm2": 1e-4, "m2": 1.0, "sqm": 1.0, "qm": 1.0, "ha": 1e4, "km2": 1e6, "sqft": 0.09290304,
    "sq ft": 0.09290304, "ft2": 0.09290304, "acre": 4046.8564224, "acres": 4046.8564224,
}  # fmt: skip
VOLUMES = {
    "µl": 1e-6, "ml": 0.001, "cl": 0.01, "dl": 0.1, "l": 1.0, "liter": 1.0, "liters": 1.0, "litre": 1.0,
    "litres": 1.0, "m3": 1000.0, "cm3": 0.001, "ccm": 0.001, "cc": 0.001, "gal": 3.785411784, "gallon": 3.785411784,
    "gallons": 3.785411784,
}  # fmt: skip
SPEEDS = {"km/h": 1.0, "kmh": 1.0, "kph": 1.0, "m/s": 3.6, "mph": 1.609344, "kn": 1.852, "knots": 1.852}
PRESSURES = {"pa": 1.0, "hpa": 100.0, "mbar": 100.0, "kpa": 1000.0, "bar": 1e5, "mmhg": 133.322, "psi": 6894.757}
POWERS = {"w": 1.0, "kw": 1000.0, "mw": 1e6, "hp": 745.7, "bhp": 745.7, "ps": 735.49875}
ENERGIES = {"wh": 1.0, "kwh": 1000.0, "mwh": 1e6, "kj": 1 / 3.6, "kcal": 1.163, "cal": 0.001163}
SCALES = (LENGTHS, WEIGHTS, TIMES, CALENDAR, AREAS, VOLUMES, SPEEDS, PRESSURES, POWERS, ENERGIES)
"""What is of one kind converts by the quotient of two numbers (NIST Special Publication 811)."""
NAMES = frozenset(
    {
        "unit", "units", "pc", "pcs", "piece", "pieces", "item", "items", "people", "person", "persons", "pax", "stk",
        "stück", "°", "°c", "°f", "c", "f", "v", "mv", "ma", "hz", "khz", "mhz", "ghz", "db", "bpm", "rpm", "ppm",
        "ppb", "bp", "bps", "pp", "kb", "mb", "gb", "tb", "kg/m2", "kg/m3", "g/l", "g/dl", "mg/dl", "mg/l",
        "mmol/l", "µmol/l", "umol/l", "mol/l", "iu/l", "u/l", "ng/ml", "µg/l", "l/100km", "mpg", "km/l", "cd", "lm",
        "lx", "nm", "times",
    }
)  # fmt: skip
"""Units that convert into nothing here; they are only taken off."""
UNITS = frozenset(NAMES.union(*SCALES))


def folded_unit(text: str) -> str:
    """A unit as it is looked up: "Kg/m²." is kg/m2, "μg" (the Greek letter) µg."""
    plain = text.strip().casefold().rstrip(".").replace("²", "2").replace("³", "3").replace("^", "").replace("μ", "µ")
    return " ".join(plain.split())
