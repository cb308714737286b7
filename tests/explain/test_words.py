"""Numbers and sentences as people read them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explain import words
from explain.types import Column


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0, "", "0"),
        (1234.5, "", "1,234"),
        (12345, "DM", "12,345 DM"),
        (0.123456, "", "0.123"),
        (4.5, "mm", "4.5 mm"),
        (45.678, "", "45.7"),
        (-3, "years", "-3 years"),
        (4120, "$", "$4,120"),
        (-12.5, "€", "-€12.5"),
        (1e-9, "", "1e-09"),
        (None, "mm", "—"),
        (math.nan, "$", "—"),
        (math.inf, "", "—"),
    ],
)
def test_numbers_have_three_digits_separators_and_units(value, unit, text):
    assert words.number(value, unit) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.784, "78 in 100"),
        (0.004, "<1 in 100"),
        (0.999, ">99 in 100"),
        (0, "<1 in 100"),
        (1, ">99 in 100"),
        (None, "—"),
        (math.nan, "—"),
    ],
)
def test_probabilities_are_said_in_100_and_never_certain(share, text):
    assert words.in_100(share) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.77, "about 77 of 100"), (0.999, "more than 99 of 100"), (0.001, "fewer than 1 of 100")],
)
def test_a_share_of_cases_is_about_some_number(share, text):
    assert words.about_of_100(share) == text


@pytest.mark.parametrize(
    ("change", "text"),
    [(0.123, "+12 points"), (-0.034, "−3.4 points"), (0.01, "+1.0 point"), (0.0001, "±0 points"), (None, "—")],
)
def test_differences_of_probability_are_points_with_a_sign(change, text):
    assert words.points(change) == text


def test_a_span_whose_ends_read_alike_is_one_number():
    assert words.span(18, 75, _column(unit="years")) == "18–75 years"
    assert words.span(1, 1, _column(unit="year")) == "1 year"
    assert words.span(0.99999, 1.00001, _column()) == "1"
    assert words.span(12, 12.00001, _column(unit="$"), " to ") == "$12"


def _column(low=None, high=None, deciles=(), unit=""):
    return Column("x", "number", low=low, high=high, deciles=deciles, unit=unit)


@pytest.mark.parametrize(
    ("column", "values", "texts"),
    [
        # charges in cents: the end of a range and a value just beyond it differ
        (_column(18.25, 118.75), (119, 118.75, 114.5, 82.05), ("119", "118.75", "114.5", "82.05")),
        # degrees: every row of California would be -121 in three digits
        (_column(-124.35, -114.31), (-121.46, -121.05), ("-121.46", "-121.05")),
        # measurements with endless digits: a thousandth of the range
        (_column(0.4999123, 15.0001234), (8.3252118, 8.3317), ("8.33", "8.33")),
        (_column(0.0001234, 0.0009871), (0.0004561, 0.00045642), ("0.0004561", "0.0004564")),
        # a reference that went through float32 was written as 62.2
        (_column(float(np.float32(62.2)), 70.0), (float(np.float32(62.2)), 62.25), ("62.2", "62.25")),
        (_column(1, 90), (12, 2.5, 1234567), ("12", "2.5", "1,234,567")),
    ],
)
def test_numbers_of_a_column_have_the_digits_that_tell_its_values_apart(column, values, texts):
    assert tuple(words.cell(value, column) for value in values) == texts


@given(
    st.integers(-(10**6), 10**6), st.integers(1, 10**6), st.sampled_from([1, 10, 100]),
)  # fmt: skip
def test_two_values_of_a_column_written_with_up_to_two_digits_never_read_alike(first, away, parts):
    column = _column(0.25, 118.75)
    one, other = first / parts, (first + away) / parts
    assert words.cell(one, column) != words.cell(other, column)


@pytest.mark.parametrize(
    ("before", "after", "space", "text"),
    [
        (0.504, 0.066, "probability", "−43 points"),  # 50 in 100 and 7 in 100
        (0.52, 0.52, "probability", "±0 points"),
        (0.5, 0.004, "probability", "−50 points"),  # "<1" cannot be subtracted
        (1234.5, 1236.4, "target", "+2"),
        (0.1234, 0.1279, "target", "+0.005"),
        (17898, 17901, "target", "+3"),
    ],
)
def test_a_step_is_the_difference_of_the_two_numbers_that_stand_beside_it(before, after, space, text):
    assert words.step(before, after, space) == text


def test_changes_of_a_target_have_its_unit_and_a_sign():
    assert words.change(-340.2, "target", "$") == "−$340"
    assert words.change(12, "target", "mm") == "+12 mm"
    assert words.change(0.2, "probability") == "+20 points"


def test_cells_are_said_in_words():
    number = Column("d", "number", unit="months")
    category = Column("c", "category", describe={"A1": "below 0"})
    assert words.cell(48.0, number) == "48 months"
    assert words.cell(float("nan"), number) == "—"
    assert words.cell("A1", category) == "below 0"
    assert words.cell("A2", category) == "A2"
    assert words.cell(None, category) == "—"


@pytest.mark.parametrize(
    ("items", "text"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (list("abcdefg"), "a, b, c, d, e and 2 more"),
    ],
)
def test_lists_are_read_aloud(items, text):
    assert words.listed(items) == text


def test_past_cases_are_counted_and_few_say_nothing():
    assert words.past(1240, 955, "late") == "Of 1,240 past cases with scores like this, 77 of 100 were late."
    assert words.past(30, 30, "late") == "Of 30 past cases with scores like this, >99 of 100 were late."
    assert words.past(12, 3, "late") == "Too few past cases had such a score to count them (12 of the 30 needed)."


def test_a_difference_names_the_columns_it_lies_in():
    assert words.differ(["Education", "Age"]) == "These rows differ from past cases, mostly in: Education, Age."
    assert words.differ([]) == "These rows differ from past cases."


def test_directions_name_the_outcome():
    assert words.raises(0.12, "declined", "binary", "+12 points") == "raises the chance of declined by 12 points"
    assert words.raises(-340, "price", "regression", "−$340") == "lowers the price by $340"


@pytest.mark.parametrize(("value", "amount", "change"), [
    (-0.996, "−1.00", "−1.00"), (0.0936, "0.09", "+0.09"), (float("nan"), "—", "—"),
])  # fmt: skip
def test_log_odds_have_two_digits_and_a_true_minus(value, amount, change):
    assert words.amount(value, "log-odds") == amount
    assert words.change(value, "log-odds") == change
