"""What drives a model over all uploaded rows: importance, beeswarm and the dependence of one column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explain import words
from explain.charts.theme import Palette, folded, label, safe, styled
from explain.decisions.groups import parts_of, totals
from explain.insight.drawn import sample

if TYPE_CHECKING:
    from collections.abc import Iterable

    import plotly.graph_objects as go

    from explain.decisions import Decisions
    from explain.types import Column, Flags, Floats, Ints

MOST_COLUMNS = 12
MOST_SWARM = 500
"""Rows of the picture with a dot for each row and column: 6,000 dots are drawn in half a second."""


def shown_note(shown: int, rows: int) -> str:
    """'2,000 of 10,000 rows shown, drawn at random', or nothing when all are."""
    return "" if shown == rows else f"{shown:,} of {rows:,} rows shown, drawn at random"


def strength(decisions: Decisions) -> Floats:
    """(p,) mean size of each column's share over all rows."""
    import numpy as np

    return np.asarray(np.abs(decisions.explanation.values).mean(axis=0)) if len(decisions) else np.zeros(0)


def strongest(decisions: Decisions, most: int = MOST_COLUMNS) -> list[int]:
    """Positions of the columns that move predictions most, strongest first."""
    import numpy as np

    return [int(at) for at in np.argsort(-strength(decisions), kind="stable")[:most]]


