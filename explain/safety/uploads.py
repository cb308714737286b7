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

    import pyarrow as pa

BATCH = 1_024
"""Rows of a Parquet file decoded at once: few, as a cell can be a long text."""
LARGEST_CHUNK = 500_000_000
"""Bytes of one column in one row group: writers make row groups of 128 MB to 1 GB, with all their columns."""
LONGEST_CELL = 131_072
"""Characters, as of a cell of CSV (csv.field_size_limit); a longer one is no value that a model takes."""
MOST_TIMES = 1_000
"""A table takes at most so many times the size of its file: categories without a pattern take a bit each in the file,
and some ten bytes here; only a bomb is packed tighter."""
ALWAYS = 200_000_000
"""Bytes that any file may unpack to: a column of one value is packed tighter, and does no harm in this size."""
_FAULTS = {
    ("not yet implemented", "unsupported"): "it is written in a way that is not read here",
    ("magic bytes", "footer", "file size"): "it was cut off, or its end was overwritten",
    ("thrift", "flatbuffers", "base64", "ipc message"): "its account of what is in it cannot be read",
    ("codec", "decompress", "snappy", "zstd", "end of stream"): "a part of it cannot be unpacked",
}
"""What pyarrow's messages say, by words in them."""
_OTHER_FAULT = "what is in it does not fit its own account"
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

    Gives its rows and the bytes that they take. Raises TooLargeError when these are more than `unpacked`, or than any
    table of its size takes, by the file's own account or in truth, and for one column or one cell that is too large.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    most = min(options["unpacked"], max(ALWAYS, MOST_TIMES * inputs["file"].stat().st_size))
    try:
        with pq.ParquetFile(inputs["file"]) as file:
            facts = file.metadata
            _refuse_account(facts, most)
            held = 0
            for batch in file.iter_batches(BATCH, use_threads=False):
                batch.validate(full=True)
                held += batch.nbytes
                _refuse(held, most)
                _refuse_long(batch)
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

    most = options["unpacked"]
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
                _refuse_long(batch)
                _refuse(held, most)
    except MemoryError:
        raise
    except (pa.ArrowException, OSError, ValueError):
        return _UNREADABLE
    return {"readable": True, "rows": rows, "bytes": held}, {}


def fault_of(error: Exception) -> str:
    """What is wrong with a Parquet or Arrow file, for a sentence: the library speaks of Thrift and of codecs."""
    said = str(error).lower()
    return next((fault for words, fault in _FAULTS.items() if any(word in said for word in words)), _OTHER_FAULT)


def _refuse_account(facts: Any, most: int) -> None:  # noqa: ANN401 - pyarrow has no types
    """By what the file says of itself, before anything of it is unpacked."""
    groups = [facts.row_group(at) for at in range(facts.num_row_groups)]
    _refuse(sum(group.total_byte_size for group in groups), most)
    chunks = (group.column(at) for group in groups for at in range(group.num_columns))
    for chunk in chunks:
        if max(chunk.total_uncompressed_size, chunk.total_compressed_size) > LARGEST_CHUNK:
            raise TooLargeError(
                f"A column of the Parquet file unpacks to {chunk.total_uncompressed_size / 1e6:,.0f} MB at once; at "
                f"most {LARGEST_CHUNK / 1e6:,.0f} MB are read. Leave it out, or write the file in smaller row groups."
            )


def _refuse(unpacked: int, most: int) -> None:
    if unpacked > most:
        raise TooLargeError(
            f"The file unpacks to more than {most / 1e6:,.0f} MB. "
            "Split it, or leave out columns that the model does not need."
        )


def _refuse_long(batch: pa.RecordBatch) -> None:
    for at, column in enumerate(batch.columns, start=1):
        longest = _longest(column)
        if longest > LONGEST_CELL:
            raise TooLargeError(
                f"Column {at} of the file has a cell of {longest:,} characters; at most {LONGEST_CELL:,} are "
                "read. Leave that column out."
            )


def _longest(column: pa.Array) -> int:
    """Characters of the longest text, or bytes; of lists and objects, which have no length of their own, the mean."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(column.type):
        column = column.dictionary
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return int(pc.max(pc.utf8_length(column)).as_py() or 0)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return int(pc.max(pc.binary_length(column)).as_py() or 0)
    return int(column.nbytes // max(len(column), 1))
