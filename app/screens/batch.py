"""Batch: the figures over all rows of a table beyond memory, the list by column, and any row's card beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import streamlit as st

from app import batches, link, store
from app.access import current
from app.parts.chart import chart
from app.parts.decision_view import decision_view
from app.parts.fold import is_folded
from app.parts.page_script import page_script
from app.parts.strip import marked, strip, title
from app.parts.table_columns import ROW_HEIGHT, table_columns
from app.parts.text import escaped, plain
from app.parts.worklist import bar_clicked
from explain import words
from explain.batches.listing import Kept, counts, select, spread, summary_of
from explain.charts.overview import overview, overview_alt
from explain.charts.theme import palette
from explain.decisions.verdict import KINDS, TITLES
from explain.insight.listing import ORDERS, listing_of
from explain.insight.page_table import PAGE_ROWS, page_frame
from explain.insight.score_bins import score_bins
from explain.types import SEVERITIES

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from explain.batches.listing import Counts
    from explain.batches.opened import OpenBatch
    from explain.insight.listing import Order
    from explain.types import Ints

BY_KEY = {"explain.batches.opened.OpenBatch": lambda batch: batch.key}
"""What tells batches apart for what is worked out of them."""
FAULTS = (*(words.CALLED.get(name, name) for name in SEVERITIES), "no fault")


@dataclass(frozen=True)
class _List:
    """The rows of a batch that are listed, in order, and by what."""

    rows: Ints
    kept: Kept


def show() -> None:
    """The page."""
    current.demand_whole()
    name = st.query_params.get(link.BATCH)
    if name is None:
        link.open_batch()
        return
    link.choose(batch=name)
    batch = batches.batch(name, store.home())
    title(batch.model.title, f"{batch.run['table']['name']} · {words.count(len(batch), 'row')} decided in a batch",
          batch.model.question)  # fmt: skip
    marked(batch.model)
    strip(batch.model, summary_of(batch))
    _said_of_columns(batch)
    row = _row(batch)
    with st.container(key="table_and_panel"):
        places = st.columns([1] if row is None else [11, 9], gap="medium")
    with places[0]:
        _master(name, batch)
    if row is not None:
        with places[1]:
            _panel(name, batch, row)
    link.keep_batch()


def _said_of_columns(batch: OpenBatch) -> None:
    """Warnings about whole columns, and what could not be read."""
    for warning in batch.summary["columns"]:
        if warning["severity"] != "info":
            say = st.error if warning["severity"] == "error" else st.warning
            say(plain(warning["message"]), icon=":material/warning:")
    if batch.summary["rejected"]:
        lines = words.count(batch.summary["rejected"], "line")
        st.info(f"{lines} could not be read as rows; they are listed in the batch's folder, under rejected.")


def _row(batch: OpenBatch) -> int | None:
    """The place of the row that the address names."""
    text = st.query_params.get("place", "")
    return int(text) if text.isdecimal() and len(text) < 13 and int(text) < len(batch) else None


def _master(name: str, batch: OpenBatch) -> None:
    picture = st.container(key="overview")
    found = _filters(name, batch)
    if len(found.rows):
        _page(name, batch, found.rows)
    else:
        st.info("No row passes these filters. Take one away to see more.", icon=":material/filter_alt_off:")
    with picture:
        key = f"overview_{name}_{st.session_state.get('bar_generation', 0)}"
        figure, alt = _overview(batch, found.kept.bar, dark=st.context.theme.type == "dark")
        chart(figure, alt, key, on_select=lambda: bar_clicked(key))


@st.cache_resource(max_entries=store.MOST_PAGES, show_spinner=False, hash_funcs=BY_KEY)
def _overview(batch: OpenBatch, bar: int | None, *, dark: bool) -> tuple[go.Figure, str]:
    """The picture, and the same in words."""
    rows = spread(batch)
    return overview(rows, palette(dark=dark), bar), overview_alt(rows)


@st.cache_resource(max_entries=store.MOST_PAGES, show_spinner="Opening the batch", hash_funcs=BY_KEY)
def _bars(batch: OpenBatch) -> tuple[str, ...]:
    """What its bars are called."""
    return score_bins(spread(batch)).names


def _filters(name: str, batch: OpenBatch) -> _List:
    """Chips with their counts, the order, and a way to a row by its name; all but the last live in the address."""
    groups = {"verdict": [TITLES[kind] for kind in KINDS], "outcome": list(batch.model.outputs), "fault": list(FAULTS)}
    if batch.model.task == "regression":
        del groups["outcome"]
    bound = {group: link.bind(f"batch_{group}", [], range(len(names))) for group, names in groups.items()}
    bar = link.current().bar
    kept = Kept(
        *(
            frozenset(link.value(f"batch_{group}", list) if group in groups else ())
            for group in ("verdict", "outcome", "fault")
        ),
        bar=bar if bar is not None and bar < len(_bars(batch)) else None,
    )
    found = _counts(batch, kept)
    shown = {"verdict": found.verdicts, "outcome": found.outcomes, "fault": found.worst}
    with st.container(horizontal=True, vertical_alignment="center", key="chips"):
        for group, names in groups.items():
            there = [at for at in range(len(names)) if shown[group][at] or at in link.value(f"batch_{group}", list)]
            labels = {at: f"{names[at]} {int(shown[group][at]):,}" for at in there}
            with st.container(horizontal=True, vertical_alignment="center", width="content"):
                st.html(f"<span class='why-group'>{group.capitalize()}</span>", width="content")
                st.pills(
                    group.capitalize(),
                    there,
                    selection_mode="multi",
                    wrap=True,
                    width="content",
                    label_visibility="collapsed",
                    format_func=lambda at, labels=labels: plain(labels[at]),
                    **bound[group],
                )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text_input(
            "Open a row by its name", key="batch_find", width=220, label_visibility="collapsed",
            placeholder="name of a row", icon=":material/search:", on_change=_find, args=(name,),
        )  # fmt: skip
        st.selectbox(
            "Order of the rows",
            list(ORDERS),
            width=250,
            label_visibility="collapsed",
            format_func=lambda order: ORDERS[cast("Order", order)],
            **link.bind("order", "attention", ORDERS, lists=True),
        )
        if kept.bar is not None:
            label = f"Score {plain(_bars(batch)[kept.bar])}"
            st.button(label, key="clear_bar", icon=":material/close:", on_click=lambda: link.choose(bar=None))
        if st.session_state.pop("batch_not_found", ""):
            st.caption("There is no row of that name.")
    order = cast("Order", link.value("order", str))
    return _List(_select(batch, kept, order), kept)


def _find(name: str) -> None:
    """Open the row that is called so."""
    asked = st.session_state["batch_find"].strip()
    place = batches.batch(name, store.home()).position(asked) if asked else None
    st.session_state["batch_not_found"] = asked if place is None else ""
    link.choose(place=place)


@st.cache_resource(max_entries=store.MOST_RUNS, show_spinner="Counting", hash_funcs=BY_KEY)
def _counts(batch: OpenBatch, kept: Kept) -> Counts:
    return counts(batch, kept)


@st.cache_resource(max_entries=store.MOST_RUNS, show_spinner="Sorting", hash_funcs=BY_KEY)
def _select(batch: OpenBatch, kept: Kept, order: Order) -> Ints:
    return select(batch, kept, order)


def _page(name: str, batch: OpenBatch, rows: Ints) -> None:
    pages = -(-len(rows) // PAGE_ROWS)
    bound = link.bind("page", 1, range(1, pages + 1))
    first = (link.value("page", int) - 1) * PAGE_ROWS
    own = rows[first : first + PAGE_ROWS]
    frame = _frame(batch, tuple(own.tolist()))
    key = f"batch_table_{name}_{st.session_state.get('table_generation', 0)}"
    st.dataframe(
        frame,
        key=key,
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=min(len(frame) * ROW_HEIGHT + 40, 16 * ROW_HEIGHT),
        column_config=table_columns(batch.model, batch.schema, batch.summary["level"]),
        selection_mode=["single-cell"],
        on_select=lambda: _clicked(key, own),
        alt=f"Table of {len(frame)} decisions: id, verdict, prediction, how likely right, faults, main reasons",
    )
    page_script()
    with st.container(horizontal=True, vertical_alignment="center", key="how_many"):
        if pages > 1:
            st.pagination(pages, **bound)
        st.caption(f"{len(rows):,} of {words.count(len(batch), 'row')}")


@st.cache_resource(max_entries=store.MOST_PAGES, show_spinner=False, hash_funcs=BY_KEY)
def _frame(batch: OpenBatch, rows: tuple[int, ...]) -> pd.DataFrame:
    """One page of the table."""
    import numpy as np

    decisions = batch.decisions(np.array(rows))
    return page_frame(listing_of(decisions), np.arange(len(rows)), grouped=is_folded(batch.schema))


def _clicked(key: str, rows: Ints) -> None:
    """A click on a cell opens its row."""
    selection = st.session_state[key]["selection"]
    if selection["cells"]:
        link.choose(place=int(rows[selection["cells"][0][0]]))


def _panel(name: str, batch: OpenBatch, place: int) -> None:
    run = batches.row_name(name, place)
    row = store.run(run).table.row_ids[0]
    with st.container(key="panel"):
        with st.container(horizontal=True, vertical_alignment="center", key="panel_actions"):
            if st.button("Full page", key="full_page", icon=":material/open_in_full:"):
                link.open_page("decision", run=run, row=row, **link.shared(), **link.supposed())
            st.button("Close", key="close_panel", icon=":material/close:", on_click=_close_panel)
            st.caption(f"{place + 1:,} of {words.count(len(batch), 'row')}", width="content")
        st.html(f"<p class='why-title' style='padding:0'>Row {escaped(row)}</p>")
        decision_view(run, row, wide=False)


def _close_panel() -> None:
    link.choose(place=None)
    st.session_state["table_generation"] = st.session_state.get("table_generation", 0) + 1
