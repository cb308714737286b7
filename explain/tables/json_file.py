"""JSON -> columns: a list of objects, one object a line, and the other shapes in which pandas writes tables."""

from __future__ import annotations

import json
import re
from typing import Any

from explain import words
from explain.errors import TableError
from explain.tables.cells import whole_text
from explain.tables.grid import Lines, table_of
from explain.tables.likeness import fold
from explain.tables.raw import Raw, checked, typed
from explain.tables.sniff import WANTED, decode
from explain.types import Note

LONGEST_WHOLE = 300
"""Digits of a whole number that a float can hold; longer ones in JSON stay text."""
LISTS = ("data", "rows", "records", "items", "results", "values", "value")
"""Keys under which services put their rows, the likeliest first."""
SHAPES = (
    'Expected a list of objects such as [{"age": 42}], one object a line, {"data": [...]}, or a shape that '
    "DataFrame.to_json writes (columns, index, split, records, table)."
)


def read_json(content: bytes, names: frozenset[str]) -> Raw:
    """The table in a JSON file, whose columns are those of some folded `names`, if any are given."""
    text, encoding = decode(content)
    notes = [] if encoding == "utf-8" else [Note(f"The file was read as {encoding.upper()} text.")]
    try:
        found = _parse(text) if text.lstrip().startswith("[") else _lines(text)
    except (json.JSONDecodeError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise TableError(f'Line {line:,} is not JSON. Expected one object a line, such as {{"age": 42}}.') from error
    if isinstance(found, list) and len(found) == 1 and isinstance(found[0], dict):
        found = _unfolded(found[0], names)
    if not isinstance(found, list):
        raise TableError(f"This JSON is no table. {SHAPES}")
    if not found:
        raise TableError(f"The file is empty. {WANTED}")
    if all(isinstance(item, list) for item in found):
        return table_of(Lines(found, list(range(1, 1 + len(found))), what="row"), names, notes)
    if not all(isinstance(item, dict) for item in found):
        raise TableError(f"This JSON is no table. {SHAPES}")
    return _of_records(found, notes)


def _of_records(records: list[dict[str, Any]], notes: list[Note]) -> Raw:
    """One row an object; fields that some lack are blank there."""
    import pandas as pd

    header = list(dict.fromkeys(name for item in records for name in item))
    names, said = checked([whole_text(name) for name in header], len(records))
    notes = [*said, *notes]
    short = sum(len(item) < len(header) for item in records)
    if short:
        notes.append(
            Note(f"{words.count(short, 'object')} without some of the fields; what they lack was read as blank.")
        )
    columns = {name: [item.get(old) for item in records] for name, old in zip(names, header, strict=True)}
    return typed(pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in columns.items()}), notes)


def _unfolded(found: dict[str, Any], names: frozenset[str]) -> list[Any] | None:
    """The rows in an object of one of the known shapes; None for any other.

    An object of plain values is a single row.
    """
    if {"columns", "data"} <= found.keys() and isinstance(found["columns"], list) and isinstance(found["data"], list):
        return [[str(name) for name in found["columns"]], *found["data"]]
    inside = [found[key] for key in LISTS if isinstance(found.get(key), list)]
    if inside and all(isinstance(item, dict) for item in inside[0]):
        index = _table_index(found)
        return [{name: cell for name, cell in row.items() if name not in index} for row in inside[0]]
    cells = list(found.values())
    if cells and all(isinstance(item, dict) for item in cells):
        return _of_objects(found, names)
    if cells and all(isinstance(item, list) for item in cells) and len({len(item) for item in cells}) == 1:
        return [list(found), *map(list, zip(*cells, strict=True))]
    return [found] if not all(isinstance(item, dict | list) for item in cells) else None


def _table_index(found: dict[str, Any]) -> set[str]:
    """The column in which pandas' shape "table" keeps the numbers of rows."""
    schema = found.get("schema")
    key = schema.get("primaryKey") if isinstance(schema, dict) else None
    return {"index"} if isinstance(key, list) and key == ["index"] else set()


def _of_objects(found: dict[str, dict[str, Any]], names: frozenset[str]) -> list[Any] | None:
    """Objects in an object: by column, as pandas does it unasked, or by row; told by the names, else by the numbers."""
    outer = list(found)
    inner = list(dict.fromkeys(key for item in found.values() for key in item))
    by_column, by_row = (len({fold(key) for key in keys} & names) for keys in (outer, inner))
    if by_column == by_row:
        by_column, by_row = (all(key.isdigit() for key in keys) for keys in (inner, outer))
    if by_column == by_row:
        return None
    if by_row:
        return list(found.values())
    return [{name: cells.get(key) for name, cells in found.items()} for key in inner]


def _parse(text: str) -> Any:  # noqa: ANN401 - JSON may be anything
    return json.loads(text, object_pairs_hook=_object, parse_int=_whole)


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= LONGEST_WHOLE else digits


def _lines(text: str) -> list[Any]:
    records = []
    # not splitlines(), which also splits at U+2028 and others that JSON allows inside a string
    for at, line in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        if not line.strip():
            continue
        try:
            records.append(_parse(line))
        except (json.JSONDecodeError, RecursionError) as error:
            if at == 1 and text.lstrip().startswith("{"):
                return [_parse(text)]
            raise TableError(f'Line {at:,} is not JSON. Expected one object a line, such as {{"age": 42}}.') from error
    return records


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise TableError(
            f"An object names {words.listed([f'“{name}”' for name in twice])} more than once. Which one is meant?"
        )
    return found
