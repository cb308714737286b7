"""A review that was broken off, by a reload, a lost connection or a server that died: go on with it, or dismiss it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app import broken_off, link, store
from app.parts.text import plain
from app.parts.trouble import guarded

if TYPE_CHECKING:
    from explain.decisions.waiting_tables import Opened


def offer_to_go_on() -> None:
    """One box a table that was left; its place is there without one, too."""
    with st.container(key="broken_off"):
        if not store.opened():
            for name, opened in broken_off.left():
                _offer(name, opened)


def _offer(name: str, opened: Opened) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        came_of = " It was made from a review that is stored." if opened.run else ""
        st.markdown(
            f":material/restart_alt: The review of **{plain(opened.name)}** was broken off.{came_of}", width="stretch"
        )
        if st.button("Open that review" if opened.run else "Go on", key=f"go_on_{name}", type="primary"):
            guarded(lambda: _go_on(name))
        st.button("Dismiss", key=f"dismiss_{name}", on_click=broken_off.drop, args=(name,))


def _go_on(name: str) -> None:
    """Review the table from the start, read as it was read before; what came of a review leads back to it."""
    upload = broken_off.upload_of(name)
    if upload.opened.run:
        broken_off.drop(name)
        link.open_page("review", run=upload.opened.run)
    package = store.model(upload.opened.model)
    store.open_to_review(upload.read(package), package, kept=name)
    link.open_page("review")
