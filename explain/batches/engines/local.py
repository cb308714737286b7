"""The engine `local`: chunks on several processes of this machine, each with the model in its memory."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import FIRST_COMPLETED, wait
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from loky import ProcessPoolExecutor
from loky.process_executor import BrokenProcessPool

from explain.batches.tasks import Bench
from explain.errors import WhysureError
from explain.parallel import threads

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

    from explain.batches.engines.engine import Told, WorkOn
    from explain.batches.facts import Facts
    from explain.batches.plan import Plan

    Task = Callable[[Bench], int]

ENDED = (
    "A process of the batch was ended from outside, perhaps for want of memory. What is done is kept: run the same "
    "command again, with fewer --workers or --rows-per-part."
)
WAITING = 2
"""Tasks a process that are handed out ahead: enough that none waits, few enough that a cancel is heard soon."""
LOOK_AGAIN = 0.5
"""Seconds between two looks whether the process that started this one still lives."""
_BENCH: list[Bench] = []


@contextmanager
def opened(_address: str, workers: int | None) -> Iterator[WorkOn]:
    """Processes that live as long as a list of tasks: they are started with what these need to know."""

    def work_on(tasks: list[Task], plan: Plan, facts: Facts | None, told: Told) -> None:
        most = min(workers or threads(), len(tasks))
        if most == 1:
            do_here(tasks, plan, facts, told)
        else:
            _do_there(tasks, plan, facts, most, told)

    yield work_on


def do_here(tasks: Iterable[Task], plan: Plan, facts: Facts | None, told: Told) -> None:
    """Do tasks in this process."""
    bench = Bench(plan, facts)
    for task in tasks:
        told(task(bench))


def _do_there(tasks: list[Task], plan: Plan, facts: Facts | None, workers: int, told: Told) -> None:
    """Do tasks in processes, and tell how many rows each has done; `told` may raise to stop.

    Processes are started anew, never forked: the runtime's threads would not live. They do not run the script that
    called either, as Python's own pool would have them do: it may be a page of the app, or call `batch` where nothing
    keeps it from calling it again.
    """
    # a package goes to the processes as its files: what it made ready belongs to this one
    plan = replace(plan, model=replace(plan.model))
    pool = ProcessPoolExecutor(workers, initializer=_set_up, initargs=(plan, facts, os.getpid()))
    try:
        with closing(_results(pool, iter(tasks), workers * WAITING)) as results:
            for result in results:
                told(result)
    except BrokenProcessPool as error:
        raise WhysureError(ENDED) from error
    finally:
        pool.shutdown()


def _results(pool: ProcessPoolExecutor, tasks: Iterator[Task], most: int) -> Generator[int]:
    """What the tasks gave, as they get done; closed before its end, those that wait are not begun."""
    running = {pool.submit(_do, task) for task in islice(tasks, most)}
    try:
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for one in done:
                yield one.result()
                running |= {pool.submit(_do, task) for task in islice(tasks, 1)}
    finally:
        for one in running:
            one.cancel()


def _set_up(plan: Plan, facts: Facts | None, parent: int) -> None:
    """Make a process ready, and have it end with the one that started it, however that ends."""
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    _BENCH[:] = [Bench(plan, facts)]


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_AGAIN)
    os._exit(1)


def _do(task: Task) -> int:
    return task(_BENCH[0])
