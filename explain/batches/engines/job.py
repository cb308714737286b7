"""What the workers of a cluster share: the job as it is sent to them, their bench, and what goes back of a task."""

from __future__ import annotations

import os
import threading
import uuid
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import explain
from explain import errors
from explain.batches.tasks import Bench
from explain.errors import WhysureError
from explain.parallel import at_most

if TYPE_CHECKING:
    from explain.batches.engines.local import Task
    from explain.batches.facts import Facts
    from explain.batches.plan import Plan

Outcome: TypeAlias = tuple[int, str, str]
"""Rows done, and the name and words of the error where there is one: plain values, which every engine can carry."""

_BENCH: list[tuple[str, Bench]] = []
_ONE = threading.Lock()


@dataclass(frozen=True)
class Job:
    """A plan and what is known of its table, on their way to workers, who must have the same `version` of Whysure.

    `folder` is where its paths begin, "" where all are whole.
    """

    plan: Plan
    facts: Facts | None
    folder: str = ""
    version: str = explain.__version__
    key: str = field(default_factory=lambda: uuid.uuid4().hex)


def job_of(plan: Plan, facts: Facts | None, address: str) -> Job:
    """The job for the cluster at an address, or for this machine, where paths begin in the folder of this process.

    A package goes to workers as its files: what it made ready belongs to this process.
    """
    return Job(replace(plan, model=replace(plan.model)), facts, "" if address else str(Path.cwd()))


def outcome_of(job: Job, task: Task) -> Outcome:
    """Do a task at the bench of this process; what a person can act on goes back in words."""
    try:
        return task(_bench(job)), "", ""
    except WhysureError as error:
        return 0, type(error).__name__, str(error)


def rows_of(outcome: Outcome) -> int:
    """The rows of a task; raises the error that it met, as one of its kind."""
    rows, name, words = outcome
    if not name:
        return rows
    kind = getattr(errors, name, WhysureError)
    # some kinds hold more than their words, which stayed behind
    raise kind(words) if kind.__init__ is WhysureError.__init__ else WhysureError(words)


def _bench(job: Job) -> Bench:
    """The bench of this process, made for its first task of a job; the one before makes room for it."""
    if job.version != explain.__version__:
        raise WhysureError(
            f"A worker has Whysure {explain.__version__}, and the batch was started with {job.version}. Install the "
            "same on all."
        )
    with _ONE:
        if not _BENCH or _BENCH[0][0] != job.key:
            # the engine gives each worker a processor, and its neighbours the others
            at_most(1)
            if job.folder and Path(job.folder).is_dir():
                # the Java that starts workers of Spark may be of a time when the caller was in another one
                os.chdir(job.folder)
            _BENCH[:] = [(job.key, Bench(job.plan, job.facts))]
        return _BENCH[0][1]
