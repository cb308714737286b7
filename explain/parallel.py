"""Work cut into parts that are done at once; the parts do not depend on the number of threads, so neither do sums."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_Result = TypeVar("_Result")
Tell: TypeAlias = "Callable[[float], None]"
"""Called with the share done, 0 to 1; it may raise to stop the work."""
_MOST: list[int] = []


def parts(count: int, most: int) -> list[tuple[int, int]]:
    """0 to `count` cut into at most `most` spans of nearly equal length."""
    most = max(1, min(most, count))
    edges = [count * at // most for at in range(most + 1)]
    return [(edges[at], edges[at + 1]) for at in range(most)]


def together(
    work: Callable[[int, int], _Result], spans: list[tuple[int, int]], tell: Tell | None = None
) -> list[_Result]:
    """The results of the work on every span, done at once: the compiled loops let go of the interpreter.

    `tell(share)` is called as spans get done and may raise to stop the work.
    """
    if len(spans) == 1:
        return [work(*spans[0])]
    results: list[_Result] = []
    with ThreadPoolExecutor(threads()) as pool:
        waiting = [pool.submit(work, *span) for span in spans]
        try:
            for done in waiting:
                results.append(done.result())
                if tell:
                    tell(len(results) / len(spans))
        finally:
            for one in waiting:
                one.cancel()
    return results


def within(tell: Tell | None, start: float, length: float) -> Tell | None:
    """The listener of a part of the work that starts at `start` and makes up `length` of the whole."""
    if tell is None:
        return None
    return lambda share: tell(start + share * length)


def at_most(count: int) -> None:
    """Have this process use at most so many processors, as others work beside it."""
    _MOST[:] = [count]


def threads() -> int:
    """Processors that this process may use."""
    found = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min([found, *_MOST])
