"""Work that cannot say how far it is, with its seconds counted and a way out."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, TypeVar

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Callable

_Found = TypeVar("_Found")

LOOKED_AT = 0.1
"""Seconds between two looks; each is a moment at which Streamlit hears a click."""
PATIENCE = 0.4
"""Seconds before anything is shown."""


def waited(doing: str, work: Callable[[], _Found]) -> _Found:
    """What `work` gives; it goes on beside, so that Cancel is heard, and what it then gives is dropped."""
    found: dict[str, Any] = {}

    def run() -> None:
        try:
            found["value"] = work()
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            found["error"] = error

    place = st.empty()
    thread = threading.Thread(target=run, daemon=True)
    began = time.monotonic()
    thread.start()
    text = None
    while thread.is_alive():
        thread.join(LOOKED_AT)
        spent = time.monotonic() - began
        if spent < PATIENCE:
            continue
        if text is None:
            with place.container(horizontal=True, vertical_alignment="center"):
                text = st.empty()
                st.button("Cancel", key="cancel_wait", icon=":material/close:")
        text.markdown(f":material/hourglass_top: {doing}… {spent:.0f} s")
    place.empty()
    if "error" in found:
        raise found["error"]
    value: _Found = found["value"]
    return value
