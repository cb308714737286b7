"""Files of every kind become the same raw table; every failure is one sentence."""

import io
import json

import pandas as pd
import pytest

from explain.errors import TableError, TooLargeError, WhysureError
from explain.tables import read as reading
from explain.tables.limits import Limits
from explain.tables.read import from_frame, read_raw

FRAME = pd.DataFrame({"name": ["Ann", "Bo"], "age": [31.0, 42.5]})


def as_parquet(frame):
    buffer = io.BytesIO()
    frame.to_parquet(buffer)
    return buffer.getvalue()


def as_excel(frame, **more):
    buffer = io.BytesIO()
    with pd.ExcelWriter(buffer, engine="xlsxwriter") as book:
        for name, sheet in {"first": frame, **more}.items():
            sheet.to_excel(book, sheet_name=name, index=False)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"name,age\nAnn,31\nBo,42.5\n",
        b"name;age\nAnn;31\nBo;42.5\n",
        b"name\tage\r\nAnn\t31\r\nBo\t42.5",
        "name,age\nAnn,31\nBo,42.5\n".encode("utf-16"),
        b'\xef\xbb\xbf"name","age"\n\n"Ann","31"\n"Bo","42.5"\n\n',
        as_parquet(FRAME),
        as_excel(FRAME),
        b'{"name": "Ann", "age": 31}\n{"name": "Bo", "age": 42.5}\n',
        b'[{"name": "Ann", "age": 31}, {"name": "Bo", "age": 42.5}]',
    ],
    ids=["csv", "semicolons", "tsv", "utf-16", "quoted", "parquet", "excel", "json lines", "json"],
)
def test_every_kind_gives_the_same_cells(content):
    raw = read_raw(content)
    assert list(raw.frame.columns) == ["name", "age"]
    assert list(raw.frame["name"]) == ["Ann", "Bo"]
    assert [float(cell) for cell in raw.frame["age"]] == [31.0, 42.5]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"a,b\n", "The file has a header with 2 columns, but no rows below it."),
        (b"a,b,a\n1,2,3\n", "The header names “a” more than once. Rename one, so that it is clear which is meant."),
        (
            b"a,b\n1,2\n1,2,3\n4\n",
            "The header has 2 fields, but line 3 has 3 and line 4 has 1. Mend or remove these lines.",
        ),
        (
            b"a,b\n" + b"1,2,3\n" * 9 + b"1,2\n" * 20,
            "The header has 2 fields, but line 2 has 3, line 3 has 3, line 4 has 3, line 5 has 3 and line 6 has 3 "
            "(9 such lines in all). Mend or remove these lines.",
        ),
        (b'{"a": 1}\nnot json\n', 'Line 2 is not JSON. Expected one object a line, such as {"age": 42}.'),
        (b'{"a": 1, "a": 2}\n', "An object names “a” more than once. Which one is meant?"),
        (b"[1, 2]", 'Expected JSON objects, one a line, such as {"age": 42}; something else came.'),
        (b"[]", "The file is empty. Expected a table as CSV, TSV, Parquet, Excel or JSON lines."),
        (
            b"PK\x03\x04 not really",
            "The file cannot be read as Excel. Is it protected by a password? Save it as CSV instead.",
        ),
        (as_excel(FRAME.head(0)), "The sheet 'first' has a header with 2 columns, but no rows below it."),
        (as_parquet(FRAME.head(0)), "The table has 2 columns, but no rows."),
    ],
)  # fmt: skip
def test_bad_input_gets_one_clear_sentence(content, sentence):
    with pytest.raises(TableError) as caught:
        read_raw(content)
    assert str(caught.value) == sentence


def test_a_truncated_parquet_file_is_refused():
    with pytest.raises(TableError, match=r"The Parquet file is damaged: .* Export it anew\."):
        read_raw(as_parquet(FRAME)[:200])


def test_five_thousand_columns_are_refused():
    header = ",".join(f"c{at}" for at in range(5000))
    with pytest.raises(TooLargeError) as caught:
        read_raw(f"{header}\n{','.join('1' * 5000)}\n".encode())
    assert str(caught.value) == "The table has 5,000 columns; at most 2,000 are read. Is it turned on its side?"


def test_a_file_over_the_limit_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(reading, "LIMITS", Limits(bytes=2_000_000))
    with pytest.raises(TooLargeError) as caught:
        read_raw(b"x" * 3_000_000)
    assert str(caught.value).startswith("The file has 3 MB; at most 2 MB are read here.")


def test_too_many_rows_are_refused(monkeypatch):
    monkeypatch.setattr(reading, "LIMITS", Limits(rows=3))
    with pytest.raises(TooLargeError, match="The table has 4 rows; at most 3 are read here"):
        read_raw(b"a\n1\n2\n3\n4\n")


def test_a_column_without_a_name_is_given_one_and_said():
    raw = read_raw(b"a,,c\n1,2,3\n")
    assert list(raw.frame.columns) == ["a", "column 2", "c"]
    assert [note.text for note in raw.notes] == ["The 2. column has no name; it is called “column 2” here."]


def test_of_several_sheets_the_first_with_cells_is_read_and_said():
    content = as_excel(pd.DataFrame(), people=FRAME, other=FRAME)
    raw = read_raw(content)
    assert list(raw.frame.columns) == ["name", "age"]
    assert "Of 3 sheets, “people” was read." in [note.text for note in raw.notes]
    assert len(read_raw(content, sheet="other").frame) == 2
    with pytest.raises(TableError, match="There is no sheet 'gone'. The file has first, people and other"):
        read_raw(content, sheet="gone")


def test_quotes_newlines_and_delimiters_inside_cells_stay_in_their_cell():
    raw = read_raw(b'a,b\n"x, ""y""\nz",2\n')
    assert raw.frame["a"][0] == 'x, "y"\nz'


def test_nested_json_is_kept_as_text():
    raw = read_raw(b'{"a": {"b": [1, 2]}, "c": null}\n')
    assert raw.frame["a"][0] == json.dumps({"b": [1, 2]})
    assert raw.frame["c"][0] is None


def test_a_data_frame_is_copied_and_its_names_become_text():
    frame = pd.DataFrame({1: [1.0], " b ": ["x"]}, index=[7])
    raw = from_frame(frame)
    assert list(raw.frame.columns) == ["1", "b"]
    assert list(frame.columns) == [1, " b "]


@pytest.mark.parametrize("cut", range(1, 120, 7))
def test_no_cut_of_a_file_escapes_as_another_error(cut):
    for content in (as_excel(FRAME), as_parquet(FRAME), b'{"name": "Ann", "age": 31}\n'):
        try:
            read_raw(content[: len(content) * cut // 120])
        except WhysureError as error:
            assert str(error)[-1] in ".?}"  # noqa: PT017 - any sentence will do, no other error may come
