"""A web page -> the largest table in it, as programs write them that call it an Excel file."""

from __future__ import annotations

from html.parser import HTMLParser

from explain.errors import TableError
from explain.tables import limits
from explain.tables.grid import Lines, table_of
from explain.tables.raw import Raw, refuse_many
from explain.tables.sniff import WANTED, decode
from explain.types import Note

MOST_SPANNED = 1_000
"""Columns that one cell may span."""


class _Tables(HTMLParser):
    """The cells of each table, as text; a cell over several columns stands in the first."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self._open: list[int] = []
        self._cell: list[str] | None = None
        self._span = 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._close_cell()
            self._open.append(len(self.tables))
            self.tables.append([])
        elif tag == "tr" and self._open:
            self._close_cell()
            self._rows().append([])
            refuse_many(len(self._rows()) - 1)
        elif tag in {"td", "th"} and self._open:
            self._close_cell()
            span = dict(attrs).get("colspan") or "1"
            self._cell, self._span = [], min(int(span), MOST_SPANNED) if span.isdigit() else 1
        elif tag == "br" and self._cell is not None:
            self._cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th", "tr", "table"}:
            self._close_cell()
        if tag == "table" and self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def _rows(self) -> list[list[str]]:
        return self.tables[self._open[-1]]

    def _close_cell(self) -> None:
        if self._cell is None or not self._open:
            return
        if not self._rows():
            self._rows().append([])
        row = self._rows()[-1]
        row += [" ".join("".join(self._cell).split()), *[""] * (self._span - 1)]
        self._cell = None
        if len(row) > limits.LIMITS.columns:
            raise TableError(f"A row of the table in this page has more than {limits.LIMITS.columns:,} cells. {WANTED}")


def read_page(content: bytes, names: frozenset[str]) -> Raw:
    """The table with most cells of a web page; raises TableError for a page without any."""
    text, _ = decode(content)
    parser = _Tables()
    parser.feed(text)
    parser.close()
    tables = [[row for row in rows if row] for rows in parser.tables]
    largest = max(tables, key=lambda rows: sum(map(len, rows)), default=[])
    if len(largest) < 2:
        raise TableError(f"This is a web page without a table in it. {WANTED}")
    notes = [Note("The file is a web page; the table in it was read.")]
    width = max(map(len, largest))
    rows = [row + [""] * (width - len(row)) for row in largest]
    return table_of(Lines(rows, list(range(1, 1 + len(rows))), what="row"), names, notes)
