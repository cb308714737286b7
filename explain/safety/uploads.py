"""Uploads in binary forms, opened in the limited process first: their readers are compiled, and one stray cell or one
page can ask for all memory and end the process with it.

What is found unreadable here is left to the reader in the app, which says it in its own words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explain.errors import TooLargeError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

BATCH = 1_024
"""Rows of a Parquet file decoded at once: few, as a cell can be a long text."""
_UNREADABLE: tuple[dict[str, Any], dict[str, Any]] = ({"readable": False}, {})


def sheets(inputs: Mapping[str, Path], options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Open the workbook `file` as the reader does: the sheet `sheet`, or all up to the first that has cells.

    Gives the names of all sheets and which of those looked at have cells. Raises TooLargeError beyond `cells`.
    """
    import python_calamine as calamine

    try:
        book = calamine.CalamineWorkbook.from_path(str(inputs["file"]))
        filled = {}
        for name in book.sheet_names if options["sheet"] is None else [options["sheet"]]:
            sheet = book.get_sheet_by_name(name)
            if sheet.total_height * max(sheet.total_width, 1) > options["cells"]:
                raise TooLargeError(
                    f"The sheet '{name}' reaches to row {sheet.total_height:,} and column {sheet.total_width:,}: "
                    "too large."
                )
            filled[name] = any(cell not in {"", None} for row in sheet.iter_rows() for cell in row)
    except (calamine.CalamineError, OSError, ValueError):
        return _UNREADABLE
    return {"readable": True, "names": book.sheet_names, "filled": filled}, {}


def parquet(inputs: Mapping[str, Path], options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read the Parquet file `file` a few rows at a time, each value checked.

    Gives its rows and the bytes that they take. Raises TooLargeError when these are more than `unpacked`, by the
    file's own account or in truth.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(inputs["file"]) as file:
            facts = file.metadata
            _refuse(sum(facts.row_group(at).total_byte_size for at in range(facts.num_row_groups)), options)
            held = 0
            for batch in file.iter_batches(BATCH, use_threads=False):
                batch.validate(full=True)
                held += batch.nbytes
                _refuse(held, options)
    except MemoryError:  # pyarrow's own is also an ArrowException
        raise
    except (pa.ArrowException, OSError, ValueError):
        return _UNREADABLE
    return {"readable": True, "rows": facts.num_rows, "bytes": held}, {}


def arrow(inputs: Mapping[str, Path], options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read the Arrow file or stream `file` batch by batch, each value checked.

    Gives its rows and the bytes that they take. Raises TooLargeError when these are more than `unpacked`.
    """
    import pyarrow as pa

    try:
        with inputs["file"].open("rb") as file:
            is_file = file.read(6) == b"ARROW1"
            file.seek(0)
            opened = pa.ipc.open_file(file) if is_file else pa.ipc.open_stream(file)
            batches = (opened.get_batch(at) for at in range(opened.num_record_batches)) if is_file else opened
            rows = held = 0
            for batch in batches:
                batch.validate(full=True)
                rows += batch.num_rows
                held += batch.nbytes
                _refuse(held, options)
    except MemoryError:
        raise
    except (pa.ArrowException, OSError, ValueError):
        return _UNREADABLE
    return {"readable": True, "rows": rows, "bytes": held}, {}


def _refuse(unpacked: int, options: Mapping[str, Any]) -> None:
    if unpacked > options["unpacked"]:
        raise TooLargeError(
            f"The file unpacks to more than {options['unpacked'] / 1e6:,.0f} MB. "
            "Split it, or leave out columns that the model does not need."
        )
