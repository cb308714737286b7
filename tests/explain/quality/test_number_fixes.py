"""What a number outside the reference is taken to mean: slips of the decimal point, other units, a stray minus."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explain.quality.numbers import number_fix, number_fixes
from explain.quality.profile import numbers_of
from explain.types import Column

TENURE = Column("tenure", "number", low=0, high=72, integer=True)
AGE = Column("age", "number", low=18, high=75, integer=True)
TERM = Column("term", "number", low=24, high=60, integer=True)
LAMBDA = Column("lambda", "number", low=-3.2, high=4.1)
WEIGHT = Column("weight", "number", low=40, high=120)
WEST = Column("west", "number", low=-125, high=-114)


@pytest.mark.parametrize(
    ("value", "column", "suggestion"),
    [
        (780, TENURE, "65"),  # years counted as months twice: 65 x 12
        (216, TENURE, "18"),
        (364, TENURE, "52"),  # weeks given in days
        (650, TENURE, "65"),  # a slip that stays whole goes before another unit
        (2, TERM, "24"),  # years where months are meant
        (412, AGE, "41"),  # nothing stays whole, so a slip is rounded
        (5, AGE, None),  # twelve times that would fit, but it is not far outside
        (80, AGE, None),
        (-30, AGE, "30"),
        (-3.33, LAMBDA, None),  # both signs are usual: a minus tells nothing
        (-33.0, LAMBDA, "-0.33"),
        (714, WEIGHT, "71.4"),
        (121.5, WEST, "-121.5"),  # every other value has a minus
    ],
)
def test_each_value_is_read_as_its_likeliest_slip(value, column, suggestion):
    known = numbers_of(np.linspace(column.low, column.high, 200), whole=column.integer)
    assert number_fix(float(value), column, known) == suggestion


@given(value=st.floats(-1e6, 1e6), low=st.floats(-1e3, 1e3), width=st.floats(0, 1e3), whole=st.booleans())
def test_every_reading_lies_in_the_range_is_whole_where_values_are_and_keeps_the_sign_of_both(value, low, width, whole):
    column = Column("x", "number", low=low, high=low + width, integer=whole)
    for item in [one for tier in number_fixes(value, column) for one in tier]:
        assert column.low <= item <= column.high
        assert not whole or item == round(item)
        if column.low < 0 < column.high:
            assert item * value >= 0


@given(months=st.integers(1, 72))
def test_every_whole_month_times_twelve_that_is_far_outside_is_among_the_readings(months):
    slips, units = number_fixes(12.0 * months, TENURE)
    if 12 * months > 72 * 1.5:
        assert float(months) in [*slips, *units]
