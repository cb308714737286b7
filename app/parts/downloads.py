"""The review as files: what the screen shows, in the documented columns."""

from __future__ import annotations

import codecs
import io
from typing import TYPE_CHECKING

import streamlit as st

from explain import words
from explain.decisions.arrow import csv, for_spreadsheet, parquet
from explain.decisions.file_columns import columns_frame
from explain.decisions.files import decisions_frame, run_json, warnings_frame
from explain.decisions.values import whole_table

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from explain.decisions import Decisions
    from explain.types import Ints

EXCEL_ROWS = 1_048_575


def downloads(decisions: Decisions, rows: Ints | None = None) -> None:
    """CSV, Excel and Parquet of the rows shown, at positions `rows` in their order, or of all; made when asked for."""
    with st.popover("Download", icon=":material/download:"):
        rows = _which(decisions, rows)
        name = f"whysure-{decisions.run.get('id', 'review')}" + ("" if rows is None else f"-{len(rows)}-rows")
        _button("Decisions, CSV", lambda: _csv(decisions_frame(decisions, rows)), f"{name}-decisions.csv")
        _button("Faults, CSV", lambda: _csv(warnings_frame(decisions, rows)), f"{name}-warnings.csv")
        if len(decisions) <= EXCEL_ROWS:
            _button("Both, Excel", lambda: _excel(decisions, rows), f"{name}.xlsx")
        _button("Decisions, Parquet", lambda: parquet(decisions_frame(decisions, rows)), f"{name}-decisions.parquet")
        _button("Table as corrected, CSV", lambda: _csv(_table(decisions, rows)), f"{name}-table.csv")
        _button("How it was made, JSON", lambda: run_json(decisions).encode(), f"{name}-run.json")


TYPES = {".csv": "text/csv", ".json": "application/json"}


def _button(label: str, make: Callable[[], bytes], file_name: str) -> None:
    kind = next((mime for end, mime in TYPES.items() if file_name.endswith(end)), None)
    st.download_button(label, make, file_name, kind, on_click="ignore")


def _which(decisions: Decisions, rows: Ints | None) -> Ints | None:
    """The rows that the files will hold, said in words; where fewer than all are shown, both are offered."""
    every = f"all {words.count(len(decisions), 'row')}" if len(decisions) > 1 else "the one row"
    if rows is None or len(rows) == len(decisions):
        st.caption(f"Of {every}")
        return None
    shown = words.count(len(rows), "shown row")
    chosen = st.radio(
        "Rows in the files", [shown, every], key=f"download_rows_{decisions.run.get('id', '')}", horizontal=True
    )
    return rows if chosen == shown else None


def _csv(frame: pd.DataFrame) -> bytes:
    # the mark at the start tells Excel that this is UTF-8
    return codecs.BOM_UTF8 + csv(frame)


def _table(decisions: Decisions, rows: Ints | None) -> pd.DataFrame:
    frame = whole_table(decisions.table)
    return frame if rows is None else frame.iloc[rows]


def _excel(decisions: Decisions, rows: Ints | None) -> bytes:
    import pandas as pd

    buffer = io.BytesIO()
    plain_text = {"strings_to_formulas": False, "strings_to_urls": False}
    sheets = {"decisions": decisions_frame(decisions, rows), "warnings": warnings_frame(decisions, rows)}
    sheets["columns"] = columns_frame(*(list(frame.columns) for frame in sheets.values()))
    with pd.ExcelWriter(buffer, engine="xlsxwriter", engine_kwargs={"options": plain_text}) as book:
        for name, frame in sheets.items():
            for_spreadsheet(frame).to_excel(book, sheet_name=name, index=False, freeze_panes=(1, 1))
        book.sheets["columns"].set_column(0, 0, 12)
        book.sheets["columns"].set_column(1, 1, 28)
        book.sheets["columns"].set_column(2, 2, 110)
    return buffer.getvalue()
