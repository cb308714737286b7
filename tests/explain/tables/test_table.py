"""Whole uploads against a model's schema."""

import io
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from explain.errors import ColumnsError, NotFoundError, TableError
from explain.tables import empty_table, read_table
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
        "Age: 1 cell with a decimal comma.",
        "Age: 1 cell with words for missing read as blank.",
        "City: 1 cell with words for missing read as blank.",
        "City: 1 cell with spaces around the text, which were removed.",
        "Rows are named by the column “Kunden-ID”.",
        "“Filiale” is kept beside the data and never reaches the model.",
    ]
    assert table.row_ids == ("K1", "K2")
    assert list(table.frame.columns) == ["age", "city"]
    assert list(table.context["Filiale"]) == ["Köln", "Zürich"]
    assert table.frame["city"][1] is None


def test_a_word_for_missing_stays_where_the_model_knows_it_as_a_category():
    table = read_table(b"age,city\n31,none\n32,None\n33,NULL\n", SCHEMA)
    assert list(table.frame["city"]) == ["none", "none", None]


def test_cells_that_are_no_number_are_kept_with_their_text():
    table = read_table(b"age,city\nabout 31,Bern\ninf,Oslo\n", SCHEMA)
    assert table.unread == {"age": {0: "about 31", 1: "inf"}}
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
    cell = "<script>alert(1)</script> **x** $y$ =1+1 [a](b)"
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
    prints = {
        read_table(source, SCHEMA).fingerprint
        for source in (path, str(path), path.read_bytes(), io.BytesIO(path.read_bytes()))
    }
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
    frame = pd.DataFrame({"age": ages, "city": ["Bern"] * len(ages), "remark": ['grün, <b>; | "zwei"'] * len(ages)})
    content = frame[order].to_csv(index=False, sep=delimiter).encode(encoding)
    table = read_table(content, SCHEMA)
    np.testing.assert_allclose(table.frame["age"].to_numpy(), frame["age"].to_numpy(dtype=float))
    assert list(table.context["remark"]) == list(frame["remark"])


def test_what_the_person_said_goes_before_the_exact_name():
    for content in (b"incom,age,city\n9,1,Bern\n", b"age,incom,city\n1,9,Bern\n"):
        table = read_table(content, SCHEMA, columns={"age": "incom"})
        assert list(table.frame["age"]) == [9.0]
        assert list(table.context["age"]) == ["1"]


def test_one_column_cannot_be_confirmed_twice():
    with pytest.raises(TableError) as caught:
        read_table(b"q,z\n9,1\n", SCHEMA, columns={"age": "q", "city": "q"})
    assert str(caught.value) == "The column 'q' cannot be both 'age' and 'city'. Choose one."


def test_the_caller_may_say_which_column_names_the_rows():
    table = read_table(b"age,city,code\n31,Bern,x\n32,Oslo,y\n", SCHEMA, id_column="code")
    assert table.row_ids == ("x", "y")
    assert texts(table) == ["Rows are named by the column “code”."]


@pytest.mark.parametrize(
    ("cells", "column", "sentence"),
    [
        ("xx", "code", "The column 'code' cannot name the rows: “x” comes twice in row 2."),
        ("x ", "code", "The column 'code' cannot name the rows: it is blank in row 2."),
        ("xy", "gone", "There is no column 'gone' beside the model's own to name the rows by."),
        ("xy", "age", "There is no column 'age' beside the model's own to name the rows by."),
    ],
)
def test_a_column_that_cannot_name_the_rows_is_refused(cells, column, sentence):
    content = f"age,city,code\n31,Bern,{cells[0]}\n32,Oslo,{cells[1]}\n".encode()
    with pytest.raises(TableError) as caught:
        read_table(content, SCHEMA, id_column=column)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("categories", "expected"),
    [
        (("True", "False"), ["True", "False"]),
        (("yes", "no"), ["yes", "no"]),
        (("No", "Yes"), ["Yes", "No"]),
        (("0", "1"), ["1", "0"]),
        (("a", "b"), ["true", "false"]),
        ((), ["true", "false"]),
    ],
)
def test_truth_is_written_the_way_that_the_model_knows(categories, expected):
    schema = Schema((Column("flag", "category", categories=categories),))
    assert list(read_table(pd.DataFrame({"flag": [True, False]}), schema).frame["flag"]) == expected


