"""The script that a page needs for what Streamlit does not offer: tables by keyboard, and the page for the printer."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

SCRIPT = Path(__file__).with_name("page.js")


def page_script() -> None:
    """Load it; once a browser page is enough, and more do no harm."""
    # none of it comes from outside; the content policy knows its hash
    st.html(f"<script>{SCRIPT.read_text(encoding='utf-8')}</script>", unsafe_allow_javascript=True, width="content")
