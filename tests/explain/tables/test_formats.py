"""Files as other departments send them: packed, of other programs, and JSON in any of the shapes of pandas."""

import bz2
import decimal
import gzip
import io
import json
import zipfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from explain.errors import SheetsError, TableError, TooLargeError
from explain.tables import limits, read_table
from explain.tables.limits import Limits
from explain.tables.read import read_raw
from explain.types import Column, Schema

FRAME = pd.DataFrame({"name": ["Ann", "Bo"], "age": [31.0, 42.5]})
CSV = b"name,age\nAnn,31\nBo,42.5\n"
SHEETS = Path(__file__).parents[2] / "fixtures" / "sheets"


def zipped(**files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def arrow(*, stream=False, compression="lz4"):
    buffer = io.BytesIO()
    if not stream:
        pyarrow.feather.write_feather(FRAME, buffer, compression=compression)
        return buffer.getvalue()
    table = pa.Table.from_pandas(FRAME)
    with pa.ipc.new_stream(buffer, table.schema) as writer:
        writer.write_table(table)
    return buffer.getvalue()


PAGE = (
    "<html><body><table border=1><tr><td>menu</td></tr></table><table><thead><tr><th>name</th><th>age</th></tr></thead>"
    "<tr><td>Ann</td><td>31</td></tr><tr><td>Bo<td>42.5</table></body></html>"
)


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(CSV),
        gzip.compress(CSV[:10]) + gzip.compress(CSV[10:]),
        zipped(**{"table.csv": CSV}),
        zipped(**{"a/table.csv": CSV, "__MACOSX/a/._table.csv": b"x", "a/.DS_Store": b"y"}),
        zipped(**{"table.json": FRAME.to_json(orient="records")}),
        arrow(),
        arrow(compression="zstd"),
        arrow(stream=True),
        CSV.decode().encode("utf-32"),
        CSV.decode().encode("utf-32-le"),
        PAGE.encode(),
        ("<?xml version='1.0'?>" + PAGE).encode(),
        PAGE.upper().replace("ANN", "Ann").replace("BO<", "Bo<").replace("NAME", "name").replace("AGE", "age").encode(),
        (SHEETS / "old.xls").read_bytes(),
        (SHEETS / "table.ods").read_bytes(),
    ],
    ids=[
        "gzip", "gzip of two", "zip", "zip of a Mac", "zip of JSON", "feather", "feather zstd", "arrow stream",
        "utf-32", "utf-32-le", "web page", "xhtml", "web page in capitals", "xls", "ods",
    ],
)  # fmt: skip
def test_every_kind_gives_the_same_cells(content):
    raw = read_raw(content)
    assert list(raw.frame.columns) == ["name", "age"]
    assert list(raw.frame["name"]) == ["Ann", "Bo"]
    assert [float(cell) for cell in raw.frame["age"]] == [31.0, 42.5]


JSON = {
    "columns": FRAME.to_json(),
    "records": FRAME.to_json(orient="records"),
    "split": FRAME.to_json(orient="split"),
    "index": FRAME.to_json(orient="index"),
    "table": FRAME.to_json(orient="table"),
    "lines": FRAME.to_json(orient="records", lines=True),
    "lists by column": json.dumps(FRAME.to_dict("list")),
    "data": json.dumps({"data": FRAME.to_dict("records")}),
    "results with more": json.dumps({"count": 2, "next": None, "results": FRAME.to_dict("records")}),
    "header and rows": json.dumps([["name", "age"], ["Ann", 31.0], ["Bo", 42.5]]),
    "indented": json.dumps(FRAME.to_dict("records"), indent=2),
}
SCHEMA = Schema((Column("name", "category", categories=("Ann", "Bo")), Column("age", "number", low=0, high=90)))


