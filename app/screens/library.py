"""Library: the reviews made so far, to be opened again or deleted, and the models at hand."""

from __future__ import annotations

import streamlit as st

from app import link, store
from app.parts.open_table import open_table
from app.parts.strip import title
from app.parts.text import plain
from explain import runs, words
from explain.errors import WhysureError

MOST_LISTED = 50


def show() -> None:
    """The page."""
    title("Library", "Reviews and models on this machine")
    stored = runs.listed(store.home())
    st.markdown("##### Reviews")
    if not stored:
        st.info("No reviews yet. Open a table to make the first one.")
    for item in stored[:MOST_LISTED]:
        _review(item)
    if len(stored) > MOST_LISTED:
        st.caption(f"The newest {MOST_LISTED} of {len(stored):,} shown; all lie in the home folder.")
    st.markdown("##### Models")
    for name in store.models():
        _model(name)


def _review(item: runs.RunSummary) -> None:
    with st.container(border=True):
        text, actions = st.columns([4, 2], vertical_alignment="center")
        made = item.made.replace("T", " ").removesuffix("+00:00")
        text.markdown(f"**{plain(item.table)}** · {plain(item.model_title)}")
        text.caption(f"{words.count(item.rows, 'row')}, {item.rows_with_warnings:,} with warnings · {made} UTC")
        with actions, st.container(horizontal=True, horizontal_alignment="right"):
            if st.button("Open", key=f"open_{item.id}", type="primary"):
                link.forget()
                link.open_page("review", run=item.id)
            if st.button("Delete", key=f"delete_{item.id}", icon=":material/delete:"):
                _delete(item)


@st.dialog("Delete this review?")
def _delete(item: runs.RunSummary) -> None:
    st.markdown(
        f"{plain(item.table)}, {words.count(item.rows, 'row')}. Links to it will stop working. This cannot be undone."
    )
    if st.button("Delete", type="primary", key="delete_for_good"):
        runs.delete(item.id, store.home())
        link.forget()
        st.query_params.clear()
        st.rerun()


def _model(name: str) -> None:
    try:
        package = store.model(name)
    except WhysureError as error:
        st.error(f"{plain(name)}: {plain(str(error))}")
        return
    with st.container(border=True):
        text, actions = st.columns([4, 2], vertical_alignment="center")
        text.markdown(f"**{plain(package.info.title)}**")
        text.caption(
            plain(f"{package.card.description} {len(package.schema)} columns, {len(package.reference):,} past rows.")
        )
        with actions, st.container(horizontal=True, horizontal_alignment="right"):
            if st.button("Use it", key=f"use_{name}", type="primary"):
                open_table(name)
            if st.button("Look at it", key=f"look_{name}"):
                link.open_page("model", model=name, run=link.current().run)
