"""The first minute: what this is, three decisions to begin with, and the ways to one's own table and model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app import link, newcomer, store
from app.access import current
from app.parts.brand import LINE
from app.parts.help import show_help
from app.parts.open_table import take_sample
from app.parts.text import colours, escaped
from app.parts.trouble import shown
from explain.decisions.verdict import verdict
from explain.insight.starters import Starter, starters
from explain.models.catalog import sample_uploads

if TYPE_CHECKING:
    from explain.decisions import Decisions
    from explain.decisions.decision import Decision
    from explain.decisions.verdict import Verdict

TITLES = {"clean": "A clear case", "slip": "A slip of three zeros", "undecided": "An undecided case"}


def start(run: str, decisions: Decisions) -> None:
    """On the sample's review, until it is put away; its place is there without it, too."""
    with st.container(key="start"):
        if newcomer.is_new() and _is_sample(run, decisions):
            _promise()
            found = starters(store.listing(run))
            if found:
                for place, item in zip(st.columns(len(found)), found, strict=True):
                    with place:
                        _card(run, item, decisions[item.position].of_predicted)


def _is_sample(run: str, decisions: Decisions) -> bool:
    """Whether this is the first sample's review; only one of its name may have to wait until that has been made."""
    return decisions.table.name == sample_uploads()[0].path.name and run == store.sample_run()


def _promise() -> None:
    """What it is, large, and the way out."""
    with st.container(horizontal=True, vertical_alignment="center", key="start_promise"):
        st.html(f"<p class='why-promise'>{escaped(LINE)}</p>")
        if current.is_analyst():
            _ways()
        if st.button("What am I looking at?", key="start_help", type="tertiary", icon=":material/help:"):
            show_help()
        st.button(
            "Hide", key="start_away", type="tertiary", icon=":material/close:", on_click=newcomer.put_away,
            help="It comes back only if you ask for it, under Help.",
        )  # fmt: skip


def _card(run: str, item: Starter, decision: Decision) -> None:
    """One decision in two lines; all of the card is its button."""
    found = verdict(decision)
    look = colours()
    colour = {"check": look.warning, "stop": look.error}.get(found.kind, look.accent)
    with st.container(key=f"start_{item.kind}"):
        st.html(
            f"<div class='why-start' style='border-color:{colour}'><p class='why-word'>{TITLES[item.kind]}</p>"
            f"<p>{escaped(_said(item, decision, found))}</p></div>"
        )
        if st.button(f"Look at row {escaped(decision.row_id)}", key=f"start_open_{item.kind}", type="tertiary"):
            link.open_page("decision", run=run, row=decision.row_id)


def _said(item: Starter, decision: Decision, found: Verdict) -> str:
    """What there is to see: of a slip the value, and what correcting it does."""
    if item.kind != "slip":
        return found.sentence
    columns = [warning.column for warning in decision.warnings]
    value = next((f"{one.title} {one.value}. " for one in decision.reasons if one.column in columns), "")
    return f"{value}{found.corrected or found.sentence}"


def _ways() -> None:
    """To a model of one's own, and to the other samples; the button for a table stands below, as on every review."""
    if st.button("Add a model", key="start_model", type="tertiary", icon=":material/add:"):
        link.open_page("add")
    with st.popover("Other samples", type="tertiary", icon=":material/table_view:"), shown():
        for sample in sample_uploads()[1:]:
            if st.button(sample.title, key=f"start_sample_{sample.path.name}", type="tertiary"):
                take_sample(sample)
