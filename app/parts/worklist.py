"""The list that a review is worked through by: its filters and order, and the way from row to row along it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

import streamlit as st

from app import batches, link, store
from app.parts.text import plain
from explain import words
from explain.charts.theme import MANY_OUTCOMES
from explain.insight.listing import (
    GROUPS,
    ORDER_HELP,
    ORDERS,
    Filter,
    Order,
    Sort,
    counts,
    marked_chips,
    select,
    spot_chips,
)
from explain.insight.score_bins import score_bins
from explain.shown import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explain.decisions import Decisions
    from explain.insight.listing import Chip, Group, Listing
    from explain.types import Ints

CALLED = {
    "id": "row", "verdict": "verdict", "prediction": "prediction", "right": "likely right", "chance": "the model alone",
    "was": "actual outcome", "faults": "faults",
}  # fmt: skip
"""What columns of the table are called, beside the model's own."""
ANY_OF = "Rows with any of these. Chips of several groups together keep the rows that have one of each."


class _Asked(NamedTuple):
    """A review's list with its filters, and what an address asks of it, checked."""

    listing: Listing
    chips: tuple[Chip, ...]
    kept: Filter
    order: Order | Sort


def _asked(run: str, asked: Mapping[str, list[str]]) -> _Asked:
    listing, chips = store.listing(run), all_chips(run)
    return _Asked(listing, chips, *wanted(listing, chips, asked))


def rows_in_order(run: str, asked: Mapping[str, list[str]]) -> Ints:
    """The positions of the rows that are listed, in order."""
    found = _asked(run, asked)
    return select(found.listing, found.kept, found.order, found.chips)


def all_chips(run: str) -> tuple[Chip, ...]:
    """The filters of a review, those of what people marked among them."""
    listing, marks = store.listing(run), store.marks(run)
    spots = spot_chips(listing, store.weak_spots(run))
    return listing.chips + spots + marked_chips(listing, marks, [row for row, mark in marks.items() if mark.note])


def wanted(listing: Listing, chips: tuple[Chip, ...], asked: Mapping[str, list[str]]) -> tuple[Filter, Order | Sort]:
    """What an address asks the list to be; what is none of its filters is left aside."""
    decisions = listing.decisions

    def one(name: str) -> str:
        return (asked.get(name) or [""])[0]

    names = {chip.name for chip in chips}
    bar, column, cell = one("bar"), one("column"), link.cell_of(one("cell"))
    outputs = len(decisions.model.outputs)
    kept = Filter(
        chips=tuple(name for name in asked.get("only", []) if name in names),
        column=column if column in decisions.schema.names else None,
        bar=int(bar) if bar.isdecimal() and len(bar) < 4 and int(bar) < len(score_bins(decisions).names) else None,
        cell=cell if cell is not None and max(cell) < outputs else None,
        text=one("find")[: link.MOST_TEXT],
    )
    by = one("sort").removeprefix("-")
    if by in CALLED or by in decisions.table.frame or by in decisions.table.context:
        return kept, Sort(by, down=one("sort").startswith("-"))
    return kept, cast("Order", one("order")) if one("order") in ORDERS else "attention"


def filters(run: str) -> None:
    """Chips in groups with their counts, a search and the order; all of them live in the address."""
    asked = _asked(run, link.asked())
    listing, chips = asked.listing, asked.chips
    found = counts(listing, asked.kept, chips)
    link.bind_many("only", {chip.name for chip in chips})
    with st.container(horizontal=True, vertical_alignment="center", key="chips"):
        for group, called in GROUPS.items():
            own = [chip for chip in chips if chip.group == group]
            if len(own) > 1 or (group in {"fault", "mark", "spot"} and own):
                _group(group, called, own, found)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text_input(
            "Find rows by id or value",
            width=220,
            label_visibility="collapsed",
            placeholder="id or any value",
            icon=":material/search:",
            **link.bind("find", "", lists=True),
        )
        st.selectbox(
            "Order of the rows",
            list(ORDERS),
            width=250,
            label_visibility="collapsed",
            format_func=lambda name: ORDERS[cast("Order", name)],
            help=ORDER_HELP,
            **link.bind("order", "attention", ORDERS, lists=True),
        )
        _own_columns(listing.decisions)
        # beside them, where there is room: a line of their own would push the table away from under the hand
        _ways_out(listing.decisions, asked.kept, asked.order)


