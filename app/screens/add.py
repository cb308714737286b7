"""Add a model: its file and rows like those it learned from, what the columns mean, and the proof."""

from __future__ import annotations

import streamlit as st

from app import store
from app.access import current
from app.parts.add_columns import columns_step
from app.parts.add_files import files_step
from app.parts.add_proof import proof_step
from app.parts.strip import title
from app.parts.text import escaped

STEPS = {"Files": files_step, "Columns and outcomes": columns_step, "Proof and summary": proof_step}


def show() -> None:
    """The page."""
    current.demand_analyst("add models")
    adding = store.adding()
    title("Add a model", f"Its file is never run as code, and stays on {current.place()} with the rows")
    marks = "".join(
        f"<li{' aria-current=step' if at == adding.step else ''}><b>{at}</b> {escaped(name)}</li>"
        for at, name in enumerate(STEPS, start=1)
    )
    st.html(f"<ol class='why-steps'>{marks}</ol>")
    list(STEPS.values())[adding.step - 1](adding)
