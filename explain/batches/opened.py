"""A batch that is done, opened to be looked at: all rows column by column, some rows as Decisions."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from explain.batches.files import read_json
from explain.batches.manifest import NAME as MANIFEST
from explain.batches.summary import NAME as SUMMARY
from explain.batches.tasks import COLUMNS, PAST, RUN
from explain.decisions.stored import restored, stored_model, stored_schema
from explain.decisions.verdict import KINDS
from explain.errors import NotFoundError
from explain.tables.dates import parse_dates
from explain.types import SEVERITIES, Table, cells_of

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa

    from explain.decisions import Decisions
    from explain.types import Floats, Ints, ModelInfo, Schema


@dataclass(frozen=True)
class OpenBatch:
    """The folder of a batch, its `run` and `summary` as its JSON files have them, and the files of its parts with the
    place of the first row of each, and of the end: `starts` (parts + 1,). `key` tells it from any other batch, one that
    was made anew in the same folder among them.
    """

    folder: Path
    key: str
    run: dict[str, Any]
    summary: dict[str, Any]
    parts: tuple[str, ...]
    starts: Ints

    def __len__(self) -> int:
        return int(self.starts[-1])

    @cached_property
    def model(self) -> ModelInfo:
        """The model that decided."""
        return stored_model(self.run)

    @cached_property
    def schema(self) -> Schema:
        """The model's columns."""
        return stored_schema(self.run)

    @cached_property
    def scores(self) -> Floats:
        """(n,) shown scores."""
        return self._numbers("score")

    @cached_property
    def honest(self) -> Floats:
        """(n,) how likely each decision is right, NaN where nothing is claimed."""
        return self._numbers("honest")

    @cached_property
    def outcomes(self) -> Ints:
        """(n,) predicted outcomes as places among the model's, -1 without an answer; of a regression 0 or -1."""
        import numpy as np

        if self.model.task == "regression":
            return np.where(np.isfinite(self.scores), 0, -1)
        return self._places("prediction", self.model.outputs)

    @cached_property
    def verdicts(self) -> Ints:
        """(n,) verdicts as places in KINDS."""
        return self._places("verdict", KINDS)

    @cached_property
    def worst(self) -> Ints:
        """(n,) the worst fault of each row as its place in SEVERITIES, their number for none."""
        import numpy as np

        found = self._places("worst", SEVERITIES)
        return np.where(found < 0, len(SEVERITIES), found)

    def _numbers(self, name: str) -> Floats:
        import numpy as np

        pieces = [table.column(name).to_numpy().astype(np.float64) for table in self._read([name])]
        return np.concatenate([np.zeros(0), *pieces])

    def _places(self, name: str, words: tuple[str, ...]) -> Ints:
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        known = pa.array(words, pa.large_string())
        found = [
            pc.fill_null(pc.index_in(table.column(name).cast(pa.large_string()), known), -1).to_numpy()
            for table in self._read([name])
        ]
        return np.concatenate([np.zeros(0, dtype=np.int32), *found]).astype(np.int8 if len(words) < 100 else np.int32)

    def _read(self, names: list[str]) -> list[pa.Table]:
        """Some columns of every part."""
        import pyarrow.parquet as pq

        return [pq.read_table(self._file("decisions", part), columns=names, partitioning=None) for part in self.parts]

    def _file(self, kind: str, part: str) -> Path:
        return self.folder / kind / f"{part}.parquet"

    def position(self, row_id: str) -> int | None:
        """The place of the row that is called so; None where there is none."""
        import pyarrow.compute as pc

        for start, part in zip(self.starts, self.parts, strict=False):
            at: int = pc.index(self._ids(part), row_id).as_py()
            if at >= 0:
                return int(start) + at
        return None

    def _ids(self, part: str) -> pa.ChunkedArray:
        """What the rows of a part are called."""
        import pyarrow.parquet as pq

        return pq.read_table(self._file("decisions", part), columns=["row_id"], partitioning=None).column("row_id")

    def decisions(self, rows: Ints) -> Decisions:
        """The decisions on the rows at some places (m,), in that order, as a review has them.

        Of each row's part the row group alone is read, which is the same however many rows there are.
        """
        import numpy as np
        import pandas as pd

        of_part = np.searchsorted(self.starts, rows, side="right") - 1
        order = np.argsort(rows, kind="stable")
        pieces, warned = [], [self._of_columns()]
        for part in np.unique(of_part):
            own = rows[of_part == part]
            found = self._rows(int(part), np.sort(own) - self.starts[part])
            pieces.append(found)
            warned.append(self._warned(int(part), found["row_id"]))
        stored = pd.concat(pieces, ignore_index=True).iloc[np.argsort(order, kind="stable")].reset_index(drop=True)
        run = self.run | {"id": ""}
        return restored(run, self._table(stored), stored, pd.concat(warned, ignore_index=True), self.folder / PAST)

    def _rows(self, part: int, rows: Ints) -> pd.DataFrame:
        """Rows of a part at some places (m,) of it, ascending."""
        import numpy as np
        import pyarrow.parquet as pq

        with pq.ParquetFile(self._file("decisions", self.parts[part])) as file:
            sizes = [file.metadata.row_group(at).num_rows for at in range(file.num_row_groups)]
            starts = np.cumsum([0, *sizes])
            group = np.searchsorted(starts, rows, side="right") - 1
            groups = np.unique(group)
            table = file.read_row_groups(groups.tolist())
            before = np.cumsum([0, *(sizes[at] for at in groups)])[:-1]
            places = rows - starts[group] + before[np.searchsorted(groups, group)]
        found: pd.DataFrame = table.take(places).to_pandas()
        return found

    def _warned(self, part: int, ids: pd.Series) -> pd.DataFrame:
        """The warnings of some rows of a part."""
        import pyarrow.parquet as pq

        file = self._file("warnings", self.parts[part])
        found: pd.DataFrame = pq.read_table(
            file, filters=[("row_id", "in", ids.tolist())], partitioning=None
        ).to_pandas()
        return found

    def _of_columns(self) -> pd.DataFrame:
        """The warnings about whole columns."""
        import pandas as pd

        return pd.read_parquet(self.folder / "warnings" / COLUMNS)

    def _table(self, stored: pd.DataFrame) -> Table:
        """The rows' own cells, which stand beside what was decided."""
        import pandas as pd

        frame = pd.DataFrame({column.name: stored[f"value.{column.name}"] for column in self.schema})
        for column in self.schema:
            if column.is_date:
                frame[column.name] = parse_dates(frame[column.name], column)[0].values  # noqa: PD011 - no pandas object
        unread: dict[str, dict[int, str]] = {}
        for column in self.schema:
            uploaded = stored.get(f"uploaded.{column.name}")
            if column.kind == "number" and uploaded is not None:
                gone = uploaded.notna() & frame[column.name].isna()
                unread |= {column.name: {int(row): str(uploaded[row]) for row in gone.to_numpy().nonzero()[0]}}
        extra = [name for name in stored.columns if name.startswith("context.")]
        context = stored[extra].set_axis([name.removeprefix("context.") for name in extra], axis=1).fillna("")
        return Table(
            cells=cells_of(frame, self.schema),
            schema=self.schema,
            row_ids=tuple(stored["row_id"].astype(str)),
            fingerprint="",
            context=context,
            notes=(),
            unread={name: cells for name, cells in unread.items() if cells},
            name=self.run["table"]["name"],
            order=tuple(self.run["table"]["order"]),
        )


def open_batch(folder: Path) -> OpenBatch:
    """A batch that is done. Raises NotFoundError where there is none in a folder, or it is not done yet."""
    import numpy as np

    manifest, summary, run = (read_json(folder / name) for name in (MANIFEST, SUMMARY, RUN))
    if manifest is None:
        raise NotFoundError(f"There is no batch in '{folder.name}'.")
    if manifest["state"] != "done" or summary is None or run is None:
        raise NotFoundError(f"The batch in '{folder.name}' is not done yet. Run its command again to go on.")
    parts = tuple(part["part"] for part in manifest["parts"])
    starts = np.cumsum([0, *(part["rows"] for part in manifest["parts"])])
    key = hashlib.sha256(json.dumps([str(folder), manifest, summary]).encode()).hexdigest()
    return OpenBatch(folder, key, run, summary, parts, starts)
