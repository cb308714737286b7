"""Decision: one row on one page, to be sent to someone who must say whether to trust it."""

from __future__ import annotations

import streamlit as st

from app import link, store
from app.access import current
from app.parts.current_run import current_run, pick_row
from app.parts.decision_view import actions, decision_view
from app.parts.mark import mark
from app.parts.one_link import one_link
from app.parts.present import present, present_button
from app.parts.strip import marked, title
from app.parts.text import plain
from app.parts.tour import tour_button
from app.parts.worklist import rows_in_order, steps
from explain.insight.whatif import compare


def show() -> None:
    """The page."""
    run, decisions = current_run(one_row=True)
    row = pick_row(decisions)
    if row is None and len(decisions):
        # opened from the navigation without a choice: the row that most deserves a look
        listed = rows_in_order(run, link.listing(run))
        row = decisions.table.row_ids[int(listed[0]) if len(listed) else 0]
    link.keep(run, row)
    if row is None:
        st.info("This review has no rows.")
        return
    if link.presenting():
        present(run, row)
        return
    heading, moving = st.columns([1, 1], vertical_alignment="center")
    with heading:
        title(f"{decisions.model.title}: row {row}", decisions.table.name, decisions.model.question)
    only = current.only()
    with moving:
        if only is None:
            steps(run, row, page="decision")
    marked(decisions.model)
    # on a phone it stands below the card (style.css): the answer comes first
    with st.container(key="about_row"):
        noting, showing = st.columns([5, 2], vertical_alignment="center")
        with noting:
            mark(run, row, page="decision")
        with showing, st.container(horizontal=True, horizontal_alignment="right"):
            if current.only() is None:
                tour_button()
            present_button(run, row)
    decision_view(run, row, wide=True)
    with st.container(key="after_card"):
        actions(decisions, decisions[row])
        one_link(run, row)
        if only is None:
            _today(run)


def _today(run: str) -> None:
    """One click decides anew and says whether the answer is the same."""
    decisions = store.run(run)
    if st.button("Recompute and compare", key="recompute", icon=":material/replay:"):
        model = store.model(decisions.model.name)
        import explain

        today = explain.review(decisions.table, model, level=decisions.confidence.level)
        facts = compare(decisions, model, today)
        if facts.rows_changed == 0 and facts.same_model:
            st.success(
                "Same answer today: every score of this review is the same to the last digit.", icon=":material/check:"
            )
        else:
            why = "this version of Whysure computes differently"
            if not facts.same_model:
                why = "the model has changed since"
            moved = f"{facts.rows_changed:,} of {len(decisions):,} rows score differently today ({why})"
            st.warning(plain(f"{moved}; this page shows what was decided then."), icon=":material/difference:")
