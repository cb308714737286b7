"""What a page says while the server does not answer; style.css shows it then, and hides Streamlit's own dialog."""

from __future__ import annotations

import streamlit as st

from app.access import current
from app.parts.text import escaped

LOST = (
    "This page goes on by itself as soon as it answers again. Reviews that were finished are stored, and a table that "
    "was being reviewed is kept."
)
OWN = "Did you stop it? Start it again in the terminal."
OTHERS = "If this takes long, load the page anew or ask whoever runs it."


def lost_words() -> None:
    """Part of every page from its first moment: nothing can be sent to it when it is needed."""
    help_ = OTHERS if current.sign_in() else OWN
    st.html(
        f"<div class='why-lost' role='alert'><b>Whysure does not answer</b><p>{escaped(LOST)}</p>"
        f"<p>{escaped(help_)}</p></div>"
    )
