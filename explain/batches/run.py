"""A batch from beginning to end: index the inputs, survey them, decide chunk by chunk, sum up.

Each step leaves files that appear whole or not at all, and does nothing where they are there: killed at any moment, the
same call goes on from there.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explain.batches.engines import Crew, Engine
from explain.batches.facts import facts_of_all, facts_of_survey
from explain.batches.files import read_json, remove_drafts, write_bytes
from explain.batches.inputs import inputs_of
from explain.batches.lock import locked
from explain.batches.manifest import NAME as MANIFEST
from explain.batches.manifest import begin, write_manifest
from explain.batches.plan import ROWS_PER_PART, WORK, Options, Plan, same_columns
from explain.batches.reading import Reading
from explain.batches.reasons import ALL, share_of
from explain.batches.summary import NAME as SUMMARY
from explain.batches.summary import write_summary
from explain.batches.tasks import COLUMNS, Bench, is_done, read_index
from explain.confidence.assess import LEVEL
from explain.decisions.arrow import parquet
from explain.decisions.files import frame_of_warnings
from explain.errors import WhysureError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from explain.batches.facts import Facts
    from explain.models import Package
    from explain.types import Progress

    Tell = Callable[[int, int, str], None]
    """Called with the rows done, the rows in all (0 while they are being counted) and what is being done."""

INDEXING, SURVEYING, DECIDING = "Opening the inputs", "Looking over all rows", "Deciding"
SHARES = {INDEXING: (0.0, 0.05), SURVEYING: (0.05, 0.2), DECIDING: (0.2, 1.0)}
"""Where in the whole each step begins and ends: one row is looked over in a fifth of the time it is decided in."""
LOCAL = Engine()


@dataclass(frozen=True)
class Batch:
    """A batch that is done: the folder it was written to, its rows, those `rejected`, and its summary."""

    out: Path
    rows: int
    rejected: int
    summary: dict[str, Any]


def batch(  # noqa: PLR0913 - each is one thing that a person may say
    inputs: str | Path | Iterable[str | Path],
    model: Package,
    out: str | Path,
    *,
    workers: int | None = None,
    level: float = LEVEL,
    cohort: str = "",
    rows_per_part: int | None = None,
    reasons: str = ALL,
    engine: str = "local",
    address: str = "",
    progress: Progress | None = None,
) -> Batch:
    """Decide every row of files, folders or globs of Parquet, Arrow, CSV or JSON lines, a part at a time.

    Writes `decisions` and `warnings` in the columns of a review, partitioned as the inputs are, summary.json and
    manifest.json into the folder `out`; see docs/batch.md. The numbers are the same for any `workers`,
    `rows_per_part` and `engine`: "local", or "ray", "dask" or "spark", which work on this machine, or on the cluster at
    `address`. `reasons` are worked out for "all" rows, "none", those "flagged" to be checked first or not to be used
    yet, or a sample of some share, "sample=0.1". The same call goes on where an earlier one ended.
    `progress(share, doing)` may raise CancelledError: what is done is kept. Raises WhysureError with a sentence for the
    person.
    """
    most = ROWS_PER_PART if rows_per_part is None else rows_per_part
    options = Options(level, cohort, most, reasons=reasons)

    def tell(done: int, total: int, doing: str) -> None:
        if progress:
            first, last = SHARES[doing]
            progress(first + (last - first) * done / max(total, 1), doing)

    found = run(inputs, model, Path(out), options, workers=workers, engine=Engine(engine, address), tell=tell)
    if progress:
        progress(1.0, "Done")
    return found


def run(  # noqa: PLR0913 - each is one thing that a person may say
    inputs: str | Path | Iterable[str | Path],
    model: Package,
    out: Path,
    options: Options,
    *,
    workers: int | None = None,
    engine: Engine = LOCAL,
    tell: Tell | None = None,
) -> Batch:
    """The same with all options, and progress in rows."""
    if options.rows_per_part < 1 or (workers is not None and workers < 1):
        raise WhysureError("A part has at least one row, and a batch at least one worker.")
    share_of(options.reasons)
    found = inputs_of(inputs)
    engine.check([str(out), *(item.path for item in found)])
    with Crew(engine, workers) as crew, locked(out):
        known = begin(out, model, found, options)
        finished = _finished(out)
        if finished is not None:
            return finished
        remove_drafts(out)
        say = tell or _silent
        plan = _indexed(Plan(model, known, (), options, out), crew, say)
        write_manifest(plan, "begun")
        facts = _facts(plan, crew, say)
        _decide(plan, facts, crew, say)
        return _finish(plan, facts)


def _finished(out: Path) -> Batch | None:
    """The batch where it is done already, and its files are there."""
    manifest, summary = read_json(out / MANIFEST), read_json(out / SUMMARY)
    if manifest is None or manifest["state"] != "done" or summary is None:
        return None
    files = [out / kind / f"{part['part']}.parquet" for part in manifest["parts"] for kind in ("decisions", "warnings")]
    if not all(path.exists() for path in files):
        return None
    # it may have been killed before this was gone
    shutil.rmtree(out / WORK, ignore_errors=True)
    return Batch(out, manifest["rows"], manifest["rejected"], summary)


def _indexed(plan: Plan, crew: Crew, say: Tell) -> Plan:
    """The plan with the index of every input; the first tells the columns of all."""
    total, done = len(plan.inputs), [0]

    def told(count: int) -> None:
        done[0] += count
        say(done[0], total, INDEXING)

    say(0, total, INDEXING)
    crew.do_here([partial(Bench.index, at=0, columns=())], plan, told)
    first = read_index(plan.work, 0)
    columns = first.columns if first else ()
    waiting = [at for at in range(1, total) if read_index(plan.work, at) is None]
    missing = [partial(Bench.index, at=at, columns=columns) for at in waiting]
    # processes take a second to start, which opening a few files does not
    few = len(missing) < 2 or not any(item.kind in {"csv", "jsonl"} for item in plan.inputs)
    if few:
        crew.do_here(missing, plan, told)
    else:
        crew.work_on(missing, plan, None, told)
    indices = tuple(found for at in range(total) if (found := read_index(plan.work, at)) is not None)
    same_columns(indices, plan.inputs)
    return replace(plan, indices=indices)


def _facts(plan: Plan, crew: Crew, say: Tell) -> Facts:
    """What holds for the whole table."""
    reading = Reading(plan)
    # what keeps all from being read is said here, once, before any process is started
    _ = reading.settled
    if plan.judged_whole:
        return facts_of_all(reading)
    chunks = list(plan.chunks())
    done = [0]

    def told(rows: int) -> None:
        done[0] += rows
        say(done[0], plan.rows, SURVEYING)

    say(0, plan.rows, SURVEYING)
    waiting = [chunk for chunk in chunks if not (plan.work / "survey" / f"{chunk.name}.json").exists()]
    done[0] = plan.rows - sum(chunk.rows for chunk in waiting)
    crew.work_on([partial(Bench.survey, chunk=chunk) for chunk in waiting], plan, None, told)
    return facts_of_survey(reading)


def _decide(plan: Plan, facts: Facts, crew: Crew, say: Tell) -> None:
    waiting = [chunk for chunk in plan.chunks() if not is_done(plan, chunk)]
    done = [plan.rows - sum(chunk.rows for chunk in waiting)]

    def told(rows: int) -> None:
        done[0] += rows
        say(done[0], plan.rows, DECIDING)

    say(done[0], plan.rows, DECIDING)
    crew.work_on([partial(Bench.decide, chunk=chunk) for chunk in waiting], plan, facts, told)


def _finish(plan: Plan, facts: Facts) -> Batch:
    """Sum up, say that all is done, and remove what was kept for that."""
    write_bytes(plan.out / "warnings" / COLUMNS, parquet(frame_of_warnings(facts.columns)))
    summary = write_summary(plan, facts)
    write_manifest(plan, "done")
    shutil.rmtree(plan.work, ignore_errors=True)
    return Batch(plan.out, plan.rows, sum(index.rejected for index in plan.indices), summary)


def _silent(done: int, total: int, doing: str) -> None:
    """Nobody watches."""
