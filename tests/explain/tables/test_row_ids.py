"""An id column keeps its names when a few repeat: the twins get a number, and no two rows share a name."""

from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import explain
from app import link
from explain.decisions import runs
from explain.tables.row_ids import row_ids
from tests.explain.test_pipeline import FAULTY


def named(cells, name="customer_id"):
    return row_ids(pd.DataFrame({name: pd.Series(cells, dtype=object)}))


@pytest.mark.parametrize(
    ("cells", "ids"),
    [
        (["C1", "C2", "C1", "C3"], ("C1", "C2", "C1 #2", "C3")),
        (["C1", "C1", "C1", "C2", "C3", "C4"], ("C1", "C1 #2", "C1 #3", "C2", "C3", "C4")),
        (["C1", "C1 #2", "C1", "C2"], ("C1", "C1 #2", "C1 #3", "C2")),  # a name that is there already is not given
        (["C1", "", "C3", "C4"], ("C1", "row 2", "C3", "C4")),
        (["row 2", "", "C3", "C4"], ("row 2", "row 2 #2", "C3", "C4")),
        (["C1", "C1", "C1", "C2"], ("1", "2", "3", "4")),  # most repeat
        (["", "", "", "C2"], ("1", "2", "3", "4")),
    ],
)
def test_twins_are_numbered_unless_most_names_repeat(cells, ids):
    assert named(cells)[0] == ids


def test_numbered_twins_and_blanks_are_said():
    _, name, (note,) = named(["C1", "C2", "C1", "", "C4", "C5"])
    assert name == "customer_id"
    assert note.text == (
        "“customer_id” repeats in 1 row; a number was put behind it (“C1 #2”). "
        "“customer_id” is blank in 1 row, named by place instead."
    )


def test_a_column_that_tells_all_rows_apart_goes_before_one_that_does_not():
    context = pd.DataFrame({"customer_id": ["C1", "C2", "C1"], "order_id": ["1", "2", "3"]}, dtype=object)
    assert row_ids(context) == (("1", "2", "3"), "order_id", [])


@given(st.lists(st.sampled_from(["", "a", "a #2", "a #3", "b", "row 1", "row 2 #2", "c", "d", "e"]), max_size=12))
def test_no_two_rows_share_a_name_and_first_ones_keep_theirs(cells):
    ids, name, _ = named(cells)
    assert len(set(ids)) == len(ids) == len(cells)
    if name:
        first = {cell: at for at, cell in reversed(list(enumerate(cells))) if cell}
        assert all(ids[at] == cell for cell, at in first.items())


def test_a_review_with_twins_is_stored_and_opened_and_its_rows_have_addresses(tmp_path, boosting):
    decisions = explain.review(FAULTY.assign(id=["a", "b", "a", "d"]), boosting)
    again = runs.load(runs.save(decisions, tmp_path), tmp_path)
    assert again.table.row_ids == ("a", "b", "a #2", "d")
    assert [item.message for item in again["a #2"].warnings] == [item.message for item in decisions[2].warnings]
    assert again["a #2"].warnings
    decisions.write(tmp_path / "files")
    assert pd.read_csv(tmp_path / "files" / "decisions.csv")["row_id"].tolist() == ["a", "b", "a #2", "d"]
    address = urlsplit(link.address("decision", run="0", row="a #2"))
    assert parse_qs(address.query)["row"] == ["a #2"]
    assert address.fragment == ""
