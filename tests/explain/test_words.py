"""Numbers and sentences as people read them."""

import math

import pytest

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
    ("change", "text"),
    [(0.123, "+12 points"), (-0.034, "−3.4 points"), (0.01, "+1.0 point"), (0.0001, "±0 points"), (None, "—")],
)
def test_differences_of_probability_are_points_with_a_sign(change, text):
    assert words.points(change) == text


def test_a_span_whose_ends_read_alike_is_one_number():
    assert words.span(18, 75, "years") == "18–75 years"
    assert words.span(1, 1, "year") == "1 year"
    assert words.span(0.99999, 1.00001) == "1"
    assert words.span(12, 12.00001, "$", " to ") == "$12"


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
    assert words.past(1240, 955) == "In 1,240 past cases with scores like this, 77 of 100 were."
    assert words.past(30, 30) == "In 30 past cases with scores like this, >99 of 100 were."
    assert words.past(12, 3) == "There are too few similar cases to say how many were (12 of the 30 needed)."


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
