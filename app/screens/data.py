"""Data: the uploaded columns, the ones whose faults matter most in front."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app import link, store
from app.access import current
from app.parts.before_after import correct_kind, correct_sure, undo_column
from app.parts.chart import chart
from app.parts.current_run import current_run
from app.parts.page_script import page_script
from app.parts.strip import marked, section, title
from app.parts.text import colours, plain, warning_html
from app.screens.review import column_warnings, reading_notes
from explain import words
from explain.charts.columns import distribution
from explain.insight.columns import ColumnFacts, column_facts
from explain.insight.fixes import suggested
from explain.quality.catalog import CATALOG
from explain.tables.repairs import CORRECTED
from explain.types import SEVERITIES

if TYPE_CHECKING:
    from explain.decisions import Decisions
    from explain.models import Package
    from explain.types import Column, Repair

ROW_HEIGHT = 35
SOME = 0.1
"""Distance from which values differ somewhat: one row in ten would have to change to undo it."""


def show() -> None:
    """The page."""
    run, decisions = current_run()
    link.keep(run, link.current().row)
    title(
        f"Data of {decisions.table.name}",
        f"{words.count(len(decisions), 'row')}, columns sorted by how much their faults matter",
    )
    marked(decisions.model)
    column_warnings(decisions)
    reading_notes(decisions)
    model = store.model_of(decisions)
    if model is None:
        st.info("The model of this review is no longer here, so there is nothing to compare the data with.")
        return
    correct_sure(decisions, model)
    facts = column_facts(decisions, model)
    chosen = link.current().column
    chosen = chosen if chosen in decisions.schema.names else facts[0].column
    left, right = st.columns([11, 9], gap="medium")
    with left:
        _table(run, facts)
    with right:
        _column(run, decisions, model, next(item for item in facts if item.column == chosen))


def _table(run: str, facts: list[ColumnFacts]) -> None:
    import pandas as pd

    frame = pd.DataFrame(
        {
            "column": [item.title for item in facts],
            "warnings": [f"{words.MARKS[item.worst]} {item.warned:,}" if item.worst else "" for item in facts],
            "moves": [item.moves for item in facts],
            "missing": [100 * item.drift.missing for item in facts],
            "before": [100 * item.drift.reference_missing for item in facts],
            "shift": [_shift(item) for item in facts],
        }
    )
    config = st.column_config
    st.dataframe(
        frame,
        key=f"columns_{run}",
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=len(frame) * ROW_HEIGHT + 40,
        selection_mode="single-cell",
        on_select=lambda: _clicked(f"columns_{run}", facts),
        column_config={
            "column": config.TextColumn("column", width=150),
            "warnings": config.TextColumn("faulty cells", width=90),
            "moves": config.TextColumn(
                "faults move the score by", width=140, help="Largest change that repairing one cell would make"
            ),
            "missing": config.NumberColumn("blank", format="%.0f %%", width=60),
            "before": config.NumberColumn(
                "blank in past rows", format="%.0f %%", width=120, help="Share of blanks in past rows"
            ),
            "shift": config.TextColumn(
                "differs from past rows",
                width=150,
                help="How far the values moved from those of past rows: 0 the same, 1 nothing in common. "
                "The field's terms: Kolmogorov–Smirnov distance, total variation.",
            ),
        },
        alt="Columns of the upload with their faults, their blanks, and how far they differ from past rows",
    )
    page_script()
    st.caption("Click a column to see its values.")


def _shift(item: ColumnFacts) -> str:
    if not item.drift.enough_rows:
        return "too few rows"
    if item.drift.notable:
        return f"much ({item.drift.distance:.2f})"
    return f"{'some' if item.drift.distance >= SOME else 'little'} ({item.drift.distance:.2f})"


def _clicked(key: str, facts: list[ColumnFacts]) -> None:
    cells = st.session_state[key]["selection"]["cells"]
    if cells:
        link.choose(column=facts[cells[0][0]].column)


def _column(run: str, decisions: Decisions, model: Package, item: ColumnFacts) -> None:
    column = decisions.schema[item.column]
    new, old = decisions.table.frame[item.column], model.reference.frame[item.column]
    figure = distribution(new, old, column, colours())
    apart = f"they differ by {item.drift.distance:.2f} of 1"
    alt = f"Values of {column.title} in this upload over {len(old):,} past rows; {apart}."
    chart(figure, alt, f"distribution_{item.column}")
    found = [warning for warning in decisions.warnings if warning.column == item.column]
    fixes = {(fix.check, fix.severity): fix for fix in suggested(decisions) if fix.column == item.column}
    for warning in sorted(found, key=lambda one: SEVERITIES.index(one.severity)):
        rows = words.count(len(warning.rows), "row") if len(warning.rows) else "whole column"
        st.html(warning_html(warning.severity, CATALOG[warning.check].title, f"· {rows}", warning.messages[0]))
        if (warning.check, warning.severity) in fixes:
            correct_kind(decisions, model, fixes[warning.check, warning.severity])
    if not found:
        st.caption("No faults in this column.")
    elif any(len(warning.rows) for warning in found) and st.button(
        "Show these rows", key="show_rows", icon=":material/filter_alt:", type="primary"
    ):
        link.open_page("review", run=run, column=item.column)
    _repairs(decisions, model, column)


SHOWN_REPAIRS = 5


def _repairs(decisions: Decisions, model: Package, column: Column) -> None:
    """What was read as something else than it spells in a column, and what was corrected; each with the way back."""
    mine = [item for item in decisions.table.repairs if item.column == column.name]
    corrections = [item for item in mine if item.kind == CORRECTED]
    readings = [item for item in mine if item.kind != CORRECTED]
    way_back = "Reviews the table once more without these {}. This review stays as it is."
    if corrections:
        section("Corrected as suggested")
        st.caption(_examples(decisions, column, corrections))
        if current.is_analyst() and st.button(
            "Take these corrections back", key="undo_corrections", icon=":material/undo:",
            help=way_back.format("corrections"),
        ):  # fmt: skip
            undo_column(decisions, model, column.name, corrections=True)
    if readings:
        section("Corrected while reading")
        st.caption(_examples(decisions, column, readings))
        if current.is_analyst() and st.button(
            "Undo these corrections", key="undo_repairs", icon=":material/undo:", help=way_back.format("corrections")
        ):
            undo_column(decisions, model, column.name)


def _examples(decisions: Decisions, column: Column, repairs: list[Repair]) -> str:
    """How many cells, and what the first texts of them became."""
    cells = decisions.table.frame[column.name].to_numpy(dtype=object)
    first: dict[str, int] = {}
    for item in repairs:
        for row, text in zip(item.rows.tolist(), item.found, strict=True):
            first.setdefault(text, row)
    read = {text: words.cell(cells[row], column) for text, row in list(first.items())[:SHOWN_REPAIRS]}
    quote = "“{}”" if column.kind == "category" else "{}"
    count = words.count(sum(len(item.rows) for item in repairs), "cell")
    left = f", and {words.count(len(first) - len(read), 'other text')}" if len(first) > len(read) else ""
    some = words.listed([f"“{text}” as {quote.format(cell)}" for text, cell in read.items()])
    return plain(f"{count}: {some}{left}.")
