"""From the base to the score: one bar a column, the strongest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain import words
from explain.charts.theme import Palette, folded, in_lines, money_axis, safe, styled

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from explain.decisions.decision import Decision, Reason

LINE = 16
"""Pixels of a line of a label."""
MOST_BARS = 8
FOUND = {"error": "this value is wrong", "warning": "this value is unlikely", "info": "there is a remark on this value"}
"""What a severity says of a value."""
AXIS = 26
"""Characters of a line of the axis's title: what fits below the bars on a phone, in large type as well."""


def waterfall(decision: Decision, colours: Palette, most: int = MOST_BARS) -> go.Figure:
    """The reasons of one decision as bars from base to score; warned values carry their mark on the bar."""
    import plotly.graph_objects as go

    bars = shown_reasons(decision, most)
    scale = 100.0 if decision.space == "probability" else 1.0
    ends = [decision.base]
    for bar in bars:
        ends.append(ends[-1] + bar.contribution)
    labels = [_label(bar) for bar in bars]
    figure = go.Figure([_bars(bars, ends, decision, colours), *_background_spread(bars, ends, decision, colours)])
    unit = decision.model.unit
    higher = decision.score >= decision.base
    _mark(
        figure,
        decision.base * scale,
        ("typical<br>past case", words.amount(decision.base, decision.space, unit)),
        colours.muted,
        right=not higher,
    )
    _mark(
        figure,
        decision.score * scale,
        ("this case", words.amount(decision.score, decision.space, unit)),
        colours.text,
        right=higher,
    )
    reach = [end * scale for end in ends]
    room = 0.28 * max(max(reach) - min(reach), 1e-9)
    return styled(
        figure,
        waterfall_title(decision),
        colours,
        height=158 + _bar_height(labels) * len(bars),
        yaxis={
            "tickvals": list(range(len(bars))),
            "ticktext": labels,
            "autorange": False,
            "range": [len(bars) - 0.4, -0.6],
            "showgrid": False,
            "zeroline": False,
        },
        xaxis={
            "range": [min(reach) - room, max(reach) + room],
            "title": {"text": axis_title(decision)},
            "zeroline": False,
            **(money_axis(unit) if decision.space == "target" else {}),
        },
        bargap=0.34,
        margin={"l": 8, "r": 12, "t": 94, "b": 8},
    )


def _bars(bars: list[Reason], ends: list[float], decision: Decision, colours: Palette) -> go.Bar:
    """One bar a reason, from where the last one ended; `ends` (b + 1,) in the explanation's space."""
    import plotly.graph_objects as go

    scale = 100.0 if decision.space == "probability" else 1.0
    return go.Bar(
        orientation="h",
        y=list(range(len(bars))),
        x=[bar.contribution * scale for bar in bars],
        base=[end * scale for end in ends[:-1]],
        marker={
            "color": [colours.raises if bar.contribution > 0 else colours.lowers for bar in bars],
            "line": {
                "color": [colours.severity(bar.severity) for bar in bars],
                "width": [2.5 if bar.severity in {"error", "warning"} else 0 for bar in bars],
            },
        },
        error_x=_whiskers(bars, scale, colours),
        text=[_bar_text(bar, decision) for bar in bars],
        textposition="outside",
        cliponaxis=False,
        textfont={"color": colours.text, "size": 12},
        hovertext=[_hover(bar, decision) for bar in bars],
        hovertemplate="%{hovertext}<extra></extra>",
        showlegend=False,
    )


def _background_spread(bars: list[Reason], ends: list[float], decision: Decision, colours: Palette) -> list[go.Scatter]:
    """Broad pale bands at the bars' ends: what other reference rows would have changed."""
    import plotly.graph_objects as go

    if all(bar.background_error is None for bar in bars):
        return []
    scale = 100.0 if decision.space == "probability" else 1.0
    spread = [(bar.background_error or 0.0) * scale for bar in bars]
    return [
        go.Scatter(
            y=list(range(len(bars))),
            x=[end * scale for end in ends[1:]],
            mode="markers",
            marker={"size": 0.1, "color": colours.muted},
            error_x={"type": "data", "array": spread, "color": colours.neutral, "thickness": 6, "width": 0},
            hoverinfo="skip",
            showlegend=False,
        )
    ]


def shown_reasons(decision: Decision, most: int) -> list[Reason]:
    """The strongest `most` reasons, and the rest folded into one so that the bars still add up."""
    from explain.decisions.decision import Reason

    kept, rest = list(decision.reasons[:most]), decision.reasons[most:]
    if len(rest) == 1:
        return [*kept, *rest]
    if rest:
        total = sum(item.contribution for item in rest)
        kept.append(Reason("", f"{len(rest)} other columns", "", total))
    return kept


