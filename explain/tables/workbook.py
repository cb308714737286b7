"""What an Excel file will become, found out before it is opened: calamine lays every sheet out as a full rectangle,
so that one stray cell in the last corner asks for 500 GB and ends the whole process.
"""

from __future__ import annotations

import io
import re
from html import unescape
from typing import TYPE_CHECKING, NamedTuple

from explain.errors import TableError, TooLargeError
from explain.tables.sniff import WANTED

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator

    from explain.tables.limits import Limits

_PLACE = re.compile(rb"""<(?:\w+:)?c\s(?:[^>]*?\s)?r\s*=\s*["']([A-Z]{1,3})([0-9]{1,7})["'](?:[^>]*[^>/])?>""")
"""The place of a cell that has something in it; cells that are only formatted close at once and take no room."""
_BLOCK = 4_000_000
_OVERLAP = 400
"""Bytes of one block that are looked at again with the next: longer than the opening tag of any cell."""
_WORKBOOKS = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")


def refuse_oversized(content: bytes, limits: Limits) -> None:
    """Look at a zipped workbook without opening it; old Excel files, which end at row 65,536, pass.

    Raises TooLargeError when it would not fit in memory, TableError when it is another kind of archive.
    """
    if not content.startswith(b"PK"):
        return
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _refuse(archive, limits)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        return  # calamine says what is wrong with it, in the same words for every damaged file


def _refuse(archive: zipfile.ZipFile, limits: Limits) -> None:
    entries = archive.infolist()
    if not any(entry.filename.lower() in _WORKBOOKS for entry in entries):
        raise TableError(f"This is a ZIP archive without an Excel workbook in it. {WANTED}")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > limits.unpacked:
        raise TooLargeError(
            f"The Excel file unpacks to {unpacked / 1e6:,.0f} MB; at most {limits.unpacked / 1e6:,.0f} MB are read. "
            "Save the table as CSV or Parquet."
        )
    for entry in entries:
        if entry.filename.lower().startswith("xl/worksheets/") and entry.filename.lower().endswith(".xml"):
            columns, rows = _extent(archive, entry)
            if columns * rows > limits.cells:
                raise TooLargeError(
                    f"A sheet of the Excel file reaches to row {rows:,} and column {columns:,}, which is too large. "
                    "Is there a stray cell far out? Copy the table to a new sheet, or save it as CSV."
                )


def _extent(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> tuple[int, int]:
    """The last column and the last row in which a sheet has a filled cell."""
    last_column, last_row = 0, 0
    for block in _blocks(archive, entry):
        places = _PLACE.findall(block)
        last_column = max(last_column, max(map(_column_number, {letters for letters, _ in places}), default=0))
        last_row = max(last_row, max((int(digits) for _, digits in places), default=0))
    return last_column, last_row


def _blocks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(entry) as stream:
        tail = b""
        while block := stream.read(_BLOCK):
            yield tail + block
            tail = block[-_OVERLAP:]


def _column_number(letters: bytes) -> int:
    """1 for A, 27 for AA."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


_SHEET = re.compile(rb"""<(?:\w+:)?sheet\s[^>]*?name="([^"]*)"[^>]*?r:id="([^"]*)\"""")
_TARGET = re.compile(rb"""<Relationship\s(?=[^>]*?Id="([^"]*)")(?=[^>]*?Target="([^"]*)")""")
_ERROR = re.compile(
    rb"""<c r="([A-Z]{1,3})([0-9]{1,7})"[^>]*? t="e"[^>]*>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)?<v>([^<]*)</v>"""
)
_FORMULA = re.compile(
    rb"""<c r="([A-Z]{1,3})([0-9]{1,7})"[^>]*>(?:<f[^>]*/>|<f[^>]*>([^<]*)</f>)(?:<v></v>|<v\s*/>)?</c>"""
)
_HIDDEN = re.compile(rb"""<row (?=[^>]*?r="([0-9]{1,7})")[^>]*? hidden="(?:1|true)\"""")
LONGEST_FORMULA = 60


class Marks(NamedTuple):
    """What calamine gives as empty cells: `texts` of errors and of formulas without a result, by row and column from 0.

    How many `errors` and `formulas` there are, and how many `hidden` rows.
    """

    texts: dict[tuple[int, int], str]
    errors: int = 0
    formulas: int = 0
    hidden: int = 0


def marks_of(content: bytes, sheet: str) -> Marks:
    """The marks of a sheet of an .xlsx file; none of any other, and none of a file that is written in another way."""
    import zipfile

    if not content.startswith(b"PK"):
        return Marks({})
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entry = _entry(archive, sheet)
            return Marks({}) if entry is None else _marks(archive, entry)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, OSError, KeyError):
        return Marks({})


def _entry(archive: zipfile.ZipFile, sheet: str) -> zipfile.ZipInfo | None:
    """The file of a sheet, as the workbook names it."""
    if "xl/workbook.xml" not in archive.namelist():
        return None
    books, targets = (archive.read(name) for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"))
    ids = {unescape(name.decode("utf-8", "replace")): key for name, key in _SHEET.findall(books)}
    target = dict(_TARGET.findall(targets)).get(ids.get(sheet, b""), b"").decode("utf-8", "replace")
    return archive.getinfo(target.lstrip("/") if target.startswith("/") else f"xl/{target}") if target else None


def _marks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Marks:
    errors: dict[tuple[int, int], str] = {}
    formulas: dict[tuple[int, int], str] = {}
    hidden: set[bytes] = set()
    for block in _blocks(archive, entry):
        for pattern, found in ((_ERROR, errors), (_FORMULA, formulas)):
            for letters, digits, text in pattern.findall(block):
                said = unescape(text.decode("utf-8", "replace"))[:LONGEST_FORMULA]
                place = int(digits) - 1, _column_number(letters) - 1
                found[place] = said if found is errors else f"={said}"
        hidden.update(_HIDDEN.findall(block))
    return Marks(errors | formulas, len(errors), len(formulas), len(hidden))
