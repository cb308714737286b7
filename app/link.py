"""URL query <-> selection: the only reader of the URL, apart from widgets that bind themselves to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamlit.navigation.page import Page

LAST_RUN = "last_run"
LAST_ROW = "last_row"


@dataclass(frozen=True)
class Selection:
    """What the address asks for; None where it is silent. `row` is a row id, `column` a raw column, `bar` a bar of the
    overview.
    """

    run: str | None
    row: str | None
    model: str | None
    column: str | None
    bar: int | None


def current() -> Selection:
    """The selection of this page view; run and row fall back to the ones last looked at in this session."""
    query = st.query_params
    run = query.get("run") or st.session_state.get(LAST_RUN)
    row = query.get("row") or (st.session_state.get(LAST_ROW) if run == st.session_state.get(LAST_RUN) else None)
    bar = query.get("bar", "")
    return Selection(
        run=run,
        row=row,
        model=query.get("model"),
        column=query.get("column"),
        bar=int(bar) if bar.isdecimal() and len(bar) < 4 else None,
    )


def level(otherwise: float) -> float:
    """The level of sets and ranges that the slider will show: its own value, else the address's ("95 %")."""
    chosen = st.session_state.get("level")
    if chosen is not None:
        return float(chosen)
    asked = st.query_params.get("level", "").removesuffix("%").strip()
    found = float(asked) / 100 if asked.isdecimal() else otherwise
    return found if 0 < found < 1 else otherwise


def choose(**changes: str | int | None) -> None:
    """Write a selection into the address; None takes an entry out."""
    for name, value in changes.items():
        if value is None:
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != str(value):
            st.query_params[name] = str(value)


def keep(run: str | None, row: str | None = None) -> None:
    """Put the selection shown into the address and remember it, so that the other pages open on the same."""
    if run != st.session_state.get(LAST_RUN):
        st.session_state.pop(LAST_ROW, None)
    st.session_state[LAST_RUN] = run
    st.session_state[LAST_ROW] = row
    choose(run=run, row=row)


def forget() -> None:
    """Let go of the run last looked at."""
    st.session_state.pop(LAST_RUN, None)
    st.session_state.pop(LAST_ROW, None)


def remember_pages(pages: Mapping[str, Page]) -> None:
    """Keep the page objects, which links need."""
    st.session_state["pages"] = dict(pages)


def page(name: str) -> Page:
    """The page called `name` in main.py."""
    found: Page = st.session_state["pages"][name]
    return found


def open_page(name: str, **query: str | int | None) -> None:
    """Go to a page with a selection."""
    st.switch_page(page(name), query_params={key: str(value) for key, value in query.items() if value is not None})


def address(path: str, **query: str | None) -> str:
    """The full address of a page with a selection, to be sent to someone."""
    here = urlsplit(st.context.url or "http://127.0.0.1:8501/")
    asked = urlencode({key: value for key, value in query.items() if value is not None})
    return f"{here.scheme}://{here.netloc}/{path}?{asked}"
