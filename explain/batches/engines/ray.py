"""The engine `ray`: tasks as tasks of Ray, a few a processor at a time.

They are no rows of a Ray Data set: what they give is on disk already, a set is left before its end only when nobody
holds it any more, and its actors are started anew without end where there is too little memory for them.
"""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING

import ray
from ray.exceptions import RayError, RayTaskError

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
"""Tasks that are handed out for each processor, as on one machine."""
TRIES_AGAIN = 3
"""How often a task is begun again whose worker died."""


@contextmanager
def opened(address: str, workers: int | None) -> Iterator[WorkOn]:
    """The cluster at an address, one that this process has joined already, or processes of this machine."""
    joined = ray.is_initialized()
    if not joined:
        _start(address, workers or threads())

    def work_on(tasks: list[Task], plan: Plan, facts: Facts | None, told: Told) -> None:
        every = WAITING * int(ray.cluster_resources().get("CPU", 1))
        _work_on(job_of(plan, facts, address), tasks, workers if workers and (address or joined) else every, told)

    try:
        yield work_on
    finally:
        if not joined:
            ray.shutdown()


def _start(address: str, workers: int) -> None:
    # what goes wrong comes as an error, too; want of memory would be tried again without end
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    os.environ.setdefault("RAY_task_oom_retries", str(TRIES_AGAIN))
    own = {} if address else {"num_cpus": workers, "include_dashboard": False}
    try:
        ray.init(address or "local", log_to_driver=False, logging_level=logging.ERROR, **own)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise WhysureError(
            f"No Ray cluster answers at '{address}'. Expected an address like 10.0.0.5:6379, or auto on one of its "
            "machines."
        ) from error


def _work_on(job: Job, tasks: list[Task], most: int, told: Told) -> None:
    do = ray.remote(num_cpus=1, max_retries=TRIES_AGAIN)(outcome_of)
    sent, waiting = ray.put(job), iter(tasks)
    running = [do.remote(sent, task) for task in islice(waiting, most)]
    try:
        while running:
            done, running = ray.wait(running)
            running += [do.remote(sent, task) for task in islice(waiting, len(done))]
            for outcome in ray.get(done):
                told(rows_of(outcome))
    except RayTaskError:
        # a fault of our own, which is told in full
        raise
    except RayError as error:
        raise WhysureError(ENDED) from error
    finally:
        for one in running:
            ray.cancel(one, force=True)
