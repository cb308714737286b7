"""Help, behind "?" on every page: what one is looking at, the keys, and the words."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app import link, newcomer
from app.access import current
from app.parts.brand import LINE, NAME
from app.parts.text import escaped
from explain.insight.glossary import FAULTS, WORDS

SCRIPT = Path(__file__).with_name("keys.js")
ABOUT = (
    f"{NAME} puts four things side by side for every row of a table: what a model says, why, how often it is right in "
    "such cases, and whether the row's data is sound. The list shows first what is most likely wrong; a click on a row "
    "opens its decision. Nothing leaves the place where it runs."
)
KEYS = {
    "?": "Open this help",
    "↑ ↓": "In the table: the row above, the row below",
    "p": "On a decision's page: the card alone, large",
    "← →": "There: the row before, the next row",
    "m": "There: hide ids and values, or show them",
    "Tab": "The next button or field",
    "Esc": "Close what is open, or leave",
}


def help_button() -> None:
    """A small button at the top right of every page, and the script that lets "?" press it."""
    with st.container(key="help"):
        if st.button("Help", icon=":material/help:", type="tertiary", key="open_help", help="Keys and words (?)"):
            show_help()
        # none of it comes from outside; the content policy knows its hash
        st.html(f"<script>{SCRIPT.read_text(encoding='utf-8')}</script>", unsafe_allow_javascript=True, width="content")


@st.dialog("What am I looking at?", width="medium")
def show_help() -> None:
    """What it is, keys and words."""
    st.html(f"<p class='why-lead'><b>{escaped(LINE)}.</b> {escaped(ABOUT)}</p>")
    st.html(f"<h3 class='why-part'>Words</h3>{_pairs(WORDS)}")
    with st.expander("Faults, by name"):
        st.html(_pairs(FAULTS))
    st.html(f"<h3 class='why-part'>Keys</h3>{_pairs(KEYS, 'kbd')}")
    if (
        not newcomer.is_new()
        and current.only() is None
        and st.button("Show the first steps again", key="start_again", icon=":material/restart_alt:")
    ):
        newcomer.bring_back()
        link.forget()
        link.open_page("review")


def _pairs(said: dict[str, str], tag: str = "span") -> str:
    rows = "".join(f"<dt><{tag}>{escaped(word)}</{tag}></dt><dd>{escaped(text)}</dd>" for word, text in said.items())
    return f"<dl class='why-facts'>{rows}</dl>"
