"""Columns of one group are one reason, whose share is the sum of theirs; a group of one is the column itself."""

import dataclasses

import numpy as np
import pytest

import explain
from explain.decisions import Reason
from explain.decisions.groups import blocks, groups_of, parts_of, together, totals
from explain.insight.listing import listing_of
from explain.insight.page_table import page_frame
from explain.models import load_model
from explain.types import Column, Schema

SCHEMA = Schema(
    (
        Column("loan", "number", group="Debt"),
        Column("age", "number", group="Alone"),
        Column("cards", "number", group="Debt"),
        Column("town", "category"),
    )
)
REASONS = (
    Reason("age", "Age", "40", 0.3, error=0.01),
    Reason("loan", "Loan", "9", -0.2, error=0.02, severity="info"),
    Reason("cards", "Cards", "3", -0.25, error=0.03, severity="error"),
    Reason("town", "Town", "Bern", 0.1, error=0.01),
)


def test_a_group_needs_two_columns():
    assert groups_of(SCHEMA) == {"Debt": [0, 2]}


def test_a_groups_share_is_the_sum_of_its_columns_and_it_carries_their_worst_warning():
    found = together(REASONS, SCHEMA)
    assert [reason.title for reason in found] == ["Debt", "Age", "Town"]
    assert found[0].contribution == pytest.approx(-0.45)
    assert (found[0].value, found[0].severity, found[0].error) == ("2 columns", "error", 0.05)
    assert sum(reason.contribution for reason in found) == pytest.approx(sum(r.contribution for r in REASONS))


def test_shares_of_all_rows_are_joined_or_left_alone():
    values = np.arange(8.0).reshape(2, 4)
    parts = parts_of(SCHEMA, grouped=True)
    assert [title for title, _ in parts] == ["age", "town", "Debt"]
    np.testing.assert_array_equal(totals(values, parts), [[1, 3, 2], [5, 7, 10]])
    parts = parts_of(SCHEMA, grouped=False)
    assert [title for title, _ in parts] == ["loan", "age", "cards", "town"]
    np.testing.assert_array_equal(totals(values, parts), values)


def test_columns_stand_in_blocks_of_their_groups_strongest_first():
    # Debt moves -0.45 in all: loan comes before cards in these reasons
    assert blocks(REASONS, SCHEMA, grouped=True) == [("Debt", ["loan", "cards"]), ("", ["age", "town"])]
    assert blocks(REASONS, SCHEMA, grouped=False) == [("", ["age", "loan", "cards", "town"])]


def test_the_review_table_names_groups_and_single_columns_where_they_are_unfolded():
    model = load_model("german_credit")
    table = explain.read_table(model.reference.frame.head(5), model.schema)
    decisions = explain.review(table, model)
    columns = [dataclasses.replace(column, group="Everything") for column in decisions.schema]
    schema = Schema(tuple(columns))
    grouped = dataclasses.replace(decisions, table=dataclasses.replace(decisions.table, schema=schema))
    rows = np.arange(5)
    assert all(cells[0].startswith("Everything 20 columns") for cells in page_frame(listing_of(grouped), rows).reasons)
    single = page_frame(listing_of(grouped), rows, grouped=False)
    assert single.reasons.tolist() == page_frame(listing_of(decisions), rows).reasons.tolist()
