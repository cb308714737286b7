"""A workbook or a Parquet file that would end the process ends the limited one."""

import io
import sys
import time
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from explain.errors import TooLargeError, WhysureError
from explain.safety.limited import Limits, run_limited

linux = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's limits")
FRAME = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
SHEETS = {"sheet": None, "cells": 100_000_000}
ONE_PAGE = {"use_dictionary": False, "write_statistics": False}
UNPACKED = {"unpacked": 200_000_000}
SHEET = "xl/worksheets/sheet1.xml"


def workbook(**frames):
    stream = io.BytesIO()
    with pd.ExcelWriter(stream, engine="xlsxwriter") as book:
        for name, frame in frames.items():
            frame.to_excel(book, sheet_name=name, index=False)
    return stream.getvalue()


def rewritten(content, name, change):
    """The same archive with one of its members changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            new.writestr(member, change(old.read(member)) if member == name else old.read(member))
    return out.getvalue()


def far(cell):
    """A workbook with one more cell, written as given."""
    return rewritten(workbook(one=FRAME), SHEET, lambda text: text.replace(b"</sheetData>", cell + b"</sheetData>"))


def as_parquet(table, **settings):
    stream = io.BytesIO()
    pq.write_table(table, stream, **settings)
    return stream.getvalue()


CRASHED = (
    "The file crashed the library that reads it (SIGABRT); only the trial was hurt. "
    "It is damaged or malformed: export it anew."
)
FAR = {
    "in single quotation marks": b"<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>",
    "with spaces": b'<row r = "1048576"><c r = "XFD1048576"><v>1</v></c></row>',
    "over two lines": b'<row r="1048576"><c\nr="XFD1048576"\n><v>1</v></c></row>',
}


@linux
@pytest.mark.parametrize("cell", FAR.values(), ids=FAR)
def test_a_far_cell_in_disguise_ends_the_limited_process_alone(cell):
    began = time.monotonic()
    with pytest.raises(WhysureError) as caught:
        run_limited("sheets", {"file": far(cell)}, SHEETS)
    assert str(caught.value) in {CRASHED, "The sheet 'one' reaches to row 1,048,576 and column 16,384: too large."}
    assert time.monotonic() - began < 10


@linux
def test_a_text_of_gigabytes_is_stopped():
    texts = pa.DictionaryArray.from_arrays(np.zeros(2_000, np.int32), pa.array(["x" * 1_000_000]))
    content = as_parquet(pa.table({"a": texts}), store_schema=False)
    assert len(content) < 100_000
    with pytest.raises(TooLargeError) as caught:
        run_limited("parquet", {"file": content}, UNPACKED)
    assert str(caught.value) == (
        "The file unpacks to more than 200 MB. Split it, or leave out columns that the model does not need."
    )


@linux
def test_one_page_beyond_the_memory_is_stopped():
    content = as_parquet(pa.table({"a": pa.array(["x" * 190_000_000])}), compression="zstd", **ONE_PAGE)
    assert len(content) < 1_000_000
    with pytest.raises(TooLargeError, match="The file asked for more than 0.6 GB of memory, and was stopped"):
        run_limited("parquet", {"file": content}, {"unpacked": 10**12}, Limits(memory=600_000_000))


def noise(size):
    """Bytes that nothing packs, so that a file of them may unpack to a lot."""
    return np.random.default_rng(0).bytes(size)


@linux
def test_one_cell_of_a_gigabyte_is_refused_before_it_is_unpacked():
    columns = {"a": ["x" * 1_000_000_000], "b": [noise(1_100_000)]}
    content = as_parquet(pa.table(columns), compression="zstd", **ONE_PAGE)
    with pytest.raises(TooLargeError) as caught:
        run_limited("parquet", {"file": content}, {"unpacked": 2_000_000_000}, Limits(memory=600_000_000))
    assert str(caught.value) == (
        "A column of the Parquet file unpacks to 1,000 MB at once; at most 500 MB are read. "
        "Leave it out, or write the file in smaller row groups."
    )


@linux
@pytest.mark.parametrize(
    ("cell", "longest"),
    [
        ("x" * 131_073, 131_073),
        (b"x" * 131_073, 131_073),
        (["x"] * 60_000, 300_004),
        ("☃" * 131_073, 131_073),
    ],
    ids=["text", "bytes", "list", "three bytes a character"],
)
def test_a_longer_cell_than_one_of_csv_is_refused(cell, longest):
    content = as_parquet(pa.table({"n": [1], "a": [cell]}))
    with pytest.raises(TooLargeError) as caught:
        run_limited("parquet", {"file": content}, UNPACKED)
    assert str(caught.value) == (
        f"Column 2 of the file has a cell of {longest:,} characters; at most 131,072 are read. Leave that column out."
    )


@pytest.mark.parametrize("cell", ["x" * 131_072, b"x" * 131_072, "☃" * 131_072, ["x"] * 1_000])
def test_a_cell_as_long_as_one_of_csv_is_read(cell):
    content = as_parquet(pa.table({"n": [1, 2], "a": [cell, None]}))
    assert run_limited("parquet", {"file": content}, UNPACKED).facts["rows"] == 2


def test_the_largest_column_at_once_is_read():
    content = as_parquet(pa.table({"a": pa.array([noise(100_000)] * 4_900)}), compression="zstd", use_dictionary=False)
    assert run_limited("parquet", {"file": content}, {"unpacked": 2_000_000_000}).facts["rows"] == 4_900


def test_a_sound_workbook_says_which_sheets_have_cells():
    content = workbook(notes=FRAME.head(0)[[]], data=FRAME, more=FRAME)
    facts = run_limited("sheets", {"file": content}, SHEETS).facts
    assert facts == {
        "readable": True,
        "names": ["notes", "data", "more"],
        "filled": {"notes": False, "data": True, "more": True},
    }


def test_one_sheet_is_opened_when_it_is_named():
    content = workbook(data=FRAME, more=FRAME)
    facts = run_limited("sheets", {"file": content}, SHEETS | {"sheet": "more"}).facts
    assert facts["filled"] == {"more": True}


def test_a_sound_parquet_file_says_what_it_takes():
    facts = run_limited("parquet", {"file": as_parquet(pa.table({"a": [1, 2, 3]}))}, UNPACKED).facts
    assert facts["readable"]
    assert facts["rows"] == 3
    assert 24 <= facts["bytes"] < 100


@pytest.mark.parametrize(("task", "options"), [("sheets", SHEETS), ("parquet", UNPACKED)])
def test_what_cannot_be_read_is_left_to_the_reader_to_say(task, options):
    assert run_limited(task, {"file": b"garbage"}, options).facts == {"readable": False}
