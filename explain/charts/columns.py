"""One column of the upload over the same column of the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain import words
from explain.charts.theme import Palette, folded, safe, styled

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from explain.types import Column, Floats

BARS = 24
MOST_CATEGORIES = 14


def distribution(uploaded: pd.Series, reference: pd.Series, column: Column, colours: Palette) -> go.Figure:
    """Shares of the values: the upload as bars, the reference as an outline."""
    import plotly.graph_objects as go

    names, new, old = (
        _categories(uploaded, reference, column) if column.kind == "category" else _numbers(uploaded, reference, column)
    )
    figure = go.Figure()
    figure.add_bar(
        x=names, y=100 * new, name="this upload", marker={"color": colours.accent},
        hovertemplate="%{x}<br>upload: %{y:.1f} of 100 rows<extra></extra>",
    )  # fmt: skip
    figure.add_bar(
        x=names, y=100 * old, name="past rows (reference)",
        marker={"color": "rgba(0,0,0,0)", "line": {"color": colours.muted, "width": 1.5}},
        hovertemplate="%{x}<br>past rows: %{y:.1f} of 100<extra></extra>",
    )  # fmt: skip
    unit = f", {column.unit}" if column.unit and not column.is_date else ""
    return styled(
        figure,
        safe(f"{column.title}: this upload over past rows"),
        colours,
        height=300,
        barmode="overlay",
        yaxis={"title": {"text": "rows of 100"}, "nticks": 4},
        xaxis={"title": {"text": safe(column.title + unit)}, "type": "category", "nticks": 8},
        legend={"y": 1.0, "x": 0},
        margin={"l": 8, "r": 8, "t": 66, "b": 8},
    )


def _numbers(uploaded: pd.Series, reference: pd.Series, column: Column) -> tuple[list[str], Floats, Floats]:
    """Bars across the reference's middle 98 %, with one more on each side for what lies beyond."""
    import numpy as np

    new, old = uploaded.dropna().to_numpy(dtype=float), reference.dropna().to_numpy(dtype=float)
    known = old if len(old) else new
    low, high = (np.quantile(known, 0.01), np.quantile(known, 0.99)) if len(known) else (0.0, 1.0)
    distinct = np.unique(known)
    if column.integer and len(distinct) <= BARS:
        edges = np.append(distinct, distinct[-1] + 1) - 0.5 if len(distinct) else np.array([0.0, 1.0])
    else:
        edges = np.linspace(low, high if high > low else low + 1, BARS + 1)
    middles = [
        words.number(float(value), words.DATE * column.is_date)
        for value in (distinct if len(edges) == len(distinct) + 1 and column.integer else (edges[:-1] + edges[1:]) / 2)
    ]
    below, above = (words.number(float(edge), words.DATE * column.is_date) for edge in (edges[0], edges[-1]))
    names = [f"< {below}", *middles, f"> {above}"]
    every = np.concatenate([[-np.inf], edges, [np.inf]])
    shares = [np.histogram(cells, every)[0] / max(len(cells), 1) for cells in (new, old)]
    kept = slice(0 if shares[0][0] or shares[1][0] else 1, None if shares[0][-1] or shares[1][-1] else -1)
    return names[kept], shares[0][kept], shares[1][kept]


def _categories(uploaded: pd.Series, reference: pd.Series, column: Column) -> tuple[list[str], Floats, Floats]:
    """The most frequent categories of both, the reference's order first."""
    import numpy as np

    new = uploaded.dropna().value_counts(normalize=True)
    old = reference.dropna().value_counts(normalize=True)
    both = old.add(new, fill_value=0).sort_values(ascending=False, kind="stable").index[:MOST_CATEGORIES]
    names = [folded(words.cell(name, column), 18) for name in both]
    shares = [np.asarray(counts.reindex(both).fillna(0), dtype=np.float64) for counts in (new, old)]
    return names, shares[0], shares[1]