@pytest.mark.parametrize("shape", JSON)
def test_json_in_every_shape_of_pandas_is_one_row_a_case(shape):
    table = read_table(JSON[shape].encode(), SCHEMA)
    assert table.frame.to_dict("list") == {"name": ["Ann", "Bo"], "age": [31.0, 42.5]}


def test_objects_by_a_name_of_their_own_are_told_by_the_names_of_the_model():
    by_row = json.dumps({"K7": {"name": "Ann", "age": 31}, "K9": {"name": "Bo", "age": 42.5}})
    by_column = json.dumps({"name": {"K7": "Ann", "K9": "Bo"}, "age": {"K7": 31, "K9": 42.5}})
    for content in (by_row, by_column):
        assert list(read_table(content.encode(), SCHEMA).frame["age"]) == [31.0, 42.5]
    with pytest.raises(TableError, match="This JSON is no table"):
        read_raw(by_row.encode())


@pytest.mark.parametrize(
    "content",
    ['{"a": {"b": {"c": 1}}}', '{"a": [1, 2], "b": [1]}', "[1, 2]", '["a"]', '[{"a": 1}, 2]'],
)
def test_json_of_any_other_shape_is_refused_with_the_shapes_that_are_read(content):
    with pytest.raises(TableError, match="This JSON is no table. Expected a list of objects"):
        read_raw(content.encode())


def test_of_several_files_in_an_archive_it_is_asked_which_is_meant():
    content = zipped(**{"a.csv": CSV, "b.csv": CSV.replace(b"Ann", b"Eva")})
    with pytest.raises(SheetsError, match="The ZIP archive has 2 files: “a.csv” and “b.csv”") as raised:
        read_raw(content)
    assert raised.value.sheets == ("a.csv", "b.csv")
    assert read_raw(content, sheet="b.csv").frame["name"][0] == "Eva"


@pytest.mark.parametrize(
    "content", [gzip.compress(b"x" * 3_000_000), zipped(**{"a.csv": b"x" * 3_000_000})], ids=["gzip", "zip"]
)
def test_what_unpacks_to_too_much_is_refused_while_it_unpacks(content, monkeypatch):
    monkeypatch.setattr(limits, "LIMITS", Limits(unpacked=2_000_000))
    with pytest.raises(TooLargeError, match="The file unpacks to more than 2 MB"):
        read_raw(content)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (gzip.compress(CSV)[:-10], "The gzip file (ends too early|is damaged)"),
        (bz2.compress(CSV), "This is a bzip2 archive, not a table"),
        (zipped(), "This is an empty ZIP archive, not a table"),
        (b"<html><body>no table</body></html>", "This is a web page without a table in it"),
        (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>',
            "This is an Excel 2003 file in XML",
        ),
        (b"SQLite format 3\x00", "This is an SQLite database, not a table"),
    ],
    ids=["gzip cut off", "bzip2", "empty zip", "page", "Excel 2003", "SQLite"],
)
def test_what_is_not_read_is_named(content, said):
    with pytest.raises(TableError, match=said):
        read_raw(content)


def parquet(table):
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


def test_every_type_of_a_parquet_file_is_read_as_what_it_is():
    columns = {
        "flag": pa.array([True, False, None]),
        "price": pa.array([decimal.Decimal("1.234"), decimal.Decimal("5.600"), None], pa.decimal128(9, 3)),
        "count": pa.array([1, None, 3], pa.int64()),
        "city": pa.array(["Bern", "Oslo", None]).dictionary_encode(),
        "day": pa.array([0, 86_400_000_000, None], pa.timestamp("us", tz="Europe/Zurich")),
    }
    schema = Schema(
        (
            Column("flag", "number", low=0, high=1, integer=True),
            Column("price", "number"),
            Column("count", "number", integer=True, low=0, high=9),
            Column("city", "category", categories=("Bern", "Oslo")),
            Column("day", "number", unit="date", low=0, high=9, integer=True),
        )
    )
    frame = read_table(parquet(pa.table(columns)), schema).frame
    assert frame["flag"].tolist()[:2] == [1, 0]
    assert frame["price"].tolist()[:2] == [1.234, 5.6]
    assert frame["count"].tolist()[::2] == [1, 3]
    assert frame["city"].tolist() == ["Bern", "Oslo", None]
    assert [int(day) for day in frame["day"][:2]] == [0, 1]
    assert frame.iloc[2, :1].isna().all()


