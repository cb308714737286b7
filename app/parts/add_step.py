"""Between the steps in which a model is added: back, on once the work is done, over again."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import streamlit as st

from app import store
from app.parts.text import plain
from app.parts.waiting import waited
from explain.errors import WhysureError

if TYPE_CHECKING:
    from collections.abc import Callable

_Found = TypeVar("_Found")
DOING = {1: "Trying the model", 2: "Comparing with the original", 3: "Adding it"}


def step_buttons(
    adding: store.Adding, forward: str, work: Callable[[store.Adding], None], *, disabled: bool = False
) -> None:
    """Back, and on to the next step once its work is done; an error stays beside the button."""
    with st.container(horizontal=True):
        if adding.step > 1 and st.button("Back", key=f"back_{adding.step}", icon=":material/arrow_back:"):
            adding.step -= 1
            st.rerun()
        on = st.button(forward, type="primary", key=f"forward_{adding.step}", disabled=disabled)
        if st.button("Start over", key="start_over", type="tertiary"):
            tries = adding.tries
            store.stop_adding()
            store.adding().tries = tries + 1
            st.rerun()
    if not on:
        return
    if guarded(lambda: waited(DOING[adding.step], lambda: work(adding)) or True) and not adding.done:
        adding.step += 1
        st.rerun()


def guarded(work: Callable[[], _Found]) -> _Found | None:
    """What `work` gives, or None with its sentence on the page."""
    try:
        return work()
    except WhysureError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return None


def place(options: list[str], wanted: str, otherwise: int = 0) -> int:
    """Where a widget starts."""
    return options.index(wanted) if wanted in options else otherwise
