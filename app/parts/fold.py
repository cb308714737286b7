"""Whether groups of columns are shown as one or unfolded; kept in the address as `columns=single`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from app import link
from explain.decisions.groups import groups_of

if TYPE_CHECKING:
    from explain.types import Schema

FOLDS = {"groups": "in groups", "single": "each by itself"}


def is_folded(schema: Schema) -> bool:
    """Whether there are groups, and they are shown as one."""
    _bound()
    return bool(groups_of(schema)) and link.value("columns", str) == "groups"


def fold_switch(schema: Schema) -> None:
    """The choice, where there are groups."""
    if groups_of(schema):
        st.segmented_control(
            "Columns",
            list(FOLDS),
            required=True,
            format_func=FOLDS.__getitem__,
            help="A group's share is the sum of its columns' shares.",
            **_bound(),
        )


def _bound() -> dict[str, Any]:
    return link.bind("columns", "groups", FOLDS)
