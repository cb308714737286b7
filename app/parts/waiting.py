"""Work that cannot say how far it is, with its seconds counted and a way out."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, TypeVar

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Callable

_Found = TypeVar("_Found")

LOOKED_AT = 0.1
"""Seconds between two looks; each is a moment at which Streamlit hears a click."""
PATIENCE = 0.4
"""Seconds before anything is shown."""


def waited(doing: str, work: Callable[[], _Found]) -> _Found:
    """What `work` gives, worked out beside, so that Cancel is heard: what it then still gives is dropped.

    It must change nothing by itself, as it may end after the person has gone on.
    """
    pool = ThreadPoolExecutor(1)
    future = pool.submit(work)
    pool.shutdown(wait=False)
    place, text, began = st.empty(), None, time.monotonic()
    while not wait([future], LOOKED_AT).done:
        spent = time.monotonic() - began
        if spent < PATIENCE:
            continue
        if text is None:
            with place.container(horizontal=True, vertical_alignment="center"):
                text = st.empty()
                # two kinds of work may wait in one run of a page
                st.button("Cancel", key=f"cancel {doing}", icon=":material/close:")
        text.markdown(f":material/hourglass_top: {doing}… {spent:.0f} s")
    place.empty()
    return future.result()
