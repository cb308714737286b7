"""How large a file may be: the limit of its kind, or that of this server if it is lower."""

from __future__ import annotations

import streamlit as st

MB = 1_000_000


def most_mb(limit: int) -> int:
    """Megabytes that an upload of a kind with a limit of so many bytes may have here."""
    return min(limit // MB, int(st.get_option("server.maxUploadSize")))
