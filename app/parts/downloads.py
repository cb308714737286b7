"""The review as files: what the screen shows, in the documented columns."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import streamlit as st

from explain.files import decisions_frame, defused, parquet, run_json, warnings_frame

if TYPE_CHECKING:
    from explain.decisions import Decisions

EXCEL_ROWS = 1_048_575


def downloads(decisions: Decisions) -> None:
    """CSV, Excel and Parquet of all rows; made when asked for."""
    with st.popover("Download", icon=":material/download:"):
        name = f"whysure-{decisions.run.get('id', 'review')}"
        st.download_button(
            "Decisions, CSV", lambda: _csv(decisions), f"{name}-decisions.csv", "text/csv", on_click="ignore"
        )
        st.download_button(
            "Warnings, CSV",
            lambda: defused(warnings_frame(decisions)).to_csv(index=False).encode("utf-8-sig"),
            f"{name}-warnings.csv",
            "text/csv",
            on_click="ignore",
        )
        if len(decisions) <= EXCEL_ROWS:
            st.download_button("Both, Excel", lambda: _excel(decisions), f"{name}.xlsx", on_click="ignore")
        st.download_button(
            "Decisions, Parquet", lambda: _parquet(decisions), f"{name}-decisions.parquet", on_click="ignore"
        )
        st.download_button(
            "How it was made, JSON",
            lambda: run_json(decisions),
            f"{name}-run.json",
            "application/json",
            on_click="ignore",
        )


def _csv(decisions: Decisions) -> bytes:
    # the mark at the start tells Excel that this is UTF-8
    return defused(decisions_frame(decisions)).to_csv(index=False).encode("utf-8-sig")


def _parquet(decisions: Decisions) -> bytes:
    return parquet(decisions_frame(decisions))


def _excel(decisions: Decisions) -> bytes:
    import pandas as pd

    buffer = io.BytesIO()
    plain_text = {"strings_to_formulas": False, "strings_to_urls": False}
    with pd.ExcelWriter(buffer, engine="xlsxwriter", engine_kwargs={"options": plain_text}) as book:
        for name, frame in (("decisions", decisions_frame(decisions)), ("warnings", warnings_frame(decisions))):
            safe = defused(frame)
            for column in safe.select_dtypes(include="object").columns:
                safe[column] = [cell if isinstance(cell, str) or cell is None else str(cell) for cell in safe[column]]
            safe.to_excel(book, sheet_name=name, index=False, freeze_panes=(1, 1))
    return buffer.getvalue()
