"""Review: the figures, the overview and the table; a click opens the decision beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app import link, store
from app.access import current
from app.parts.before_after import before_after
from app.parts.chart import chart
from app.parts.current_run import current_run, pick_row
from app.parts.decision_view import decision_view
from app.parts.downloads import downloads
from app.parts.fold import is_folded
from app.parts.go_on import offer_to_go_on
from app.parts.mark import mark, short
from app.parts.open_table import open_table_button
from app.parts.page_script import page_script
from app.parts.proposals import offer
from app.parts.start import start
from app.parts.strip import marked, strip, title
from app.parts.table_columns import ROW_HEIGHT, table_columns
from app.parts.text import escaped, plain
from app.parts.worklist import bar_clicked, clear_filters, filters, rows_in_order, sort_by, steps
from explain import words
from explain.charts.overview import overview_alt
from explain.insight.listing import summary
from explain.insight.page_table import PAGE_ROWS
from explain.insight.score_bins import score_bins

if TYPE_CHECKING:
    import pandas as pd

    from explain.decisions import Decisions
    from explain.types import Ints


def show() -> None:
    """The page."""
    link.go_to_batch()
    offer_to_go_on()
    run, decisions = current_run()
    row = pick_row(decisions)
    link.restore_listing(run)
    link.keep(run, row)
    facts = summary(store.listing(run))
    start(run, decisions)
    heading, buttons = st.columns([3, 2], vertical_alignment="center")
    with heading:
        reviewed = f"{decisions.table.name} · {words.count(len(decisions), 'row')} reviewed"
        title(decisions.model.title, reviewed, decisions.model.question)
    with buttons, st.container(horizontal=True, horizontal_alignment="right"):
        reading_notes(decisions)
        open_table_button(decisions.model.name)
    marked(decisions.model)
    strip(decisions.model, facts)
    before_after(decisions)
    column_warnings(decisions)
    _where_it_fails(run)
    # the table stands in a column with and without the panel, so that opening a row keeps its focus and its place
    with st.container(key="table_and_panel"):
        places = st.columns([1] if row is None else [11, 9], gap="medium")
    with places[0]:
        _master(run, decisions)
    if row is not None:
        with places[1]:
            _panel(run, row)
    link.keep_listing(run)


def _where_it_fails(run: str) -> None:
    """The groups in which the model is worst, where the upload's outcomes are known."""
    spots = store.weak_spots(run)
    if spots:
        with st.expander(f"Where it fails: {words.count(len(spots), 'group')}", icon=":material/troubleshoot:"):
            st.markdown("\n".join(f"- {plain(spot.sentence)}" for spot in spots))
            st.caption("Found on one half of the rows and tested on the other. Filter by them under “Worst in”.")


def column_warnings(decisions: Decisions) -> None:
    """Warnings about whole columns, or the whole table, which belong to no row."""
    for warning in decisions.warnings:
        if warning.whole_column and warning.severity != "info":
            say = st.error if warning.severity == "error" else st.warning
            say(plain(warning.messages[0]), icon=":material/warning:")
            offer(decisions, warning)
            if warning.check == "different rows" and warning.severity == "warning":
                _weigh(decisions)


def _weigh(decisions: Decisions) -> None:
    """One click makes past cases count by how much they are like these rows, another takes it back."""
    model = store.model_of(decisions)
    weighted = decisions.confidence.weights is not None
    if (
        model is not None
        and current.is_analyst()
        and st.button(
            "Count all past cases alike" if weighted else "Judge by the past cases most like these rows",
            key="weigh",
            icon=":material/balance:",
            help="Sets and ranges then rest most on past cases that are like these rows. "
            "The field's term: weighted conformal prediction.",
        )
    ):
        store.open_to_review(decisions.table, model, weighted=not weighted)
        link.open_page("review")


def reading_notes(decisions: Decisions) -> None:
    """What was done to the data while reading it."""
    if decisions.table.notes:
        with st.popover(
            f"How it was read: {words.count(len(decisions.table.notes), 'note')}",
            icon=":material/rule:",
            help="Everything that was done to the upload while reading it",
        ):
            st.markdown("\n".join(f"- {plain(note.text)}" for note in decisions.table.notes))


