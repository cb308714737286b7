"""A button that copies a link on click, and says who can open it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import streamlit as st

from app import link
from app.access.hosts import is_loopback
from app.parts.text import escaped

if TYPE_CHECKING:
    from explain.decisions import Decision, Decisions

SCRIPT = Path(__file__).with_name("copy.js")
HERE_ONLY = "This address is of this machine: nobody else can open it."


def copy_link(decisions: Decisions, decision: Decision) -> None:
    """Copy the address of one decision as it is looked at now."""
    copy_button("Copy link", address_of(decisions, decision))


def address_of(decisions: Decisions, decision: Decision) -> str:
    """The address of one decision as it is looked at now, what-if changes included."""
    run = str(decisions.run["id"])
    return link.address("decision", run=run, row=decision.row_id, **link.shared(), **link.supposed())


def copy_button(label: str, address: str) -> None:
    """A button of our own, as Streamlit's copy nothing, and the script that listens to all of them."""
    note = HERE_ONLY if is_loopback(urlsplit(address).hostname or "") else ""
    st.html(
        f"<div class='why-copy'><button type='button' data-copy='{escaped(address)}'>{escaped(label)}</button>"
        f"<span role='status'></span> <small>{escaped(note)}</small></div>",
        width="content",
    )
    # none of it comes from outside; the content policy knows its hash
    st.html(f"<script>{SCRIPT.read_text(encoding='utf-8')}</script>", unsafe_allow_javascript=True, width="content")
