"""Files of every kind become the same raw table; every failure is one sentence."""

import io
import json
import zipfile
from functools import cache

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain.errors import SheetsError, TableError, TooLargeError, WhysureError
from explain.tables import limits, sheet_file, text_file
from explain.tables.json_file import SHAPES
from explain.tables.limits import Limits
from explain.tables.read import from_frame, read_raw
from explain.tables.sniff import WANTED

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
            (
                "The header has 2 fields, but line 2 has 3, line 3 has 3, line 4 has 3, line 5 has 3 and line 6 has 3 "
                "(9 such lines in all). Mend or remove these lines."
            ),
        ),
        (b'{"a": 1}\nnot json\n', 'Line 2 is not JSON. Expected one object a line, such as {"age": 42}.'),
        (b'{"a": 1, "a": 2}\n', "An object names “a” more than once. Which one is meant?"),
        (b"[1, 2]", f"This JSON is no table. {SHAPES}"),
        (b'{"a": {"x": 1}, "b": {"y": [2]}}', f"This JSON is no table. {SHAPES}"),
        (b"[]", f"The file is empty. {WANTED}"),
        (
            b"PK\x03\x04 not really",
            "The file cannot be read as Excel. Is it protected by a password? Save it as CSV instead.",
        ),
        (as_excel(FRAME.head(0)), "The sheet has a header with 2 columns, but no rows below it."),
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
    monkeypatch.setattr(limits, "LIMITS", Limits(bytes=2_000_000))
    with pytest.raises(TooLargeError) as caught:
        read_raw(b"x" * 3_000_000)
    assert str(caught.value).startswith("The file has 3 MB; at most 2 MB are read here.")


def test_too_many_rows_are_refused(monkeypatch):
    monkeypatch.setattr(limits, "LIMITS", Limits(rows=3))
    with pytest.raises(TooLargeError, match="The table has 4 rows; at most 3 are read here"):
        read_raw(b"a\n1\n2\n3\n4\n")


def test_a_column_without_a_name_is_given_one_and_said():
    raw = read_raw(b"a,,c\n1,2,3\n")
    assert list(raw.frame.columns) == ["a", "column 2", "c"]
    assert [note.text for note in raw.notes] == ["The 2. column has no name; it is called “column 2” here."]


def test_of_several_sheets_the_only_one_with_cells_is_read_and_said():
    raw = read_raw(as_excel(pd.DataFrame(), people=FRAME, other=pd.DataFrame()))
    assert list(raw.frame.columns) == ["name", "age"]
    assert "Of 3 sheets, “people” was read." in [note.text for note in raw.notes]


def test_where_several_sheets_have_cells_it_is_asked_which_is_meant():
    content = as_excel(pd.DataFrame(), people=FRAME, other=FRAME)
    with pytest.raises(SheetsError, match="2 sheets with cells: “people” and “other”") as raised:
        read_raw(content)
    assert raised.value.sheets == ("people", "other")
    assert len(read_raw(content, sheet="other").frame) == 2
    with pytest.raises(TableError, match=r"There is no sheet 'gone'\. The file has first, people and other"):
        read_raw(content, sheet="gone")


def test_a_row_of_a_sheet_that_names_the_columns_again_is_left_out_and_said():
    twice = pd.concat([FRAME.astype(object), pd.DataFrame([list(FRAME)], columns=list(FRAME)), FRAME.astype(object)])
    raw = read_raw(as_excel(twice))
    assert list(raw.frame["name"]) == ["Ann", "Bo", "Ann", "Bo"]
    assert texts(raw) == ["Row 4 (“name”): left out, as it repeats the header."]


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


def texts(raw):
    return [note.text for note in raw.notes]


def arrow_parquet(**columns):
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b'a,b\n1,"x\n2,y\n3,z\n', 2),
        (b'a,b\n1,x\n2,"y', 3),
        (b'a,b\n1,"x\n2,"y"\n3,z\n', 2),
    ],
)
def test_an_open_quotation_mark_never_swallows_rows(content, line):
    with pytest.raises(TableError) as caught:
        read_raw(content)
    assert str(caught.value) == (
        f"A quotation mark in line {line} is not closed where its cell ends. Mend that line, or export the table anew."
    )


def test_a_quotation_mark_inside_a_cell_of_one_line_does_no_harm():
    assert list(read_raw(b'a,b\n1,"x" \n2,5" pipe\n').frame["b"]) == ["x ", '5" pipe']


@pytest.mark.parametrize("content", [b"a,b\n1," + b"x" * 10_500_000 + b"\n", b'a,b\n1,x\n2,"' + b"y\n" * 5_500_000])
def test_a_cell_without_end_is_refused(content):
    with pytest.raises(
        TableError, match=r"has a cell of more than 10,000,000 characters\. Is a quotation mark left open\?"
    ):
        read_raw(content)


def test_empty_lines_are_left_out_and_said():
    raw = read_raw(b"a,b\n\n1,2\n   \n3,4\n")
    assert list(raw.frame["a"]) == ["1", "3"]
    assert texts(raw) == ["2 empty lines left out."]


def test_a_blank_cell_of_the_only_column_is_a_row():
    assert list(read_raw(b'a\n1\n""\n3\n').frame["a"]) == ["1", "", "3"]


def test_empty_rows_of_a_sheet_are_left_out_and_said():
    raw = read_raw(as_excel(pd.DataFrame({"a": [1.0, None, 3.0]})))
    assert list(raw.frame["a"]) == [1.0, 3.0]
    assert texts(raw) == ["1 empty row left out."]