def importance(decisions: Decisions, colours: Palette, *, grouped: bool = True) -> go.Figure:
    """Mean size of each column's share; of a group of columns as one, that of its total share, where `grouped`."""
    import plotly.graph_objects as go

    parts, sizes = _ranked(decisions, grouped=grouped)
    order = range(len(parts))
    names = [title for title, _ in parts]
    scale = 100 if decisions.explanation.space == "probability" else 1
    unit = decisions.model.unit
    texts = [words.change(float(sizes[at]), decisions.explanation.space, unit).lstrip("+±") for at in order]
    figure = go.Figure()
    figure.add_bar(
        orientation="h", y=list(range(len(order))), x=[sizes[at] * scale for at in order],
        marker={"color": colours.accent}, text=[safe(text) for text in texts], textposition="outside", cliponaxis=False,
        hovertext=[
            f"<b>{safe(name)}</b><br>moves a prediction by {safe(text)} on average"
            for name, text in zip(names, texts, strict=True)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip
    return styled(
        figure,
        safe(f"{names[0] if names else 'Nothing'} moves predictions most"),
        colours,
        height=90 + 28 * len(order),
        yaxis=_named_rows(names),
        xaxis={"visible": False, "range": [0, float(sizes.max(initial=1e-9)) * scale * 1.3]},
        bargap=0.35,
    )


def _ranked(decisions: Decisions, *, grouped: bool) -> tuple[list[tuple[str, list[int]]], Floats]:
    """The columns and groups that move predictions most, strongest first, and how much each does on average."""
    import numpy as np

    parts = parts_of(decisions.schema, grouped=grouped)
    shares = totals(decisions.explanation.values, parts)
    sizes = np.abs(shares).mean(axis=0) if len(shares) else np.zeros(len(parts))
    order = np.argsort(-sizes, kind="stable")[:MOST_COLUMNS]
    return [parts[at] for at in order], sizes[order]


def _named_rows(names: list[str]) -> dict[str, Any]:
    return {
        "tickvals": list(range(len(names))),
        "ticktext": [folded(name, 22) for name in names],
        "range": [len(names) - 0.4, -0.6],
        "showgrid": False,
        "zeroline": False,
    }


def beeswarm(decisions: Decisions, colours: Palette, *, grouped: bool = True) -> go.Figure:
    """One dot a row and column: how far it moved the prediction, coloured by its value from low to high.

    Categories, and groups of columns where `grouped`, have no low and high; their dots are grey.
    """
    import numpy as np
    import plotly.graph_objects as go

    parts, _ = _ranked(decisions, grouped=grouped)
    rows = sample(len(decisions), MOST_SWARM)
    scale = 100 if decisions.explanation.space == "probability" else 1
    shares = totals(decisions.explanation.values[rows], parts) * scale
    figure = go.Figure()
    coloured = False
    for place, (title, members) in enumerate(parts):
        column = decisions.schema.columns[members[0]] if len(members) == 1 else None
        cells = None if column is None else decisions.table.frame[column.name].iloc[rows]
        numeric = column is not None and column.kind == "number"
        x = shares[:, place]
        figure.add_scatter(
            x=x,
            y=place + swarm(x),
            mode="markers",
            marker=_value_colours(ranks(cells, column), colours, bar=not coloured)
            if column is not None and numeric
            else {"size": 5, "opacity": 0.75, "color": colours.neutral},
            hovertext=[
                f"<b>{safe(title)}: {safe(what)}</b><br>"
                f"{safe(words.change(v / scale, decisions.explanation.space, decisions.model.unit))}"
                for what, v in zip(_said(cells, column, len(members), len(rows)), x, strict=True)
            ],
            hovertemplate="%{hovertext}<extra></extra>",
            showlegend=False,
        )
        coloured |= numeric
    figure.add_vline(x=0, line={"color": colours.muted, "width": 1})
    limit = float(np.abs(shares).max(initial=1e-9)) * 1.05
    return styled(
        figure,
        "Each dot is a row: how far its value moved the prediction",
        colours,
        height=110 + 34 * len(parts),
        yaxis=_named_rows([title for title, _ in parts]),
        xaxis={"title": {"text": _moved_title(decisions)}, "range": [-limit, limit]},
    )


def _said(cells: Iterable[Any] | None, column: Column | None, members: int, rows: int) -> list[str]:
    """The cells of a column in words, or how many columns a group has."""
    if cells is None or column is None:
        return [words.count(members, "column")] * rows
    return [words.cell(cell, column) for cell in cells]


def _moved_title(decisions: Decisions) -> str:
    model = decisions.model
    if model.task == "regression":
        return safe(f"change of the {model.target}" + (f", {model.unit}" if model.unit else ""))
    if model.task == "binary":
        return safe(f"change of the chance of {model.outputs[model.shown]}, in points of 100")
    return "change of the chance of the predicted outcome, in points of 100"


def _value_colours(share: Floats, colours: Palette, *, bar: bool) -> dict[str, Any]:
    look: dict[str, Any] = {
        "size": 5,
        "opacity": 0.75,
        "color": share,
        "cmin": 0,
        "cmax": 1,
        # not the colours of raising and lowering: this is about values
        "colorscale": [[0, colours.outcomes[2]], [0.5, colours.neutral], [1, colours.outcomes[1]]],
    }
    if bar:
        look["colorbar"] = {
            "title": {"text": "value", "font": {"size": 12, "color": colours.muted}},
            "tickvals": [0, 1], "ticktext": ["low", "high"], "thickness": 8, "len": 0.5, "outlinewidth": 0,
            "tickfont": {"color": colours.muted},
        }  # fmt: skip
    return look


def ranks(cells: Any, column: Column) -> Floats:  # noqa: ANN401 - a pandas column
    """Values as 0 (lowest) to 1 (highest) of the rows shown; categories in their own order, missing in the middle."""
    import numpy as np

    if column.kind == "category":
        place = {name: at for at, name in enumerate(column.categories)}
        numbers = np.array([place.get(cell, np.nan) for cell in cells], dtype=float)
    else:
        numbers = cells.to_numpy(dtype=float)
    known = np.isfinite(numbers)
    result = np.full(len(numbers), 0.5)
    if known.sum() > 1:
        _, inverse = np.unique(numbers[known], return_inverse=True)
        result[known] = inverse / max(inverse.max(), 1)
    return result


def swarm(x: Floats, bins: int = 60, spread: float = 0.36) -> Floats:
    """Vertical offsets that spread crowded dots: within each bin of x they alternate outwards from the middle."""
    import numpy as np

    if not len(x):
        return np.zeros(0)
    low, high = float(x.min()), float(x.max())
    at = np.floor((x - low) / max(high - low, 1e-12) * (bins - 1)).astype(int)
    order = np.argsort(at, kind="stable")
    starts = np.concatenate([[0], np.flatnonzero(np.diff(at[order])) + 1])
    place = np.empty(len(x), dtype=int)
    place[order] = np.arange(len(x)) - np.repeat(starts, np.diff([*starts, len(x)]))
    crowd = max(int(place.max()), 1)
    return np.asarray(np.ceil(place / 2) * np.where(place % 2, 1, -1) * (2 * spread / crowd))


JITTER = 0.3
"""How far a dot may stand beside the middle of its category; the next one is 1 away."""


def _beside_each_other(cells: Iterable[object], spec: Column, seed: int = 0) -> tuple[Floats, Floats, dict[str, Any]]:
    """Categories as places on an axis (n,), the same with a seeded step aside so that dots do not hide each other, and
    the axis. Known categories stand in their own order, others and blanks after them; absent ones take no place.
    """
    import numpy as np

    names = [words.cell(cell, spec) for cell in cells]
    known = [words.cell(name, spec) for name in spec.categories]
    order = [name for name in dict.fromkeys(known) if name in set(names)]
    order += [name for name in dict.fromkeys(names) if name not in set(order)]
    at = {name: place for place, name in enumerate(order)}
    place = np.array([at[name] for name in names], dtype=np.float64)
    aside = np.random.default_rng(seed).uniform(-JITTER, JITTER, len(place))
    axis = {"tickvals": list(range(len(order))), "ticktext": [label(name) for name in order]}
    axis |= {"range": [-0.5, max(len(order), 1) - 0.5], "zeroline": False}
    return place, place + aside, axis


def dependence(
    decisions: Decisions,
    column: str,
    colour_by: str | None,
    colours: Palette,
    together: tuple[Ints, Floats] | None = None,
) -> go.Figure:
    """The share of one column against its value, coloured by another column; of categories a box each, too.

    `together`, positions of rows and a number for each, draws what the two columns do together instead. Rows with an
    error in their data are marked, wherever it is: a broken cell moves the shares of the others.
    """
    import plotly.graph_objects as go

    rows = sample(len(decisions))
    shares = decisions.explanation.values[rows, decisions.schema.names.index(column)]
    if together is not None:
        rows, shares = together
    spec = decisions.schema[column]
    y = shares * (100 if decisions.explanation.space == "probability" else 1)
    cells = decisions.table.frame[column].iloc[rows]
    figure = go.Figure()
    if spec.kind == "category":
        place, x, axis = _beside_each_other(cells, spec)
        figure.add_box(
            x=place, y=y, boxpoints=False, line={"color": colours.muted, "width": 1}, fillcolor="rgba(0,0,0,0)",
            hoverinfo="skip", showlegend=False,
        )  # fmt: skip
        beyond = ""
    else:
        x = cells.to_numpy(dtype=float)
        axis, beyond = _seen_range(spec, cells)
    other = decisions.schema[colour_by] if colour_by else None
    faulty = decisions.worst[rows] == 0
    figure.add_scatter(
        x=x,
        y=y,
        mode="markers",
        marker=_coloured_by(decisions, rows, other, colours) | _marked(faulty, colours),
        hovertext=[
            f"<b>{safe(spec.title)}: {safe(words.cell(cell, spec))}</b><br>"
            f"{safe(words.change(float(v), decisions.explanation.space, decisions.model.unit))}"
            + ("<br>this row has an error in its data" if one else "")
            for cell, v, one in zip(cells, shares, faulty, strict=True)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
        showlegend=False,
    )
    figure.add_hline(y=0, line={"color": colours.muted, "width": 1})
    unit = f", {spec.unit}" if spec.unit else ""
    return styled(
        figure,
        safe(f"How {spec.title} moves the prediction")
        if together is None or other is None
        else safe(f"What {spec.title} and {other.title} do together, beyond their own parts"),
        colours,
        height=380,
        xaxis={"title": {"text": safe(spec.title + unit + beyond + _faulty_note(int(faulty.sum())))}} | axis,
        yaxis={"title": {"text": _moved_title(decisions)}},
        margin={"l": 8, "r": 12, "t": 44, "b": 8},
    )


def _marked(faulty: Flags, colours: Palette) -> dict[str, Any]:
    """How the dots of faulty rows (n,) stand out; nothing where there are none."""
    if not faulty.any():
        return {}
    return {
        "symbol": ["x" if one else "circle" for one in faulty],
        "size": [9 if one else 6 for one in faulty],
        "line": {"color": colours.error, "width": faulty.astype(int)},
    }


def _faulty_note(rows: int) -> str:
    return f" (✖ {words.count(rows, 'row')} with an error in {'its' if rows == 1 else 'their'} data)" if rows else ""


def _coloured_by(decisions: Decisions, rows: Ints, other: Column | None, colours: Palette) -> dict[str, Any]:
    """How dots look that are coloured by the values of another column, or of none."""
    if other is None:
        return {"size": 6, "opacity": 0.7, "color": colours.accent}
    marker = _value_colours(ranks(decisions.table.frame[other.name].iloc[rows], other), colours, bar=True)
    marker["colorbar"]["title"]["text"] = folded(other.title, 14)
    return marker


def _seen_range(spec: Column, cells: Any) -> tuple[dict[str, Any], str]:  # noqa: ANN401 - a pandas column
    """The axis over what past rows held, and how many values lie beyond: one slip must not squash all others."""
    if spec.low is None or spec.high is None:
        return {}, ""
    room = 0.06 * (spec.high - spec.low or 1.0)
    low, high = spec.low - room, spec.high + room
    beyond = int(((cells < low) | (cells > high)).sum())
    said = f" ({words.count(beyond, 'row')} beyond what past rows held: zoom out to see)" if beyond else ""
    return {"range": [low, high]}, said
