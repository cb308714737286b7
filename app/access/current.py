"""Who is looking at this page, and what they may do. Hidden buttons are a courtesy; `demand_analyst` is the rule."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import streamlit as st

from app.access.hosts import is_loopback
from app.access.people import Door, OpenDoor, Person
from explain.errors import ForbiddenError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from app.access.links import Links, OneDecision

ONE_ALONE = "Your link opens one decision, and nothing else. Ask whoever sent it for more."
_door: Door | None = None


def use(door: Door) -> None:
    """Ask this door who someone is; called once, by the server."""
    global _door  # noqa: PLW0603 - one server a process, and Streamlit's scripts are handed nothing
    _door = door


def _asked() -> Door:
    """This server's door; a script that Streamlit runs by itself has none, and is for this machine only."""
    if _door is not None:
        return _door
    if not is_loopback(str(st.get_option("server.address") or "")):
        raise ForbiddenError(
            "Without its own server nobody is asked to sign in. Start the app with the command whysure."
        )
    return OpenDoor()


def person() -> Person:
    """Whoever looks at this page; raises ForbiddenError where the sign-in has ended since."""
    return _known(st.context.cookies.to_dict())


def later() -> Callable[[], Person]:
    """`person`, to be asked when a button's work is done: Streamlit makes downloads outside of any page."""
    cookies = st.context.cookies.to_dict()
    return lambda: _known(cookies)


def _known(cookies: Mapping[str, str]) -> Person:
    found = _asked().who(cookies)
    if found is None:
        raise ForbiddenError("Your sign-in has ended. Load the page anew to sign in again.")
    return found


def sign_in() -> bool:
    """Whether people sign in to this server."""
    return _asked().sign_in


def place() -> str:
    """Where data stays, as whoever looks at this page would say it."""
    return "this server" if sign_in() else "this machine"


def is_analyst() -> bool:
    """Whether this page shows what only analysts may do."""
    return person().role == "analyst"


def links() -> Links | None:
    """The links to single decisions that this server gives out, None where it gives none."""
    return _asked().links


def only() -> OneDecision | None:
    """The one decision that this page may show; None for those who may see all, and for nobody."""
    with contextlib.suppress(ForbiddenError):
        return person().only
    return None


def demand_whole() -> None:
    """Raise ForbiddenError for those whose link opens one decision alone: of a review, a list, a model."""
    if person().only is not None:
        raise ForbiddenError(ONE_ALONE)


def demand_row(run: str, row: str | None = None) -> None:
    """Raise ForbiddenError for those whose link opens another decision than this one of a review."""
    allowed = person().only
    if allowed is not None and (run != allowed.run or row not in {None, allowed.row}):
        raise ForbiddenError(ONE_ALONE)


def demand_analyst(doing: str, someone: Person | None = None) -> None:
    """Raise ForbiddenError for viewers, `someone` or whoever looks; `doing` completes "Only analysts may …"."""
    if (someone or person()).role != "analyst":
        raise ForbiddenError(f"Only analysts may {doing}. You are signed in as a viewer: ask whoever runs this server.")
