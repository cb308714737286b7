"""An Excel file that would not fit in memory is refused before it is opened."""

import io
import zipfile

import pytest
import xlsxwriter

from explain.errors import TableError, TooLargeError
from explain.tables.limits import LIMITS, Limits
from explain.tables.read import read_raw
from explain.tables.workbook import refuse_oversized


def workbook(cells, formatted=()):
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True})
    for row, column, value in cells:
        sheet.write(row, column, value)
    for row, column in formatted:
        sheet.write_blank(row, column, None, bold)
    book.close()
    return buffer.getvalue()


def archive(**files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return buffer.getvalue()


def test_a_stray_cell_in_the_last_corner_is_refused():
    with pytest.raises(TooLargeError) as caught:
        read_raw(workbook([(0, 0, "a"), (1_048_575, 16_383, 1)]))
    assert str(caught.value) == (
        "A sheet of the Excel file reaches to row 1,048,576 and column 16,384, which is too large. "
        "Is there a stray cell far out? Copy the table to a new sheet, or save it as CSV."
    )


def test_cells_that_are_only_formatted_take_no_room():
    raw = read_raw(workbook([(0, 0, "a"), (1, 0, 1)], formatted=[(1_048_575, 16_383)]))
    assert raw.frame.shape == (1, 1)


def test_a_cell_across_two_blocks_is_seen(monkeypatch):
    content = workbook([(0, 0, "a"), (99, 9, 1)])
    monkeypatch.setattr("explain.tables.workbook._BLOCK", 50)
    with pytest.raises(TooLargeError, match="reaches to row 100 and column 10"):
        refuse_oversized(content, Limits(cells=999))
    refuse_oversized(content, Limits(cells=1000))


def test_a_file_that_unpacks_to_too_much_is_refused():
    with pytest.raises(TooLargeError, match=r"The Excel file unpacks to 3 MB; at most 1 MB are read\."):
        refuse_oversized(archive(**{"xl/workbook.xml": "x" * 3_000_000}), Limits(unpacked=1_000_000))


def test_an_archive_without_a_workbook_is_named():
    with pytest.raises(TableError, match="This is a ZIP archive without an Excel workbook in it"):
        refuse_oversized(archive(**{"table.csv": "a,b"}), LIMITS)


@pytest.mark.parametrize("content", [b"PK\x03\x04 not really", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_damaged_and_old_files_are_left_to_the_reader(content):
    refuse_oversized(content, LIMITS)
