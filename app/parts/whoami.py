"""Who is signed in, below every page, and the way out."""

from __future__ import annotations

import streamlit as st

from app.access import current
from app.access.desk import SIGN_OUT
from app.parts.text import escaped

MAY = {"viewer": "a viewer: you look at reviews that analysts made", "analyst": "an analyst"}
OUT = f"<a href='{SIGN_OUT}' target='_self'>Sign out</a>"


def whoami() -> None:
    """Nothing where nobody signs in."""
    if current.sign_in():
        someone = current.person()
        if someone.only is not None:
            st.html(f"<p class='why-who'>You look at one decision, by its link. {OUT}</p>")
            return
        name = f"{escaped(someone.name)}, " if someone.name else ""
        st.html(f"<p class='why-who'>Signed in as {name}{MAY[someone.role]}. {OUT}</p>")
