"""How sure, as a picture: one thin scale with the typical case, this case and its range."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from explain import words
from explain.charts.theme import MANY_OUTCOMES, Palette, label, money_axis, safe, styled

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from explain.decisions.decision import Decision


def scale(decision: Decision, colours: Palette) -> go.Figure:
    """A value on its interval (regression), or every outcome's calibrated probability, the plausible ones filled."""
    if decision.model.task == "regression":
        return _value_scale(decision, colours)
    return _outcome_scale(decision, colours)


def _value_scale(decision: Decision, colours: Palette) -> go.Figure:
    import plotly.graph_objects as go

    unit = decision.model.unit
    low, high = decision.shown_range
    figure = go.Figure()
    if low is not None and high is not None and math.isfinite(high - low):
        figure.add_scatter(
            x=[low, high], y=[0, 0], mode="lines", line={"color": colours.accent, "width": 10},
            opacity=0.45, hovertemplate=f"range at {decision.level:.0%}<extra></extra>", showlegend=False,
        )  # fmt: skip
    figure.add_scatter(
        x=[decision.base], y=[0], mode="markers", marker={"symbol": "line-ns-open", "size": 20, "color": colours.muted},
        hovertemplate=safe(f"typical past case: {words.number(decision.base, unit)}") + "<extra></extra>",
        showlegend=False,
    )  # fmt: skip
    figure.add_scatter(
        x=[decision.score], y=[0], mode="markers", marker={"size": 14, "color": colours.accent},
        hovertemplate=safe(f"this case: {words.number(decision.score, unit)}") + "<extra></extra>", showlegend=False,
    )  # fmt: skip
    return styled(
        figure,
        safe(f"The {decision.model.target}, its range by past errors, and the typical past case (tick)"),
        colours,
        height=120,
        yaxis={"visible": False, "range": [-1, 1]},
        xaxis={"nticks": 5, **money_axis(unit)},
    )


def _outcome_scale(decision: Decision, colours: Palette) -> go.Figure:
    import plotly.graph_objects as go

    shown = decision.calibrated or decision.scores
    names, shares = list(shown), list(shown.values())
    plausible = set(decision.plausible if decision.plausible is not None else names)
    hues = [colours.outcome(at, len(names)) for at in range(len(names))]
    notes = ["" if name in plausible else " · not on the shortlist" for name in names]
    figure = go.Figure()
    figure.add_bar(
        orientation="h",
        # by place: two long names may be shortened to the same label
        y=list(range(len(names))),
        x=[100 * share for share in shares],
        marker={
            "color": [hue if name in plausible else "rgba(0,0,0,0)" for name, hue in zip(names, hues, strict=True)],
            "line": {"color": hues, "width": 1.5},
        },
        text=[words.in_100(share) + note for share, note in zip(shares, notes, strict=True)],
        textposition="outside",
        cliponaxis=False,
        textfont={"size": 12, "color": colours.text},
        hovertext=[
            f"<b>{safe(name)}</b><br>{words.in_100(share)}, {corrected(decision)}{note}"
            f"<br>the model alone: {words.in_100(decision.scores[name])}"
            for name, share, note in zip(names, shares, notes, strict=True)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
        showlegend=False,
    )
    return styled(
        figure,
        scale_title(decision),
        colours,
        height=92 + 30 * len(names),
        xaxis={
            "range": [0, 148],
            "tickvals": [],
            "title": {"text": f"chances, {corrected(decision)}"},
            "zeroline": False,
            "showgrid": False,
        },
        yaxis={
            "tickvals": list(range(len(names))),
            "ticktext": [label(name) for name in names],
            "range": [len(names) - 0.5, -0.5],
            "showgrid": False,
            "zeroline": False,
        },
        bargap=0.3,
    )


def corrected(decision: Decision) -> str:
    """Whether past cases asked for a correction of what the model says."""
    if not decision.calibrated or decision.corrected_by == "raw":
        return "as the model alone says"
    return f"corrected by past cases{', faults not counted in' if decision.doubted else ''}"


def scale_title(decision: Decision) -> str:
    """What past cases leave open, as a heading."""
    kept = list(decision.plausible or ())
    level = round(100 * decision.level)
    if decision.plausible is None:
        return "Scores of the model"
    if len(kept) >= MANY_OUTCOMES:
        return safe(f"Shortlist at {level} %: {len(kept)} of {len(decision.scores)} outcomes")
    return safe(f"Shortlist at {level} %: {words.listed(kept)}{' alone' if len(kept) == 1 else ''}")
