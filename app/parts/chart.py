"""Plotly figures on a page, each with its words for people who cannot see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Callable

    import plotly.graph_objects as go

CONFIG = {"displayModeBar": False, "typesetMath": False, "responsive": True}


def chart(figure: go.Figure, alt: str, key: str, on_select: Callable[[], None] | None = None) -> Any:  # noqa: ANN401 - Streamlit's state
    """Place a figure; with `on_select` a click on it calls back."""
    extra: dict[str, Any] = {"on_select": on_select, "selection_mode": "points"} if on_select else {}
    return st.plotly_chart(figure, theme=None, config=CONFIG, alt=alt, key=key, **extra)
