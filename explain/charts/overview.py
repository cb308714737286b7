"""All decisions at a glance: how the scores spread, coloured by what is wrong with the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain import words
from explain.charts.theme import Palette, label, safe, styled
from explain.insight.score_bins import Bins, Spread, score_bins, spread_of
from explain.types import SEVERITIES

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from explain.decisions import Decisions
    from explain.types import ModelInfo

SOUND = "no fault"


def overview(rows: Decisions | Spread, colours: Palette, chosen: int | None = None) -> go.Figure:
    """Stacked bars of row counts; each segment's customdata is (bar, severity), so that a click can filter.

    `chosen` is the bar that the table is filtered by; the others fade.
    """
    import numpy as np
    import plotly.graph_objects as go

    spread = rows if isinstance(rows, Spread) else spread_of(rows)
    model, bins = spread.model, score_bins(spread)
    figure = go.Figure()
    for level, name in [(len(SEVERITIES), SOUND), *reversed(list(enumerate(SEVERITIES)))]:
        called = words.CALLED.get(name, name)
        colour = colours.severity(name) if name in SEVERITIES else colours.neutral
        own = (spread.worst == level) & (bins.row >= 0)
        counts = np.bincount(bins.row[own], minlength=len(bins.names))
        if not counts.any():
            continue
        figure.add_bar(
            x=list(range(len(bins.names))),
            y=counts,
            name=f"{words.MARKS.get(name, '')} {called}".strip(),
            marker={"color": colour, "opacity": [1 if chosen in {None, at} else 0.3 for at in range(len(bins.names))]},
            customdata=[[at, name] for at in range(len(bins.names))],
            hovertext=[
                f"<b>{safe(bins.names[at])}</b><br>{words.count(int(count), 'row')}, worst: {called}"
                "<br>click to filter the table"
                for at, count in enumerate(counts)
            ],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    every = max(2, len(bins.names) // 5) if model.task != "multiclass" else 1
    ticks = list(range(0, len(bins.names) + (every > 1), every))
    # bars stand at whole numbers; the edge between two of them is half way
    places = ticks if model.task == "multiclass" else [at - 0.5 for at in ticks]
    return styled(
        figure,
        overview_title(spread),
        colours,
        height=240,
        barmode="stack",
        xaxis={
            "tickvals": places,
            "range": [-0.5, len(bins.names) - 0.5],
            "showgrid": False,
            "zeroline": False,
            "ticktext": [_tick(bins, at, model) for at in ticks],
            "title": {"text": _axis(model)},
        },
        yaxis={"title": {"text": "rows"}, "nticks": 4},
        # below, as on a phone the title takes the whole width
        legend={"y": -0.42, "x": 0, "xanchor": "left", "yanchor": "top"},
        margin={"l": 8, "r": 8, "t": 48, "b": 8},
        bargap=0.08,
        clickmode="event+select",
        dragmode=False,
    )


def _tick(bins: Bins, at: int, model: ModelInfo) -> str:
    if model.task == "multiclass":
        return label(bins.names[at])
    if model.task == "binary":
        return str(round(100 * bins.edges[at]))
    return safe(words.number(bins.edges[at], model.unit))


def _axis(model: ModelInfo) -> str:
    if model.task == "binary":
        return safe(f"{model.outputs[model.shown]} as the model alone says, in 100")
    return safe(f"predicted {model.target}")


def overview_title(rows: Decisions | Spread) -> str:
    """What the picture shows, as a sentence with a figure in it."""
    import numpy as np

    spread = rows if isinstance(rows, Spread) else spread_of(rows)
    model, total = spread.model, len(spread.scores)
    if model.task == "regression":
        known = spread.scores[spread.answered]
        middle = float(np.median(known)) if len(known) else None
        return safe(f"Half of the rows are predicted below {words.number(middle, model.unit)}")
    if model.task == "binary":
        found = int((spread.chosen == model.shown).sum())
        return safe(_predicted(found, total, model.outputs[model.shown]))
    counts = np.bincount(spread.chosen[spread.answered], minlength=len(model.outputs))
    top = int(counts.argmax())
    return safe(_predicted(int(counts[top]), total, model.outputs[top]))


def _predicted(found: int, rows: int, outcome: str) -> str:
    return f"{found:,} of {words.count(rows, 'row')} {'is' if found == 1 else 'are'} predicted {outcome}"


def overview_alt(rows: Decisions | Spread) -> str:
    """The picture in words."""
    import numpy as np

    spread = rows if isinstance(rows, Spread) else spread_of(rows)
    bins = score_bins(spread)
    counts = np.bincount(bins.row[bins.row >= 0], minlength=len(bins.names))
    most = int(counts.argmax()) if len(counts) else 0
    warned = int((spread.worst < SEVERITIES.index("info")).sum())
    return (
        f"Bar chart of {words.count(len(spread.scores), 'row')} by score; most rows ({counts[most]:,}) lie in "
        f"{bins.names[most]}; {words.count(warned, 'row')} with faults."
    )
