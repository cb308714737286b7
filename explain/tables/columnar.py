"""Parquet and Arrow (Feather) files -> their columns, opened in the limited process first."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from explain.errors import ModelError, TableError
from explain.safety.limited import run_limited
from explain.safety.uploads import fault_of
from explain.tables import limits
from explain.tables.raw import Raw, checked, typed

if TYPE_CHECKING:
    import pyarrow as pa


def tried(task: str, content: bytes, options: dict[str, Any]) -> dict[str, Any]:
    """What a compiled reader makes of a file in a process of its own, before it is let at it here."""
    try:
        return run_limited(task, {"file": content}, options).facts
    except ModelError as error:  # a crash or a hang, said of a file in general
        raise TableError(str(error)) from error


def read_parquet(content: bytes) -> Raw:
    """The columns of a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    tried("parquet", content, {"unpacked": limits.LIMITS.unpacked})
    try:
        facts = pq.ParquetFile(io.BytesIO(content))
        rows, leaves = facts.metadata.num_rows, facts.metadata.num_columns
        checked([f"{at}" for at in range(leaves)], rows)  # a nested column has several within
        return _columns(facts.read(use_threads=True))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _damaged("Parquet", error) from error


def read_feather(content: bytes) -> Raw:
    """The columns of an Arrow file (Feather, version 2), or of an Arrow stream."""
    import pyarrow as pa

    tried("arrow", content, {"unpacked": limits.LIMITS.unpacked})
    source = pa.BufferReader(content)
    try:
        opened = pa.ipc.open_file(source) if content.startswith(b"ARROW1") else pa.ipc.open_stream(source)
        return _columns(opened.read_all())
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _damaged("Arrow", error) from error


def _damaged(kind: str, error: Exception) -> TableError:
    return TableError(f"The {kind} file is damaged: {fault_of(error)}. Export it anew.")


def _columns(table: pa.Table) -> Raw:
    """The columns without those in which pandas keeps the numbers of its rows; decimals become floats."""
    import pyarrow as pa

    index = [name for name in index_columns(table.schema.metadata or {}) if name in table.column_names]
    table = table.drop_columns(index).replace_schema_metadata(None)
    names, notes = checked([str(name) for name in table.column_names], table.num_rows)
    table.validate(full=True)
    for at, field in enumerate(table.schema):
        # by way of its text: the direct way is off in the last digit
        if pa.types.is_decimal(field.type):
            table = table.set_column(at, field.name, table.column(at).cast(pa.string()).cast(pa.float64()))
    # whole numbers beside blanks would turn into floats, which cut long account numbers
    frame = table.to_pandas(ignore_metadata=True, integer_object_nulls=True).set_axis(names, axis=1)
    return typed(frame, notes)


def index_columns(metadata: dict[bytes, bytes]) -> list[str]:
    """Columns that pandas wrote for the numbers of rows; an index with a name of its own is a column like any other."""
    try:
        said = json.loads(metadata.get(b"pandas", b"{}"))
        found = said.get("index_columns", []) if isinstance(said, dict) else []
    except (ValueError, RecursionError):
        return []
    return [name for name in found if isinstance(name, str) and name.startswith("__index_level_")]
