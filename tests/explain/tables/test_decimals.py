"""One decimal mark a column, told by the column and by its file; what nothing tells is put to the person."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explain.tables import read_table
from explain.tables.decimals import file_mark
from explain.tables.numbers import distinct, parse_numbers
from explain.types import Column, Schema

PLAIN = Column("x", "number")
WHOLE = Column("x", "number", low=0, high=1_000, typical=300.0, integer=True)
SMALL = Column("x", "number", low=0, high=9, typical=3.0)
LARGE = Column("x", "number", low=500, high=9_000, typical=2_000.0)


def read(cells, column=PLAIN, of_file=""):
    return parse_numbers(pd.Series(cells, dtype=object), column, of_file)


@pytest.mark.parametrize(
    ("cells", "column", "of_file", "expected"),
    [
        (["2,000", "1,500", "12,000"], WHOLE, "", [2000, 1500, 12000]),
        (["2.000", "1.500", "700"], WHOLE, "", [2000, 1500, 700]),
        (["2.000 €", "3.000 €"], WHOLE, "", [2000, 3000]),
        (["1.500", "950"], PLAIN, "", [1500, 950]),
        (["1,500", "950"], PLAIN, "", [1500, 950]),
        (["1.234", "1234"], PLAIN, "", [1.234, 1234]),
        (["1.234", "5.678"], PLAIN, ",", [1234, 5678]),
        (["1,234", "5,678"], PLAIN, ",", [1.234, 5.678]),
        (["1,234", "5,678"], PLAIN, ".", [1234, 5678]),
        (["1.234", "5.678"], LARGE, "", [1234, 5678]),
        (["1.234", "5.678"], SMALL, "", [1.234, 5.678]),
        (["-1.488", "-131"], Column("x", "number", low=-9e5, high=9e5, integer=True), ",", [-1488, -131]),
    ],
)
def test_groups_of_three_are_read_as_the_column_and_its_file_write_them(cells, column, of_file, expected):
    found = read(cells, column, of_file)
    assert list(found.values) == expected
    assert found.doubt is None or column is WHOLE


@pytest.mark.parametrize(
    ("cells", "column", "of_file", "now", "other"),
    [
        (["1.234", "5.678"], PLAIN, "", [1.234, 5.678], ["1234", "5678"]),
        (["1.234", "5.678"], SMALL, ",", [1234, 5678], ["1.234", "5.678"]),
        (["1.234", "5.678"], LARGE, ".", [1.234, 5.678], ["1234", "5678"]),
        (["2.000 €", "3.000 €"], Column("x", "number", low=0, high=10, integer=True), "", [2000, 3000], ["2", "3"]),
    ],
)
def test_where_nothing_tells_or_two_things_contradict_both_readings_are_kept(cells, column, of_file, now, other):
    found = read(cells, column, of_file)
    assert list(found.values) == now
    assert found.doubt is not None
    assert (found.doubt.kind, found.doubt.rows.tolist(), found.doubt.other.tolist()) == ("decimal mark", [0, 1], other)


@pytest.mark.parametrize("text", ["1,234", "12k", "1.234.567,5"])
def test_no_single_cell_is_moved_into_the_range_of_past_values(text):
    found = read(["7.5", "8.5", "2.25", text], SMALL)
    assert found.values[3] > SMALL.high


@pytest.mark.parametrize(
    ("columns", "delimiter", "mark"),
    [
        ([["1,5", "2"]], ",", ","),
        ([["1.5", "2"], ["1.234"]], ";", "."),
        ([["1.500", "950"]], "", ","),
        ([["1.5"], ["2,5"]], ";", ""),
        ([["1.5"], ["2,5"], ["3,5"]], "", ","),
        ([["1.234"]], ";", ","),
        ([["1.234"]], ",", "."),
        ([["1.234"]], "", ""),
        ([], "\t", ""),
    ],
)
def test_the_columns_that_can_tell_speak_for_their_file_else_the_delimiter(columns, delimiter, mark):
    found = [distinct(pd.Series(cells, dtype=object)) for cells in columns]
    assert file_mark(((item.texts, item.counts) for item in found), delimiter) == mark


def test_a_column_that_cannot_tell_follows_the_others_of_its_file():
    schema = Schema((Column("amount", "number"), Column("rate", "number", low=0, high=9)))
    table = read_table(b"amount;rate\n1.234;2,5\n5.678;3,25\n", schema)
    assert list(table.frame["amount"]) == [1234, 5678]
    assert table.proposals == ()


def test_an_open_column_is_proposed_to_be_read_the_other_way():
    table = read_table(b"amount\trate\n1.234\t2\n5.678\t3\n", Schema((Column("amount", "number"), SMALL_RATE)))
    assert [(item.kind, item.column, item.other) for item in table.proposals] == [
        ("decimal mark", "amount", ("1234", "5678"))
    ]
    assert table.proposals[0].text == (
        "amount can be read in two ways in 2 cells: “1.234” was read as 1.234, but may be 1,234. Nothing in the "
        "file tells whether the mark separates decimals or thousands."
    )


SMALL_RATE = Column("rate", "number", low=0, high=9)


@pytest.mark.parametrize(
    ("cells", "column", "expected"),
    [
        (["0.8%", "12%"], Column("x", "number", low=0, high=1, typical=0.1), [0.008, 0.12]),
        (["0.8%", "12%", "99%"], Column("x", "number", low=0, high=100, typical=20.0), [0.8, 12, 99]),
        (["0.8%", "0.5%", "0.6%"], Column("x", "number", low=0.1, high=0.95, typical=0.6), [0.8, 0.5, 0.6]),
        (["5%", "0.07"], Column("x", "number", low=0, high=1, typical=0.1), [0.05, 0.07]),
        (["5%", "12%"], Column("x", "number", unit="%", low=0, high=1), [5, 12]),
    ],
)
def test_per_cent_signs_have_one_meaning_a_column(cells, column, expected):
    np.testing.assert_allclose(read(cells, column).values, expected)


@given(
    numbers=st.lists(st.integers(0, 10**7), min_size=3, max_size=30),
    group=st.sampled_from([",", ".", " ", "'", "\u202f"]),
)
def test_whole_numbers_with_thousands_parted_in_any_way_come_back(numbers, group):
    column = Column("x", "number", low=0, high=10**7, integer=True)
    cells = [f"{number:,}".replace(",", group) for number in numbers]
    assert list(read(cells, column).values) == numbers


@given(
    numbers=st.lists(st.floats(1, 1e6).map(lambda x: round(x, 2)), min_size=5, max_size=30),
    comma=st.booleans(),
    grouped=st.booleans(),
)
def test_numbers_of_two_decimals_come_back_whatever_the_reference_holds(numbers, comma, grouped):
    cells = [f"{number:,.2f}" if grouped else f"{number:.2f}" for number in numbers]
    if comma:
        cells = [cell.translate(str.maketrans(",.", ".,")) for cell in cells]
    for column in (PLAIN, SMALL, LARGE):
        np.testing.assert_allclose(read(cells, column).values, numbers)
