"""The engine `ray`: tasks as rows of a Ray Data set, mapped by a pool of actors that each keep a bench."""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import ray
from ray.data import ActorPoolStrategy, DataContext
from ray.exceptions import RayActorError

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

TRIES_AGAIN = 3
"""How often an actor that died is started anew, and its task done again; Ray Data would do so without end."""


@contextmanager
def opened(address: str, workers: int | None) -> Iterator[WorkOn]:
    """The cluster at an address, one that this process has joined already, or processes of this machine."""
    joined = ray.is_initialized()
    if not joined:
        _start(address, workers or threads())

    def work_on(tasks: list[Task], plan: Plan, facts: Facts | None, told: Told) -> None:
        most = workers or int(ray.cluster_resources().get("CPU", 1))
        _work_on(job_of(plan, facts), tasks, min(most, len(tasks)), told)

    try:
        yield work_on
    finally:
        if not joined:
            ray.shutdown()


def _start(address: str, workers: int) -> None:
    # its own log tells of each start of an actor; what goes wrong comes as an error, too
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    own = {} if address else {"num_cpus": workers, "include_dashboard": False}
    try:
        ray.init(address or "local", log_to_driver=False, logging_level=logging.ERROR, **own)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise WhysureError(
            f"No Ray cluster answers at '{address}'. Expected an address like 10.0.0.5:6379, or auto on one of its "
            "machines."
        ) from error


def _work_on(job: Job, tasks: list[Task], workers: int, told: Told) -> None:
    context = DataContext.get_current()
    context.enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    # a block a task: blocks are what is handed out
    rows = ray.data.from_items([{"at": at} for at in range(len(tasks))], override_num_blocks=len(tasks))
    done = rows.map_batches(
        _Hand,
        batch_size=1,
        compute=ActorPoolStrategy(min_size=1, max_size=workers, initial_size=workers),
        fn_constructor_args=(job, tasks),
        num_cpus=1,
        ray_remote_args_fn=_few_tries,
    )
    outcomes = iter(done.iter_rows())
    try:
        for outcome in outcomes:
            told(rows_of((outcome["rows"], outcome["name"], outcome["words"])))
    except RayActorError as error:
        raise WhysureError(ENDED) from error
    finally:
        # where it is left before its end, the set goes on as long as anybody holds it
        del outcomes


def _few_tries() -> dict[str, int]:
    return {"max_restarts": TRIES_AGAIN, "max_task_retries": TRIES_AGAIN}


class _Hand:
    """An actor of the pool."""

    def __init__(self, job: Job, tasks: list[Task]) -> None:
        self._job, self._tasks = job, tasks

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[Any]]:
        outcomes = [outcome_of(self._job, self._tasks[at]) for at in batch["at"]]
        return {name: [one[place] for one in outcomes] for place, name in enumerate(("rows", "name", "words"))}
