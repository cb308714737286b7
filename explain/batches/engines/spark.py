"""The engine `spark`: tasks as rows of a DataFrame, one a partition, done by the Python workers of executors."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from pyspark import AccumulatorParam, InheritableThread
from pyspark.sql import SparkSession

from explain.batches.engines.job import job_of, outcome_of, rows_of
from explain.batches.engines.local import ENDED
from explain.batches.engines.spark_session import started
from explain.errors import WhysureError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa
    from pyspark import Accumulator, Broadcast

    from explain.batches.engines.engine import Told, WorkOn
    from explain.batches.engines.local import Task
    from explain.batches.facts import Facts
    from explain.batches.plan import Plan

LOOK_AGAIN = 0.1
"""Seconds between two looks at what is done."""


@contextmanager
def opened(address: str, workers: int | None) -> Iterator[WorkOn]:
    """The session that this process has already, else one of the master at an address or of this machine."""
    before = SparkSession.getActiveSession()
    session = before or started(address, workers)
    try:
        yield partial(_work_on, session, address)
    finally:
        if not before:
            session.stop()


def _work_on(
    session: SparkSession, address: str, tasks: list[Task], plan: Plan, facts: Facts | None, told: Told
) -> None:
    context, job = session.sparkContext, job_of(plan, facts, address)
    sent = context.broadcast((job, tasks))
    # what a partition gives is only to be had in its turn, an accumulator as soon as a task is done
    outcomes = context.accumulator([], _Outcomes())
    faults: list[Exception] = []

    def run() -> None:
        context.setJobGroup(job.key, "whysure batch", interruptOnCancel=True)
        try:
            session.range(0, len(tasks), 1, len(tasks)).mapInArrow(_doing(sent, outcomes), "id long").collect()
        except Exception as error:  # noqa: BLE001 - it is raised where the caller waits
            faults.append(error)

    thread = InheritableThread(target=run)
    thread.start()
    try:
        heard, alive = 0, True
        while alive:
            thread.join(LOOK_AGAIN)
            alive = thread.is_alive()
            for outcome in outcomes.value[heard:]:
                told(rows_of(outcome))
                heard += 1
    finally:
        # what is cancelled before it has begun is begun all the same
        while thread.is_alive():
            context.cancelJobGroup(job.key)
            thread.join(LOOK_AGAIN)
        sent.unpersist()
    if faults:
        ended = any(words in str(faults[0]) for words in ("exited unexpectedly", "ExecutorLostFailure"))
        raise WhysureError(ENDED) if ended else faults[0]


def _doing(sent: Broadcast[Any], outcomes: Accumulator[Any]) -> Callable[[Iterator[pa.RecordBatch]], Any]:
    def done(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        job, tasks = sent.value
        for batch in batches:
            outcomes.add([outcome_of(job, tasks[at]) for at in batch.column("id").to_pylist()])
            yield batch

    return done


class _Outcomes(AccumulatorParam):  # type: ignore[misc]
    """Lists, one after the other."""

    def zero(self, value: list[Any]) -> list[Any]:  # noqa: ARG002 - as Spark has it
        return []

    def addInPlace(self, value1: list[Any], value2: list[Any]) -> list[Any]:  # noqa: N802 - as Spark has it
        value1 += value2
        return value1
