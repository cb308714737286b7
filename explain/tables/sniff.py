"""What a file is, by its content and never by its name: kind, encoding, delimiter."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from typing import Literal, TypeAlias

from explain.errors import TableError
from explain.tables.likeness import fold

Kind: TypeAlias = Literal["parquet", "feather", "excel", "json", "page", "text"]

MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"PAR1", "parquet"),
    (b"PK\x03\x04", "excel"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "excel"),
    (b"ARROW1", "feather"),
    (b"\xff\xff\xff\xff", "feather"),
)
FOREIGN = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"FEA1", "a Feather file of the first version, which is no longer read: save it anew"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x89HDF", "an HDF5 file"),
    (b"SQLite format", "an SQLite database"),
)
PAGES = (b"<!doctype html", b"<html", b"<table", b"<meta", b"<head", b"<body", b"<style", b"<div")
"""How web pages begin, in any case."""
SHEETML = b"urn:schemas-microsoft-com:office:spreadsheet"
DELIMITERS = ",;\t|"
BLANKS, FIXED = " ", "fixed"
"""Any number of blanks as a delimiter, and columns of a fixed width."""
LEAST_LINES = 3
"""Lines from which on blanks at the same places are no accident of two texts."""
SAMPLE_LINES = 50
"""Lines looked at for the delimiter: enough to be sure, few enough to be instant."""
WANTED = "Expected a table as CSV, TSV, Excel, OpenDocument, Parquet, Feather or JSON."


_PARQUET_LIKE = re.compile(rb"PAR1[A-Za-z0-9_ ,;|\t\r\n-]")
_JSON = re.compile(rb'\{|\[\s*(?:[\[{\]"0-9-]|$)')
"""An opening brace, or a bracket before a value: "[Amount],age" is a header."""


_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe\x00\x00", "utf-32"), (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"),
)  # fmt: skip
"""The longer mark first: that of UTF-32 begins like that of UTF-16."""


def kind_of(content: bytes) -> Kind:
    """The kind of a file; raises TableError for what is no table."""
    if not content.strip(b"\x00\r\n\t "):
        raise TableError(f"The file is empty. {WANTED}")
    # a header such as "PAR1_ID,age" starts like Parquet, whose own next byte is a control code
    if not _PARQUET_LIKE.match(content):
        for magic, kind in MAGIC:
            if content.startswith(magic):
                return kind
    head = content[:1_000].lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t\x00")
    return _kind_of_text(head, content)


def _kind_of_text(head: bytes, content: bytes) -> Kind:
    """The kind of what begins like no binary table; raises TableError for what is known as something else."""
    for magic, name in FOREIGN:
        if head.startswith(magic):
            raise TableError(f"This is {name}, not a table. {WANTED}")
    first = content[:4_000].lower()
    if head.startswith(b"<?xml") and b"<html" not in first:
        if SHEETML in first:
            raise TableError("This is an Excel 2003 file in XML. Open it in Excel or LibreOffice and save it as .xlsx.")
        raise TableError(f"This is an XML file, not a table. {WANTED}")
    if head.lower().startswith((b"<?xml", *PAGES)):
        return "page"
    # UTF-16 without its zeros reads like ASCII as far as this asks
    return "json" if _JSON.match(head.replace(b"\x00", b"")) else "text"


def decode(content: bytes) -> tuple[str, str]:
    """Text and the name of its encoding: UTF-8, UTF-16 and UTF-32 with or without a mark, else Latin-1 (Windows-1252).

    Raises TableError for NUL bytes, which no text has.
    """
    for mark, name in _MARKS:
        if content.startswith(mark):
            return _decoded(content, name).removeprefix("\ufeff"), name
    head = content[:2_000]
    # in UTF-32 without a mark three of four bytes of Latin text are zero
    if len(head) > 7 and len(content) % 4 == 0:
        for start, name in ((0, "utf-32-le"), (3, "utf-32-be")):
            if head.count(0) > 0.7 * len(head) and 0 not in head[start::4]:
                return _decoded(content, name), name
    # in UTF-16 without a mark every other byte of Latin text is zero
    for start, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(head) > 3 and head[start::2].count(0) > 0.7 * len(head[start::2]):
            return _decoded(content, name), name
    if b"\x00" in content:
        line = content[: content.index(b"\x00")].count(b"\n") + 1
        raise TableError(f"Line {line:,} holds a NUL byte, which no text file has. Export the table anew as CSV.")
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _latin(content)


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise TableError(
            f"The file says that it is {encoding.upper()}, but byte {error.start:,} is not. Export it anew."
        ) from error


def _latin(content: bytes) -> tuple[str, str]:
    """Western European text; bytes that are control codes there mean that it is no text at all."""
    controls = sum(content.count(bytes([code])) for code in range(32) if code not in {9, 10, 11, 12, 13, 27})
    if controls > 0.01 * len(content):
        raise TableError(f"This is not a text file. {WANTED}")
    return content.decode("cp1252", errors="replace"), "latin-1"


def delimiter_of(text: str, names: frozenset[str] = frozenset()) -> str:
    """The mark under which the first lines name most of the columns looked for (folded), and have the same number of
    fields; BLANKS or FIXED where only blanks part them, and a comma for one column.
    """
    lines = [line for line in text[:200_000].splitlines()[:SAMPLE_LINES] if line.strip()]
    best, best_score = ",", (0, 0.0, 0)
    for delimiter in DELIMITERS:
        rows = _split(lines, delimiter)
        if not rows:
            continue
        widths = Counter(map(len, rows))
        width, agreeing = widths.most_common(1)[0]
        # the header knows best how wide the table is; agreement of the other lines decides between two
        score = (_named(rows, names), agreeing / len(rows) + (len(rows[0]) == width), width)
        if width > 1 and score > best_score:
            best, best_score = delimiter, score
    return best if best_score[2] else _by_blanks(lines, names)


def _named(rows: list[list[str]], names: frozenset[str]) -> int:
    return max(len({fold(cell) for cell in row} & names) for row in rows)


def _by_blanks(lines: list[str], names: frozenset[str]) -> str:
    """BLANKS where all lines have as many words as the header, FIXED where all have blanks at the same places.

    A column of texts has blanks as well: a header is looked for, of known names or over a column of numbers.
    """
    words = [line.split() for line in lines]
    width = len(words[0]) if words else 0
    if len(lines) < LEAST_LINES or width < 2:
        return ","
    same = all(len(row) == width for row in _split([line.strip() for line in lines], BLANKS, skipinitialspace=True))
    known = len({fold(word) for word in words[0]} & names)
    if same and (2 * known >= width or (not names and _has_numbers(words[1:]))):
        return BLANKS
    shared = [at for at in range(1, len(lines[0])) if all(line[at - 1 : at] in {" ", ""} for line in lines)]
    shared = [at for at in shared if all(line[at:].strip() for line in lines[:2])]
    parts = re.split(r"\s{2,}", lines[0].strip())
    found = {fold(part) for part in [*parts, *words[0]]} & names
    return (
        FIXED if shared and (2 * len(found) >= max(2, min(len(names), len(parts))) or (not names and not same)) else ","
    )


def _has_numbers(rows: list[list[str]]) -> bool:
    return any(all(row[at].replace(".", "", 1).lstrip("-").isdigit() for row in rows) for at in range(len(rows[0])))


def _split(lines: list[str], delimiter: str, *, skipinitialspace: bool = False) -> list[list[str]]:
    """The fields of each line; none where a cell is longer than the csv module takes."""
    try:
        rows = csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter, skipinitialspace=skipinitialspace)
        return [row for row in rows if row]
    except csv.Error:
        return []
