"""The engine `local`: chunks on several processes of this machine, each with the model in its memory."""

from __future__ import annotations

import multiprocessing
import os
import threading
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from itertools import islice
from multiprocessing import connection
from typing import TYPE_CHECKING

from explain.batches.tasks import Bench
from explain.errors import WhysureError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from explain.batches.facts import Facts
    from explain.batches.plan import Plan

    Task = Callable[[Bench], int]

WAITING = 2
"""Tasks a process that are handed out ahead: enough that none waits, few enough that a cancel is heard soon."""
_BENCH: list[Bench] = []


def work_on(tasks: Iterable[Task], plan: Plan, facts: Facts | None, workers: int, told: Callable[[int], None]) -> None:
    """Do tasks at a bench, and tell how many rows each has done; `told` may raise to stop.

    With one worker they are done here. Processes are started anew, never forked: the runtime's threads would not live.
    """
    if workers == 1:
        bench = Bench(plan, facts)
        for task in tasks:
            told(task(bench))
        return
    # a package goes to the processes as its files: what it made ready belongs to this one
    plan = replace(plan, model=replace(plan.model))
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, context, initializer=_set_up, initargs=(plan, facts))
    try:
        for result in _results(pool, iter(tasks), workers * WAITING):
            told(result)
    except BrokenProcessPool as error:
        raise WhysureError(
            "A process of the batch was ended from outside, perhaps for want of memory. What is done is kept: run the "
            "same command again, with fewer --workers or --rows-per-part."
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _results(pool: ProcessPoolExecutor, tasks: Iterator[Task], most: int) -> Iterator[int]:
    """What the tasks gave, as they get done."""
    running = {pool.submit(_do, task) for task in islice(tasks, most)}
    while running:
        done, running = wait(running, return_when=FIRST_COMPLETED)
        for one in done:
            yield one.result()
            running |= {pool.submit(_do, task) for task in islice(tasks, 1)}


def _set_up(plan: Plan, facts: Facts | None) -> None:
    """Make a process ready, and have it end with the one that started it, however that ends."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _BENCH[:] = [Bench(plan, facts)]


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _do(task: Task) -> int:
    return task(_BENCH[0])
