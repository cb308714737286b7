"""What an upload with outcomes gives away about itself and about the model."""

import numpy as np
import pandas as pd

from explain.quality.outcomes import conflicts, stale, telling, uploaded_outcomes
from explain.tables import read_table
from tests.conftest import package
from tests.explain.quality.cases import REFERENCE, SCHEMA, table_of


def test_rows_alike_that_ended_differently_are_said():
    (found,) = conflicts(table_of(age=[30, 30, 31]), np.array([0.0, 1.0, 1.0]))
    assert (found.check, found.rows.tolist()) == ("conflicting outcomes", [0, 1])
    assert found.messages == ("2 rows are alike in every column and ended differently; no model can tell them.",) * 2
    assert conflicts(table_of(age=[30, 30]), np.array([1.0, 1.0])) == []
    assert conflicts(table_of(age=[30, 30]), np.array([1.0, np.nan])) == []


def test_a_column_that_gives_the_outcome_away_is_said():
    table = read_table(REFERENCE, SCHEMA)
    outcomes = (REFERENCE["city"] == "Rome").to_numpy(dtype=float)
    (found,) = telling(table, outcomes)
    assert (found.check, found.column) == ("telling column", "city")
    assert found.messages == (
        "City alone tells the outcome of >99 of 100 rows. Was it written down before the outcome was known?",
    )
    chance = np.random.default_rng(0).integers(0, 2, len(table)).astype(float)
    assert telling(table, chance) == []


def test_a_model_that_is_right_less_often_than_before_is_said():
    outcomes = np.zeros(1_000)
    right, past = np.arange(1_000) % 10 < 7, np.arange(1_000) % 10 < 8
    (found,) = stale(outcomes, right, past)
    assert found.column == ""
    assert found.messages == (
        "The model was right in 70 of 100 of these rows; in past cases it was in 80 of 100. It may have grown old.",
    )
    assert stale(outcomes[:200], right[:200], past) == []
    assert stale(outcomes, past, past) == []


def test_outcomes_are_found_in_a_column_called_like_the_target():
    model = package("logistic")
    frame = model.reference.frame.head(4)
    table = read_table(frame.assign(Result=["yes", "no", "", "YES"]), model.schema)
    yes, no = (float(model.info.outputs.index(name)) for name in ("yes", "no"))
    np.testing.assert_array_equal(uploaded_outcomes(model, table), [yes, no, np.nan, yes])
    assert uploaded_outcomes(model, read_table(frame, model.schema)) is None
    other = read_table(frame.assign(result=["a", "b", "c", "yes"]), model.schema)
    assert uploaded_outcomes(model, other) is None


def test_values_are_found_in_the_same_way():
    model = package("linear_value")
    frame = model.reference.frame.head(3)
    table = read_table(frame.assign(result=[1.5, None, 3.0]), model.schema)
    np.testing.assert_array_equal(uploaded_outcomes(model, table), [1.5, np.nan, 3.0])
    assert isinstance(table.context, pd.DataFrame)
