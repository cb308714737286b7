"""Fixes taken for many rows: the buttons that take them, and the two reviews side by side once they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app import link, store
from app.access import current
from app.parts.text import escaped, plain, table_html
from explain import words
from explain.errors import NotFoundError
from explain.insight.fixes import Suggested, chosen, compare_reviews, price_of_faults, suggested
from explain.tables.corrected import corrected
from explain.tables.repairs import undo

if TYPE_CHECKING:
    from collections.abc import Iterable

    from explain.decisions import Decisions
    from explain.insight.fixes import Comparison, FaultsPrice
    from explain.models import Package
    from explain.types import Table

SHOWN_ROWS = 20
"""Changed rows that are listed; more are counted."""


def before_after(decisions: Decisions) -> None:
    """What a correction changed, beside the review before it, and the way back; nothing for other reviews."""
    earlier = str(decisions.run.get("before", ""))
    if not earlier:
        return
    try:
        before = store.run(earlier)
    except NotFoundError:
        st.caption("The review before these changes was deleted, so there is nothing to compare this one with.")
        return
    found = compare_reviews(before, decisions)
    if found is None:
        return
    with st.container(border=True, key="before_after"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"**{plain(found.sentence)}**")
            if st.button("Back to before", key="back_to_before", icon=":material/undo:"):
                link.forget()
                link.open_page("review", run=earlier)
        with st.expander("Before and after side by side"):
            st.html(_side_by_side(found))
            if len(found.changed):
                st.html(_changed(before, decisions, found))


def _side_by_side(found: Comparison) -> str:
    rows = [(name, *both) for name, both in found.counts.items()]
    rows += [("faulty cells", *found.warned)]
    body = "".join(
        f"<tr><th scope='row'>{escaped(name)}</th><td>{old:,}</td><td>{new:,}</td></tr>" for name, old, new in rows
    )
    return table_html(["", f"before: {found.names[0]}", f"after: {found.names[1]}"], body)


def _changed(before: Decisions, after: Decisions, found: Comparison) -> str:
    """The rows that changed, each with both predictions."""
    cells = []
    for at in found.changed[:SHOWN_ROWS].tolist():
        old, new = (escaped(_outcome(one, at)) for one in (before, after))
        row = after.table.row_ids[at]
        leads = escaped(link.address("decision", run=str(after.run["id"]), row=row))
        cells.append(
            f"<tr><th scope='row'><a href='{leads}' target='_self'>{escaped(row)}</a></th>"
            f"<td>{old}</td><td>{new}</td></tr>"
        )
    left = len(found.changed) - len(cells)
    more = f"<p>and {words.count(left, 'more row', 'more rows')}</p>" if left else ""
    return table_html(["row", "before", "after"], "".join(cells)) + more


def _outcome(decisions: Decisions, at: int) -> str:
    row = decisions[at]
    return row.predicted if decisions.model.task != "regression" else words.number(row.score, decisions.model.unit)


def correct_sure(decisions: Decisions, model: Package) -> None:
    """What the faults of a table change, and the button that corrects all sure ones."""
    price = _price(str(decisions.run["id"]), decisions, model)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(plain(price.sentence))
        sure = [item for item in suggested(decisions) if item.sure]
        fixes = chosen(sure)
        count = sum(len(fix.rows) for fix in fixes)
        if count and _button(f"Correct all {count:,} sure ones", "correct_sure", _kinds(sure)):
            review_again(corrected(decisions.table, fixes), decisions, model)


@st.cache_data(max_entries=store.MOST_RUNS, show_spinner=False)
def _price(run: str, _decisions: Decisions, _model: Package) -> FaultsPrice:  # noqa: ARG001 - the key
    return price_of_faults(_decisions, _model)


def _kinds(found: Iterable[Suggested]) -> str:
    kinds = [f"{item.title}: {words.count(item.cells, 'cell')} ({item.check})" for item in found]
    return f"{words.listed(kinds)}. These cells cannot be right as they stand."


def correct_kind(decisions: Decisions, model: Package, found: Suggested) -> None:
    """The button that takes what is suggested for one kind of fault in one column, in all rows or in some."""
    many = words.count(found.cells, "cell")
    if not current.is_analyst():
        return
    with st.container(horizontal=True):
        label = "Correct this cell and review again" if found.cells == 1 else f"Correct these {many} and review again"
        if _button(label, f"correct_{found.check}_{found.severity}", _first(decisions, found)):
            review_again(corrected(decisions.table, chosen([found])), decisions, model)
        if found.cells > 1:
            with st.popover("Only some", key=f"some_{found.check}_{found.severity}"):
                _some(decisions, model, found)


def _some(decisions: Decisions, model: Package, found: Suggested) -> None:
    """The same for rows of one's choice."""
    import numpy as np

    ids = decisions.table.row_ids
    picked = st.multiselect("Rows to correct", found.fix.rows.tolist(), format_func=lambda at: ids[at],
                            key=f"rows_{found.check}_{found.severity}")  # fmt: skip
    if _button(
        "Correct these and review again", f"correct_some_{found.check}_{found.severity}", "", disabled=not picked
    ):
        fixes = chosen([found], np.array(picked, dtype=np.int64))
        review_again(corrected(decisions.table, fixes), decisions, model)


def _first(decisions: Decisions, found: Suggested) -> str:
    """What would stand in the first cells."""
    column = decisions.schema[found.column]
    frame, ids = decisions.table.frame[found.column], decisions.table.row_ids
    examples = []
    for row, value in list(zip(found.fix.rows.tolist(), found.fix.values, strict=True))[:3]:
        new = "blank" if value is None else words.cell(float(value) if column.kind == "number" else value, column)
        examples.append(f"{ids[row]}: {words.cell(frame.iloc[row], column)} becomes {new}")
    return f"{words.listed(examples)}. This review stays as it is."


def _button(label: str, key: str, about: str, *, disabled: bool = False) -> bool:
    return current.is_analyst() and st.button(
        label, key=key, icon=":material/build:", help=plain(about) or None, disabled=disabled
    )


def undo_column(decisions: Decisions, model: Package, column: str, *, corrections: bool = False) -> None:
    """Review the table once more with a column's cells as they came, or without what was corrected alone."""
    review_again(undo(decisions.table, column, corrections=corrections), decisions, model)


def review_again(table: Table, decisions: Decisions, model: Package) -> None:
    """Review a changed table on the same terms, and show what the change did beside the review before it."""
    weighted = decisions.confidence.weights is not None
    store.open_to_review(table, model, weighted=weighted, before=str(decisions.run["id"]))
    link.open_page("review")
