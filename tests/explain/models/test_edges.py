"""Edge rows: each a reference row with one cell changed, on every threshold and beside it, blank and unseen."""

import numpy as np
import pandas as pd

from explain.models.edges import MOST_ROWS, UNSEEN, edge_rows
from explain.types import Column, Schema

ROWS = pd.DataFrame({"age": [1.0, 2.0, 4.0, np.nan], "city": pd.Series(["Bern", "Oslo", None, "Bern"], dtype=object)})
SCHEMA = Schema((Column("age", "number"), Column("city", "category", categories=("Bern", "Oslo"))))


def cells(found, what, name):
    part = next(part for part in found.parts if part.what == what)
    return found.frame[name].iloc[part.first : part.last]


def test_each_column_is_tried_blank_and_each_category_unseen():
    found = edge_rows(ROWS, SCHEMA, {})
    assert cells(found, "blanks in age", "age").isna().all()
    assert cells(found, "blanks in city", "city").isna().all()
    unseen = set(cells(found, f"{UNSEEN} in city", "city"))
    assert len(unseen) == 1
    assert not unseen & {"Bern", "Oslo"}


def test_a_threshold_is_tried_with_its_neighbours_in_both_precisions():
    cut = 0.1
    tried = set(cells(edge_rows(ROWS, SCHEMA, {"age": np.array([cut])}), "thresholds of age", "age"))
    narrow = np.float32(cut)
    near = [float(np.nextafter(narrow, np.float32(side))) for side in (-1, 1)]
    for value in (cut, np.nextafter(cut, 1), np.nextafter(cut, -1), float(narrow), *near, 0.0, -0.0):
        assert value in tried


def test_without_known_thresholds_the_middles_between_values_are_tried():
    assert {1.0, 1.5, 2.0, 3.0, 4.0} <= set(cells(edge_rows(ROWS, SCHEMA, {}), "thresholds of age", "age"))


def test_every_other_cell_is_one_of_a_reference_row():
    found = edge_rows(ROWS, SCHEMA, {"age": np.arange(50.0)})
    part = next(part for part in found.parts if part.what == "thresholds of age")
    assert set(found.frame["city"].iloc[part.first : part.last].dropna()) <= {"Bern", "Oslo"}
    assert len(found.frame) == found.parts[-1].last


def test_many_thresholds_are_drawn_from_and_the_same_ones_each_time():
    many = {"age": np.linspace(0, 1, 100_000)}
    found = edge_rows(ROWS, SCHEMA, many)
    assert len(found.frame) < MOST_ROWS
    pd.testing.assert_frame_equal(found.frame, edge_rows(ROWS, SCHEMA, many).frame)
