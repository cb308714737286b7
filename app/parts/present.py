"""Presentation: the card alone in large type, walked through with the arrow keys, ids and values hidden on request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app import link, store
from app.access import current
from app.parts import decision_card
from app.parts.chart import chart
from app.parts.strip import title
from app.parts.text import colours, escaped, warning_html
from app.parts.worklist import rows_in_order
from explain import words
from explain.charts.theme import enlarged
from explain.charts.waterfall import waterfall, waterfall_alt
from explain.decisions import trust
from explain.decisions.verdict import faults_counted, verdict
from explain.insight.masked import masked
from explain.insight.whatif import at_level
from explain.quality.catalog import CATALOG

if TYPE_CHECKING:
    from explain.decisions import Decisions
    from explain.decisions.decision import Decision

LARGE = 1.3
"""How many times larger than elsewhere the type is, as in style.css: read from the back of a room."""
HIDE, HIDDEN = "hide", "values"
"""The entry of the address that hides ids and values."""


def present_button(run: str, row: str) -> None:
    """The way in."""
    if st.button("Present", key="to_present", icon=":material/slideshow:", shortcut="p", help="This card alone, large"):
        link.open_page("decision", run=run, row=row, **link.listing(run), **link.shared(), view=link.PRESENT)


def present(run: str, row: str) -> None:
    """The card of one row, and a thin line of buttons with their keys below it."""
    decisions = store.run(run)
    decision_card.bound_level()
    decisions = at_level(decisions, link.value("level", float))
    original = decisions[row]
    hides = st.query_params.get(HIDE) == HIDDEN
    listed = [] if current.only() else rows_in_order(run, link.asked()).tolist()
    at = listed.index(original.position) if original.position in listed else -1
    called = f"row {at + 1 if at >= 0 else original.position + 1}"
    decision = (masked(original, called) if hides else original).of_predicted
    with st.container(key="present"):
        _card(decisions, decision, called if hides else f"row {row}")
    _keys(run, row, (listed, at), decisions, hides=hides)


def _card(decisions: Decisions, decision: Decision, called: str) -> None:
    title(f"{decisions.model.title}: {called}", question=decisions.model.question)
    decision_card.header(decision, verdict(decision))
    left, right = st.columns([11, 9], gap="large")
    with left:
        if decision.answered:
            figure = enlarged(waterfall(decision, colours()), LARGE)
            chart(figure, waterfall_alt(decision), "waterfall_present")
    with right:
        decision_card.heading(faults_counted(decision))
        for item in decision.column_faults:
            st.html(warning_html(item.severity, f"{CATALOG[item.check].title}, in all rows:", item.message))
        for item in decision.warnings:
            st.html(warning_html(item.severity, CATALOG[item.check].title, _about(decision, item.column), item.message))
        decision_card.heading("How sure")
        if trust.claims(decision):
            said = f"{trust.left(decision)} {trust.coverage(decision)}"
        else:
            said = trust.silence(decision)
        st.html(f"<p class='why-lead'>{escaped(said)}</p>")


def _about(decision: Decision, column: str) -> str:
    """The column that a fault is in, by its title."""
    return next((item.title for item in decision.reasons if item.column == column), "")


def _keys(run: str, row: str, place: tuple[list[int], int], decisions: Decisions, *, hides: bool) -> None:
    listed, at = place
    with st.container(horizontal=True, vertical_alignment="center", key="present_keys"):
        if listed:
            before = st.button("Previous", key="present_previous", shortcut="left", disabled=at < 1, type="tertiary")
            st.caption(f"{at + 1:,} of {words.count(len(listed), 'row')}" if at >= 0 else "Not in the list")
            after = st.button(
                "Next", key="present_next", shortcut="right", disabled=at + 1 >= len(listed), type="tertiary"
            )
            if before or after:
                link.choose(row=decisions.table.row_ids[listed[at + 1 if after else at - 1]])
                st.rerun()
        st.button(
            "Show ids and values" if hides else "Hide ids and values",
            key="present_hide",
            shortcut="m",
            type="tertiary",
            on_click=link.choose,
            kwargs={HIDE: None if hides else HIDDEN},
        )
        if st.button("Leave", key="present_leave", shortcut="esc", type="tertiary"):
            link.open_page("decision", run=run, row=row, **link.asked(), **link.shared())
