"""Links that open one decision alone: made beside the decision, and revoked there or in the library."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app import deeds, link
from app.access import current
from app.parts.copy_link import copy_button
from app.parts.strip import section
from app.parts.text import plain
from app.parts.trouble import guarded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.access.links import OneDecision

MADE = "link_made"
"""The link that this session made last, with its run and row: the only place where its token is."""


def one_link(run: str, row: str) -> None:
    """Make a link to this decision alone; for analysts of a server that people sign in to with tokens."""
    links = current.links()
    if links is None or not current.is_analyst():
        return
    with st.popover("Link to this decision alone", icon=":material/lock_open_right:", key="one_link"):
        st.markdown("Whoever has the link sees this decision, and no other row, review or model, until it is revoked.")
        if st.button("Make a link", key="make_link", type="primary"):
            token = guarded(lambda: deeds.make_link(run, row))
            if token is not None:
                looked = link.shared() | link.supposed()
                address = link.address("decision", run=run, row=row, **looked, token=token)
                st.session_state[MADE] = run, row, address
        made = st.session_state.get(MADE)
        if made is not None and made[:2] == (run, row):
            copy_button("Copy the new link", made[2])
            st.caption("It is shown this once; only its hash is kept.")
        _list([item for item in links.listed() if (item.run, item.row) == (run, row)], {})


def all_links(tables: Mapping[str, str]) -> None:
    """Every such link, in the library; `tables` names the table of each stored review by its run."""
    links = current.links()
    if links is not None and current.is_analyst() and (found := links.listed()):
        section("Links to single decisions")
        _list(found, tables)


def _list(found: list[OneDecision] | tuple[OneDecision, ...], tables: Mapping[str, str]) -> None:
    for item in found:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            made = item.made.replace("T", " ").removesuffix("+00:00")
            of = f"{tables.get(item.run, 'a review that was deleted')}, row {item.row}, " if tables else ""
            st.caption(plain(f"{of}made {made} UTC"), width="content")
            st.button("Revoke", key=f"revoke_{item.id}", on_click=deeds.revoke_link, args=(item.id,))
