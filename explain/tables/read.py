"""A file -> its raw columns, and notes on how it was read. Every failure is one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain.errors import TableError, TooLargeError, WhysureError
from explain.tables import columnar, json_file, limits, sheet_file, text_file, web_page
from explain.tables.packed import unpack
from explain.tables.raw import Raw, from_frame
from explain.tables.sniff import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Raw", "from_frame", "read_raw"]

KINDS = {
    "text": "a text table",
    "parquet": "Parquet",
    "feather": "Arrow (Feather)",
    "excel": "Excel",
    "json": "JSON",
    "page": "a web page",
}


def read_raw(content: bytes, sheet: str | None = None, names: Iterable[str] = ()) -> Raw:
    """Read any supported file, packed or not; raises TableError or TooLargeError.

    `sheet` names the sheet of a workbook, or the file in a ZIP archive; without it the only one with cells is read, and
    SheetsError raised where there are several. The line that has most of the folded `names` is taken for the header.
    """
    inner, notes, sheet = unpack(_small(content), sheet)
    wanted = frozenset(names)
    readers: dict[str, Callable[[], Raw]] = {
        "text": lambda: text_file.read_text(inner, wanted),
        "parquet": lambda: columnar.read_parquet(inner),
        "feather": lambda: columnar.read_feather(inner),
        "excel": lambda: sheet_file.read_sheet(inner, sheet, wanted),
        "json": lambda: json_file.read_json(inner, wanted),
        "page": lambda: web_page.read_page(inner, wanted),
    }
    kind = kind_of(inner)
    try:
        raw = readers[kind]()
    except WhysureError:
        raise
    except MemoryError as error:
        raise TooLargeError("The table does not fit in this computer's memory. Split it.") from error
    except Exception as error:  # no parser lists all that it raises, and a person cannot act on a traceback
        raise TableError(f"The file looks like {KINDS[kind]}, but cannot be read as such. Export it anew.") from error
    return Raw(raw.frame, (*notes, *raw.notes), raw.delimiter, raw.headless)


def _small(content: bytes) -> bytes:
    if len(content) > limits.LIMITS.bytes:
        raise TooLargeError(
            f"The file has {len(content) / 1e6:,.0f} MB; at most {limits.LIMITS.bytes / 1e6:,.0f} MB are read here. "
            "Split it, or review it with the command `whysure review`."
        )
    return content
