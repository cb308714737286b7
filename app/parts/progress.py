"""A bar with the time left, and a way out; the layout below it waits."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from explain.types import Progress

from contextlib import contextmanager

PATIENCE = 0.4
"""Seconds before the bar appears: what is done by then needs none."""


@contextmanager
def progress_bar(on_cancel: Callable[[], None] | None = None) -> Iterator[Progress]:
    """A callback for long work; Cancel reruns the page, which stops the work at its next report.

    Not for fragments and dialogs: Streamlit lets those run to their end before it looks at a click.
    """
    place = st.empty()
    started = time.monotonic()
    bar = None

    def tell(share: float, doing: str) -> None:
        nonlocal bar
        spent = time.monotonic() - started
        if bar is None:
            if spent < PATIENCE or share >= 1:
                return
            with place.container():
                bar = st.progress(0.0)
                if on_cancel is not None:
                    st.button("Cancel", key="cancel", icon=":material/close:", on_click=on_cancel)
        left = spent / share * (1 - share) if share > 0.02 else None
        bar.progress(min(share, 1.0), f"{doing}…" + (f" about {_seconds(left)} left" if left is not None else ""))

    yield tell
    place.empty()


def _seconds(left: float) -> str:
    whole = max(1, round(left))
    return f"{whole} s" if whole < 90 else f"{round(whole / 60)} min"
