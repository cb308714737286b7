"""A figure's values as a table: for people who cannot see the picture, or want its numbers."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go

MOST_ROWS = 100
"""Rows of a table: of more points as many are picked evenly, which for dots in no order is as good as at random."""
_TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True)
class ChartTable:
    """`heads` name the columns of `rows`, which are texts; `points` is how many the figure has."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    points: int


def as_table(figure: go.Figure) -> ChartTable:
    """What a figure's bars, dots, lines, boxes and cells stand at; what is mere decoration is left out."""
    traces = [trace for trace in figure.data if trace.hoverinfo != "skip"]
    across, up = _axis(figure, traces, "x"), _axis(figure, traces, "y")
    rows: list[tuple[str, ...]] = []
    for trace in traces:
        name = plain_text(trace.name or "")
        points = _cells(trace) if trace.type == "heatmap" else _points(trace)
        for x, y, *more in points:
            rows.append((name, across.get(x, _text(x)), up.get(y, _text(y)), *(_text(item) for item in more)))
    heads = ["series", _title(figure, traces, "x") or "item", _title(figure, traces, "y") or "item"]
    heads += ["value" if any(trace.type == "heatmap" for trace in traces) else "as written"] * max(
        (len(row) - len(heads) for row in rows), default=0
    )
    shown = [row + ("",) * (len(heads) - len(row)) for row in _picked(rows)]
    used = [at for at in range(len(heads)) if any(row[at] for row in shown)]
    return ChartTable(tuple(heads[at] for at in used), tuple(tuple(row[at] for at in used) for row in shown), len(rows))


def _picked(rows: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    if len(rows) <= MOST_ROWS:
        return rows
    return [rows[at * (len(rows) - 1) // (MOST_ROWS - 1)] for at in range(MOST_ROWS)]


def _points(trace: Any) -> Sequence[tuple[Any, ...]]:  # noqa: ANN401 - Plotly's traces have no common type
    """X and y of each point; what stands written beside it comes as a third."""
    across, up = _list(trace.x), _list(trace.y)
    length = max(len(across), len(up))
    # of a box or a histogram the other axis is silent, or says the same of all
    across = across or [None] * length
    up = up or [None] * length
    written = getattr(trace, "text", None)
    if written is None or isinstance(written, str) or len(written) != length:
        return list(zip(across, up, strict=False))
    return list(zip(across, up, _list(written), strict=False))


def _cells(trace: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401 - as above
    across, up = _list(trace.x), _list(trace.y)
    return [
        (across[j] if across else j, up[i] if up else i, value)
        for i, line in enumerate(trace.z)
        for j, value in enumerate(line)
    ]


def _list(values: Any) -> list[Any]:  # noqa: ANN401 - as above
    return [] if values is None else list(values)


def _axis(figure: go.Figure, traces: Sequence[Any], which: str) -> dict[Any, str]:
    """What the ticks of an axis are called, by value."""
    axis = _layout(figure, traces, which)
    if axis is None or axis.tickvals is None or axis.ticktext is None:
        return {}
    return {value: plain_text(text) for value, text in zip(axis.tickvals, axis.ticktext, strict=False)}


def _title(figure: go.Figure, traces: Sequence[Any], which: str) -> str:
    axis = _layout(figure, traces, which)
    return plain_text((axis.title.text if axis is not None else "") or "")


def _layout(figure: go.Figure, traces: Sequence[Any], which: str) -> Any:  # noqa: ANN401 - as above
    named = getattr(traces[0], f"{which}axis", None) if traces else None
    return figure.layout[f"{which}axis{(named or which)[1:]}"] if traces and traces[0].type != "pie" else None


def _text(value: object) -> str:
    """A number with as many digits as tell points apart, a text without its markup."""
    if value is None or value != value:
        return ""
    if isinstance(value, str):
        return plain_text(value)
    try:
        return f"{float(value):,.5g}"  # type: ignore[arg-type]  # numbers of any kind; others are tried and refused
    except (TypeError, ValueError):
        return str(value)


def plain_text(markup: str) -> str:
    """What Plotly's markup says: lines after each other, tags and entities resolved."""
    return " ".join(html.unescape(_TAG.sub("", str(markup).replace("<br>", " "))).split())
