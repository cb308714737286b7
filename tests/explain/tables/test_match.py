"""Columns find their counterparts; doubtful ones are only proposed."""

import pytest

from explain.errors import TableError
from explain.tables.match import fold, match_columns
from explain.types import Column, Schema

SCHEMA = Schema((Column("income", "number", label="Yearly income"), Column("credit_history", "category"), Column("age", "number")))


@pytest.mark.parametrize("name", ["credit_history", "Credit History", "CREDIT-HISTORY", " credit.history", "Crédit_History"])
def test_case_spaces_and_accents_do_not_matter(name):
    assert match_columns(["income", name, "age"], SCHEMA).found["credit_history"] == name


def test_the_label_counts_as_a_name():
    assert match_columns(["yearly income", "credit_history", "age"], SCHEMA).found["income"] == "yearly income"


def test_near_misses_are_proposed_and_never_used():
    match = match_columns(["incom", "credit_history", "age", "branch"], SCHEMA)
    assert match.missing == ("income",)
    assert match.proposals == {"income": "incom"}
    assert match.extra == ("incom", "branch")
    assert "income" not in match.found


def test_an_unlike_name_is_not_proposed():
    assert match_columns(["zzz", "credit_history", "age"], SCHEMA).proposals == {}


def test_no_uploaded_column_is_proposed_twice():
    schema = Schema((Column("rate_one", "number"), Column("rate_two", "number")))
    assert match_columns(["rate_on"], schema).proposals == {"rate_one": "rate_on"}


def test_the_exact_name_wins_over_a_similar_one():
    match = match_columns(["age", "AGE", "income", "credit_history"], SCHEMA)
    assert match.found["age"] == "age"
    assert match.extra == ("AGE",)


def test_two_similar_names_are_refused():
    with pytest.raises(TableError) as caught:
        match_columns(["AGE", "Age ", "income", "credit_history"], SCHEMA)
    assert str(caught.value) == "Both “AGE” and “Age ” could be the model's column “age”. Rename or remove one."


def test_order_does_not_matter():
    names = ["age", "Credit History", "income"]
    assert match_columns(names, SCHEMA).found == match_columns(names[::-1], SCHEMA).found


def test_fold_keeps_letters_and_digits_only():
    assert fold(" Größe_No. 2 ") == "grösseno2".replace("ö", "o")
