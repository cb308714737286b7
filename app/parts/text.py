"""Text from outside, made harmless for the place where it is shown."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import streamlit as st

from explain import words
from explain.charts.theme import Palette, palette
from explain.shown import visible

if TYPE_CHECKING:
    from explain.types import Severity

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~:$^=&])")


def plain(text: object) -> str:
    """`text` for st.markdown and its kin: every character that means something there stands for itself."""
    return _MARKDOWN.sub(r"\\\1", visible(str(text)))


def escaped(text: object) -> str:
    """`text` for st.html."""
    return html.escape(visible(str(text)), quote=True)


def warning_html(severity: Severity, word: str, *sentences: str) -> str:
    """A warning's block for st.html: coloured edge, mark and word, then the sentences; the first on the same line."""
    colour = colours().severity(severity)
    first, *others = sentences
    below = "".join(f"<p>{escaped(sentence)}</p>" for sentence in others if sentence)
    return (
        f"<div class='why-warning' style='border-color:{colour}'><p><span class='why-word' style='color:{colour}'>"
        f"{words.MARKS[severity]} {escaped(word)}</span> {escaped(first)}</p>{below}</div>"
    )


def table_html(heads: list[str], body: str) -> str:
    """A plain table for st.html that scrolls sideways by itself; `body` is escaped HTML rows."""
    names = "".join(f"<th scope='col'>{escaped(name)}</th>" for name in heads)
    return (
        "<div class='why-scroll' tabindex='0' role='region' aria-label='table'><table class='why-cases'>"
        f"<thead><tr>{names}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def colours() -> Palette:
    """The palette of the theme that this browser shows."""
    return palette(dark=st.context.theme.type == "dark")
