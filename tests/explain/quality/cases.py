"""A reference whose every habit is known, and what the checks say of a few rows beside it."""

import numpy as np
import pandas as pd

from explain.models.card import propose_schema
from explain.quality import Profile, check
from explain.tables import read_table

ROWS = 600
DETAILS = {
    "age": {"label": "Age", "unit": "years"},
    "rate": {"label": "Rate"},
    "city": {"label": "City"},
    "job": {"label": "Job"},
    "first": {"label": "First"},
    "last": {"label": "Last"},
}


def reference():
    """Whole ages 18 to 75, rates -5 to 5 with a gap from 1 to 3 and 20 % blanks, three cities, two jobs of which one
    is never in Rome, a first day that is never after the last.
    """
    at = np.arange(ROWS)
    rate = np.where(at % 2 == 0, -5 + 6 * at / ROWS, 3 + 2 * at / ROWS)
    rate[0], rate[1], rate[-1] = -5, 3, 5
    city = np.array(["Bern", "Oslo", "Rome"], dtype=object)[at % 3]
    first = at * 7 % 50
    return pd.DataFrame(
        {
            "age": 18.0 + at % 58,
            "rate": np.where(at % 5 == 2, np.nan, rate),
            "city": city,
            "job": np.where((city == "Rome") | (at % 4 == 0), "cook", "nurse").astype(object),
            "first": first.astype(float),
            "last": (first + 5 + at * 11 % 40).astype(float),
        }
    )


REFERENCE = reference()
SCHEMA = propose_schema(REFERENCE, DETAILS)
PROFILE = Profile(SCHEMA, REFERENCE)
USUAL = {"age": 30, "rate": 0.5, "city": "Bern", "job": "cook", "first": 10, "last": 40}


def table_of(**cells):
    """Rows with the usual values but for the given cells."""
    rows = max((len(values) for values in cells.values()), default=1)
    usual = {name: [value] * rows for name, value in USUAL.items()}
    ids = {"case_id": [f"C{at}" for at in range(rows)]}
    return read_table(pd.DataFrame(usual | cells | ids), SCHEMA)


def warnings(**cells):
    """All warnings but those of near twins, which rows of usual values are."""
    return tuple(item for item in check(table_of(**cells), PROFILE) if item.check != "near duplicate")
