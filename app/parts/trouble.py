"""What a person sees when something goes wrong: one sentence and the next step, never a traceback."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import streamlit as st

from app import events, link
from app.access import current
from app.parts.text import plain
from explain.errors import WhysureError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_Found = TypeVar("_Found")

log = logging.getLogger("whysure")


@contextmanager
def shown() -> Iterator[None]:
    """Show expected errors as a sentence with a way out, and unexpected ones as an apology; log the latter."""
    try:
        yield
    except WhysureError as error:
        events.say("page refused", **events.about(error))
        problem(str(error))
    except Exception:
        # Streamlit steers reruns by exceptions that do not derive from Exception, so these are real faults
        log.exception("page failed")
        problem("This page could not be drawn. Your review is safe; the details are in the server's log.")


def guarded(work: Callable[[], _Found]) -> _Found | None:
    """What `work` gives, or None with its sentence on the page."""
    try:
        return work()
    except WhysureError as error:
        events.say("refused", **events.about(error))
        st.error(plain(str(error)), icon=":material/error:")
        return None


def problem(sentence: str) -> None:
    """One sentence and the next step as buttons."""
    st.error(plain(sentence), icon=":material/error:")
    only = current.only()
    if only is not None:
        if st.button("Open the decision", type="primary", key="to_decision"):
            link.forget()
            link.open_page("decision", run=only.run, row=only.row)
        return
    with st.container(horizontal=True):
        if st.button("Open the sample review", type="primary", key="to_sample"):
            link.forget()
            link.open_page("review")
        if st.button("See all reviews", key="to_library"):
            link.open_page("library")
