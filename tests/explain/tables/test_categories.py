"""Text cells become the categories that a person means; guesses are left to the person."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explain.tables.categories import mend, nearest_category, read_categories, sure_category
from explain.types import Column

CITIES = ("Bern", "Oslo", "Rome")
COLUMN = Column("city", "category", categories=(*CITIES, "self-employed", "Zürich"))


def read(cells, column=COLUMN):
    found = read_categories(pd.Series(cells, dtype=object), column)
    return list(found.cells.texts), {item.kind: item.rows.tolist() for item in found.readings}


@pytest.mark.parametrize(
    ("text", "expected", "kind"),
    [
        ("  Bern ", "Bern", "spaces"),
        ("BERN", "Bern", "case"),
        ("self employed", "self-employed", "case"),
        ("Self_Employed", "self-employed", "case"),
        ("self–employed", "self-employed", "case"),
        ("self-emploied", "self-employed", "spelling"),
        ("Zürich".encode().decode("latin-1"), "Zürich", "encoding"),
        ("Bérn".encode().decode("cp1252"), "Bern", "encoding"),
        ("n/a", None, "missing word"),
        ("not stated", None, "missing word"),
    ],
)
def test_a_category_written_otherwise_is_recognised_and_told(text, expected, kind):
    assert read(["Oslo", text]) == (["Oslo", expected], {kind: [1]})


@pytest.mark.parametrize("text", ["Paris", "Rom", "Bxxn", "Lyon"])
def test_what_may_be_another_category_stays_as_it_came(text):
    assert read(["Oslo", text]) == (["Oslo", text], {})


def test_a_text_that_comes_often_is_no_slip():
    assert read(["self-emploied"] * 30 + ["Oslo"] * 70)[1] == {}


def test_blank_cells_are_blank_without_a_word():
    assert read(["", None, "Bern"]) == ([None, None, "Bern"], {})


def test_a_word_for_missing_that_is_a_category_stays_one():
    column = Column("city", "category", categories=("none", "some"))
    assert read(["None", "none", "n/a"], column)[0] == ["none", "none", None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("oslo", "Oslo"),
        (" Oslo", "Oslo"),
        ("Oslo!", "Oslo"),
        ("Olso", "Oslo"),
        ("Osl", "Oslo"),
        ("xx", None),
        ("Paris", None),
        ("R", None),
    ],
)
def test_a_near_miss_is_one_slip_away(text, expected):
    assert nearest_category(text, CITIES) == expected


def test_two_equally_near_categories_propose_neither():
    assert nearest_category("bare", ("base", "bark")) is None


@pytest.mark.parametrize(
    ("text", "categories", "expected"),
    [
        ("femlae", ("female", "male"), "female"),
        ("mle", ("female", "male"), None),
        ("A15", ("A14", "B20"), None),
        ("level 2", ("level 1", "other"), None),
        ("nurce", ("nurse", "purse"), None),
    ],
)
def test_a_correction_is_made_only_where_nothing_else_comes_near(text, categories, expected):
    assert sure_category(text, categories) == expected


@given(st.text(max_size=20))
def test_mending_leaves_what_is_not_garbled_as_it_is(text):
    garbled = text.encode().decode("latin-1")
    assert mend(garbled) == text or mend(garbled) == mend(mend(garbled))
    if text.isascii():
        assert mend(text) == text
