"""Text cells become the numbers that a person means."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explain.tables.numbers import parse_numbers
from explain.types import Column

PLAIN = Column("x", "number")


def values(cells, column=PLAIN):
    return list(parse_numbers(pd.Series(cells, dtype=object), column).values)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1", "2.5", "-3"], [1, 2.5, -3]),
        (["1,5", "2,25"], [1.5, 2.25]),
        (["1.234,50", "7,00"], [1234.5, 7]),
        (["1,234.50", "7.00"], [1234.5, 7]),
        (["1 234,5", "1,5"], [1234.5, 1.5]),
        (["1'234.5", "2"], [1234.5, 2]),
        (["1\u202f234\u202f567", "3"], [1234567, 3]),
        (["1,234,567", "8"], [1234567, 8]),
        (["1.234.567", "8"], [1234567, 8]),
        (["1.234"], [1.234]),
        (["1e3", "2.5E-2"], [1000, 0.025]),
        (["\u22125", "+7"], [-5, 7]),
        ([" 4 ", "5"], [4, 5]),
        ([".5", "5."], [0.5, 5]),
    ],
)
def test_decimal_marks_and_thousands_are_recognised(cells, expected):
    assert values(cells) == expected


@pytest.mark.parametrize(
    "token", ["", "na", "N/A", "NaN", "null", "None", "-", "?", "#N/A", "missing", None, float("nan")]
)
def test_words_for_missing_are_blank(token):
    assert math.isnan(values([token, "1"])[0])


def test_one_group_of_three_is_read_the_way_that_the_reference_supports():
    assert values(["1.234", "5.678"], Column("x", "number", low=500, high=9000)) == [1234, 5678]
    assert values(["1.234", "5.678"], Column("x", "number", low=0, high=9)) == [1.234, 5.678]
    assert values(["1,234"], Column("x", "number", low=500, high=9000)) == [1234]


@pytest.mark.parametrize(
    "text", ["12 bottles", "12o", "5€7", "%", "1.2.3", "1,2,3", "abc", "0x10", "1_000", "--1", "=1+1", "kg"]
)
def test_text_that_is_no_number_is_kept_and_not_guessed(text):
    found = parse_numbers(pd.Series(["1", text], dtype=object), PLAIN)
    assert found.unread == {1: text}
    assert math.isnan(found.values[1])


@pytest.mark.parametrize("text", ["inf", "-Infinity", "1e999"])
def test_infinities_cannot_be_used_and_are_kept_as_text(text):
    found = parse_numbers(pd.Series(["1", text], dtype=object), PLAIN)
    assert found.unread == {1: text}
    assert math.isnan(found.values[1])


def test_typed_infinities_are_kept_as_text_too():
    found = parse_numbers(pd.Series([1.0, np.inf, -np.inf]), PLAIN)
    assert found.unread == {1: "inf", 2: "-inf"}
    assert np.isnan(found.values[1:]).all()


def test_what_was_found_on_the_way_is_told():
    found = parse_numbers(pd.Series(["1.234,5", "n/a", "", "2,5"], dtype=object), PLAIN)
    assert [(item.kind, item.rows.tolist(), item.found.tolist()) for item in found.readings] == [
        ("decimal comma", [0, 3], ["1.234,5", "2,5"]),
        ("missing word", [1], ["n/a"]),
    ]
    plain = parse_numbers(pd.Series(["1234.5", ""], dtype=object), PLAIN)
    assert plain.readings == ()


def german(value, *, thousands):
    text = f"{value:,.3f}" if thousands else f"{value:.3f}"
    return text.replace(",", "_").replace(".", ",").replace("_", ".")


@given(
    numbers=st.lists(st.floats(-1e9, 1e9).map(lambda x: round(x, 3)), min_size=2, max_size=20),
    style=st.sampled_from(["plain", "english", "german", "german thousands"]),
)
def test_numbers_written_in_any_style_come_back(numbers, style):
    write = {
        "plain": lambda x: f"{x:.3f}",
        "english": lambda x: f"{x:,.3f}",
        "german": lambda x: german(x, thousands=False),
        "german thousands": lambda x: german(x, thousands=True),
    }[style]
    # a cell that only one reading fits stands in any real column
    anchor = 0.25 if style in {"plain", "german"} else 12345.25
    np.testing.assert_allclose(values([write(anchor), *map(write, numbers)])[1:], numbers)


@pytest.mark.parametrize("text", ["2024 123", "1,234 567", "1\n234", "12 34", "1 2345", "٣", "nan%", "1.5.", "1j"])
def test_digits_that_are_not_grouped_by_three_are_no_thousands(text):
    found = parse_numbers(pd.Series(["7", text], dtype=object), PLAIN)
    assert found.unread == {1: text}
    assert found.read_as("thousands") == 0


@pytest.mark.parametrize(
    ("cells", "expected", "comma"),
    [
        (["0,123", "0,456"], [0.123, 0.456], True),
        (["-0,125", "1,250"], [-0.125, 1.25], True),
        (["0.123", "1.234"], [0.123, 1.234], False),
        (["1,234", "0.5"], [1234, 0.5], False),
    ],
)
def test_a_leading_zero_is_a_fraction_and_never_thousands(cells, expected, comma):
    found = parse_numbers(pd.Series(cells, dtype=object), PLAIN)
    assert list(found.values) == expected
    assert bool(found.read_as("decimal comma")) is comma


def test_each_cell_counts_when_the_decimal_mark_is_chosen():
    found = parse_numbers(pd.Series(["1,5"] * 5 + ["1.5", "2.5"], dtype=object), PLAIN)
    assert list(found.values) == [*[1.5] * 6, 2.5]
    assert found.read_as("decimal comma") == 5
    assert found.read_as("decimal point") == 2


def test_one_number_too_large_spoils_only_its_own_cell():
    found = parse_numbers(pd.Series(["1e999", "2.5", "1e5"], dtype=object), PLAIN)
    assert list(found.values[1:]) == [2.5, 100000]
    assert found.unread == {0: "1e999"}


def test_a_whole_number_that_no_float_holds_is_kept_as_text():
    found = parse_numbers(pd.Series([10**400, 2], dtype=object), PLAIN)
    assert found.unread == {0: str(10**400)}
    assert found.values[1] == 2


def test_complex_numbers_are_no_numbers_here():
    assert parse_numbers(pd.Series([1 + 1j]), PLAIN).unread == {0: "(1+1j)"}


def test_a_column_without_rows_is_read():
    assert len(parse_numbers(pd.Series([], dtype=object), PLAIN).values) == 0


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_every_float_comes_back_to_the_last_bit(numbers):
    assert values([repr(number) for number in numbers]) == numbers


@given(st.lists(st.one_of(st.text(max_size=8), st.none(), st.floats(), st.integers(), st.booleans()), max_size=12))
def test_every_cell_is_a_number_a_blank_or_kept_and_never_an_error(cells):
    found = parse_numbers(pd.Series(cells, dtype=object), PLAIN)
    assert len(found.values) == len(cells)
    assert not np.isinf(found.values).any()
    assert all(math.isnan(found.values[row]) for row in found.unread)


MARKED = [
    ("€5", 5, "currency"),
    ("$ 1,234.50", 1234.5, "currency"),
    ("-$7", -7, "currency"),
    ("12 EUR", 12, "currency"),
    ("US$ 3", 3, "currency"),
    ("50%", 50, "per cent"),
    ("12 months", 12, "unit"),
    ("3kg", 3, "unit"),
    ("2.5 h.", 2.5, "unit"),
    ("12k", 12_000, "unit"),
    ("3,5", 3.5, "decimal comma"),
    ("1,234", 1234, "thousands"),
]


@pytest.mark.parametrize(("text", "expected", "kind"), MARKED)
def test_marks_around_a_number_are_taken_off_and_told(text, expected, kind):
    found = parse_numbers(pd.Series(["1.5", text], dtype=object), PLAIN)
    assert found.values[1] == expected
    assert [(item.kind, item.rows.tolist(), item.found.tolist()) for item in found.readings] == [(kind, [1], [text])]


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("5%", Column("x", "number", low=0, high=1), 0.05),
        ("5%", Column("x", "number", low=0, high=50), 5),
        ("12k", Column("x", "number", low=0, high=50), 12_000),
        ("12k", Column("x", "number", low=0, high=50_000), 12_000),
        ("5 ft", Column("x", "number", unit="cm", low=0, high=200), 152.4),
        ("2 years", Column("x", "number", unit="months", low=0, high=60), 24),
        ("2 kg", Column("x", "number", unit="cm", low=0, high=200), 2),
        ("1,234", Column("x", "number", low=0, high=9), 1234),
        ("1,234", Column("x", "number", low=0, high=9, integer=True), 1234),
    ],
)
def test_a_mark_is_read_the_way_that_the_reference_supports(text, column, expected):
    found = parse_numbers(pd.Series(["7.5", "8.5", text], dtype=object), column)
    assert found.values[2] == pytest.approx(expected)


def test_one_cell_with_a_comma_does_not_turn_the_whole_column():
    found = parse_numbers(pd.Series(["13.25", "7.5", "8,25"], dtype=object), PLAIN)
    assert list(found.values) == [13.25, 7.5, 8.25]
    assert found.unread == {}
