"""What a process of a batch does: take an input apart, survey a chunk, decide a chunk. Each is done once, on disk."""

from __future__ import annotations

from dataclasses import asdict
from functools import cached_property
from typing import TYPE_CHECKING

from explain.batches.files import read_json, write_bytes, write_json
from explain.batches.part import part_of
from explain.batches.reading import Reading
from explain.batches.sources import Index, index_of
from explain.batches.survey import survey
from explain.errors import WhysureError

if TYPE_CHECKING:
    from pathlib import Path

    from explain.batches.facts import Facts
    from explain.batches.plan import Chunk, Plan


COLUMNS = "part-columns.parquet"
"""The part of the warnings that are about whole columns."""
RUN, PAST = "run.json", "past.npz"
"""How all rows were decided, as beside a review; what a level is compared with."""


class Bench:
    """Where the tasks of a plan are done; what they share is made once. Each gives how many rows it has done."""

    def __init__(self, plan: Plan, facts: Facts | None) -> None:
        self.plan = plan
        self.facts = facts

    @cached_property
    def reading(self) -> Reading:
        """How the rows are read."""
        return Reading(self.plan)

    def index(self, at: int, columns: tuple[str, ...]) -> int:
        """Take the `at`-th input apart."""
        path = index_file(self.plan.work, at)
        if not path.exists():
            write_json(path, asdict(index_of(self.plan.inputs[at], at, self.plan.work, columns)))
        return 1

    def survey(self, chunk: Chunk) -> int:
        """Count, hash and draw from the rows of a chunk."""
        self.plan.check(chunk.source)
        survey(self.reading, chunk, self.plan.work / "survey")
        return chunk.rows

    def decide(self, chunk: Chunk) -> int:
        """Write the files of a chunk, and last its counts, which say that they are there."""
        if self.facts is None:
            raise WhysureError("Nothing is known of the whole table yet.")
        self.plan.check(chunk.source)
        part = part_of(self.reading.raw(chunk), chunk, self.reading, self.facts)
        write_bytes(self.plan.folder("decisions", chunk) / f"{chunk.name}.parquet", part.decisions)
        write_bytes(self.plan.folder("warnings", chunk) / f"{chunk.name}.parquet", part.warnings)
        if part.made is not None:
            write_bytes(self.plan.out / RUN, part.made.run.encode())
            write_bytes(self.plan.out / PAST, part.made.past)
        write_json(counts_file(self.plan.work, chunk), asdict(part.counts))
        return chunk.rows


def index_file(work: Path, at: int) -> Path:
    """Where the index of an input lies."""
    return work / "inputs" / f"{at:05d}.json"


def read_index(work: Path, at: int) -> Index | None:
    """The index of an input, None where it is not made."""
    found = read_json(index_file(work, at))
    if found is None:
        return None
    return Index(**found | {"columns": tuple(found["columns"]), "blocks": tuple(found["blocks"])})


def counts_file(work: Path, chunk: Chunk) -> Path:
    """Where the counts of a part lie: they are written when its files are there."""
    return work / "parts" / f"{chunk.name}.json"


def is_done(plan: Plan, chunk: Chunk) -> bool:
    """Whether the files of a chunk are written."""
    files = [plan.folder(kind, chunk) / f"{chunk.name}.parquet" for kind in ("decisions", "warnings")]
    return counts_file(plan.work, chunk).exists() and all(path.exists() for path in files)
