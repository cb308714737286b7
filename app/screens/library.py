"""Library: the reviews made so far, to be opened again or deleted, and the models at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app import batches, deeds, link, store
from app.access import current
from app.parts.one_link import all_links
from app.parts.open_table import open_table
from app.parts.strip import section, title
from app.parts.text import plain
from app.parts.trouble import guarded
from explain import words
from explain.adding.install import is_own
from explain.decisions import room, runs
from explain.errors import WhysureError

if TYPE_CHECKING:
    from explain.models import Package

MOST_LISTED = 50


def show() -> None:
    """The page."""
    current.demand_whole()
    title("Library", f"Reviews and models on {current.place()}")
    stored = runs.listed(store.home())
    section("Reviews")
    if not stored:
        st.info("No reviews yet. Open a table to make the first one.")
    for item in stored[:MOST_LISTED]:
        _review(item)
    if len(stored) > MOST_LISTED:
        st.caption(f"The newest {MOST_LISTED} of {len(stored):,} shown; all lie in the home folder.")
    _batches()
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        section("Models")
        if current.is_analyst() and st.button("Add a model", key="add_model", icon=":material/add:", type="primary"):
            link.open_page("add")
    for name in store.models():
        _model(name)
    all_links({item.id: item.table for item in stored})
    _room()


def _batches() -> None:
    """Tables beyond memory that were decided in a batch, below the folders that the app may look into."""
    found = batches.folders(store.home())
    if not found:
        return
    section("Batches")
    for name in list(found)[:MOST_LISTED]:
        one = guarded(lambda name=name: batches.batch(name, store.home()))
        if one is None:
            continue
        with st.container(border=True):
            text, actions = st.columns([4, 2], vertical_alignment="center")
            text.markdown(f"**{plain(one.run['table']['name'])}** · {plain(one.model.title)}")
            text.caption(
                f"{words.count(len(one), 'row')}, {one.summary['warned']:,} with faults · {plain(str(found[name]))}"
            )
            with actions, st.container(horizontal=True, horizontal_alignment="right"):
                if st.button("Open", key=f"open_batch_{name}", type="primary"):
                    link.open_page("batch", batch=name)


def _room() -> None:
    """How much of the quota is used, and by what, for those who can do something about it."""
    limit = room.quota()
    if limit is not None and current.is_analyst():
        now = room.used(store.home())
        st.caption(plain(f"{room.size(now.total)} of {room.size(limit)} used: {now.sentence}."))


def _review(item: runs.RunSummary) -> None:
    with st.container(border=True):
        text, actions = st.columns([4, 2], vertical_alignment="center")
        made = item.made.replace("T", " ").removesuffix("+00:00")
        text.markdown(f"**{plain(item.table)}** · {plain(item.model_title)}")
        text.caption(f"{words.count(item.rows, 'row')}, {item.rows_with_warnings:,} with faults · {made} UTC")
        with actions, st.container(horizontal=True, horizontal_alignment="right"):
            if st.button("Open", key=f"open_{item.id}", type="primary"):
                link.forget()
                link.open_page("review", run=item.id)
            if current.is_analyst() and st.button("Delete", key=f"delete_{item.id}", icon=":material/delete:"):
                _delete(item)


@st.dialog("Delete this review?")
def _delete(item: runs.RunSummary) -> None:
    st.markdown(
        f"{plain(item.table)}, {words.count(item.rows, 'row')}. Links to it will stop working. This cannot be undone."
    )
    if _sure("delete_for_good"):
        deeds.delete_review(item.id)
        link.forget()
        st.query_params.clear()
        st.rerun()


def _sure(key: str) -> bool:
    """Delete, with Cancel beside it, which closes the dialog."""
    with st.container(horizontal=True):
        sure = st.button("Delete", type="primary", key=key)
        if st.button("Cancel", key=f"not_{key}"):
            st.rerun()
    return sure


def _model(name: str) -> None:
    try:
        package = store.model(name)
    except WhysureError as error:
        st.error(f"{plain(name)}: {plain(str(error))}")
        return
    own = is_own(name, store.home())
    with st.container(border=True):
        text, actions = st.columns([4, 3], vertical_alignment="center")
        version = f", version {package.info.version}" if package.info.version > 1 else ""
        text.markdown(f"**{plain(package.info.title)}**{version}")
        about = f"{package.card.description} " if package.card.description else ""
        text.caption(plain(f"{about}{len(package.schema)} columns, {len(package.reference):,} past rows."))
        if package.info.mark:
            text.warning(plain(package.info.mark), icon=":material/error:")
        with actions, st.container(horizontal=True, horizontal_alignment="right"):
            if current.is_analyst() and st.button("Open a table", key=f"use_{name}", type="primary"):
                open_table(name)
            if st.button("Details", key=f"look_{name}"):
                link.open_page("model", model=name, run=link.current().run)
            if current.is_analyst():
                with st.popover("More", key=f"more_{name}"):
                    _more(name, package, own=own)


def _more(name: str, package: Package, *, own: bool) -> None:
    """What is done to a model more rarely."""
    st.download_button(
        "Download as one ZIP",
        data=deeds.zipping(package),
        file_name=f"{name}.zip",
        mime="application/zip",
        icon=":material/download:",
        on_click="ignore",
        key=f"zip_{name}",
        help="Drop it under “Add a model” on another machine.",
    )
    if not own:
        st.caption("A sample; it cannot be renamed or deleted.")
        return
    called = st.text_input("Name", package.info.title, max_chars=120, key=f"title_{name}")
    if st.button("Rename", key=f"rename_{name}", disabled=called.strip() in {"", package.info.title}):
        deeds.rename_model(name, called)
        st.rerun()
    if st.button("Delete", key=f"delete_model_{name}", icon=":material/delete:"):
        _delete_model(name, package.info.title)


@st.dialog("Delete this model?")
def _delete_model(name: str, called: str) -> None:
    st.markdown(
        f"{plain(called)} and its earlier versions. Reviews made with it stay, but can no longer be asked what if. "
        "This cannot be undone."
    )
    if _sure("delete_model_for_good"):
        deeds.delete_model(name)
        st.rerun()
