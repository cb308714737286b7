"""One look for every picture: colours that colour-blind people can tell apart, in a light and a dark set.

Direction is orange against blue, severity always comes with a shape and a word, outcomes have hues of their own.
"""

from __future__ import annotations

import html
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explain.shown import shortened, visible
from explain.words import CURRENCIES

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from explain.types import Severity

FONT = "Inter, 'Source Sans', 'Segoe UI', system-ui, sans-serif"


@dataclass(frozen=True)
class Palette:
    """Colours of one mode, as hex; contrast of `text` and `muted` on `paper` is at least 4.5 to 1."""

    paper: str
    text: str
    muted: str
    grid: str
    accent: str
    raises: str
    lowers: str
    neutral: str
    error: str
    warning: str
    info: str
    outcomes: tuple[str, ...]

    def severity(self, name: Severity | None) -> str:
        """The colour of a severity; neutral for none."""
        return {"error": self.error, "warning": self.warning, "info": self.info}.get(name or "", self.neutral)

    def outcome(self, at: int, of: int = 1) -> str:
        """The hue of outcome number `at`, the same on every page; of more outcomes than there are hues one for all."""
        return self.outcomes[at] if max(of, at + 1) <= len(self.outcomes) else self.accent


LIGHT = Palette(
    paper="#ffffff",
    text="#18222d",
    muted="#515d6b",
    grid="#e4e8ed",
    accent="#3d4eac",
    raises="#d9661f",
    lowers="#2f72b8",
    neutral="#aab4bf",
    error="#b91c2b",
    warning="#946200",
    info="#66727f",
    outcomes=(
        "#2a7f8e",
        "#7d4fa3",
        "#a9761b",
        "#4f6b3c",
        "#a34a6e",
        "#5b6675",
        "#3c3cd6",
        "#a88776",
        "#4c2a4c",
        "#5c1a25",
        "#27278a",
        "#ae81b8",
    ),
)
DARK = Palette(
    paper="#10161d",
    text="#e8edf2",
    muted="#a5b1bd",
    grid="#2b3642",
    accent="#98a6ff",
    raises="#f29a5c",
    lowers="#6db3f2",
    neutral="#5b6875",
    error="#ff7b80",
    warning="#e6b84c",
    info="#a3afbb",
    outcomes=(
        "#5cc0cf",
        "#c298e6",
        "#e0b45a",
        "#9cc284",
        "#e38fb1",
        "#aab6c4",
        "#7b6680",
        "#7d7dfa",
        "#806a40",
        "#844f9e",
        "#fad0c8",
        "#9e4f5c",
    ),
)

MANY_OUTCOMES = 6
"""Outcomes from which on a list takes the place of one thing each beside the other: six names fill a line."""
LABEL = 22
"""Characters of a name beside a picture: about a third of its width on a phone; the whole one is in the hover."""


def palette(dark: bool) -> Palette:  # noqa: FBT001 - two modes, named at every call
    """The colours of the light or dark mode."""
    return DARK if dark else LIGHT


def safe(text: object) -> str:
    """Text from outside made harmless for Plotly: it reads tags and, with MathJax about, formulas between dollars."""
    return html.escape(visible(str(text)), quote=False).replace("$", "&#36;")


def label(name: str) -> str:
    """A name as a tick or label: the middle of a long one left out, harmless for Plotly."""
    return safe(shortened(visible(name), LABEL))


def money_axis(unit: str) -> dict[str, str]:
    """How an axis counts: thousands separators, and a currency's sign before the number."""
    return {"tickformat": ",", "tickprefix": safe(unit) if unit in CURRENCIES else ""}


def folded(text: str, width: int = 24) -> str:
    """Escaped text broken into lines of about `width` characters; at most three lines."""
    lines = textwrap.wrap(text, width) or [""]
    if len(lines) > 3:
        lines = [*lines[:2], lines[2] + "…"]
    return "<br>".join(safe(line) for line in lines)


TITLE = 46
"""Characters of a title's line: 15 px type on a phone of 390 px."""
TITLE_LINE = 19
"""Pixels of one."""


def titled(figure: go.Figure, text: str, line: int = TITLE) -> None:
    """Give a figure its title, in as many lines as fit a phone; each further one makes the figure higher."""
    said = in_lines(text.replace(" <br>", " "), line)
    more = TITLE_LINE * (said.count("<br>") - (figure.layout.title.text or "").count("<br>"))
    figure.update_layout(title_text=said, height=figure.layout.height + more, margin_t=figure.layout.margin.t + more)
    # Plotly hangs a title by the top of its last line but one
    figure.update_layout(title_pad_t=4 + 12 * said.count("<br>"))


def in_lines(text: str, line: int) -> str:
    """Escaped text in lines of so many characters, words left whole; the blank between two lines stays for readers."""
    return " <br>".join(textwrap.wrap(text, line, break_long_words=False, break_on_hyphens=False))


def styled(figure: go.Figure, title: str, colours: Palette, height: int = 320, **layout: Any) -> go.Figure:  # noqa: ANN401
    """Give a figure the product's look; `layout` adds to or overrides it."""
    axis = {
        "gridcolor": colours.grid,
        "linecolor": colours.grid,
        "zerolinecolor": colours.grid,
        "tickfont": {"color": colours.muted, "size": 12},
        "title": {"font": {"color": colours.muted, "size": 12}, "standoff": 8},
        "automargin": True,
    }
    figure.update_layout(
        template="none",
        title={
            "x": 0,
            "xref": "container",
            "xanchor": "left",
            "y": 0.98,
            "yanchor": "top",
            "pad": {"l": 4, "t": 4},
        },
        title_font={"size": 15, "color": colours.text, "weight": 600},
        font={"family": FONT, "color": colours.text, "size": 13},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        height=height,
        margin={"l": 8, "r": 12, "t": 44, "b": 8},
        hoverlabel={
            "bgcolor": colours.paper,
            "bordercolor": colours.grid,
            "font": {"color": colours.text, "size": 13, "family": FONT},
            "align": "left",
        },
        legend={
            "orientation": "h",
            "y": 1.0,
            "yanchor": "bottom",
            "x": 0,
            "font": {"size": 12, "color": colours.muted},
        },
        bargap=0.12,
    )
    figure.update_xaxes(**axis)
    figure.update_yaxes(**axis)
    figure.update_layout(**layout)
    titled(figure, title)
    return figure


def enlarged(figure: go.Figure, by: float) -> go.Figure:
    """The same figure with larger type, and as much higher, for a room full of people."""
    size = round(12 * by)
    figure.update_traces(textfont_size=size)
    figure.update_annotations(font_size=size)
    figure.update_xaxes(tickfont_size=size, title_font_size=size)
    figure.update_yaxes(tickfont_size=size)
    figure.update_layout(title_font_size=round(15 * by), height=round(figure.layout.height * (1 + (by - 1) / 2)))
    titled(figure, figure.layout.title.text, round(TITLE / by))
    if figure.layout.xaxis.range:
        # what is written beside the outermost bars and lines needs more room, too
        low, high = figure.layout.xaxis.range
        room = (by - 1) * (high - low) / 3
        figure.update_xaxes(range=[low - room, high + room])
    return figure