def _group(group: Group, called: str, own: list[Chip], found: Mapping[str, int]) -> None:
    """The chips of one group: a row passes with any of those chosen."""
    labels = {chip.name: f"{chip.label} {found[chip.name]:,}" for chip in own}
    bound = link.part_of("only", group, [chip.name for chip in own])
    if group == "outcome" and len(own) >= MANY_OUTCOMES:
        st.multiselect(
            called, list(labels), width=320, label_visibility="collapsed", placeholder=f"{called}: all {len(own)}",
            format_func=lambda name: visible(labels[name]), **bound,
        )  # fmt: skip
        return
    # a name stays with the first of its chips where the line ends
    with st.container(horizontal=True, vertical_alignment="center", width="content", key=f"chips_{group}"):
        st.html(f"<span class='why-group' title='{ANY_OF}'>{called}</span>", width="content")
        st.pills(
            called,
            list(labels),
            selection_mode="multi",
            wrap=True,
            width="content",
            label_visibility="collapsed",
            format_func=lambda name: plain(labels[name]),
            **bound,
        )


def _own_columns(decisions: Decisions) -> None:
    """Which of the row's own values stand in the table."""
    names = [*decisions.schema.names, *(str(name) for name in decisions.table.context.columns)]
    titles = {column.name: column.title for column in decisions.schema}
    with st.popover("Columns", icon=":material/view_column:"):
        st.multiselect(
            "Values to show in the table",
            names,
            max_selections=12,
            format_func=lambda name: plain(titles.get(name, name)),
            **link.bind("extra", [], names),
        )


def _ways_out(decisions: Decisions, kept: Filter, order: Order | Sort) -> None:
    """The filters that came from a click elsewhere, each with a way out; their place is there without them, too."""
    outputs = decisions.model.outputs
    with st.container(horizontal=True):
        if kept.bar is not None:
            _way_out("bar", f"Score {plain(score_bins(decisions).names[kept.bar])}")
        if kept.column is not None:
            _way_out("column", f"Fault in {plain(decisions.schema[kept.column].title)}")
        if kept.cell is not None:
            was, said = (outputs[at] for at in kept.cell)
            _way_out("cell", f"Was {plain(was)}, predicted {plain(said)}")
        if isinstance(order, Sort):
            _sorted(decisions, order)


def _sorted(decisions: Decisions, order: Sort) -> None:
    """By which column the list is sorted, and the way out."""
    titles = CALLED | {str(name): str(name) for name in decisions.table.context.columns}
    titles |= {column.name: column.title for column in decisions.schema}
    _way_out("sort", f"Sorted by {plain(titles[order.by])}, {'highest' if order.down else 'lowest'} first")


def _way_out(name: str, label: str) -> None:
    st.button(label, key=f"clear_{name}", icon=":material/close:", on_click=_let_go, args=(name,))


def _let_go(name: str) -> None:
    link.choose(**{name: None})
    link.clear("page")


def bar_clicked(key: str) -> None:
    """A click on the overview filters by its bar; a click on the same bar takes the filter away."""
    points = st.session_state[key]["selection"]["points"]
    if points:
        clicked = int(points[0]["customdata"][0] if "customdata" in points[0] else points[0]["x"])
        link.choose(bar=None if link.current().bar == clicked else clicked)
        st.session_state["bar_generation"] = st.session_state.get("bar_generation", 0) + 1
        link.clear("page")


def clear_filters() -> None:
    """Take all filters away; the order stays."""
    link.clear("find", "page")
    link.clear_many("only")
    link.choose(bar=None, column=None, cell=None)


def sort_by(column: str) -> None:
    """A click on a header: lowest first, highest first, as before."""
    now = link.current().sort
    first, second = (f"-{column}", column) if column in {"right", "chance", "faults"} else (column, f"-{column}")
    link.choose(sort={None: first, first: second, second: None}.get(now, first))
    link.clear("page")


def steps(run: str, row: str, *, page: str) -> None:
    """Previous and Next along the list, where the row stands in it, and from the decision's page the way back."""
    decisions = store.run(run)
    asked = link.listing(run)
    rows = rows_in_order(run, asked)
    ids = decisions.table.row_ids
    place = (rows == decisions.position(row)).nonzero()[0]
    at = int(place[0]) if len(place) else -1
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", key=f"steps_{page}"):
        if page == "decision" and st.button("Back to the list", key="back", icon=":material/table_rows:"):
            of_batch = batches.of_row(run)
            if of_batch:
                link.open_batch(of_batch[0])
            link.open_page("review", run=run, **asked)
        before = st.button("Previous", key=f"previous_{page}", disabled=at < 1, icon=":material/chevron_left:")
        if at >= 0:
            st.caption(f"{at + 1:,} of {words.count(len(rows), 'row')}", width="content")
        else:
            st.caption("Not in the list", width="content")
        after = st.button("Next", key=f"next_{page}", disabled=at + 1 >= len(rows), icon=":material/chevron_right:")
        if before or after:
            to = ids[int(rows[at + 1 if after else at - 1])]
            if page == "decision":
                link.open_page("decision", run=run, row=to, **asked, **link.shared())
            link.keep(run, to)
            st.rerun()
