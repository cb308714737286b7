"""Rows of inputs -> Tables: the cells of any chunk are read in the one way that the first rows settle."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from explain.batches.plan import HEAD
from explain.batches.sources import read_rows, series_of
from explain.errors import TableError
from explain.tables.raw import Raw
from explain.tables.settled import Rows, Settled
from explain.tables.table import context_cells
from explain.types import Cells, Codes, Table
from explain.types.cells import coded

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from explain.batches.plan import Chunk, Plan
    from explain.types import Floats, Proposal, Repair, Schema


@dataclass(frozen=True)
class Read:
    """Some rows as they were read, and the `context` (n, any) beside them as text."""

    rows: Rows
    context: pd.DataFrame

    def __len__(self) -> int:
        return len(self.context)

    def table(self, schema: Schema, ids: tuple[str, ...], proposals: tuple[Proposal, ...] = ()) -> Table:
        """The same as a table; it has no fingerprint, since it is none of its own."""
        return Table(
            self.rows.cells, schema, ids, "", self.context, (), self.rows.unread, self.rows.repairs, "batch", proposals
        )


class Reading:
    """How the inputs of a plan are read."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.schema = plan.model.schema

    @cached_property
    def settled(self) -> Settled:
        """How cells are read: settled on all rows of a short table, on the first of a longer one."""
        import pandas as pd

        most = self.plan.rows if self.plan.judged_whole else HEAD
        pieces, left = [], most
        for chunk in self.plan.chunks():
            if not left:
                break
            piece = self.raw(replace(chunk, rows=min(chunk.rows, left)))
            left -= len(piece)
            pieces.append(_frame(piece))
        if not pieces:
            raise TableError("The inputs have columns, but no rows.")
        frame = pd.concat(pieces, ignore_index=True) if len(pieces) > 1 else pieces[0]
        return Settled(Raw(frame, (), self.plan.indices[0].delimiter), self.schema)

    def raw(self, chunk: Chunk) -> pa.Table:
        """The rows of a chunk as they stand in its input."""
        plan = self.plan
        return read_rows(plan.inputs[chunk.source], plan.indices[chunk.source], chunk.start, chunk.rows)

    def read(self, raw: pa.Table) -> Read:
        """Rows of an input as they are read."""
        import pandas as pd

        numbers = {
            self.settled.match.found[column.name]
            for column in self.schema
            if column.kind == "number" and not column.is_date
        }
        used = self.settled.match.found.values()
        columns = {name: series_of(raw.column(name), number=name in numbers) for name in used}
        context = {name: context_cells(series_of(raw.column(name), number=False)) for name in self.settled.extra}
        return Read(self.settled.read(columns), pd.DataFrame(context, index=range(len(raw))))


def _frame(raw: pa.Table) -> pd.DataFrame:
    """Raw rows as a frame of cells."""
    import pandas as pd

    return pd.DataFrame({name: series_of(raw.column(name), number=False) for name in raw.column_names})


def joined(pieces: list[Read], schema: Schema) -> Read:
    """Rows that were read apart, one below the other."""
    import numpy as np
    import pandas as pd

    if len(pieces) == 1:
        return pieces[0]
    starts = np.cumsum([0, *(len(piece) for piece in pieces)]).tolist()
    cells: dict[str, Floats | Codes] = {}
    for column in schema:
        if column.kind == "number":
            cells[column.name] = np.concatenate([piece.rows.cells.numbers(column.name) for piece in pieces])
        else:
            texts = np.concatenate([piece.rows.cells.codes(column.name).texts for piece in pieces])
            cells[column.name] = coded(texts, column.categories)
    unread: dict[str, dict[int, str]] = {}
    for start, piece in zip(starts, pieces, strict=False):
        for name, texts_of in piece.rows.unread.items():
            unread.setdefault(name, {}).update({start + row: text for row, text in texts_of.items()})
    context = pd.concat([piece.context for piece in pieces], ignore_index=True)
    return Read(Rows(Cells(cells), unread, _joined_repairs(pieces, starts)), context)


def _joined_repairs(pieces: list[Read], starts: list[int]) -> tuple[Repair, ...]:
    import numpy as np

    found: dict[tuple[str, str], list[tuple[int, Repair]]] = {}
    for start, piece in zip(starts, pieces, strict=False):
        for item in piece.rows.repairs:
            found.setdefault((item.column, item.kind), []).append((start, item))
    return tuple(
        replace(
            items[0][1],
            rows=np.concatenate([start + item.rows for start, item in items]),
            found=tuple(text for _, item in items for text in item.found),
        )
        for items in found.values()
    )
