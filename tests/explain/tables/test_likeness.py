"""How alike columns are, by name and by cells."""

import json

import numpy as np
import pandas as pd
import pytest

from explain.models.card import Card, propose_schema, read_card
from explain.tables.likeness import (
    cells_of,
    name_likeness,
    quantiles_of,
    skeleton,
    value_likeness,
    words_of,
)
from explain.types import Column

UNIFORM = Column("share", "number", low=0, typical=50, high=100, deciles=tuple(float(at) for at in range(0, 101, 10)))
SEX = Column("sex", "category", categories=("female", "male"), shares=(0.5, 0.5))
OWN = Column("telephone", "category", categories=("no", "yes"), shares=(0.6, 0.4))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("hours_per_week", ("hours", "per", "week")),
        ("hoursPerWeek", ("hours", "per", "week")),
        ("Größe [cm]", ("grosse", "cm")),
        ("rate1", ("rate1",)),
        ("AGE", ("age",)),
        ("$ %", ()),
    ],
)
def test_words_of_a_name(name, expected):
    assert words_of(name) == expected


def test_a_skeleton_keeps_first_letters_and_consonants():
    assert skeleton(("education", "num")) == "edctnnm"


@pytest.mark.parametrize(
    ("uploaded", "expected"),
    [
        ("education_num", 100),
        ("educationNum", 100),
        ("education_num [raw]", 98),
        ("edctn_nm", 95),
        ("num", 50 + 25 * 3 / 12),
        ("$", 0),
        ("", 0),
    ],
)
def test_likeness_of_a_name(uploaded, expected):
    assert name_likeness([Column("education_num", "number")], [uploaded])[0, 0] == pytest.approx(expected)


def test_the_label_is_a_name_too():
    column = Column("att1", "number", label="Yearly income")
    assert name_likeness([column], ["income, yearly", "YearlyIncome"])[0].tolist() == pytest.approx([75, 100])


def test_a_word_in_front_of_most_names_is_passed_over():
    columns = [Column(name, "number") for name in ("age", "sex", "tax")]
    found = name_likeness(columns, ["client_age", "client_sex", "client_tax", "branch"])
    assert np.diag(found).tolist() == [98, 98, 98]


def test_a_word_that_the_model_uses_itself_is_not_passed_over():
    columns = [Column(name, "number") for name in ("client_age", "age")]
    found = name_likeness(columns, ["client_old", "client_sex", "client_tax"])
    assert found[1].max() < 72


def test_a_vowel_makes_a_word_that_is_no_abbreviation():
    assert name_likeness([Column("rate", "number")], ["route", "rt"])[0].tolist() == pytest.approx([66.7, 95], abs=0.1)


@pytest.mark.parametrize(
    ("cells", "numbers", "shares"),
    [
        (["2", " 1 ", "", "n/a"], [1, 2], {"1": 0.5, "2": 0.5}),
        (["1,5", "2,5"], [1.5, 2.5], {"1,5": 0.5, "2,5": 0.5}),
        (["3 kg", "1 kg"], [1, 3], {"3 kg": 0.5, "1 kg": 0.5}),
        ([1.0, None, 2.0], [1, 2], {"1": 0.5, "2": 0.5}),
        (["A11", "a11 ", "A12", "A12"], None, {"a11": 0.5, "a12": 0.5}),
        ([True, False], None, {"true": 0.5, "false": 0.5}),
        ([10**400, "x"], None, {str(10**400): 0.5, "x": 0.5}),
        (["", None, "?"], None, {}),
        ([], None, {}),
    ],
)
def test_cells_are_read_as_numbers_and_as_texts(cells, numbers, shares):
    found = cells_of(pd.Series(cells, dtype=object))
    assert (None if found.numbers is None else found.numbers.tolist()) == numbers
    assert found.shares == shares


def test_text_in_one_cell_of_five_leaves_a_column_of_numbers():
    assert cells_of(pd.Series(["1", "2", "3", "4", "soon"])).numbers.tolist() == [1, 2, 3, 4]
    assert cells_of(pd.Series(["1", "2", "3", "soon"])).numbers is None


def test_only_the_first_thousand_rows_are_looked_at():
    assert cells_of(pd.Series(["1"] * 1000 + ["2"] * 1000)).shares == {"1": 1.0}


def spoken(column, cells):
    return value_likeness([column], [cells_of(pd.Series(cells, dtype=object))])[0, 0]


@pytest.mark.parametrize(
    ("column", "cells", "expected"),
    [
        (UNIFORM, list(range(101)), 6),
        (UNIFORM, [str(at) for at in range(101)], 6),
        (UNIFORM, list(range(1000, 1101)), -20),
        (UNIFORM, [*map(str, range(0, 100, 4))], 3),
        (UNIFORM, ["a", "b"], -np.inf),
        (UNIFORM, ["", ""], 0),
        (Column("share", "number"), [1, 2], 0),
        (SEX, ["Male", "female"] * 50, 6),
        (SEX, ["Bern"] * 100, -20),
        (SEX, [1, 2] * 50, -np.inf),
        (OWN, ["no"] * 60 + ["yes"] * 40, 0.8),
        (Column("telephone", "category", categories=("no", "yes")), ["no", "yes"] * 50, 0),
    ],
)
def test_what_cells_say(column, cells, expected):
    assert spoken(column, cells) == pytest.approx(expected, abs=0.2)


def test_a_step_of_equal_cells_fits_any_share_on_it():
    column = Column("children", "number", deciles=(0,) * 8 + (1, 2, 5))
    assert spoken(column, [0] * 75 + [1] * 10 + [2] * 8 + [3] * 7) == pytest.approx(6 * 0.3, abs=0.2)


def test_an_older_card_speaks_by_lowest_median_and_highest():
    column = Column("age", "number", low=18, typical=40, high=90)
    assert quantiles_of(column) == ((0.0, 18), (0.5, 40), (1.0, 90))
    assert spoken(column, [*range(1800, 9000, 70)]) == -20
    assert 0 < spoken(column, [*range(18, 62)] * 3) < 1.3


def test_a_schema_keeps_quantiles_and_shares_of_the_reference():
    frame = pd.DataFrame({"n": [*range(11), None], "c": ["b", "a", "a", "a", *[None] * 8], "none": [None] * 12})
    number, category, _ = propose_schema(frame)
    assert number.deciles == tuple(float(at) for at in range(11))
    assert (category.categories, category.shares) == (("a", "b"), (0.75, 0.25))
    assert (number.shares, category.deciles) == ((), ())


CARD = Card("n", "N", "regression", "y", ("y",), propose_schema(pd.DataFrame({"c": ["b", "a"]})), {"model.onnx": "0"})


def test_a_card_keeps_them():
    assert read_card(CARD.to_json()).schema == CARD.schema
    assert CARD.schema["c"].shares == (0.5, 0.5)


def test_a_card_from_before_is_read_without_them():
    content = json.loads(CARD.to_json())
    for key in ("deciles", "shares"):
        del content["schema"][0][key]
    column = read_card(json.dumps(content)).schema["c"]
    assert (column.deciles, column.shares, column.categories) == ((), (), ("a", "b"))


def test_a_category_added_to_a_card_by_hand_leaves_no_shares():
    content = json.loads(CARD.to_json())
    content["schema"][0]["categories"].append("c")
    column = read_card(json.dumps(content)).schema["c"]
    assert (column.shares, column.categories) == ((), ("a", "b", "c"))
