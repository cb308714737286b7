"""A row's mark: looked at, and a short note, kept with the review."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app import batches, deeds, store
from app.access import current
from app.parts.text import plain
from explain.decisions.marks import LONGEST_NOTE, Mark

if TYPE_CHECKING:
    from explain.decisions import Decisions


def mark(run: str, row: str, *, page: str) -> None:
    """Two controls for analysts; whoever only reads sees what was written. Rows of a batch have none."""
    if batches.of_row(run):
        return
    found = store.marks(run).get(row)
    if not current.is_analyst():
        if found is not None:
            st.caption(plain(said(found)))
        return
    position = store.run(run).position(row)
    keys = f"looked_{page}_{run}_{position}", f"note_{page}_{run}_{position}"
    for key, value in zip(keys, (found is not None, found.note if found else ""), strict=True):
        st.session_state[key] = value
    with st.container(horizontal=True, vertical_alignment="center", key=f"mark_{page}"):
        st.toggle("Looked at", key=keys[0], on_change=_keep, args=(run, row, *keys))
        st.text_input(
            "Note on this row",
            key=keys[1],
            max_chars=LONGEST_NOTE,
            label_visibility="collapsed",
            placeholder="A note on this row",
            on_change=_noted,
            args=(run, row, *keys),
        )


def _keep(run: str, row: str, looked: str, note: str) -> None:
    if not st.session_state[looked]:
        st.session_state[note] = ""
    deeds.mark_row(run, row, st.session_state[note], looked=st.session_state[looked])


def _noted(run: str, row: str, looked: str, note: str) -> None:
    """A note marks its row as looked at; one that is emptied leaves the mark as it is."""
    deeds.mark_row(run, row, st.session_state[note], looked=st.session_state[looked] or bool(st.session_state[note]))


def said(found: Mark) -> str:
    """'Looked at by Ada on 2026-03-01: call the branch'."""
    who = f" by {found.by}" if found.by else ""
    return f"Looked at{who} on {found.at[:10]}" + (f": {found.note}" if found.note else "")


def short(decisions: Decisions, run: str) -> dict[int, str]:
    """Position -> '✓' with the note, of the rows that were looked at."""
    return {decisions.position(row): f"✓ {found.note}".strip() for row, found in store.marks(run).items()}
