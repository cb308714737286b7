"""Whole uploads against a model's schema."""

import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain.errors import ColumnsError, NotFoundError, TableError
from explain.tables import read_table
from explain.types import Column, Schema

SCHEMA = Schema(
    (
        Column("age", "number", label="Age", low=18, high=75),
        Column("city", "category", label="City", categories=("Bern", "Oslo", "none")),
    )
)


def texts(table):
    return [note.text for note in table.notes]


def test_a_clean_upload_is_read_without_a_word():
    table = read_table(b"age,city\n31,Bern\n42,Oslo\n", SCHEMA, name="people.csv")
    assert table.name == "people.csv"
    assert table.frame.to_dict("list") == {"age": [31.0, 42.0], "city": ["Bern", "Oslo"]}
    assert table.row_ids == ("1", "2")
    assert table.notes == ()
    assert len(table) == 2


def test_everything_that_was_done_is_listed():
    content = "Kunden-ID;AGE;City ;Filiale\nK1;31,5;Bern ;Köln\nK2;n/a;?;Zürich\n".encode("latin-1")
    table = read_table(content, SCHEMA)
    assert texts(table) == [
        "The file was read as LATIN-1 text.",
        "Columns were split at semicolons.",
        "Column “AGE” was read as Age.",
        "Column “City” was read as City.",
        "Age was read with a decimal comma.",
        "Age: 1 cell with words for missing read as blank.",
        "City: 1 cell with spaces around the text, which were removed.",
        "City: 1 cell with words for missing read as blank.",
        "Rows are named by the column “Kunden-ID”.",
        "“Filiale” is kept beside the data and never reaches the model.",
    ]
    assert table.row_ids == ("K1", "K2")
    assert list(table.frame.columns) == ["age", "city"]
    assert list(table.context["Filiale"]) == ["Köln", "Zürich"]
    assert table.frame["city"][1] is None


def test_a_word_for_missing_stays_where_the_model_knows_it_as_a_category():
    table = read_table(b"age,city\n31,none\n32,None\n33,NULL\n", SCHEMA)
    assert list(table.frame["city"]) == ["none", "None", None]


def test_cells_that_are_no_number_are_kept_with_their_text():
    table = read_table(b"age,city\n31 years,Bern\ninf,Oslo\n", SCHEMA)
    assert table.unread == {"age": {0: "31 years", 1: "inf"}}
    assert table.frame["age"].isna().all()


def test_a_missing_column_is_named_with_a_proposal():
    with pytest.raises(ColumnsError) as caught:
        read_table(b"agee,city\n31,Bern\n", SCHEMA)
    assert str(caught.value) == "The table lacks 1 column that the model needs: “Age”. Is “agee” the column “Age”?"
    assert caught.value.proposals == {"age": "agee"}
    assert caught.value.uploaded == ("agee",)


def test_a_confirmed_proposal_is_used():
    table = read_table(b"agee,city\n31,Bern\n", SCHEMA, columns={"age": "agee"})
    assert list(table.frame["age"]) == [31.0]
    assert "Column “agee” was read as Age." in texts(table)


def test_a_confirmed_column_that_is_not_there_is_refused():
    with pytest.raises(TableError, match="There is no column 'gone' to be read as 'age'"):
        read_table(b"agee,city\n31,Bern\n", SCHEMA, columns={"age": "gone"})


@pytest.mark.parametrize(
    ("header", "cells", "ids"),
    [
        ("id", ["a", "b"], ("a", "b")),
        ("application_id", ["7", "8"], ("7", "8")),
        ("Order No", ["7", "8"], ("7", "8")),
        ("id", ["a", "a"], ("1", "2")),
        ("id", ["a", ""], ("1", "2")),
        ("paid", ["x", "y"], ("x", "y")),
        ("remark", ["x", "y"], ("1", "2")),
    ],
)
def test_rows_are_named_by_a_unique_id_column(header, cells, ids):
    content = f"{header},age,city\n{cells[0]},31,Bern\n{cells[1]},32,Oslo\n"
    assert read_table(content.encode(), SCHEMA).row_ids == ids


def test_html_formulas_and_markdown_stay_text():
    cell = '<script>alert(1)</script> **x** $y$ =1+1 [a](b)'
    table = read_table(pd.DataFrame({"age": [30], "city": [cell], "<b>note</b>": ["=cmd()"]}), SCHEMA)
    assert table.frame["city"][0] == cell
    assert table.context["<b>note</b>"][0] == "=cmd()"


def test_typed_sources_keep_numbers_and_write_whole_categories_without_a_point():
    schema = Schema((Column("x", "number"), Column("code", "category", categories=("1", "2"))))
    table = read_table(pd.DataFrame({"x": [1.5, np.nan], "code": [1.0, 2.0]}), schema)
    assert list(table.frame["code"]) == ["1", "2"]
    assert table.frame["x"].isna().tolist() == [False, True]


def test_a_column_all_missing_is_read():
    table = read_table(b"age,city\n,Bern\n,Oslo\n", SCHEMA)
    assert table.frame["age"].isna().all()


def test_a_path_a_stream_and_bytes_give_the_same_table(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(b"age,city\n31,Bern\n")
    prints = {read_table(source, SCHEMA).fingerprint for source in (path, str(path), path.read_bytes(), io.BytesIO(path.read_bytes()))}
    assert len(prints) == 1
    with pytest.raises(NotFoundError, match="There is no file"):
        read_table(tmp_path / "gone.csv", SCHEMA)


def test_the_fingerprint_knows_every_cell_and_id():
    base = "id,age,city\na,31,Bern\nb,32,Oslo\n"
    same = read_table(base.encode(), SCHEMA).fingerprint
    assert read_table(base.replace(",", ";").encode(), SCHEMA).fingerprint == same
    for change in (("31", "33"), ("Bern", "Oslo"), ("a,", "c,"), ("31", "x")):
        assert read_table(base.replace(*change).encode(), SCHEMA).fingerprint != same


@settings(max_examples=30, deadline=None)
@given(
    ages=st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6).map(lambda x: round(x, 2))), min_size=1, max_size=12),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    order=st.permutations(["age", "city", "remark"]),
)
def test_any_frame_comes_back_from_any_dialect(ages, delimiter, encoding, order):
    frame = pd.DataFrame({"age": ages, "city": ["Bern"] * len(ages), "remark": ["grün, <b>; | \"zwei\""] * len(ages)})
    content = frame[order].to_csv(index=False, sep=delimiter).encode(encoding)
    table = read_table(content, SCHEMA)
    np.testing.assert_allclose(table.frame["age"].to_numpy(), frame["age"].to_numpy(dtype=float))
    assert list(table.context["remark"]) == list(frame["remark"])
