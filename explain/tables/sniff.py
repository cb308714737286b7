"""What a file is, by its content and never by its name: kind, encoding, delimiter."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from typing import Literal, TypeAlias

from explain.errors import TableError

Kind: TypeAlias = Literal["parquet", "excel", "json", "text"]

MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"PAR1", "parquet"),
    (b"PK\x03\x04", "excel"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "excel"),
)
FOREIGN = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x7fELF", "a program"),
    (b"ARROW1", "an Arrow (Feather) file"),
    (b"<!DOCTYPE html", "a web page"),
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "an XML file"),
)
DELIMITERS = ",;\t|"
SAMPLE_LINES = 50
"""Lines looked at for the delimiter: enough to be sure, few enough to be instant."""
WANTED = "Expected a table as CSV, TSV, Parquet, Excel or JSON lines."


_PARQUET_LIKE = re.compile(rb"PAR1[A-Za-z0-9_ ,;|\t\r\n-]")
_JSON = re.compile(rb'\{|\[\s*(?:[\[{\]"0-9-]|$)')
"""An opening brace, or a bracket before a value: "[Amount],age" is a header."""


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
    for magic, name in FOREIGN:
        if head.startswith(magic):
            raise TableError(f"This is {name}, not a table. {WANTED}")
    # UTF-16 without its zeros reads like ASCII as far as this asks
    return "json" if _JSON.match(head.replace(b"\x00", b"")) else "text"


def decode(content: bytes) -> tuple[str, str]:
    """Text and the name of its encoding: UTF-8 and UTF-16 with or without a mark, else Latin-1 (Windows-1252).

    Raises TableError for NUL bytes, which no text has.
    """
    for mark, name in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return _decoded(content, name).removeprefix("\ufeff"), name
    head = content[:2_000]
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


def delimiter_of(text: str) -> str:
    """The delimiter under which most lines have the same number of fields; a comma for one column."""
    lines = [line for line in text[:200_000].splitlines()[:SAMPLE_LINES] if line.strip()]
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        widths = _widths(lines, delimiter)
        if not widths:
            continue
        width, agreeing = widths.most_common(1)[0]
        header = len(next(csv.reader(lines[:1], delimiter=delimiter)))
        # the header knows best how wide the table is; agreement of the other lines decides between two
        score = (agreeing / sum(widths.values()) + (header == width), width)
        if width > 1 and score > best_score:
            best, best_score = delimiter, score
    return best


def _widths(lines: list[str], delimiter: str) -> Counter[int]:
    """How many lines have how many fields; none where a cell is longer than the csv module takes."""
    try:
        return Counter(len(row) for row in csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter) if row)
    except csv.Error:
        return Counter()
