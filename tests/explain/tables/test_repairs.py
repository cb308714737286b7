"""What was read as something else than it spells is listed, and undone column by column."""

import math

import pandas as pd

from explain.tables import read_table
from explain.tables.repairs import undo
from explain.types import Column, Schema

SCHEMA = Schema(
    (
        Column("price", "number", label="Price", low=0, high=100),
        Column("city", "category", label="City", categories=("Bern", "Oslo")),
    )
)
FRAME = pd.DataFrame({"price": ["1.5", "2.5", "€ 7", "8,5"], "city": ["Bern", "OSLO", "Oslo", "Bern"]}, dtype=object)


def test_every_repair_is_listed_with_its_cells():
    table = read_table(FRAME, SCHEMA)
    assert [(item.kind, item.column, item.rows.tolist(), item.found) for item in table.repairs] == [
        ("currency", "price", [2], ("€ 7",)),
        ("decimal comma", "price", [3], ("8,5",)),
        ("case", "city", [1], ("OSLO",)),
    ]
    assert [note.text for note in table.notes] == [
        "Price: 1 cell with a currency sign, which was left out.",
        "Price: 1 cell with a decimal comma.",
        "City: 1 cell in another case or with other spaces, read as the category.",
    ]


def test_numbers_undone_are_text_that_was_not_read():
    table = undo(read_table(FRAME, SCHEMA), "price")
    assert table.frame["price"].tolist()[:2] == [1.5, 2.5]
    assert math.isnan(table.frame["price"][2])
    assert table.unread == {"price": {2: "€ 7", 3: "8,5"}}
    assert [item.column for item in table.repairs] == ["city"]
    assert [note.text for note in table.notes] == [
        "City: 1 cell in another case or with other spaces, read as the category.",
        "Price: the cells stand as they came.",
    ]


def test_categories_undone_stand_as_they_came():
    table = undo(read_table(FRAME, SCHEMA), "city")
    assert table.frame["city"].tolist() == ["Bern", "OSLO", "Oslo", "Bern"]
    assert [item.column for item in table.repairs] == ["price", "price"]


def test_an_undone_table_is_another_one_and_the_first_stays_as_it_was():
    table = read_table(FRAME, SCHEMA)
    undone = undo(table, "price")
    assert undone.fingerprint != table.fingerprint
    assert table.frame["price"].tolist() == [1.5, 2.5, 7.0, 8.5]
    assert undo(undone, "price").fingerprint == undone.fingerprint


def test_a_table_that_was_repaired_is_another_one_than_a_table_that_needed_none():
    clean = pd.DataFrame({"price": ["1.5", "2.5", "7", "8.5"], "city": ["Bern", "Oslo", "Oslo", "Bern"]}, dtype=object)
    table, messy = read_table(clean, SCHEMA), read_table(FRAME, SCHEMA)
    pd.testing.assert_frame_equal(table.frame, messy.frame)
    assert table.fingerprint != messy.fingerprint
    assert read_table(FRAME, SCHEMA).fingerprint == messy.fingerprint


def test_a_point_among_commas_is_said_as_a_sentence():
    cells = ["1,5", "2,5", "7.25", "8,5"]
    table = read_table(pd.DataFrame({"price": cells, "city": "Bern"}, dtype=object), SCHEMA)
    assert table.frame["price"].tolist() == [1.5, 2.5, 7.25, 8.5]
    assert [note.text for note in table.notes] == [
        "Price was read with a decimal comma.",
        "Price: 1 cell with a decimal point where the others have a comma.",
    ]