def test_the_index_of_pandas_is_dropped_without_a_word_and_one_with_a_name_is_kept():
    buffer = io.BytesIO()
    FRAME.iloc[[1, 0]].to_parquet(buffer)
    raw = read_raw(buffer.getvalue())
    assert (list(raw.frame.columns), raw.notes) == (["name", "age"], ())
    assert (list(read_raw(FRAME.to_csv().encode()).frame.columns), raw.notes) == (["name", "age"], ())
    named = io.BytesIO()
    FRAME.set_axis(pd.Index(["K7", "K9"], name="customer")).to_parquet(named)
    assert "customer" in read_raw(named.getvalue()).frame.columns


def workbook(write):
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet("Data & more")
    write(sheet)
    book.close()
    return buffer.getvalue()


def test_errors_and_formulas_without_a_result_are_said_as_what_they_are():
    def write(sheet):
        sheet.write_row(0, 0, ["name", "age"])
        sheet.write_row(1, 0, ["Ann"])
        sheet.write_formula(1, 1, "=1/0", None, "#DIV/0!")
        sheet.write_row(2, 0, ["Bo"])
        sheet.write_formula(2, 1, '=IF(A1<"x",B2*2,3)', None, "")
        sheet.write_row(3, 0, ["Bo", 5])
        sheet.set_row(3, None, None, {"hidden": True})

    table = read_table(workbook(write), SCHEMA)
    assert table.unread == {"age": {0: "#DIV/0!", 1: '=IF(A1<"x",B2*2,3)'}}
    notes = [note.text for note in table.notes]
    assert notes[0] == "1 cell with an error of a formula, such as #DIV/0!."
    assert notes[1].startswith("1 formula without a result: the file was written by a program that does not compute.")
    assert notes[2] == "1 hidden row read like all the others."


def test_each_row_has_the_value_of_the_merged_cell_that_covers_it():
    def write(sheet):
        sheet.write_row(0, 0, ["name", "age"])
        sheet.merge_range(1, 0, 3, 0, "Ann")
        for row in (1, 2, 3):
            sheet.write(row, 1, 30 + row)

    table = read_table(workbook(write), SCHEMA)
    assert table.frame.to_numpy().tolist() == [["Ann", 31.0], ["Ann", 32.0], ["Ann", 33.0]]
    assert [note.text for note in table.notes] == ["2 cells got the value of the merged cell that covers them."]


def test_titles_and_totals_of_a_sheet_are_left_out():
    def write(sheet):
        sheet.write_row(0, 0, ["Report of 2024"])
        sheet.write_row(2, 0, ["name", "age"])
        sheet.write_row(3, 0, ["Ann", 31])
        sheet.write_row(4, 0, ["Bo", 42])
        sheet.write_row(6, 0, ["Total", 73])

    table = read_table(workbook(write), SCHEMA)
    assert table.frame.to_numpy().tolist() == [["Ann", 31.0], ["Bo", 42.0]]
    assert [note.text for note in table.notes] == [
        "1 row above the header left out: “Report of 2024”.",
        "Row 7 (“Total”): left out, as it sums up other rows.",
        "2 empty rows left out.",
    ]


def test_a_number_of_a_million_digits_is_kept_as_text():
    digits = b"1" + b"0" * 1_000_000
    table = read_table(b"name,age\nAnn," + digits + b"\nBo,5\n", SCHEMA)
    assert len(table.unread["age"][0]) == 1_000_001
    assert table.frame["age"][1] == 5