def test_data_frames_with_every_kind_of_blank_are_read():
    frame = pd.DataFrame(
        {
            "age": pd.array([31, None], dtype="Int64"),
            "city": pd.Series(["Bern", pd.NA], dtype=object),
            "words": pd.array(["x", pd.NA], dtype="string"),
            "day": [pd.Timestamp("2020-01-01"), pd.NaT],
            "list": [[1], np.array([1, 2])],
        }
    )
    table = read_table(frame, SCHEMA)
    assert list(table.frame["city"]) == ["Bern", None]
    assert np.isnan(table.frame["age"][1])
    assert {name: list(table.context[name]) for name in table.context} == {
        "words": ["x", ""],
        "day": ["2020-01-01 00:00:00", ""],
        "list": ["[1]", "[1, 2]"],
    }


@pytest.mark.parametrize(
    "source",
    [io.StringIO("age,city\n31,Bern\n"), bytearray(b"age,city\n31,Bern\n"), memoryview(b"age,city\n31,Bern\n")],
    ids=["text stream", "bytearray", "memoryview"],
)
def test_other_holders_of_bytes_are_read(source):
    table = read_table(source, SCHEMA)
    assert list(table.frame["age"]) == [31.0]
    assert table.name == "table"


def test_a_temporary_file_gives_its_name_as_text(tmp_path):
    with (tmp_path / "t.csv").open("w+b") as stream:
        stream.write(b"age,city\n31,Bern\n")
        stream.seek(0)
        assert read_table(stream, SCHEMA).name == "t.csv"


def test_what_is_no_source_is_named():
    with pytest.raises(TableError) as caught:
        read_table(7, SCHEMA)
    assert str(caught.value) == "Expected a path, bytes, an open file or a data frame; a int came."


def test_equal_tables_have_equal_fingerprints_and_others_do_not():
    schema = Schema((Column("x", "number"), Column("c", "category")))

    def mark(numbers, words):
        return read_table(pd.DataFrame({"x": numbers, "c": pd.Series(words, dtype=object)}), schema).fingerprint

    assert mark([0.0, np.nan], ["a", None]) == mark([-0.0, -np.nan], ["a", None])
    marks = [mark([1.0, 2.0], pair) for pair in (["a", None], ["a", "\1"], ["a\0b", "c"], ["a", "b\0c"], ["1:a", "-"])]
    assert len(set(marks)) == len(marks)


def test_the_package_is_imported_without_heavy_libraries():
    code = (
        "import sys; from explain.tables import LIMITS, Limits, Match, match_columns, read_raw, read_table; "
        "sys.exit(len({'pandas', 'numpy', 'pyarrow', 'rapidfuzz', 'python_calamine'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def is_utf8(content):
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def decimal_comma(value):
    return "" if value is None else f"{value:.2f}".replace(".", ",")


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.one_of(st.none(), st.floats(-1e6, 1e6).map(lambda x: round(x, 2))),
            st.text(st.characters(codec="cp1252", exclude_categories=["C", "Z"]), min_size=1, max_size=6),
        ),
        min_size=1,
        max_size=10,
    ),
    delimiter=st.sampled_from([";", "\t", "|"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    order=st.permutations(["age", "city", "remark"]),
)
def test_decimal_commas_and_any_words_come_back_in_any_column_order(rows, delimiter, encoding, order):
    words = [word for _, word in rows]
    frame = pd.DataFrame({"age": [decimal_comma(age) for age, _ in rows], "city": "Bern", "remark": words})
    content = frame[order].to_csv(index=False, sep=delimiter).encode(encoding)
    # bytes beyond ASCII that happen to be UTF-8 are rightly read as that
    assume(encoding != "cp1252" or content.isascii() or not is_utf8(content))
    table = read_table(content, SCHEMA)
    expected = [np.nan if age is None else age for age, _ in rows]
    np.testing.assert_allclose(table.frame["age"].to_numpy(), expected)
    assert list(table.frame.columns) == ["age", "city"]
    assert list(table.context["remark"]) == words


def test_an_empty_table_has_the_columns_and_no_rows():
    assert empty_table(SCHEMA).splitlines() == [",".join(SCHEMA.names)]


@pytest.mark.parametrize("name", ["Antragsnummer", "SKU", "customer key", "Kunden-ID", "case_no", "uuid"])
def test_a_column_whose_name_says_so_names_the_rows(name):
    table = read_table(f"{name},age,city\nx1,30,Bern\nx2,31,Rome\n".encode(), SCHEMA)
    assert table.row_ids == ("x1", "x2")


def test_an_id_that_comes_twice_is_said_and_rows_are_numbered():
    table = read_table(b"application_id,age,city\nx1,30,Bern\nx1,31,Rome\n", SCHEMA)
    assert table.row_ids == ("1", "2")
    expected = "“application_id” cannot name the rows: “x1” comes more than once. They are numbered instead."
    assert expected in texts(table)
