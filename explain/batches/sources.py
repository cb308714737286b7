"""Inputs -> rows, a stretch at a time and from any place: Parquet by its row groups, Arrow by its batches.

Text cannot be entered in the middle: it is written once as Arrow batches beside the output, and read from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from explain.batches.inputs import content_hash
from explain.batches.text_rows import spool
from explain.errors import NotFoundError, TableError
from explain.safety.uploads import fault_of
from explain.tables.cells import plain_column
from explain.tables.columnar import index_columns
from explain.tables.raw import checked

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    from explain.batches.inputs import Input

ROWS_AT_ONCE = 65_536
"""Rows that are decoded in one go."""


@dataclass(frozen=True)
class Index:
    """What is known of an input before its rows are looked at: the sha256 of its bytes, its columns, how many rows each
    of its `blocks` has (row groups, or batches), and how many lines were `rejected` because they are no rows.

    `path` is where the rows lie: the input itself, or the Arrow file that its text was written to.
    """

    path: str
    kind: str
    sha256: str
    columns: tuple[str, ...]
    blocks: tuple[int, ...]
    rejected: int = 0
    delimiter: str = ""

    @property
    def rows(self) -> int:
        """All of its rows."""
        return sum(self.blocks)


def index_of(item: Input, at: int, work: Path, columns: Sequence[str] = ()) -> Index:
    """The index of the `at`-th input; text is written to `work` along the way, its columns those of the first input.

    Raises TableError in a sentence for a file that cannot be read, NotFoundError for one that is gone.
    """
    try:
        if item.kind in {"csv", "jsonl"}:
            target = work / "rows" / f"{at:05d}.arrow"
            written = spool(item, target, work.parent / "rejected" / f"input-{at:05d}.csv", columns)
            return Index(str(target), "arrow", content_hash(item.path), *written)
        names, blocks = _blocks(item)
    except FileNotFoundError as error:
        raise NotFoundError(f"The input '{item.path}' is not there any more.") from error
    return Index(item.path, item.kind, content_hash(item.path), names, blocks)


def _blocks(item: Input) -> tuple[tuple[str, ...], tuple[int, ...]]:
    import pyarrow as pa

    if item.packed:
        raise TableError(f"'{item.path}' is a compressed Arrow file, which cannot be entered in the middle. Unpack it.")
    try:
        if item.kind == "parquet":
            facts = _parquet(item.path, item.changed).metadata
            blocks = tuple(facts.row_group(at).num_rows for at in range(facts.num_row_groups))
            schema = _parquet(item.path, item.changed).schema_arrow
        else:
            opened = _arrow(item.path, item.changed)
            blocks = tuple(opened.get_batch(at).num_rows for at in range(opened.num_record_batches))
            schema = opened.schema
    except (pa.ArrowException, ValueError) as error:
        raise TableError(f"'{item.path}' is damaged: {fault_of(error)}. Export it anew.") from error
    return tuple(checked(_named(schema), 0)[0]), blocks


def _named(schema: pa.Schema) -> list[str]:
    """The columns of a file but those in which pandas keeps the numbers of its rows."""
    numbered = index_columns(schema.metadata or {})
    return [str(name) for name in schema.names if name not in numbered]


@lru_cache(maxsize=4)
def _parquet(path: str, _changed: int) -> pq.ParquetFile:
    import pyarrow.parquet as pq

    return pq.ParquetFile(path, pre_buffer=False)


@lru_cache(maxsize=4)
def _arrow(path: str, _changed: int) -> pa.ipc.RecordBatchFileReader:
    import pyarrow as pa

    return pa.ipc.open_file(pa.memory_map(path))


def read_rows(item: Input, index: Index, start: int, rows: int) -> pa.Table:
    """`rows` rows of an input from `start` on, with the columns of its partition behind its own, as text."""
    import pyarrow as pa

    try:
        table = _stretch(item, index, start, rows)
    except FileNotFoundError as error:
        raise NotFoundError(f"The input '{item.path}' is not there any more.") from error
    except (pa.ArrowException, OSError, ValueError) as error:
        raise TableError(f"'{item.path}' is damaged: {fault_of(error)}. Export it anew.") from error
    table = table.select(_named(table.schema)).replace_schema_metadata(None).rename_columns(list(index.columns))
    for name, text in item.partition:
        if name not in index.columns:
            table = table.append_column(name, pa.array([text] * len(table), type=pa.string()))
    return table


def _stretch(item: Input, index: Index, start: int, rows: int) -> pa.Table:
    """The rows out of the blocks that hold them; whole blocks before and behind are never opened."""
    import pyarrow as pa

    if not Path(index.path).exists():
        raise FileNotFoundError(index.path)
    first = skipped = 0
    wanted: list[int] = []
    for at, count in enumerate(index.blocks):
        if first + count > start and first < start + rows:
            if not wanted:
                skipped = start - first
            wanted.append(at)
        first += count
    found: list[pa.RecordBatch] = []
    if index.kind == "parquet":
        opened = _parquet(index.path, item.changed)
        schema = opened.schema_arrow
        batches = opened.iter_batches(batch_size=ROWS_AT_ONCE, row_groups=wanted, use_threads=False)
    else:
        opened = _arrow(index.path, item.changed)
        schema = opened.schema
        batches = (opened.get_batch(at) for at in wanted)
    left = rows
    for batch in batches:
        own = batch.slice(min(skipped, batch.num_rows), left)
        skipped = max(0, skipped - batch.num_rows)
        left -= own.num_rows
        found.append(own)
        if not left:
            break
    return pa.Table.from_batches(found, schema)


def series_of(column: pa.ChunkedArray, *, number: bool) -> pd.Series:
    """A column as cells: numbers of the model's number columns as float64 with NaN, all else as it stands in the file.

    Decimals become floats by way of their text: the direct way is off in the last digit.
    """
    import pandas as pd
    import pyarrow as pa

    kind = column.type
    if pa.types.is_decimal(kind):
        column, kind = column.cast(pa.string()).cast(pa.float64()), pa.float64()
    if number and (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        return pd.Series(column.cast(pa.float64(), safe=False).to_numpy())
    # whole numbers beside blanks would turn into floats, which cut long account numbers
    return plain_column(column.to_pandas(integer_object_nulls=True).reset_index(drop=True))
