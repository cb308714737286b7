"""Values that a person takes stand in the table, are said in words, and can be taken back."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from explain.tables import read_table
from explain.tables.corrected import Fix, corrected
from explain.tables.repairs import undo
from explain.types import Column, Proposal, Schema

SCHEMA = Schema(
    (
        Column("price", "number", label="Price", low=0, high=100),
        Column("city", "category", label="City", categories=("Bern", "Oslo")),
    )
)
FRAME = pd.DataFrame({"price": ["1.5", "2500", "€ 7", "odd"], "city": ["Bern", "Oslp", None, "Rome"]}, dtype=object)


def rows(*at):
    return np.array(at, dtype=np.int64)


def table():
    return read_table(FRAME, SCHEMA, name="shop.csv")


def test_corrected_cells_hold_the_values_and_the_first_table_stays():
    before = table()
    after = corrected(before, [Fix("price", rows(1, 2, 3), ("25", None, "9")), Fix("city", rows(3), ("Oslo",))])
    np.testing.assert_array_equal(after.frame["price"], [1.5, 25.0, math.nan, 9.0])
    assert after.frame["city"].tolist() == ["Bern", "Oslp", None, "Oslo"]
    assert after.unread == {}
    assert before.frame["price"].tolist()[1] == 2500.0
    assert before.unread == {"price": {3: "odd"}}
    assert after.fingerprint != before.fingerprint


def test_every_correction_is_a_repair_with_what_stood_there_a_note_and_part_of_the_name():
    after = corrected(table(), [Fix("price", rows(1, 3), ("25", "9")), Fix("city", rows(2), ("Bern",))])
    mine = [(item.column, item.rows.tolist(), item.found) for item in after.repairs if item.kind == "corrected"]
    assert mine == [("price", [1, 3], ("2500", "odd")), ("city", [2], ("",))]
    assert [note.text for note in after.notes][-2:] == [
        "Price: 2 cells corrected as was suggested.",
        "City: 1 cell corrected as was suggested.",
    ]
    assert after.name == "shop.csv · 3 corrected in Price and City"


def test_undoing_a_column_puts_back_what_came_before_any_step():
    before = table()
    after = undo(corrected(before, [Fix("price", rows(1, 2, 3), ("25", "8", "9"))]), "price")
    np.testing.assert_array_equal(after.frame["price"], [1.5, 2500.0, math.nan, math.nan])
    assert after.unread == {"price": {2: "€ 7", 3: "odd"}}
    assert after.fingerprint == undo(before, "price").fingerprint
    assert after.name == "shop.csv · undone in Price"


def test_a_cell_corrected_twice_goes_back_to_what_stood_there_first():
    once = corrected(table(), [Fix("price", rows(1), ("25",))])
    twice = corrected(once, [Fix("price", rows(0, 1), ("3", "26"))])
    assert [(item.rows.tolist(), item.found) for item in twice.repairs if item.kind == "corrected"] == [
        ([0, 1], ("1.5", "2500"))
    ]
    assert undo(twice, "price").frame["price"].tolist()[:2] == [1.5, 2500.0]
    assert twice.name == "shop.csv · 2 corrected in Price"


def test_a_blank_category_that_was_filled_is_blank_again():
    assert undo(corrected(table(), [Fix("city", rows(2), ("Bern",))]), "city").frame["city"][2] is None


def test_cells_that_hold_the_value_already_are_no_correction():
    before = table()
    after = corrected(before, [Fix("price", rows(0), ("1.5",)), Fix("city", rows(0, 2), ("Bern", None))])
    assert after.repairs == before.repairs
    assert (after.name, after.notes, after.fingerprint) == (before.name, before.notes, before.fingerprint)


def test_a_name_lists_two_columns_and_counts_more():
    columns = Schema(tuple(Column(name, "number", low=0, high=9) for name in "abc"))
    wide = read_table(pd.DataFrame({"a": [1.0], "b": [1.0], "c": [1.0]}), columns, name="wide.csv")
    after = corrected(wide, [Fix(name, rows(0), ("2",)) for name in "abc"])
    assert after.name == "wide.csv · 3 corrected in 3 columns"
    assert corrected(after, [Fix("a", rows(0), ("4",))]).name == after.name


def test_another_reading_is_no_longer_offered_for_a_column_that_was_corrected():
    offered = tuple(Proposal("decimal mark", name, rows(0), ("1",), ("1",), "") for name in ("price", "city"))
    after = corrected(replace(table(), proposals=offered), [Fix("price", rows(0), ("2",))])
    assert after.proposals == offered[1:]


@pytest.mark.parametrize("value", [0.1, -3.25, 1e-7, 123456789.125, 0.1 + 0.2, 1e22, -0.0])
def test_any_number_comes_back_to_the_bit(value):
    frame = pd.DataFrame({"price": [value, 1.0], "city": ["Bern", "Oslo"]})
    after = undo(corrected(read_table(frame, SCHEMA), [Fix("price", rows(0), ("5",))]), "price")
    assert after.frame["price"].tolist() == [value, 1.0]
    assert after.unread == {}


def test_corrections_alone_are_taken_back_and_the_name_says_so():
    before = table()
    after = corrected(before, [Fix("price", rows(1, 2), ("25", "8"))])
    back = undo(after, "price", corrections=True)
    np.testing.assert_array_equal(back.frame["price"], [1.5, 2500.0, 7.0, math.nan])
    assert back.repairs == before.repairs
    assert back.fingerprint == before.fingerprint
    assert [note.text for note in back.notes] == [
        *(note.text for note in before.notes),
        "Price: the corrections were taken back.",
    ]
    assert back.name == "shop.csv · undone in Price"
    assert corrected(back, [Fix("price", rows(1), ("25",))]).name == "shop.csv · 1 corrected in Price"
