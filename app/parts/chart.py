"""Plotly figures on a page, each with its words for people who cannot see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from app.parts.text import escaped
from explain.charts.values import as_table

if TYPE_CHECKING:
    from collections.abc import Callable

    import plotly.graph_objects as go

CONFIG = {"displayModeBar": False, "typesetMath": False, "responsive": True}


def chart(figure: go.Figure, alt: str, key: str, on_select: Callable[[], None] | None = None) -> Any:  # noqa: ANN401 - Streamlit's state
    """Place a figure, and below it its values as a table; with `on_select` a click on it calls back."""
    extra: dict[str, Any] = {"on_select": on_select, "selection_mode": "points"} if on_select else {}
    drawn = st.plotly_chart(figure, theme=None, config=CONFIG, alt=alt, key=key, **extra)
    _values(figure)
    return drawn


def _values(figure: go.Figure) -> None:
    """The figure's own numbers, folded away, for the keyboard and for screen readers."""
    table = as_table(figure)
    if not table.rows:
        return
    heads = "".join(f"<th scope='col'>{escaped(name)}</th>" for name in table.heads)
    body = "".join(f"<tr>{''.join(f'<td>{escaped(cell)}</td>' for cell in row)}</tr>" for row in table.rows)
    some = len(table.rows) < table.points
    said = f"<p>{len(table.rows)} of {table.points:,} points shown, picked evenly.</p>" if some else ""
    st.html(
        f"<details class='why-values'><summary>Show as a table</summary>{said}"
        f"<table class='why-cases'><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></details>"
    )
