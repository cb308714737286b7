"""The product's name, its mark and the one line that says what it is: small in the header of every page."""

from __future__ import annotations

import json
from pathlib import Path

import streamlit as st

NAME = "Whysure"
LINE = "See why a model decided, and how far to trust it"
MARK = Path(__file__).resolve().parent.parent / "icon.svg"


def brand() -> None:
    """Mark, name and line at the left of the navigation; a click leads to the first page."""
    st.logo(str(MARK), size="large")
    # Streamlit's logo is a picture alone; its words are set in the page's own typeface and colours (style.css)
    words = {"before": NAME, "after": LINE}
    rules = [f"header :has(> .stLogo)::{where} {{ content: {json.dumps(text)}; }}" for where, text in words.items()]
    st.html(f"<style>{' '.join(rules)}</style>")
