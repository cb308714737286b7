"""The review that a page is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app import link, store
from app.parts.progress import progress_bar

if TYPE_CHECKING:
    from explain.decisions import Decisions


def current_run() -> tuple[str, Decisions]:
    """Id and content of the review in the address; a newcomer gets the sample, reviewed."""
    selection = link.current()
    name = selection.run
    if name is None:
        with progress_bar("cancel_first") as tell:
            name = store.first_run(tell)
    decisions = store.run(name)
    return name, decisions


def pick_row(decisions: Decisions) -> str | None:
    """The row in the address, checked."""
    row = link.current().row
    if row is not None:
        decisions.position(row)
    return row


def neighbours(decisions: Decisions, row: str) -> None:
    """Buttons to the row before and after, in upload order."""
    at = decisions.position(row)
    ids = decisions.table.row_ids
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Previous", key="previous_row", disabled=at == 0, icon=":material/chevron_left:"):
            link.open_page("decision", run=str(decisions.run["id"]), row=ids[at - 1])
        if st.button("Next", key="next_row", disabled=at == len(ids) - 1, icon=":material/chevron_right:"):
            link.open_page("decision", run=str(decisions.run["id"]), row=ids[at + 1])
