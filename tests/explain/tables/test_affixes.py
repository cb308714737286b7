"""Numbers between brackets, signs, currencies and units."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from explain.tables import read_table
from explain.tables.affixes import conversion, unit_in_name
from explain.tables.numbers import parse_numbers
from explain.tables.units import SCALES
from explain.types import Column, Schema

PLAIN = Column("x", "number")


def read(cells, column=PLAIN):
    return parse_numbers(pd.Series(cells, dtype=object), column)


@pytest.mark.parametrize(
    ("text", "expected", "kind"),
    [
        ("(1,234)", -1234, "negative"),
        ("(12.5)", -12.5, "negative"),
        ("1,234-", -1234, "negative"),
        ("–5", -5, "negative"),
        ("— 7.5", -7.5, "negative"),
        ("- 3", -3, "negative"),
        ("$(1,234.50)", -1234.5, "currency"),
        ("($1,234.50)", -1234.5, "currency"),
        ("€-7", -7, "currency"),
        ("NT$ 1,234", 1234, "currency"),
        ("R$ 12", 12, "currency"),
        ("'123", 123, "text mark"),
        ('="0123"', 123, "text mark"),
        ("13.0M", 13e6, "unit"),
        ("$13.0 million", 13e6, "unit"),
        ("1.2 Mio. €", 1.2e6, "unit"),
        ("24.3 kg/m²", 24.3, "unit"),
        ("1013 hPa", 1013, "unit"),
        ("#NV", np.nan, "missing word"),
        ("#N/A", np.nan, "missing word"),
    ],
)
def test_what_stands_around_a_number_is_seen_through_and_told(text, expected, kind):
    found = read(["1.5", text])
    np.testing.assert_equal(found.values[1], expected)
    assert [(item.kind, item.rows.tolist()) for item in found.readings] == [(kind, [1])]


@pytest.mark.parametrize("text", ["(abc)", "1-2", "5-", "12 34-", "()", "-", "--5", "(1,2,3)", "'abc", '=""', "1x2"])
def test_what_is_no_number_between_them_is_kept_as_it_came(text):
    found = read(["1.5", text])
    assert np.isnan(found.values[1]) or text == "5-"
    assert found.unread == ({} if text in {"-", "5-"} else {1: text})


@pytest.mark.parametrize(
    "cells",
    [
        ["Rs X 12", "Rs X 13", "Rs X 1,400"],
        ["12 points", "13 points", "1,400 points"],
        ["[12]", "[13]", "[1,400]"],
    ],
)
def test_what_stands_around_all_numbers_of_a_column_alike_is_taken_off_and_said(cells):
    found = read(cells, Column("x", "number", low=0, high=2000))
    assert list(found.values) == [12, 13, 1400]
    assert [item.kind for item in found.readings] == ["affix"]
    assert read(cells).unread != {}  # without past values these may be codes


@pytest.mark.parametrize(
    ("cells", "column", "expected"),
    [
        (["21:00", "3:30", "7"], Column("x", "number", low=0, high=23), [21, 3.5, 7]),
        ([dt.time(21, 0), dt.time(6, 15)], Column("x", "number", low=0, high=23), [21, 6.25]),
        (["yes", "No", "YES", ""], Column("x", "number", low=0, high=1, integer=True), [1, 0, 1, np.nan]),
        (["Y", "N", "Y"], Column("x", "number", low=0, high=1, integer=True), [1, 0, 1]),
        (["t", "f"], Column("x", "number", low=0, high=1, integer=True), [1, 0]),
        ([True, False, None], Column("x", "number", low=0, high=1, integer=True), [1, 0, np.nan]),
        (["wahr", "falsch"], Column("x", "number", low=0, high=1, integer=True), [1, 0]),
    ],
)
def test_times_of_day_are_hours_and_yes_and_no_are_one_and_zero(cells, column, expected):
    np.testing.assert_equal(read(cells, column).values, expected)


@pytest.mark.parametrize("cells", [["F", "M"], ["f", "f"], ["on time", "late"], ["yes", "no"]])
def test_letters_that_may_mean_something_else_say_neither_yes_nor_no(cells):
    column = Column("x", "number", low=0, high=5, integer=True) if "yes" in cells else TRUTH
    assert set(read(cells, column).unread.values()) == set(cells)


TRUTH = Column("x", "number", low=0, high=1, integer=True)


@pytest.mark.parametrize(
    ("text", "unit", "factor"),
    [
        ("km", "mi", 1 / 1.609344),
        ("mi", "km", 1.609344),
        ("lbs", "kg", 0.45359237),
        ("years", "months", 12),
        ("sqft", "m²", 0.09290304),
        ("h", "min", 60),
        ("Kg", "kg.", 1),
        ("kg", "cm", None),
        ("points", "kg", None),
    ],
)
def test_units_convert_where_both_measure_the_same(text, unit, factor):
    found = conversion(text, unit)
    assert found is None if factor is None else found == pytest.approx(factor)


def test_no_unit_stands_on_two_scales():
    names = [name for scale in SCALES for name in scale]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("distance (km)", "km"),
        ("Weight [kg]", "kg"),
        ("distance_km", "km"),
        ("age in years", "years"),
        ("height_cm", "cm"),
        ("first_year", ""),
        ("price_min", ""),
        ("checked_in", ""),
        ("rate (estimated)", ""),
        ("m", ""),
        ("km", ""),
    ],
)
def test_a_unit_is_read_off_the_name_of_a_column(name, unit):
    assert unit_in_name(name) == unit


MILES = Schema((Column("distance", "number", unit="mi", low=0, high=300, typical=50.0),))


@pytest.mark.parametrize(
    "content",
    ["distance\n16.09344 km\n32.18688 km\n", "distance (km)\n16.09344\n32.18688\n", "distance\n10 mi\n32.18688km\n"],
)
def test_a_column_in_another_unit_is_converted_where_both_are_known(content):
    columns = {"distance": content.split("\n")[0]}
    table = read_table(content.encode(), MILES, columns=columns)
    np.testing.assert_allclose(table.frame["distance"], [10, 20])
    assert {item.kind for item in table.repairs} == {"unit"}


def test_a_unit_that_does_not_convert_is_a_reading_of_its_own():
    table = read_table(b"distance\n5 kg\n7 kg\n", MILES)
    assert list(table.frame["distance"]) == [5, 7]
    assert [item.kind for item in table.repairs] == ["other unit"]