def waterfall_title(decision: Decision) -> str:
    """What the picture shows, as a sentence."""
    strongest = decision.reasons[0] if decision.reasons else None
    if strongest is None or strongest.contribution == 0:
        return "No column moves this prediction"
    verb = "raises" if strongest.contribution > 0 else "lowers"
    of_value = decision.model.task == "regression"
    what = decision.model.target if of_value else f"the chance of {decision.shown}"
    if strongest.severity in {"error", "warning"}:
        return safe(f"A faulty value, {strongest.title}, {verb} {what} most")
    backs = next((reason for reason in decision.reasons if reason.contribution > 0), None)
    if verb == "lowers" and backs is not None and not of_value:
        # who asks why it is so is not answered by what speaks against it
        return safe(f"{backs.title} raises {what} most; {strongest.title} lowers it more")
    return safe(f"{strongest.title} {verb} {what} most")


def axis_title(decision: Decision) -> str:
    """The unit that the bars are counted in."""
    if decision.space == "probability":
        return in_lines(safe(f"{decision.shown}, in 100, as the model alone says"), AXIS)
    if decision.space == "log-odds":
        return safe(f"log-odds of {decision.shown}, as the model adds them up")
    return safe(
        words.listed([decision.model.target, *([f"in {decision.model.unit}"] if decision.model.unit else [])]).replace(
            " and ", ", "
        )
    )


def _bar_height(labels: list[str]) -> int:
    """Pixels from bar to bar, so that the longest label does not touch the next one."""
    return max(37, LINE * (1 + max((label.count("<br>") for label in labels), default=0)))


def _label(bar: Reason) -> str:
    mark = f" {words.MARKS[bar.severity]}" if bar.severity else ""
    if not bar.value:
        return safe(bar.title)
    return f"{folded(bar.title, 22)}<br><b>{folded(bar.value)}</b>{mark}"


def _bar_text(bar: Reason, decision: Decision) -> str:
    mark = f" {words.MARKS[bar.severity]}" if bar.severity in {"error", "warning"} else ""
    moved = words.change(bar.contribution, decision.space, decision.model.unit)
    return safe(moved.removesuffix("s").removesuffix(" point")) + mark


def _hover(bar: Reason, decision: Decision) -> str:
    moved = words.change(bar.contribution, decision.space, decision.model.unit)
    said = words.raises(
        bar.contribution,
        decision.model.target if decision.model.task == "regression" else decision.shown,
        decision.model.task,
        moved,
    )
    value = f" = {bar.value}" if bar.value else ""
    lines = [f"<b>{safe(bar.title)}{safe(value)}</b>", safe(said)]
    for spread, source in (
        (bar.error, "from drawing combinations of columns"),
        (bar.background_error, "from the choice of reference rows"),
    ):
        if spread:
            amount = words.change(spread, decision.space, decision.model.unit).lstrip("+")
            lines.append(f"± {safe(amount)} {source}, not a range for the case")
    if bar.severity:
        lines.append(f"{words.MARKS[bar.severity]} {FOUND[bar.severity]}")
    lines.append("<i>field's term: SHAP value</i>")
    return "<br>".join(lines)


def _whiskers(bars: list[Reason], scale: float, colours: Palette) -> dict[str, object] | None:
    if all(bar.error is None for bar in bars):
        return None
    spread = [(bar.error or 0.0) * scale for bar in bars]
    return {"type": "data", "array": spread, "color": colours.muted, "thickness": 1.2, "width": 4}


def _mark(figure: go.Figure, x: float, named: tuple[str, str], colour: str, *, right: bool) -> None:
    """A thin line at x behind the bars, its name above it on the outer side, so that two names never meet.

    The axis already says "in 100"; without it, and on two lines, the name fits beside the line on a phone.
    """
    line = {"color": colour, "width": 1, "dash": "dot"}
    figure.add_shape(type="line", x0=x, x1=x, y0=0, y1=1, yref="paper", line=line, layer="below", opacity=0.55)
    name, amount = named
    figure.add_annotation(
        x=x,
        y=1.0,
        yref="paper",
        align="left" if right else "right",
        text=f"{name}<br>{safe(amount.removesuffix(' in 100'))}",
        showarrow=False,
        yanchor="bottom",
        xanchor="left" if right else "right",
        xshift=-4 if right else 4,
        font={"size": 12, "color": colour},
    )


def waterfall_alt(decision: Decision) -> str:
    """The picture in one sentence, for people who hear it."""
    unit = decision.model.unit
    parts = [
        f"{bar.title} {bar.value} {words.change(bar.contribution, decision.space, unit)}"
        for bar in shown_reasons(decision, 4)
    ]
    start = words.amount(decision.base, decision.space, unit)
    end = words.amount(decision.score, decision.space, unit)
    return f"From {start} for a typical past case to {end} for this case: {'; '.join(parts)}."
