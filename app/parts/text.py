"""Text from outside, made harmless for the place where it is shown."""

from __future__ import annotations

import html
import re

import streamlit as st

from explain.charts.theme import Palette, palette

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~:$^=&])")


def plain(text: object) -> str:
    """`text` for st.markdown and its kin: every character that means something there stands for itself."""
    return _MARKDOWN.sub(r"\\\1", str(text)).replace("\n", " ")


def escaped(text: object) -> str:
    """`text` for st.html."""
    return html.escape(str(text), quote=True)


def colours() -> Palette:
    """The palette of the theme that this browser shows."""
    return palette(dark=st.context.theme.type == "dark")
