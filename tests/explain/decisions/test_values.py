"""The row's own values in the files: as read, as uploaded where that differs, and the whole table back again."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import explain
from explain.decisions import runs
from explain.decisions.arrow import for_spreadsheet
from explain.decisions.file_columns import DECISIONS, WARNINGS, columns_frame, markdown, meaning
from explain.decisions.files import decisions_frame, warnings_frame
from explain.decisions.values import uploaded_columns, value_columns, whole_table
from explain.tables import read_table
from explain.tables.corrected import Fix, corrected
from explain.types import Column, Schema
from tests.explain.test_pipeline import FAULTY

SCHEMA = Schema(
    (
        Column("price", "number", label="Price", low=0, high=100),
        Column("city", "category", label="City", categories=("Bern", "Oslo")),
        Column("since", "number", label="Since", unit="date", low=18_000, high=19_000, integer=True),
    )
)
UPLOAD = pd.DataFrame(
    {
        "note": ["x", "", "z", "w"],
        "since": ["2020-03-01", "2020-03-02", "", "soon"],
        "price": ["1.5", "2500", "€ 7", "odd"],
        "Ort": ["Bern", "OSLO", None, "Oslo"],
    },
    dtype=object,
)


def table():
    read = read_table(UPLOAD, SCHEMA, columns={"city": "Ort"})
    return corrected(read, [Fix("price", np.array([1, 2]), ("25", "8")), Fix("since", np.array([0]), ("18400",))])


def blank(cells):
    return [None if cell is None or cell != cell else cell for cell in cells]


def test_values_are_what_the_model_was_given_and_dates_are_texts():
    columns = value_columns(table())
    assert list(columns) == ["value.price", "value.city", "value.since"]
    assert blank(columns["value.price"].tolist()) == [1.5, 25.0, 8.0, None]
    assert columns["value.city"].tolist() == ["Bern", "Oslo", None, "Oslo"]
    assert columns["value.since"].tolist() == ["2020-05-18", "2020-03-02", None, None]


def test_uploaded_texts_stand_where_something_else_was_read_and_only_in_such_columns():
    columns = uploaded_columns(table())
    assert {name: cells.tolist() for name, cells in columns.items()} == {
        "uploaded.price": [None, "2500", "€ 7", "odd"],
        "uploaded.city": [None, "OSLO", None, None],
        "uploaded.since": ["2020-03-01", None, None, "soon"],
    }
    clean = read_table(pd.DataFrame({"price": [1.0], "city": ["Bern"], "since": ["2020-03-01"]}), SCHEMA)
    assert uploaded_columns(clean) == {}


def test_the_whole_table_has_the_order_of_the_upload_and_keeps_text_that_was_not_read():
    frame = whole_table(table())
    assert list(frame.columns) == ["note", "since", "price", "city"]
    assert frame["price"].tolist()[:2] == [1.5, 25.0]
    assert frame["price"].tolist()[3] == "odd"
    assert frame["since"].tolist()[3] == "soon"
    assert frame["note"].tolist() == ["x", "", "z", "w"]


def test_the_whole_table_reads_back_as_what_was_reviewed():
    again = read_table(whole_table(table()), SCHEMA)
    pd.testing.assert_frame_equal(again.frame, table().frame)


def test_an_extra_column_with_the_name_of_a_models_column_is_kept_beside_it():
    both = UPLOAD.assign(city="old")
    frame = whole_table(read_table(both, SCHEMA, columns={"city": "Ort"}))
    assert frame["city"].tolist()[:2] == ["Bern", "Oslo"]
    assert frame["city (as uploaded)"].tolist() == ["old"] * 4


def test_a_table_whose_order_is_not_known_has_the_models_columns_first():
    from dataclasses import replace

    assert list(whole_table(replace(table(), order=())).columns) == ["price", "city", "since", "note"]


def test_decisions_end_with_values_as_read_and_as_uploaded(model):
    decisions = explain.review(FAULTY, model)
    names = list(decisions_frame(decisions).columns)
    own = [f"value.{name}" for name in decisions.schema.names]
    assert names[-6:] == [*own, "uploaded.city", "verdict"]
    assert decisions_frame(decisions)["uploaded.city"][2] == "ROME"
    assert list(decisions_frame(decisions, values=False).columns) == [*names[:-6], "verdict"]


def test_a_choice_of_rows_comes_in_its_order_with_its_warnings(boosting):
    decisions = explain.review(FAULTY, boosting)
    rows = np.array([3, 1])
    assert decisions_frame(decisions, rows)["row_id"].tolist() == ["d", "b"]
    assert set(warnings_frame(decisions, rows)["row_id"].dropna()) == {"b", "d"}
    assert len(warnings_frame(decisions, np.zeros(0, dtype=np.int64)).dropna(subset="row_id")) == 0


def test_plausible_outcomes_are_words_in_csv_and_a_list_in_parquet(tmp_path, boosting):
    decisions = explain.review(FAULTY, boosting)
    decisions.write(tmp_path)
    texts = pd.read_csv(tmp_path / "decisions.csv", keep_default_na=False)["plausible"]
    lists = pd.read_parquet(tmp_path / "decisions.parquet")["plausible"]
    assert texts.tolist() == ["; ".join(names) for names in lists]
    assert "[" not in "".join(texts)
    assert for_spreadsheet(decisions_frame(decisions))["plausible"].tolist() == texts.tolist()


def test_every_column_of_every_kind_of_model_has_a_meaning(model):
    decisions = explain.review(FAULTY.assign(extra="=1"), model)
    frame = columns_frame(decisions_frame(decisions).columns, warnings_frame(decisions).columns)
    assert (frame["meaning"] != "").all()
    assert not frame["meaning"].str.contains("{}", regex=False).any()
    assert frame["column"].tolist()[0] == "row_id"
    assert set(frame["sheet"]) == {"decisions", "warnings"}


@pytest.mark.parametrize(
    ("name", "known", "text"),
    [
        ("why.income", DECISIONS, "By how much “income” raises (+) or lowers (-) the score from “base”."),
        ("value.a.b", DECISIONS, meaning("value.x").replace("“x”", "“a.b”")),
        ("flips", WARNINGS, "In how many of 25 draws from similar rows another outcome is predicted."),
        ("unheard of", DECISIONS, ""),
        ("why", DECISIONS, ""),
    ],
)
def test_each_name_has_its_sentence(name, known, text):
    assert meaning(name, known) == text


def test_the_page_on_files_says_what_the_sheet_says():
    page = Path(__file__).resolve().parents[3] / "docs" / "files.md"
    assert page.read_text(encoding="utf-8").endswith(markdown())


def test_a_stored_review_keeps_the_order_of_the_upload(tmp_path, boosting):
    upload = FAULTY[["id", "city", "age", "children", "income"]]
    again = runs.load(runs.save(explain.review(upload, boosting), tmp_path), tmp_path)
    assert again.table.order == tuple(upload.columns)
    assert list(whole_table(again.table).columns) == list(upload.columns)
