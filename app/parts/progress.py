"""A bar that says which step long work is at, the time that the step takes on, and a way out; all below it waits."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import streamlit as st

from app.parts.time_left import TimeLeft, said
from explain.pipeline import end_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from explain.types import Progress

PATIENCE = 0.4
"""Seconds before the bar appears: what is done by then needs none."""


@contextmanager
def progress_bar(
    on_cancel: Callable[[], None] | None = None,
    *,
    at_once: bool = False,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Progress]:
    """A callback for long work; Cancel reruns the page, which stops the work at its next report.

    `at_once` shows the bar with the first report: where the page before is gone, nothing else would be there. Not for
    fragments and dialogs: Streamlit lets those run to their end before it looks at a click.
    """
    place = st.empty()
    started, left = clock(), TimeLeft(clock)
    bar = None

    def tell(share: float, doing: str) -> None:
        nonlocal bar
        seconds = left.at(share, doing, end_of(doing))
        if bar is None:
            if not at_once and (clock() - started < PATIENCE or share >= 1):
                return
            with place.container():
                bar = st.progress(0.0)
                if on_cancel is not None:
                    st.button("Cancel", key="cancel", icon=":material/close:", on_click=on_cancel)
        bar.progress(min(share, 1.0), f"{doing}…" + ("" if seconds is None else f" about {said(seconds)} left"))

    yield tell
    place.empty()
