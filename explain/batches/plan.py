"""A batch before a row of it is judged: what is asked, of which inputs, and how these are cut into parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain.confidence.assess import LEVEL
from explain.errors import TableError, WhysureError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from explain.batches.inputs import Input
    from explain.batches.sources import Index
    from explain.models import Package

WORK = ".work"
"""The folder, within that of a batch, of what is kept until all is done."""
ROWS_PER_PART = 50_000
"""Rows of a part: a few seconds of work, and some hundred megabytes while it is done."""
JUDGED_WHOLE = 50_000
"""Rows up to which a table is judged from all of its rows at once, as a review judges it."""
HEAD = 1_000
"""First rows that settle how the cells of a longer table are read."""
SAMPLE = 5_000
"""Rows of a longer table on which its columns are judged: as many as tell it from past cases in a review."""


@dataclass(frozen=True)
class Options:
    """What can be said of a batch: the `level` of sets and ranges, the `cohort` column whose groups are judged apart,
    the rows of a part, up to how many rows a table is judged as a whole, and which rows get `reasons` (see
    `explain.batches.reasons`).
    """

    level: float = LEVEL
    cohort: str = ""
    rows_per_part: int = ROWS_PER_PART
    judged_whole: int = JUDGED_WHOLE
    reasons: str = "all"


@dataclass(frozen=True)
class Chunk:
    """`rows` rows of the `source`-th input from `start` on, which become the `at`-th part; the first of them is the
    `first`-th row of all.
    """

    at: int
    source: int
    start: int
    rows: int
    first: int

    @property
    def name(self) -> str:
        """The name of its files, without an ending."""
        return f"part-{self.at:05d}"


@dataclass(frozen=True)
class Plan:
    """A batch: the model, the inputs and their indices, the options, and the folder `out` that it is written to."""

    model: Package
    inputs: tuple[Input, ...]
    indices: tuple[Index, ...]
    options: Options
    out: Path

    @property
    def work(self) -> Path:
        """The folder of what is kept until all is done."""
        return self.out / WORK

    @property
    def rows(self) -> int:
        """All rows of all inputs."""
        return sum(index.rows for index in self.indices)

    @property
    def judged_whole(self) -> bool:
        """Whether the table is short enough to be judged from all of its rows at once."""
        return self.rows <= self.options.judged_whole

    def chunks(self, rows: int = 0) -> Iterator[Chunk]:
        """The inputs cut into chunks of at most `rows` rows, none of two inputs; by the rows of a part by default."""
        most = rows or self.options.rows_per_part
        at = first = 0
        for source, index in enumerate(self.indices):
            for start in range(0, index.rows, most):
                count = min(most, index.rows - start)
                yield Chunk(at, source, start, count, first + start)
                at += 1
            first += index.rows

    def folder(self, kind: str, chunk: Chunk) -> Path:
        """Where the files of a chunk lie, partitioned as its input is."""
        return self.out / kind / self.inputs[chunk.source].folder

    def check(self, source: int) -> None:
        """Raise WhysureError where an input is another than when the batch was planned."""
        from explain.batches.inputs import input_of

        item = self.inputs[source]
        now = input_of(item.path)
        if (now.size, now.changed) != (item.size, item.changed):
            raise WhysureError(f"The input '{item.path}' changed while it was read. Begin anew in another folder.")


def same_columns(indices: tuple[Index, ...], inputs: tuple[Input, ...]) -> None:
    """Raise TableError where an input has other columns than the first."""
    wanted = {*indices[0].columns, *dict(inputs[0].partition)}
    for item, index in zip(inputs, indices, strict=True):
        own = {*index.columns, *dict(item.partition)}
        if own != wanted:
            name = min(own ^ wanted)
            lacks = "lacks" if name in wanted else "has"
            than = "that the first input has" if name in wanted else "that the first input lacks"
            raise TableError(f"The input '{item.path}' {lacks} the column “{name}” {than}. Review it by itself.")
