"""Whether somebody is new here: the parts for newcomers stand on the sample until they are put away."""

from __future__ import annotations

import streamlit as st

from app import store
from app.access import current

AWAY = "start_put_away"
"""In this session, and as the name of an empty file in the home folder where nobody signs in: there it is one's own."""


def is_new() -> bool:
    """Whether the start is still to be shown."""
    if AWAY not in st.session_state:
        st.session_state[AWAY] = (store.home() / AWAY).exists()
    return not st.session_state[AWAY]


def put_away() -> None:
    """Show the start no more; on a server that many people share, for this session alone."""
    st.session_state[AWAY] = True
    if not current.sign_in():
        store.home().mkdir(parents=True, exist_ok=True)
        (store.home() / AWAY).touch()


def bring_back() -> None:
    """Show the start again, as it was asked for."""
    st.session_state[AWAY] = False
    if not current.sign_in():
        (store.home() / AWAY).unlink(missing_ok=True)
