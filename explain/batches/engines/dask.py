"""The engine `dask`: tasks as futures of Dask's distributed scheduler, a few a worker at a time."""

from __future__ import annotations

import logging
from contextlib import ExitStack, contextmanager
from itertools import islice
from typing import TYPE_CHECKING

from distributed import Client, KilledWorker, Scheduler, SpecCluster, as_completed
from distributed.client import FutureCancelledError
from distributed.deploy.subprocess import SubprocessWorker

from explain.batches.engines.job import job_of, outcome_of, rows_of
from explain.batches.engines.local import ENDED
from explain.errors import WhysureError
from explain.parallel import threads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from explain.batches.engines.engine import Told, WorkOn
    from explain.batches.engines.job import Job
    from explain.batches.engines.local import Task
    from explain.batches.facts import Facts
    from explain.batches.plan import Plan

WAITING = 2
"""Tasks that are handed out for each that can be done at once, as on one machine."""
PATIENCE = 30
"""Seconds that a scheduler, and the first of its workers, may take to answer."""


@contextmanager
def opened(address: str, workers: int | None) -> Iterator[WorkOn]:
    """A client of the scheduler at an address, or of one in this process that has workers in processes of their own."""
    # of each worker that comes and goes; what goes wrong comes as an error, too
    logging.getLogger("distributed").setLevel(logging.ERROR)
    with ExitStack() as stack:
        scheduler = address or stack.enter_context(_cluster(workers or threads()))
        try:
            client = stack.enter_context(Client(scheduler, timeout=PATIENCE, set_as_default=False))
            client.wait_for_workers(1, timeout=PATIENCE)
        except (OSError, ValueError) as error:
            raise WhysureError(
                f"No Dask scheduler with workers answers at '{address}'. Expected an address like tcp://10.0.0.5:8786."
            ) from error

        def work_on(tasks: list[Task], plan: Plan, facts: Facts | None, told: Told) -> None:
            every = WAITING * sum(client.nthreads().values())
            _work_on(client, job_of(plan, facts, address), tasks, workers if workers and address else every, told)

        yield work_on


def _cluster(workers: int) -> SpecCluster:
    """Processes that do not run the script that called, as those of Dask's own LocalCluster do.

    The scheduler lives in this process, so that they end with it, however it ends.
    """
    said = {"host": "127.0.0.1", "nthreads": 1, "silence_logs": logging.ERROR}
    worker = {"cls": SubprocessWorker, "options": {"worker_kwargs": said}}
    near = {"host": "127.0.0.1", "port": 0, "dashboard": False, "dashboard_address": "127.0.0.1:0"}
    scheduler = {"cls": Scheduler, "options": near}
    return SpecCluster(dict.fromkeys(range(workers), worker), scheduler, silence_logs=logging.ERROR)


def _work_on(client: Client, job: Job, tasks: list[Task], most: int, told: Told) -> None:
    sent = client.scatter(job, broadcast=True, hash=False)
    waiting = iter(tasks)
    # a task whose worker dies is given to another by the scheduler, three times
    running = {client.submit(outcome_of, sent, task, pure=False) for task in islice(waiting, most)}
    ended = as_completed(running, loop=client.loop)
    try:
        for future in ended:
            told(rows_of(future.result()))
            running.discard(future)
            for task in islice(waiting, 1):
                further = client.submit(outcome_of, sent, task, pure=False)
                running.add(further)
                ended.add(further)
    except (KilledWorker, FutureCancelledError) as error:
        raise WhysureError(ENDED) from error
    finally:
        client.cancel(list(running))
