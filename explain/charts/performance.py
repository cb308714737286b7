"""How good a model is where outcomes are known: reliability, ROC, precision-recall, confusion, residuals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain import words
from explain.charts.theme import Palette, label, safe, styled

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from explain.insight.performance import Confusion, Curve, Kept, Reliability, Residuals


def reliability(facts: Reliability, outcome: str, colours: Palette) -> go.Figure:
    """Said against happened: dots on the line keep their word."""
    import plotly.graph_objects as go

    figure = go.Figure()
    figure.add_scatter(
        x=[0, 100], y=[0, 100], mode="lines", line={"color": colours.muted, "dash": "dot", "width": 1},
        hoverinfo="skip", showlegend=False,
    )  # fmt: skip
    figure.add_scatter(
        x=100 * facts.said, y=100 * facts.happened, mode="markers+lines", line={"color": colours.accent, "width": 1.5},
        error_y={"type": "data", "array": 100 * facts.error, "color": colours.muted, "thickness": 1, "width": 3},
        marker={"size": 9, "color": colours.accent},
        hovertext=[
            f"said {words.in_100(float(s))}, happened {words.in_100(float(h))}<br>{words.count(int(n), 'past case')}; "
            "the whisker is two standard errors"
            for s, h, n in zip(facts.said, facts.happened, facts.cases, strict=True)
        ],
        hovertemplate="%{hovertext}<extra></extra>", showlegend=False,
    )  # fmt: skip
    return styled(
        figure, safe(f"When the model says 70 in 100 {outcome}, is it 70?"), colours, height=360,
        xaxis={"title": {"text": safe(f"said: {outcome}, in 100")}, "range": [-2, 102]},
        yaxis={"title": {"text": "happened, in 100"}, "range": [-2, 102]},
    )  # fmt: skip


def curve(facts: Curve, kind: str, colours: Palette) -> go.Figure:
    """ROC (kind "roc") or precision against recall (kind "pr")."""
    import plotly.graph_objects as go

    roc = kind == "roc"
    figure = go.Figure()
    figure.add_scatter(
        x=100 * facts.x, y=100 * facts.y, mode="lines",
        line={"color": colours.accent, "width": 2, "shape": "hv" if roc else "vh"},
        hovertemplate="%{x:.0f} / %{y:.0f} in 100<extra></extra>", showlegend=False,
    )  # fmt: skip
    figure.add_scatter(
        x=[0, 100], y=[0, 100] if roc else [100 * facts.chance] * 2, mode="lines",
        line={"color": colours.muted, "dash": "dot", "width": 1}, hoverinfo="skip", showlegend=False,
    )  # fmt: skip
    area = words.in_100(facts.area).removesuffix(" in 100")
    title = f"Ranks a hit above a miss {area} times in 100 (ROC AUC)" if roc else f"Average precision {area} in 100"
    return styled(
        figure, title, colours, height=360,
        xaxis={"title": {"text": "false alarms, in 100" if roc else "found, in 100 (recall)"}, "range": [-2, 102]},
        yaxis={"title": {"text": "found, in 100" if roc else "right, in 100 (precision)"}, "range": [-2, 102]},
    )  # fmt: skip


def confusion(facts: Confusion, colours: Palette, of: str = "past cases") -> go.Figure:
    """What was predicted against what happened, counted; `of` says in which rows."""
    import plotly.graph_objects as go

    names = [safe(name) for name in facts.names]
    figure = go.Figure()
    # by place: two long names may be shortened to the same label
    places = list(range(len(names)))
    ticks = {"tickvals": places, "ticktext": [label(name) for name in facts.names]}
    share = facts.counts / facts.counts.sum(axis=1, keepdims=True).clip(min=1)
    figure.add_heatmap(
        z=share, x=places, y=places, zmin=0, zmax=1, showscale=False,
        colorscale=[[0, colours.paper], [1, colours.accent]], xgap=2, ygap=2,
        hovertext=[
            [f"was {a}, predicted {b}: {words.count(int(facts.counts[i, j]), 'case')}" for j, b in enumerate(names)]
            for i, a in enumerate(names)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip
    cells = [(i, j) for i in places for j in places]
    # a trace, and no notes on the picture: a click on a cell is heard, and names it
    figure.add_scatter(
        x=[j for _, j in cells], y=[i for i, _ in cells], customdata=[f"{i}-{j}" for i, j in cells],
        mode="markers+text", marker={"size": 46, "opacity": 0, "symbol": "square"},
        text=[f"<b>{int(facts.counts[cell]):,}</b>" for cell in cells],
        textfont={
            "size": 15, "color": [colours.paper if share[cell] > 0.55 else colours.text for cell in cells]
        },
        hoverinfo="skip", showlegend=False,
    )  # fmt: skip
    right = facts.counts.trace() / max(facts.counts.sum(), 1)
    return styled(
        figure, f"Right in {round(100 * right)} of 100 {of}", colours, height=110 + 62 * len(names),
        xaxis={"title": {"text": "predicted"}, "showgrid": False, "zeroline": False, **ticks},
        yaxis={"title": {"text": "was"}, "autorange": "reversed", "showgrid": False, "zeroline": False, **ticks},
    )  # fmt: skip


def kept(facts: Kept, colours: Palette) -> go.Figure:
    """Accuracy against the share of rows kept, the most trusted first: it falls where trust is well placed."""
    import plotly.graph_objects as go

    figure = go.Figure()
    whole = float(facts.right[-1])
    figure.add_scatter(
        x=100 * facts.share, y=100 * facts.right, mode="lines", line={"color": colours.accent, "width": 2},
        hovertext=[
            f"of the {words.of_100(float(s))} rows trusted most, {words.of_100(float(r))} were right"
            for s, r in zip(facts.share, facts.right, strict=True)
        ],
        hovertemplate="%{hovertext}<extra></extra>", showlegend=False,
    )  # fmt: skip
    figure.add_scatter(
        x=[0, 100], y=[100 * whole] * 2, mode="lines", line={"color": colours.muted, "dash": "dot", "width": 1},
        hoverinfo="skip", showlegend=False,
    )  # fmt: skip
    return styled(
        figure, kept_title(facts), colours, height=360,
        xaxis={"title": {"text": "rows kept, in 100, most trusted first"}, "range": [-2, 102]},
        yaxis={"title": {"text": "right, in 100"}},
    )  # fmt: skip


def kept_title(facts: Kept) -> str:
    """'Right in 92 of 100 of the half trusted most, in 78 of 100 of all'."""
    return f"Right: {words.of_100(facts.at(0.5))} in the half trusted most, {words.of_100(facts.at(1))} in all"


def residuals(facts: Residuals, target: str, unit: str, colours: Palette) -> go.Figure:
    """Predicted against what it was, for held-out cases."""
    import plotly.graph_objects as go

    figure = go.Figure()
    reach = [float(min(facts.predicted.min(), facts.truth.min())), float(max(facts.predicted.max(), facts.truth.max()))]
    figure.add_scatter(
        x=reach,
        y=reach,
        mode="lines",
        line={"color": colours.muted, "dash": "dot", "width": 1},
        hoverinfo="skip",
        showlegend=False,
    )
    figure.add_scatter(
        x=facts.predicted, y=facts.truth, mode="markers", marker={"size": 5, "opacity": 0.5, "color": colours.accent},
        hovertext=[
            safe(f"predicted {words.number(float(p), unit)}, was {words.number(float(t), unit)}")
            for p, t in zip(facts.predicted, facts.truth, strict=True)
        ],
        hovertemplate="%{hovertext}<extra></extra>", showlegend=False,
    )  # fmt: skip
    return styled(
        figure, safe(f"Half of the predictions are within {words.number(facts.median_error, unit)} of the {target}"),
        colours, height=380,
        xaxis={"title": {"text": safe(f"predicted {target}" + (f", {unit}" if unit else ""))}},
        yaxis={"title": {"text": safe(f"{target} it was" + (f", {unit}" if unit else ""))}},
    )  # fmt: skip
