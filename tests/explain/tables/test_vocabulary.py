"""Other words for the same categories are proposed once for the whole column."""

import pandas as pd
import pytest

from explain.tables import read_table
from explain.tables.repairs import accept, undo
from explain.tables.said import Said
from explain.tables.vocabulary import other_words
from explain.types import Column, Schema


@pytest.mark.parametrize(
    ("known", "texts", "expected"),
    [
        (("male", "female"), {"M": 5, "F": 4}, {"M": "male", "F": "female"}),
        (("M", "F"), {"Male": 5, "Female": 4}, {"Male": "M", "Female": "F"}),
        (("male", "female"), {"m": 5, "w": 4}, {"m": "male", "w": "female"}),
        (("S", "C", "Q"), {"Southampton": 9, "Cherbourg": 5}, {"Southampton": "S", "Cherbourg": "C"}),
        (("1", "2", "3"), {"1st": 5, "3rd": 4}, {"1st": "1", "3rd": "3"}),
        (("first", "second"), {"1": 5, "2": 4}, {"1": "first", "2": "second"}),
        (("Jan", "Feb", "May"), {"1": 5, "5": 4, "12": 2}, {"1": "Jan", "5": "May"}),
        (("January", "May"), {"Januar": 5, "Mai": 4}, {"Januar": "January", "Mai": "May"}),
        (("Mon", "Sun"), {"lundi": 5, "dimanche": 4}, {"lundi": "Mon", "dimanche": "Sun"}),
        (("low", "medium", "high"), {"L": 5, "M": 4, "H": 3}, {"L": "low", "M": "medium", "H": "high"}),
        (("No", "Yes"), {"N": 5, "Y": 4}, {"N": "No", "Y": "Yes"}),
        (("New York", "Los Angeles"), {"NY": 5, "LA": 4}, {"NY": "New York", "LA": "Los Angeles"}),
        (("male", "female"), {"M": 1, "male": 5, "female": 4}, {}),
        (("Bern", "Oslo"), {"Paris": 5, "Lyon": 4}, {}),
        (("Bern", "Basel"), {"B": 5, "O": 4}, {}),
        (("a", "b"), {"c": 5}, {}),
    ],
)
def test_words_are_known_by_their_meaning_their_spelling_and_their_initials(known, texts, expected):
    assert other_words(Column("x", "category", categories=known), texts) == expected


def test_codes_are_known_by_their_shares_where_these_are_far_apart():
    column = Column("x", "category", categories=("red", "blue"), shares=(0.7, 0.3))
    assert other_words(column, {"7": 68, "9": 32}) == {"7": "red", "9": "blue"}
    assert other_words(column, {"7": 52, "9": 48}) == {}


SEX = Schema((Column("sex", "category", label="Sex", categories=("female", "male")),))
CONTENT = b"sex,id\nM,1\nF,2\nM,3\n"


def test_the_column_is_read_as_it_came_with_one_proposal_that_can_be_taken_and_undone():
    table = read_table(CONTENT, SEX)
    assert list(table.frame["sex"]) == ["M", "F", "M"]
    (proposal,) = table.proposals
    assert proposal.text == (
        "Sex is written in words that the model does not know. Read “M” as “male” and “F” as “female”?"
    )
    taken = accept(table, "sex")
    assert list(taken.frame["sex"]) == ["male", "female", "male"]
    assert taken.proposals == ()
    assert taken.fingerprint != table.fingerprint
    assert list(undo(taken, "sex").frame["sex"]) == ["M", "F", "M"]


def test_what_was_said_of_an_earlier_upload_is_followed():
    table = read_table(CONTENT, SEX, said=Said(words={"sex": {"M": "male", "F": "female"}}))
    assert list(table.frame["sex"]) == ["male", "female", "male"]
    assert next(note.text for note in table.notes) == (
        "Sex was read with the words that were confirmed for its categories."
    )
    assert table.proposals == ()


def test_a_category_that_the_model_knows_is_never_read_as_another_that_was_said():
    found = read_table(b"sex\nmale\n", SEX, said=Said(words={"sex": {"male": "female"}}))
    assert list(found.frame["sex"]) == ["male"]


def test_proposals_are_taken_where_that_was_asked_for():
    table = read_table(CONTENT, SEX, said=Said(accept=True))
    assert list(table.frame["sex"]) == ["male", "female", "male"]


@pytest.mark.parametrize(
    ("cells", "known", "expected"),
    [
        ([True, False], ("No", "Yes"), ["Yes", "No"]),
        (["TRUE", "FALSE"], ("no", "yes"), ["yes", "no"]),
        (["1", "0"], ("No", "Yes"), ["Yes", "No"]),
        (["Yes", "No"], ("0", "1"), ["1", "0"]),
        (["t", "f"], ("false", "true"), ["true", "false"]),
        ([1.0, 0.0], ("No", "Yes"), ["Yes", "No"]),
    ],
)
def test_yes_and_no_are_read_in_any_words_where_the_categories_are_nothing_else(cells, known, expected):
    schema = Schema((Column("x", "category", categories=known),))
    assert list(read_table(pd.DataFrame({"x": pd.Series(cells, dtype=object)}), schema).frame["x"]) == expected
