"""A column that was sorted apart from its rows is said; a table that was sorted as a whole is not."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explain.models.card import propose_schema
from explain.quality import Profile
from explain.quality.sorted_apart import sorted_apart, sorted_apart_in
from explain.tables import read_table


def people(rows, seed=0):
    """Ages, and what goes with them; a branch that goes with nothing."""
    draw = np.random.default_rng(seed)
    age = draw.integers(18, 80, rows).astype(float)
    return pd.DataFrame(
        {
            "age": age,
            "income": np.round(1_000 * age * draw.uniform(0.5, 1.5, rows)),
            "status": np.where(draw.random(rows) < (age - 18) / 62, "married", "single"),
            "housing": np.where(draw.random(rows) < (age - 18) / 80, "own", "rent"),
            "branch": draw.choice(["north", "south", "west"], rows),
        }
    )


PAST = people(1_000)
SCHEMA = propose_schema(PAST)
PROFILE = Profile(SCHEMA, PAST)


def said(frame, past=PAST):
    schema = propose_schema(past)
    found = sorted_apart(read_table(frame, schema), Profile(schema, past))
    return [(item.check, item.column, item.severity) for item in found]


def apart(frame, name):
    return frame.assign(**{name: np.sort(frame[name].to_numpy().astype(object))}).astype(
        {"age": float, "income": float}
    )


@pytest.mark.parametrize("name", ["age", "income", "status", "housing"])
@pytest.mark.parametrize("rows", [150, 1_000])
def test_a_column_sorted_apart_is_said_of_an_upload(name, rows):
    assert said(apart(people(rows, 1), name)) == [("sorted apart", name, "warning")]


def test_it_is_said_in_one_sentence():
    found = sorted_apart(read_table(apart(people(300, 1), "status"), SCHEMA), PROFILE)
    assert found[0].messages == (
        "status stands in unbroken runs while nothing else does: it was probably sorted apart from its rows.",
    )


@pytest.mark.parametrize("name", ["age", "income", "status", "housing", "branch"])
def test_a_table_sorted_as_a_whole_is_not_said(name):
    frame = people(500, 2)
    for order in ([name], [name, "income"], ["branch", name]):
        assert said(frame.sort_values(order, kind="stable").reset_index(drop=True)) == []
    if name != "branch":  # what is tied to nothing cannot be told from what has lost its ties
        assert sorted_apart_in(frame.sort_values(name), SCHEMA) == ""


@pytest.mark.parametrize(
    "frame",
    [
        people(40, 3).assign(status=["married"] * 20 + ["single"] * 20),
        people(500, 3).assign(status="single"),
        people(500, 3).assign(status=["married"] + ["single"] * 499),
        people(500, 3).assign(branch=np.repeat(["north", "south"], 250)),
        people(500, 3),
    ],
    ids=["few rows", "one value", "hardly a second one", "no ties to lose", "no order"],
)
def test_what_may_be_an_accident_is_not_said(frame):
    assert said(frame) == []


def test_reference_rows_are_looked_at_by_themselves():
    assert sorted_apart_in(apart(PAST, "status"), SCHEMA) == (
        "status stands in unbroken runs while nothing else does: it was probably sorted apart from its rows."
    )
    assert sorted_apart_in(PAST, SCHEMA) == ""
    numbered = PAST.assign(counter=np.arange(1_000.0), year=np.repeat(np.arange(2000.0, 2010.0), 100))
    for extra in ("counter", "year"):
        frame = numbered[[*PAST, extra]]
        assert sorted_apart_in(frame, propose_schema(frame)) == ""


@given(st.integers(0, 10**6), st.integers(50, 400))
def test_rows_as_they_come_are_never_said_to_be_sorted_apart(seed, rows):
    frame = people(rows, seed)
    assert said(frame) == []
    assert sorted_apart_in(frame, SCHEMA) == ""
