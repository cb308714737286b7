"""The engine that was asked for, by its name; its library is imported when it is, and started when it is needed."""

from __future__ import annotations

import importlib
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from explain.batches.engines.local import do_here
from explain.errors import WhysureError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager

    from explain.batches.engines.local import Task
    from explain.batches.facts import Facts
    from explain.batches.plan import Plan

    Told = Callable[[int], None]
    WorkOn = Callable[[list[Task], Plan, Facts | None, Told], None]
    """Do tasks, and tell the rows of each as it gets done; what `told` raises stops the others and goes up."""

LIBRARIES = {"local": "loky", "ray": "Ray", "dask": "Dask", "spark": "Spark"}
"""The engines, and what each is made of."""


@dataclass(frozen=True)
class Engine:
    """What runs the tasks of a batch: its `name`, and the `address` of the cluster that it joins, "" for none.

    Neither decides what is written: any engine goes on where another ended.
    """

    name: str = "local"
    address: str = ""

    def check(self, paths: Iterable[str]) -> None:
        """Raise WhysureError where a cluster would look for a path from a folder that is not the caller's."""
        for path in paths:
            if self.address and not Path(path).is_absolute():
                raise WhysureError(
                    f"Workers of a cluster are in folders of their own. With --address, say whole paths: "
                    f"'{Path(path).absolute()}' where '{path}' was said."
                )

    def opened(self, workers: int | None) -> AbstractContextManager[WorkOn]:
        """Started or joined when entered, left at the end, with so many `workers` at once: by default one a processor
        of this machine, or all that a cluster has. Raises WhysureError where it is not installed.
        """
        if self.name not in LIBRARIES:
            raise WhysureError(f"There is no engine “{self.name}”. Say one of: {', '.join(LIBRARIES)}.")
        if self.address and self.name == "local":
            raise WhysureError("Only a cluster has an address. Say which runs there: --engine ray, dask or spark.")
        try:
            module = importlib.import_module(f"explain.batches.engines.{self.name}")
        except ImportError as error:
            raise WhysureError(
                f"{LIBRARIES[self.name]} is not installed here. Install it with: "
                f'pip install "whysure[{self.name}]" - or leave out --engine to work on this machine.'
            ) from error
        found: AbstractContextManager[WorkOn] = module.opened(self.address, workers)
        return found


class Crew:
    """An engine during one batch: started with the first tasks that are worth it, left at the end."""

    def __init__(self, engine: Engine, workers: int | None) -> None:
        self._waiting = engine.opened(workers)
        self._started: WorkOn | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def work_on(self, tasks: Iterable[Task], plan: Plan, facts: Facts | None, told: Told) -> None:
        """Have the tasks done by the engine."""
        waiting = list(tasks)
        if not waiting:
            return
        if self._started is None:
            self._started = self._stack.enter_context(self._waiting)
        self._started(waiting, plan, facts, told)

    def do_here(self, tasks: Iterable[Task], plan: Plan, told: Told) -> None:
        """Have tasks done by this process that are sooner done than an engine is started."""
        do_here(tasks, plan, None, told)
