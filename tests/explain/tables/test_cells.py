"""Cells of any type become ones that can be compared, hashed and written."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from explain.tables.cells import plain_cell, plain_column, whole_text


@pytest.mark.parametrize(
    ("cell", "plain"),
    [
        ("x", "x"),
        (True, True),
        (np.bool_(True), True),
        (np.int64(3), 3),
        (np.float64(1.5), 1.5),
        (b"caf\xc3\xa9", "café"),
        (b"\xff", "\ufffd"),
        ([1, "ü"], '[1, "ü"]'),
        ((1, 2), "[1, 2]"),
        (np.array([1, 2]), "[1, 2]"),
        ({"a": dt.date(2020, 1, 2)}, '{"a": "2020-01-02"}'),
        ({(1, 2): 3}, "{(1, 2): 3}"),
        (Decimal("1.50"), "1.50"),
        (dt.date(2020, 1, 2), dt.date(2020, 1, 2)),
        ({1}, "{1}"),
    ],
)
def test_a_cell_becomes_plain(cell, plain):
    assert plain_cell(cell) == plain
    assert type(plain_cell(cell)) is type(plain)


@pytest.mark.parametrize("blank", [None, float("nan"), pd.NA, pd.NaT])
def test_every_kind_of_blank_becomes_none(blank):
    assert list(plain_column(pd.Series([blank, "x"], dtype=object))) == [None, "x"]


def test_truth_among_numbers_becomes_a_word_and_alone_stays():
    assert list(plain_column(pd.Series([True, 1, None], dtype=object))) == ["true", 1, None]
    assert list(plain_column(pd.Series([True, None], dtype=object))) == [True, None]


def test_typed_columns_come_back_as_they_are():
    cells = pd.Series([1.5, 2.0])
    assert plain_column(cells) is cells


@pytest.mark.parametrize(("text", "whole"), [("\ud800", "\ufffd"), ("a\ud83d\ude00b", "a😀b"), ("grün", "grün")])
def test_halves_of_characters_are_joined_or_replaced(text, whole):
    assert whole_text(text) == whole
