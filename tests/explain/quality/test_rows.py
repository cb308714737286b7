"""Faults that only show beside another cell or another row."""

import numpy as np
import pandas as pd

from explain.quality import Profile, check
from explain.quality.profile import near_twins
from explain.tables import read_table
from explain.types import cells_of
from tests.explain.quality.cases import PROFILE, REFERENCE, SCHEMA, USUAL, warnings


def test_a_broken_order_is_said():
    (found,) = warnings(first=[10, 45])
    assert (found.check, found.column, found.severity) == ("order", "first", "warning")
    assert found.messages == ("First = 45 is above Last = 40; it never was in past rows.",)


def test_an_order_is_learned_only_from_columns_that_could_break_it():
    apart = REFERENCE.assign(last=REFERENCE["first"] + 1_000)
    assert ("first", "last") in PROFILE.never_above
    assert ("first", "last") not in Profile(SCHEMA, apart).never_above
    shuffled = REFERENCE.assign(last=np.random.default_rng(0).permutation(REFERENCE["last"]))
    assert Profile(SCHEMA, shuffled).never_above == ()


def test_a_pair_of_categories_that_never_met_is_said():
    (found,) = warnings(city=["Bern", "Rome"], job=["cook", "nurse"])
    assert (found.check, found.severity, found.rows.tolist()) == ("new pair", "warning", [1])
    assert found.column == "city"
    assert found.messages == (
        "City = “Rome” and Job = “nurse” never came together in past rows, though 200 had the one and 300 the other.",
    )


def test_a_row_that_comes_twice_is_said():
    twice = pd.DataFrame([USUAL | {"case_id": "A"}, USUAL | {"case_id": "B", "age": 44}, USUAL | {"case_id": "A"}])
    (found,) = [item for item in check(read_table(twice, SCHEMA), PROFILE) if item.check != "near duplicate"]
    assert (found.check, found.column, found.rows.tolist()) == ("duplicate row", "", [2])
    assert found.messages == ("This row repeats row A in every column. Is it one case or two?",)


def test_rows_alike_with_different_ids_are_two_cases():
    assert warnings(age=[30, 30]) == ()


def test_a_row_that_repeats_another_but_for_one_cell_informs_where_the_reference_has_no_twins():
    draw = np.random.default_rng(1)
    past = pd.DataFrame(draw.normal(size=(300, 4)), columns=list("abcd"))
    from explain.models.card import propose_schema

    schema = propose_schema(past)
    rows = past.head(3).copy()
    rows.loc[2] = rows.loc[0]
    rows.loc[2, "c"] = rows.loc[1, "c"]
    found = [item for item in check(read_table(rows, schema), Profile(schema, past)) if item.check == "near duplicate"]
    assert [item.messages for item in found] == [
        ("This row differs from row 1 in one column alone. Is it a correction of it?",)
    ]
    assert found[0].rows.tolist() == [2]
    assert near_twins(cells_of(rows, schema)).tolist() == [-1, -1, 0]


def test_cells_that_stand_one_column_too_far_to_the_right_are_said():
    row = USUAL | {"case_id": "B", "city": "0.5", "job": "Bern"}
    found = check(read_table(pd.DataFrame([USUAL | {"case_id": "A"}, row]), SCHEMA), PROFILE)
    (shifted,) = [item for item in found if item.check == "shifted row"]
    assert (shifted.column, shifted.severity, shifted.rows.tolist()) == ("", "error", [1])
    assert shifted.messages == (
        "Cells of this row seem to stand one column too far to the right: they fit the one beside them.",
    )
