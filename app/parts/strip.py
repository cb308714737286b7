"""The line above the table: what was reviewed, and the four figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.parts.outcomes import outcome_parts
from app.parts.text import colours, escaped, plain
from explain.decisions.verdict import MARKS, TITLES
from explain.shown import LONGEST_NAME, shown

if TYPE_CHECKING:
    from explain.insight.listing import Summary
    from explain.types import ModelInfo


def strip(model: ModelInfo, facts: Summary) -> None:
    """Rows · outcomes · unsure · with warnings, on one line that wraps on a phone."""
    look = colours()
    parts = [f"<span><b>{facts.rows:,}</b> {'row' if facts.rows == 1 else 'rows'}</span>"]
    if model.task != "regression":
        parts += outcome_parts(facts.outcomes, facts.rows)
    if facts.unanswered:
        parts.append(
            f"<span title='the model gives no number for them'><b>{facts.unanswered:,}</b> without an answer</span>"
        )
    if facts.truth:
        parts.append(f"<span title='by the outcomes in the upload; in brackets the 95 % interval'>{facts.truth}</span>")
    shades = {"use": look.muted, "check": look.warning, "stop": look.error}
    for kind, shade in shades.items():
        if facts.verdicts[kind]:
            mark = f"<span style='color:{shade}' aria-hidden='true'>{MARKS[kind]}</span>"
            parts.append(f"<span>{mark} <b>{facts.verdicts[kind]:,}</b> {TITLES[kind].lower()}</span>")
    turned = f" <small>({facts.turned:,} decided otherwise once corrected)</small>" if facts.turned else ""
    parts.append(f"<span><b>{facts.warned:,}</b> with faults in the data{turned}</span>")
    st.html(f"<div class='why-strip'>{''.join(parts)}</div>")


def marked(model: ModelInfo) -> None:
    """What is said wherever a model is used that failed its proof."""
    if model.mark:
        st.error(plain(model.mark), icon=":material/error:")


def title(main: str, below: str = "", question: str = "") -> None:
    """A page's heading, beside it the question that its model answers, and the line under it."""
    asks = f" <span class='why-question'>{escaped(shown(question, 2 * LONGEST_NAME))}</span>" if question else ""
    under = f"<p class='why-sub'>{escaped(shown(below, 2 * LONGEST_NAME))}</p>" if below else ""
    st.html(f"<h1 class='why-title' style='padding:0'>{escaped(shown(main, 2 * LONGEST_NAME))}{asks}</h1>{under}")


def section(text: str) -> None:
    """The heading of a part of a page."""
    st.html(f"<h2 class='why-part'>{escaped(text)}</h2>")
