"""The files of a review hold the rows that are shown, or all, and say which."""

import io

import numpy as np
import pandas as pd
import pytest

from app import store
from app.parts import downloads
from tests.app.test_screens import drawn, words_of

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def made(monkeypatch):
    """What each button would give, by its label."""
    files = {}
    monkeypatch.setattr(downloads, "_button", lambda label, make, name: files.update({label: (make, name)}))
    return files


def test_all_rows_are_said_to_be_all():
    assert "Of all 150 rows" in words_of(drawn())


def test_where_fewer_are_shown_both_are_offered_and_the_shown_ones_come_first(made):
    test = drawn(only="check:missing")
    rows = next(item for item in test.radio if item.label == "Rows in the files")
    assert (rows.options, rows.value) == (["7 shown rows", "all 150 rows"], "7 shown rows")
    make, name = made["Decisions, CSV"]
    assert name.endswith("-7-rows-decisions.csv")
    assert len(pd.read_csv(io.BytesIO(make()))) == 7
    rows.set_value("all 150 rows").run()
    assert len(pd.read_csv(io.BytesIO(made["Decisions, CSV"][0]()))) == 150


def test_excel_has_a_sheet_that_says_what_the_columns_mean():
    decisions = store.run(store.first_run())
    book = pd.read_excel(io.BytesIO(downloads._excel(decisions, np.array([4, 2]))), sheet_name=None, engine="calamine")
    assert list(book) == ["decisions", "warnings", "columns"]
    assert book["decisions"]["row_id"].tolist() == ["A-1005", "A-1003"]
    assert book["columns"]["column"].tolist() == [*book["decisions"].columns, *book["warnings"].columns]
    assert book["columns"]["meaning"].notna().all()


def test_the_table_as_corrected_can_be_taken_along(made):
    drawn()
    frame = pd.read_csv(io.BytesIO(made["Table as corrected, CSV"][0]()))
    decisions = store.run(store.first_run())
    assert len(frame) == 150
    assert set(frame.columns) >= set(decisions.schema.names)
