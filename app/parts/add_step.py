"""Between the steps in which a model is added: back, on, over again, and to the model when it is there."""

from __future__ import annotations

import streamlit as st

from app import link, store


def pressed(adding: store.Adding, forward: str, *, disabled: bool = False) -> bool:
    """The buttons below a step; whether the one that leads on was pressed."""
    with st.container(horizontal=True):
        if adding.step > 1 and st.button("Back", key=f"back_{adding.step}", icon=":material/arrow_back:"):
            _to(adding, adding.step - 1)
        on = st.button(forward, type="primary", key=f"forward_{adding.step}", disabled=disabled)
        if st.button("Start over", key="start_over", type="tertiary"):
            store.start_adding_over()
            st.rerun()
    return on


def advance(adding: store.Adding) -> None:
    """Show the next step."""
    _to(adding, adding.step + 1)


def _to(adding: store.Adding, step: int) -> None:
    adding.step = step
    st.rerun()


def finish(name: str) -> None:
    """Show the model that was added, and forget the steps."""
    store.start_adding_over()
    store.remember_added(name)
    link.open_page("model", model=name)
