"""Columns find their counterparts; doubtful ones are only proposed."""

import pytest

from explain.errors import TableError
from explain.tables.match import fold, match_columns
from explain.types import Column, Schema

SCHEMA = Schema(
    (Column("income", "number", label="Yearly income"), Column("credit_history", "category"), Column("age", "number"))
)


@pytest.mark.parametrize(
    "name", ["credit_history", "Credit History", "CREDIT-HISTORY", " credit.history", "Crédit_History"]
)
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


def test_a_tie_is_no_proposal():
    schema = Schema((Column("rate", "number"),))
    match = match_columns(["rate1", "rate2"], schema)
    assert match.missing == ("rate",)
    assert match.proposals == {}


def test_an_uploaded_column_is_used_once_and_the_name_goes_before_the_label():
    schema = Schema((Column("years", "number", label="Age"), Column("age", "number")))
    match = match_columns(["AGE"], schema)
    assert match.found == {"age": "AGE"}
    assert match.missing == ("years",)
    assert match_columns(["AGE", "Years"], schema).found == {"years": "Years", "age": "AGE"}


def test_one_name_for_two_model_columns_is_refused():
    schema = Schema((Column("a_ge", "number"), Column("age", "number")))
    with pytest.raises(TableError) as caught:
        match_columns(["AGE"], schema)
    assert str(caught.value) == ("“AGE” could be the model's column “a_ge” or “age”. Name it exactly like one of them.")


def test_names_of_punctuation_are_not_all_the_same():
    match = match_columns(["$"], Schema((Column("%", "number"),)))
    assert match.found == {}
    assert match.proposals == {}


def test_two_thousand_strange_columns_are_matched_without_waiting():
    schema = Schema(tuple(Column(f"model_{at}", "number") for at in range(2000)))
    match = match_columns([f"upload {at}" for at in range(2000)], schema)
    assert len(match.missing) == len(match.extra) == 2000
