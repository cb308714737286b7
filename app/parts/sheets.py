"""Which sheet of a workbook is meant, where several have cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import streamlit as st

from explain.errors import SheetsError
from explain.shown import shown

if TYPE_CHECKING:
    from collections.abc import Callable

_Found = TypeVar("_Found")

KNOWN = "known_sheets"


def with_sheet(upload: str, read: Callable[[str | None], _Found]) -> _Found | None:
    """What `read` makes of an upload (its id), given the sheet; None while the person has yet to say which."""
    known = st.session_state.get(KNOWN, {}).get(upload)
    if known is None:
        try:
            return read(None)
        except SheetsError as error:
            known = error.sheets
            st.session_state[KNOWN] = {upload: known}
    chosen = st.selectbox("Which sheet is the table?", known, index=None, key=f"sheet_{upload}", format_func=shown)
    return read(chosen) if chosen else None
