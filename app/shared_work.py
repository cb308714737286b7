"""Work that several sessions ask for at once: one does it, and the others are told how far it is."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from explain.types import Progress

_Found = TypeVar("_Found")

LOOKED_AT = 0.1
"""Seconds between two looks; each is a moment at which Streamlit hears a click."""


class SharedWork:
    """One kind of work; whoever comes while it is being done waits for it, and then finds it done."""

    def __init__(self) -> None:
        self._busy = threading.Lock()
        self._told = (0.0, "")

    def run(self, work: Callable[[Progress], _Found], doing: str, progress: Progress | None = None) -> _Found:
        """What `work` gives, which is handed a callback for its progress; `doing` says what it is until it has told.

        `progress(share, doing)` may raise, which ends this call and never the work of another.
        """
        while not self._busy.acquire(timeout=LOOKED_AT):
            if progress:
                progress(*self._told)
        try:
            self._tell(0.0, doing, progress)
            return work(lambda share, doing: self._tell(share, doing, progress))
        finally:
            self._busy.release()

    def _tell(self, share: float, doing: str, progress: Progress | None) -> None:
        self._told = share, doing
        if progress:
            progress(share, doing)