def test_a_second_sheet_is_not_opened_when_the_first_is_named(monkeypatch):
    opened = []
    lines = sheet_file._lines
    monkeypatch.setattr(sheet_file, "_lines", lambda book, name, *rest: opened.append(name) or lines(book, name, *rest))
    read_raw(as_excel(FRAME, other=FRAME), sheet="first")
    assert opened == ["first"]


def test_a_made_up_name_does_not_clash_with_a_real_one():
    raw = read_raw(b"column 2,\n1,2\n")
    assert list(raw.frame.columns) == ["column 2", "column 2 without a name"]


def test_too_many_cells_are_refused_from_the_metadata(monkeypatch):
    monkeypatch.setattr(limits, "LIMITS", Limits(cells=3))
    for content in (as_parquet(FRAME), b"a,b\n1,2\n3,4\n"):
        with pytest.raises(TooLargeError) as caught:
            read_raw(content)
        assert str(caught.value) == "The table has 4 cells; at most 3 are read here. Split it."


def test_all_rows_are_counted_although_not_all_are_kept(monkeypatch):
    monkeypatch.setattr(limits, "LIMITS", Limits(rows=3))
    with pytest.raises(TooLargeError, match="The table has 50 rows; at most 3"):
        read_raw(b"a\n" + b"1\n" * 50)


def test_nested_parquet_columns_are_kept_as_text():
    raw = read_raw(arrow_parquet(a=[[1, 2], None], b=[{"c": 1}, None], **{" d ": [1, 2], "": [3, 4]}))
    assert list(raw.frame.columns) == ["a", "b", "d", "column 4"]
    assert list(raw.frame["a"]) == ["[1, 2]", None]
    assert list(raw.frame["b"]) == ['{"c": 1}', None]


def test_long_whole_numbers_beside_blanks_keep_every_digit():
    raw = read_raw(arrow_parquet(a=[9007199254740993, None]))
    assert list(raw.frame["a"]) == [9007199254740993, None]


def test_columns_inside_nested_parquet_count_towards_the_limit():
    wide = pa.array([{f"c{at}": at for at in range(2001)}])
    with pytest.raises(TooLargeError, match="The table has 2,001 columns"):
        read_raw(arrow_parquet(a=wide))


def test_a_parquet_column_that_comes_twice_is_named():
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"]), buffer)
    with pytest.raises(TableError, match="The header names “a” more than once"):
        read_raw(buffer.getvalue())


def test_json_strings_may_hold_any_line_separator():
    assert read_raw('{"a": "x\u2028y\x85z"}\r\n{"a": "w"}'.encode()).frame["a"][0] == "x\u2028y\x85z"


def test_json_numbers_of_any_length_and_half_characters_are_read():
    raw = read_raw(b'{"a": 1' + b"0" * 5000 + b', "\\ud800": "\\udc00", "c": NaN}\n')
    assert list(raw.frame.columns) == ["a", "\ufffd", "c"]
    assert raw.frame["a"][0] == "1" + "0" * 5000
    assert raw.frame["\ufffd"][0] == "\ufffd"
    assert raw.frame["c"][0] is None


def test_objects_that_lack_fields_are_read_and_said():
    raw = read_raw(b'{"a": 1, "b": 2}\n{"a": 3}\n{"b": 4}\n')
    assert list(raw.frame["a"]) == [1, 3, None]
    assert texts(raw) == ["2 objects without some of the fields; what they lack was read as blank."]


def test_json_in_utf_16_is_read_and_said():
    raw = read_raw('{"a": "ü"}'.encode("utf-16"))
    assert raw.frame["a"][0] == "ü"
    assert texts(raw) == ["The file was read as UTF-16 text."]


def test_what_no_parser_announces_is_still_one_sentence(monkeypatch):
    def fail(*_):
        raise KeyError("surprise")

    monkeypatch.setattr(text_file, "read_text", fail)
    with pytest.raises(TableError) as caught:
        read_raw(b"a,b\n1,2\n")
    assert str(caught.value) == "The file looks like a text table, but cannot be read as such. Export it anew."


def test_a_table_too_large_for_the_memory_says_so(monkeypatch):
    def fail(*_):
        raise MemoryError

    monkeypatch.setattr(text_file, "read_text", fail)
    with pytest.raises(TooLargeError, match=r"The table does not fit in this computer's memory\. Split it\."):
        read_raw(b"a,b\n1,2\n")


@cache
def sound_files():
    """Written once: a workbook carries the time it was written, and each example must start from the same bytes."""
    excel = as_excel(FRAME)
    return {
        "csv": b'a,b\n1,"x"\n2,y\n',
        "json": b'{"a": 1, "b": "x"}\n',
        "parquet": as_parquet(FRAME),
        "excel": excel,
        "inner xml": excel,
    }


@settings(max_examples=60, deadline=None)
@given(data=st.data(), kind=st.sampled_from(["excel", "parquet", "csv", "json", "inner xml"]))
def test_no_flipped_byte_escapes_as_another_error(data, kind):
    content = sound_files()[kind]
    content = rezipped(content, data) if kind == "inner xml" else flipped(content, data)
    try:
        read_raw(content)
    except WhysureError as error:
        assert str(error)[-1] in ".?"  # noqa: PT017 - any sentence will do, no other error may come


def flipped(content, data):
    changed = bytearray(content)
    changed[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    return bytes(changed)


def rezipped(content, data):
    """A sound archive around one damaged part, which is where parsers meet what they do not expect."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        chosen = data.draw(st.sampled_from(old.namelist()))
        for name in old.namelist():
            new.writestr(name, flipped(old.read(name), data) if name == chosen else old.read(name))
    return out.getvalue()
