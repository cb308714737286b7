"""Review: the figures, the overview and the table; a click opens the decision beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast, get_args

import streamlit as st

from app import link, store
from app.access import current
from app.parts.chart import chart
from app.parts.current_run import current_run, pick_row
from app.parts.decision_view import decision_view
from app.parts.downloads import downloads
from app.parts.fold import is_folded
from app.parts.open_table import open_table_button
from app.parts.proposals import offer
from app.parts.strip import marked, strip, title
from app.parts.text import colours, escaped, plain
from explain import words
from explain.charts.overview import overview, overview_alt, score_bins
from explain.listing import ORDERS, PAGE_ROWS, Filter, Order, Summary, page_frame, select, summary
from explain.trust import TERMS

if TYPE_CHECKING:
    import pandas as pd

    from explain.decisions import Decisions
    from explain.types import Ints

ROW_HEIGHT = 35


def show() -> None:
    """The page."""
    run, decisions = current_run()
    row = pick_row(decisions)
    link.keep(run, row)
    facts = summary(decisions)
    heading, buttons = st.columns([3, 2], vertical_alignment="center")
    with heading:
        title(decisions.model.title, f"{decisions.table.name} · {words.count(len(decisions), 'row')} reviewed")
    with buttons, st.container(horizontal=True, horizontal_alignment="right"):
        reading_notes(decisions)
        open_table_button(decisions.model.name)
    marked(decisions.model)
    strip(decisions, facts)
    column_warnings(decisions)
    # the table stands in a column with and without the panel, so that opening a row keeps its focus and its place
    with st.container(key="table_and_panel"):
        places = st.columns([1] if row is None else [11, 9], gap="medium")
    with places[0]:
        _master(run, decisions, facts)
    if row is not None:
        with places[1]:
            _panel(run, row)


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
            "Count all past cases alike" if weighted else "Weigh past cases by likeness",
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
            f"How it was read ({len(decisions.table.notes)})",
            icon=":material/rule:",
            help="Everything that was done to the upload while reading it",
        ):
            st.markdown("\n".join(f"- {plain(note.text)}" for note in decisions.table.notes))


def _panel(run: str, row: str) -> None:
    with st.container(horizontal=True, key="panel_actions"):
        if st.button("Full page", key="full_page", icon=":material/open_in_full:"):
            link.open_page("decision", run=run, row=row)
        st.button("Close", key="close_panel", icon=":material/close:", on_click=_close_panel, args=(run,))
    st.html(f"<h2 class='why-title' style='padding:0'>Row {escaped(row)}</h2>")
    decision_view(run, row, wide=False)


def _close_panel(run: str) -> None:
    link.keep(run, None)
    # a table of a new generation has no cell selected, so that a click on the same row opens it again
    st.session_state["table_generation"] = st.session_state.get("table_generation", 0) + 1


def _master(run: str, decisions: Decisions, facts: Summary) -> None:
    picture = st.container()
    bar = link.current().bar
    bar = bar if bar is not None and bar < len(score_bins(decisions).names) else None
    kept, order = _filters(decisions, facts, bar)
    rows = select(decisions, kept, order)
    if len(rows):
        _page(run, decisions, rows)
    else:
        st.info("No row passes these filters. Take one away to see more.", icon=":material/filter_alt_off:")
        st.button("Clear all filters", key="clear_filters_empty", on_click=_clear)
    # placed above and drawn last: the table need not wait while the browser loads its chart library
    with picture:
        _overview(run, decisions, bar)


def _page(run: str, decisions: Decisions, rows: Ints) -> None:
    """One page of the table, and below it how many rows are shown, the pages and the downloads."""
    pages = -(-len(rows) // PAGE_ROWS)
    bound_page = link.bind("page", 1, range(1, pages + 1))
    first = (link.value("page", int) - 1) * PAGE_ROWS
    _table(run, decisions, rows[first : first + PAGE_ROWS])
    left, right = st.columns([3, 2], vertical_alignment="center")
    with left, st.container(horizontal=True, vertical_alignment="center"):
        if pages > 1:
            st.pagination(pages, **bound_page)
        st.caption(f"{len(rows):,} of {words.count(len(decisions), 'row')}")
    with right:
        downloads(decisions)


def _overview(run: str, decisions: Decisions, bar: int | None) -> None:
    key = f"overview_{run}_{st.session_state.get('bar_generation', 0)}"
    chart(overview(decisions, colours(), bar), overview_alt(decisions), key, on_select=lambda: _bar_clicked(key))


def _bar_clicked(key: str) -> None:
    """A click on the overview filters by its bar; a click on the same bar takes the filter away."""
    points = st.session_state[key]["selection"]["points"]
    if points:
        clicked = int(points[0]["customdata"][0] if "customdata" in points[0] else points[0]["x"])
        link.choose(bar=None if link.current().bar == clicked else clicked)
        st.session_state["bar_generation"] = st.session_state.get("bar_generation", 0) + 1
        link.clear("page")


def _filters(decisions: Decisions, facts: Summary, bar: int | None) -> tuple[Filter, Order]:
    """Chips with their counts, a search and the order; all of them live in the address."""
    labels: dict[str, str] = {}
    if decisions.model.task != "regression":
        labels |= {f"is:{name}": f"{name} {count:,}" for name, count in facts.outcomes.items()}
    if facts.graded:
        labels["unsure"] = f"unsure {facts.unsure:,}"
    labels["warned"] = f"with warnings {facts.warned:,}"
    labels |= {f"check:{name}": f"{name} {count:,}" for name, count in facts.checks.items()}
    chosen = st.pills(
        "Show only",
        list(labels),
        selection_mode="multi",
        label_visibility="collapsed",
        wrap=True,
        format_func=lambda name: plain(labels[name]),
        **link.bind("only", [], labels, lists=True),
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        text = st.text_input(
            "Find",
            width=220,
            label_visibility="collapsed",
            placeholder="id or any value",
            icon=":material/search:",
            **link.bind("find", "", lists=True),
        )
        order = st.selectbox(
            "Order",
            list(get_args(Order)),
            width=220,
            label_visibility="collapsed",
            format_func=lambda name: ORDERS[cast("Order", name)],
            **link.bind("order", "attention", ORDERS, lists=True),
        )
    column = link.current().column
    _extra_chips(decisions, bar, column)
    return (
        Filter(
            outcomes=tuple(item.removeprefix("is:") for item in chosen if item.startswith("is:")),
            unsure="unsure" in chosen,
            warned="warned" in chosen,
            checks=tuple(item.removeprefix("check:") for item in chosen if item.startswith("check:")),
            column=column if column in decisions.schema.names else None,
            bar=bar,
            text=text or "",
        ),
        cast("Order", order),
    )


def _extra_chips(decisions: Decisions, bar: int | None, column: str | None) -> None:
    """The filters that came from a click elsewhere, each with a way out; their place is there without them, too."""
    with st.container(horizontal=True):
        if bar is not None:
            _way_out("bar", f"Score {plain(score_bins(decisions).names[bar])}")
        if column in decisions.schema.names:
            _way_out("column", f"Warned in {plain(decisions.schema[str(column)].title)}")


def _way_out(name: str, label: str) -> None:
    st.button(label, key=f"clear_{name}", icon=":material/close:", on_click=_let_go, args=(name,))


def _let_go(name: str) -> None:
    link.choose(**{name: None})
    link.clear("page")


def _clear() -> None:
    link.clear("only", "find", "page")
    link.choose(bar=None, column=None)


def _table(run: str, decisions: Decisions, rows: Ints) -> None:
    frame = page_frame(decisions, rows, grouped=is_folded(decisions.schema))
    generation = st.session_state.get("table_generation", 0)
    key = f"table_{run}_{generation}"
    st.dataframe(
        frame,
        key=key,
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=min(len(frame) * ROW_HEIGHT + 40, 16 * ROW_HEIGHT),
        column_config=_columns(decisions),
        selection_mode="single-cell",
        on_select=lambda: _row_clicked(run, key, frame),
        alt=f"Table of {len(frame)} decisions: id, prediction, how likely, grade, warnings and main reasons",
    )


def _row_clicked(run: str, key: str, frame: pd.DataFrame) -> None:
    cells = st.session_state[key]["selection"]["cells"]
    if cells:
        link.keep(run, str(frame["id"].iloc[cells[0][0]]))


def _columns(decisions: Decisions) -> dict[str, object]:
    model = decisions.model
    config = st.column_config
    if model.task == "regression":
        level = round(100 * decisions.confidence.level)
        likely: object = config.TextColumn(
            f"range ({level} %)",
            width=150,
            help="The truth lay in its range for about that share of past cases",
        )
    else:
        about = f"chance of {model.outputs[model.shown]}" if model.task == "binary" else "how likely"
        likely = config.ProgressColumn(about, min_value=0, max_value=100, format="%.0f in 100", width=150)
    return {
        "id": config.TextColumn("row", width=75),
        "prediction": config.TextColumn(
            f"predicted {model.target}" if model.task == "regression" else "prediction", width=100
        ),
        "likely": likely,
        "grade": config.TextColumn("grade", width=110, help=plain(TERMS["grade"])),
        "warnings": config.TextColumn(
            "warnings",
            width=130,
            help="✖ error, ⚠ warning, ○ information; how many errors and warnings, and what mending the one that "
            "matters most would do to the score",
        ),
        "reasons": config.ListColumn("main reasons (▲ raises, ▼ lowers)", width=560),
    }
