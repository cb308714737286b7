"""Other ways to read a column, each taken with one click and kept for the next upload."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app import deeds, link, store
from app.access import current
from app.parts.text import plain
from explain.tables.proposals import both_readings, other_is_likelier
from explain.tables.repairs import accept

if TYPE_CHECKING:
    from explain.decisions import Decisions
    from explain.models import Package
    from explain.types import DataWarning, Table

READINGS = {"two readings": "Read it the other way", "other words": "Read it that way"}
"""Checks that say how a column may be read otherwise, and what the button says that does so."""
AS_READ, OTHER = 0, 1
"""Places of the two readings of a column in the form that asks which is meant."""


def offer(decisions: Decisions, warning: DataWarning) -> None:
    """The button below a warning of how a column was read: it reads it otherwise, and reviews the table once more."""
    # what else a column is warned of may come of the same reading, but has no button of its own
    if warning.check not in READINGS or not current.is_analyst():
        return
    column, model = warning.column, store.model_of(decisions)
    if model is None or all(item.column != column for item in decisions.table.proposals):
        return
    if st.button(
        READINGS[warning.check],
        key=f"accept_{column}",
        icon=":material/check:",
        help="Reviews the table once more. This review stays as it is; words are kept for later uploads.",
    ):
        table = accept(decisions.table, column)
        deeds.keep_said(model, table)
        weighted = decisions.confidence.weights is not None
        store.open_to_review(table, model, weighted=weighted, before=str(decisions.run["id"]))
        link.open_page("review")


def ask(table: Table, package: Package) -> Table | None:
    """The table as the person says that it is meant, where nothing in the file tells; None until that is said."""
    open_ones = [item for item in table.proposals if not item.clear]
    if not open_ones:
        return table
    with st.form("two_readings", border=False):
        said = {}
        for item in open_ones:
            st.warning(plain(item.text), icon=":material/help:")
            readings = both_readings(item, table)
            said[item.column] = st.radio(
                f"How is {plain(table.schema[item.column].title)} meant?",
                [AS_READ, OTHER],
                index=OTHER if other_is_likelier(item, table) else AS_READ,
                format_func=lambda place, readings=readings: plain(readings[place]),
                key=f"reading_{package.card.name}_{item.column}",
            )
        if not st.form_submit_button("Review", type="primary"):
            return None
    for column, choice in said.items():
        if choice == OTHER:
            table = accept(table, column)
    return table
