"""Tables that wait to be reviewed, and which of them were left by a page that is no longer there.

They lie in the home folder (`explain.decisions.waiting_tables`), each with whoever opened it as its owner: the name
that the provider gives, or the one sign-in with a token. Where nobody signs in, all are one person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from app.access import current
from explain.decisions import runs, waiting_tables

if TYPE_CHECKING:
    from explain.decisions.waiting_tables import Opened, Upload

_sessions: dict[str, str] = {}
"""The session of Streamlit that works on a table, by the table's id; empty after a restart, when none does."""


def keep(upload: Upload) -> str:
    """Keep a table until `drop`, and return its id; empty where its owner could not be told from others."""
    owner = current.person().owner
    if not owner:
        return ""
    for name in [name for name in list(_sessions) if not _at_work(name)]:
        _sessions.pop(name, None)
    name = waiting_tables.keep(upload, owner, runs.home_folder())
    take(name)
    return name


def take(name: str) -> None:
    """This page works on the table from now on."""
    context = get_script_run_ctx(suppress_warning=True)
    _sessions[name] = context.session_id if context else ""


def drop(name: str) -> None:
    """Let go of a table for good; an empty id is none."""
    if name:
        waiting_tables.drop(name, runs.home_folder())
        _sessions.pop(name, None)


def left() -> list[tuple[str, Opened]]:
    """The tables of whoever looks that no open page works on, newest first."""
    someone = current.person()
    if someone.role != "analyst" or not someone.owner:
        return []
    return [item for item in waiting_tables.waiting(someone.owner, runs.home_folder()) if not _at_work(item[0])]


def upload_of(name: str) -> Upload:
    """A table that was left; raises NotFoundError where it is gone, or another's."""
    return waiting_tables.read(name, current.person().owner, runs.home_folder())


def _at_work(name: str) -> bool:
    """Whether the page that opened a table is still connected."""
    session = _sessions.get(name)
    return session is not None and runtime.exists() and runtime.get_instance().is_active_session(session)
