"""The review that a page is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app import link, store
from app.access import current
from app.parts.progress import progress_bar

if TYPE_CHECKING:
    from explain.decisions import Decisions


def current_run(*, one_row: bool = False) -> tuple[str, Decisions]:
    """Id and content of the review in the address; a newcomer gets the sample, reviewed.

    A table that was opened is reviewed first, here and not in the dialog, where it could not be cancelled. `one_row` is
    for the page that shows no more than the row of `pick_row`: whoever came by a link to one decision sees no other.
    """
    if not one_row:
        current.demand_whole()
    opened = store.opened()
    # the bar has its place on every run: one that comes and goes would make the browser build the page anew
    with progress_bar(_cancel if opened else None, at_once=opened) as tell:
        if opened:
            tell(0.0, "Starting the review")
            link.forget()
            link.open_page("review", run=store.review_opened(tell))
        only = current.person().only
        name = link.current().run or (only.run if only else store.first_run(tell))
        tell(1.0, "Opening the review")
        decisions = store.run(name)
    return name, decisions


def _cancel() -> None:
    store.close_opened()
    st.toast("Stopped. Nothing was kept.", icon=":material/block:")


def pick_row(decisions: Decisions) -> str | None:
    """The row in the address, checked: that it is there, and that whoever looks may see it."""
    only = current.person().only
    row = link.current().row or (only.row if only else None)
    current.demand_row(str(decisions.run["id"]), row)
    if row is not None:
        decisions.position(row)
    return row