def _panel(run: str, row: str) -> None:
    with st.container(key="panel"):
        with st.container(horizontal=True, key="panel_actions"):
            if st.button("Full page", key="full_page", icon=":material/open_in_full:"):
                link.open_page("decision", run=run, row=row, **link.asked(), **link.shared(), **link.supposed())
            st.button("Close", key="close_panel", icon=":material/close:", on_click=_close_panel, args=(run,))
            steps(run, row, page="panel")
        st.html(f"<p class='why-title' style='padding:0'>Row {escaped(row)}</p>")
        mark(run, row, page="panel")
        decision_view(run, row, wide=False)


def _close_panel(run: str) -> None:
    link.keep(run, None)
    _new_table()


def _new_table() -> None:
    """A table of a new generation has nothing selected, so that a click on the same row or header counts again."""
    st.session_state["table_generation"] = st.session_state.get("table_generation", 0) + 1


def _master(run: str, decisions: Decisions) -> None:
    picture = st.container(key="overview")
    filters(run)
    rows = rows_in_order(run, link.asked())
    if len(rows):
        _page(run, decisions, rows)
    else:
        st.info("No row passes these filters. Take one away to see more.", icon=":material/filter_alt_off:")
        st.button("Clear all filters", key="clear_filters_empty", on_click=clear_filters)
    bar = link.current().bar
    # placed above and drawn last: the table need not wait while the browser loads its chart library
    with picture:
        _overview(run, decisions, bar if bar is not None and bar < len(score_bins(decisions).names) else None)


def _page(run: str, decisions: Decisions, rows: Ints) -> None:
    """One page of the table, and below it how many rows are shown, the pages and the downloads."""
    pages = -(-len(rows) // PAGE_ROWS)
    bound_page = link.bind("page", 1, range(1, pages + 1))
    first = (link.value("page", int) - 1) * PAGE_ROWS
    _table(run, decisions, rows[first : first + PAGE_ROWS])
    left, right = st.columns([3, 2], vertical_alignment="center")
    with left, st.container(horizontal=True, vertical_alignment="center", key="how_many"):
        if pages > 1:
            st.pagination(pages, **bound_page)
        st.caption(f"{len(rows):,} of {words.count(len(decisions), 'row')}")
    with right:
        downloads(decisions, rows)


def _overview(run: str, decisions: Decisions, bar: int | None) -> None:
    key = f"overview_{run}_{st.session_state.get('bar_generation', 0)}"
    figure = store.overview(run, bar, dark=st.context.theme.type == "dark")
    chart(figure, overview_alt(decisions), key, on_select=lambda: bar_clicked(key))


def _table(run: str, decisions: Decisions, rows: Ints) -> None:
    frame = store.page(run, rows, link.value("extra", list), grouped=is_folded(decisions.schema))
    marks = short(decisions, run)
    if marks:
        frame.insert(1, "looked", [marks.get(int(at), "") for at in rows])
    key = f"table_{run}_{st.session_state.get('table_generation', 0)}"
    st.dataframe(
        frame,
        key=key,
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=min(len(frame) * ROW_HEIGHT + 40, 16 * ROW_HEIGHT),
        column_config=table_columns(decisions.model, decisions.schema, decisions.confidence.level),
        selection_mode=["single-cell", "single-column"],
        on_select=lambda: _clicked(run, key, frame),
        alt=f"Table of {len(frame)} decisions: id, verdict, prediction, how likely right, faults, main reasons",
    )
    page_script()


def _clicked(run: str, key: str, frame: pd.DataFrame) -> None:
    """A click on a cell opens its row, one on a header sorts all rows by it."""
    selection = st.session_state[key]["selection"]
    if selection["columns"] and selection["columns"][0] not in {"reasons", "looked"}:
        sort_by(str(selection["columns"][0]))
        _new_table()
    elif selection["cells"]:
        link.keep(run, str(frame["id"].iloc[selection["cells"][0][0]]))
