"""Pipelines, column transformers and unions: which columns go through which steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explain.models.scikit.cells import CONVERT, Block, Cells
from explain.models.scikit.thing import Thing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explain.models.scikit.cells import Writer


def steps_of(thing: Thing) -> list[Any]:
    """The steps of a pipeline, those that do nothing left out."""
    found = []
    for item in thing.listed("steps"):
        if not isinstance(item, tuple | list) or len(item) != 2:
            raise thing.broken("has a step without a name")
        if item[1] not in {None, "passthrough"} if isinstance(item[1], str | None) else True:
            found.append(item[1])
    if not found or not all(isinstance(item, Thing) for item in found):
        raise thing.broken("has a step that is no object")
    return found


def through(thing: Thing, cells: Cells, writer: Writer) -> tuple[Thing, Cells]:
    """The last step of a pipeline, and what it is given."""
    *steps, last = steps_of(thing)
    for step in steps:
        cells = writer.step(step, cells)
    return last, cells


def pipeline_model(thing: Thing, cells: Cells, writer: Writer) -> str:
    """A pipeline that ends in a model."""
    return writer.model(*through(thing, cells, writer))


def pipeline_step(thing: Thing, cells: Cells, writer: Writer) -> Cells:
    """A pipeline that prepares."""
    for step in steps_of(thing):
        cells = writer.step(step, cells)
    return cells


def by_column(thing: Thing, cells: Cells, writer: Writer) -> Cells:
    """ColumnTransformer: each of its parts over its own columns, side by side."""
    blocks: list[Block] = []
    for item in thing.listed("transformers_"):
        if not isinstance(item, tuple | list) or len(item) != 3:
            raise thing.broken("has a part that is none")
        _, step, columns = item
        if step == "drop" and isinstance(step, str):
            continue
        own = writer.pick(cells, places_of(thing, columns, cells))
        if not own.blocks:
            continue
        if isinstance(step, str):
            if step != "passthrough":
                raise thing.broken("has a part that is neither a step nor a word")
            blocks += own.blocks
            continue
        if not isinstance(step, Thing):
            raise thing.broken("has a part that is no object")
        blocks += writer.step(step, own).blocks
    return Cells(tuple(blocks))


def places_of(thing: Thing, columns: object, cells: Cells) -> list[int]:
    """The places that a part names: by name, place, range or mask; raises ModelError for a name that is not there."""
    import numpy as np

    if isinstance(columns, str | int):
        columns = [columns]
    if isinstance(columns, slice):
        return _span(thing, columns, cells)
    if isinstance(columns, np.ndarray):
        columns = columns.tolist()
    if not isinstance(columns, list | tuple):
        raise thing.refused("chooses columns by a function of one's own", CONVERT)
    if columns and all(isinstance(one, bool) for one in columns):
        if len(columns) != cells.width:
            raise thing.broken("has a mask of another length than its columns")
        return [at for at, one in enumerate(columns) if one]
    named = _named(thing, cells)
    return [_place(thing, one, cells, named) for one in columns]


def _named(thing: Thing, cells: Cells) -> dict[str, int]:
    """The place of each column by its name."""
    return {name: at for at, name in enumerate(thing.columns() or cells.names)}


def _span(thing: Thing, columns: slice, cells: Cells) -> list[int]:
    if not isinstance(columns.start, str) and not isinstance(columns.stop, str):
        return list(range(cells.width))[columns]
    named = _named(thing, cells)
    first = 0 if columns.start is None else _place(thing, columns.start, cells, named)
    last = cells.width - 1 if columns.stop is None else _place(thing, columns.stop, cells, named)
    return list(range(first, last + 1))


def _place(thing: Thing, one: object, cells: Cells, named: Mapping[str, int]) -> int:
    if isinstance(one, str):
        if one not in named:
            raise thing.broken(f"names the column '{one[:40]}', which it was not fitted on")
        return named[one]
    if not isinstance(one, int) or not -cells.width <= one < cells.width:
        raise thing.broken("names a column that is not there")
    return one % cells.width


def union(thing: Thing, cells: Cells, writer: Writer) -> Cells:
    """FeatureUnion: all of its parts over the same columns, side by side."""
    blocks: list[Block] = []
    weights = thing.get("transformer_weights") or {}
    for item in thing.listed("transformer_list"):
        name, step = item if isinstance(item, tuple | list) and len(item) == 2 else ("", None)
        if isinstance(step, str) and step in {"drop", "passthrough"}:
            blocks += cells.blocks if step == "passthrough" else ()
            continue
        if not isinstance(step, Thing):
            raise thing.broken("has a part that is no object")
        made = writer.step(step, cells)
        if name in weights:
            factor = writer.graph.number(float(weights[name]))
            made = writer.cells(writer.graph.add("Mul", writer.matrix(made), factor), made.width)
        blocks += made.blocks
    return Cells(tuple(blocks))
