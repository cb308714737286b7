"""A frame of documented columns as Arrow, and from there as Parquet and CSV, block by block."""

from __future__ import annotations

import io
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    import pyarrow as pa

BETWEEN = "; "
"""What stands between the outcomes of a list in CSV and Excel."""
FORMULA_START = "^[=+\\-@\t\r]"
"""A text cell that starts so is run as a formula by spreadsheet programs; an apostrophe before it defuses it."""


def as_arrow(frame: pd.DataFrame) -> pa.Table:
    """The frame as an Arrow table; lists of texts are that even where all are missing or empty."""
    import pyarrow as pa

    schema = pa.Schema.from_pandas(frame, preserve_index=False)
    at = schema.get_field_index("plausible")
    if at >= 0:
        schema = schema.set(at, pa.field("plausible", pa.list_(pa.string())))
    return pa.Table.from_pandas(frame, schema=schema, preserve_index=False)


def parquet(frame: pd.DataFrame, group: int | None = None) -> bytes:
    """A frame of documented columns as a Parquet file, whose row groups have `group` rows at most."""
    import pyarrow.parquet as pq

    stream = io.BytesIO()
    pq.write_table(as_arrow(frame), stream, row_group_size=group)
    return stream.getvalue()


def csv(frame: pd.DataFrame) -> bytes:
    """A frame of documented columns as CSV, safe to open in a spreadsheet."""
    import pyarrow.csv as pacsv

    stream = io.BytesIO()
    pacsv.write_csv(defused(as_arrow(frame)), stream, pacsv.WriteOptions(quoting_style="needed"))
    return stream.getvalue()


def for_spreadsheet(frame: pd.DataFrame) -> pd.DataFrame:
    """A copy whose texts a spreadsheet takes as texts, and whose lists are words."""
    found: pd.DataFrame = defused(as_arrow(frame)).to_pandas()
    return found


def write_blocks(frames: Iterable[pd.DataFrame], parquet_file: IO[bytes], csv_file: IO[bytes]) -> None:
    """Frames of the same columns, one after the other, as one Parquet and one CSV file; there is one at least."""
    import pyarrow.csv as pacsv
    import pyarrow.parquet as pq

    into: pq.ParquetWriter | None = None
    beside: pacsv.CSVWriter | None = None
    try:
        for frame in frames:
            table = as_arrow(frame)
            words = defused(table)
            if into is None or beside is None:
                into = pq.ParquetWriter(parquet_file, table.schema)
                options = pacsv.WriteOptions(quoting_style="needed")
                beside = pacsv.CSVWriter(csv_file, words.schema, write_options=options)
            into.write_table(table.cast(into.schema))
            beside.write_table(words)
    finally:
        for writer in (into, beside):
            if writer is not None:
                writer.close()


def defused(table: pa.Table) -> pa.Table:
    """The same for CSV and spreadsheets: lists in words ("No; Yes"), truth as True and False, and an apostrophe before
    texts, and names of columns, that would run as formulas.
    """
    import pyarrow as pa

    columns = [_plain(column) for column in table.columns]
    names = _defused(pa.array([str(name) for name in table.column_names], pa.large_string())).to_pylist()
    return pa.table(dict(zip(names, columns, strict=True)))


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_list(kind):
        column = pc.binary_join(column, BETWEEN)
        kind = column.type
    if pa.types.is_boolean(kind):
        return pc.if_else(column, "True", "False")
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _defused(column.cast(pa.large_string()))
    return column


def _defused(texts: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    runs = pc.match_substring_regex(texts, FORMULA_START)
    marked = pc.binary_join_element_wise(pa.scalar("'", pa.large_string()), texts, pa.scalar("", pa.large_string()))
    return pc.if_else(runs, marked, texts)
