"""A whole decision, live: card, what-if and past cases; used by the decision page and the panel beside the table."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from app import link, store
from app.parts import decision_card, whatif
from app.parts.copy_link import address_of, copy_link
from app.parts.fold import fold_switch, is_folded
from app.parts.paper import PAST_HEADS, Paper, paper
from app.parts.text import colours, escaped, plain, table_html
from app.parts.tour import tour
from app.parts.trouble import shown
from explain.decisions.groups import together
from explain.decisions.trust import own_range
from explain.decisions.verdict import verdict
from explain.insight import whatif as computing
from explain.insight.undecided import undecided
from explain.insight.whole_row import whole_row

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explain.decisions import Decision, Decisions
    from explain.decisions.verdict import Verdict
    from explain.insight.whatif import PastCase
    from explain.models import Package

SHOWN_VALUES = 5
"""Columns of a past case that are shown: the ones that moved this decision most."""


class _Card(NamedTuple):
    """What the card is about: a row of `review` at the slider's level as it was decided (`original`), and `decision`
    of `reviewed`, with what-if changes made, both about the predicted outcome; `reasons` is the same in the chosen
    units, about the chosen outcome; `verdict` is that on `decision`, `cases` the past ones most like it, of which
    `columns` are shown.
    """

    review: Decisions
    original: Decision
    reviewed: Decisions
    decision: Decision
    reasons: Decision
    verdict: Verdict
    cases: list[PastCase]
    columns: list[str]


@st.fragment
def decision_view(run: str, row: str, *, wide: bool) -> None:
    """One decision of a stored review; `wide` lays it out in two columns."""
    with shown():
        decisions = store.run(run)
        original = decisions[row]
        model = store.model_of(decisions)
        whatif.follow(decisions, original)
        changed = whatif.changes(decisions, original) if model else {}
        current = _at_level(decisions)
        reviewed, decision = current, current[original.position]
        # the banner's place is there without it, too: the control being typed in must stay where it is
        with st.container():
            if changed and model is not None:
                level = current.confidence.level
                reviewed = computing.what_if(model, decisions, original.position, changed, level)
                decision = reviewed[0]
                _banner(decisions, original.of_predicted, decision, changed)
            elif model is not None and not computing.is_wholly_checked(decisions):
                reviewed = computing.looked_at(model, decisions, original.position, current.confidence.level)
                decision = reviewed[0]
        reasons = _in_chosen_units(reviewed, decision, model)
        original, decision = original.of_predicted, decision.of_predicted
        with st.container(key="card", border=True):
            found = verdict(decision)
            columns = [reason.column for reason in decision.reasons[:SHOWN_VALUES]]
            cases = computing.past_cases(model, decisions.table, original.position, columns) if model else []
            card = _Card(current, original, reviewed, decision, reasons, found, cases, columns)
            with st.container(key="part_verdict"):
                decision_card.header(decision, found)
            (_wide if wide else _narrow)(card, model)
            _whole_row(decisions, original)
            decision_card.footer(decisions, original)
        if wide:
            tour(row, len(changed), can_try=any(item.suggestion and not item.applied for item in decision.warnings))
        _print(card, changed)


def _print(card: _Card, changed: Mapping[str, float | str | None]) -> None:
    """The same decision for paper."""
    said = ""
    if changed:
        said = whatif.difference(card.original, card.decision, len(changed)) + ": "
        said += whatif.said(card.review, card.original, changed)
    prices = [decision_card.price_sentence(card.review, card.decision, item) for item in card.decision.warnings]
    address = address_of(card.review, card.original)
    paper(
        Paper(
            card.review, card.original, card.decision, _folded(card), card.verdict, said, card.cases, card.columns,
            address, prices,
        )
    )  # fmt: skip


def _in_chosen_units(reviewed: Decisions, decision: Decision, model: Package | None) -> Decision:
    """The decision with the reasons that the person chose: of which outcome, and in points of 100 or log-odds."""
    decision_card.bound_units()
    decision_card.bound_about(decision)
    about = link.value("about", str)
    if model is not None and decision_card.has_choice_of_outcome(decision) and about != decision.shown:
        decision = computing.about_output(model, reviewed.table, decision, about)
    if model is None or link.value("units", str) == "points" or not computing.may_have_log_odds(decision):
        return decision.of_predicted
    return (computing.in_log_odds(model, reviewed.table, decision) or decision).of_predicted


def _why(card: _Card, model: Package | None, key: str) -> None:
    if math.isnan(card.decision.gap):
        st.info("The batch left out the reasons for this row, and the model that would give them is no longer here.")
        return
    choice = model is not None and computing.may_have_log_odds(card.reasons)
    decision_card.why(_folded(card), card.review.explanation.background_rows, key, choice=choice)
    fold_switch(card.review.schema)


def _folded(card: _Card) -> Decision:
    """The reasons, those of a group as one where the person has not unfolded them."""
    reasons, schema = card.reasons, card.review.schema
    return replace(reasons, reasons=together(reasons.reasons, schema)) if is_folded(schema) else reasons


def _at_level(decisions: Decisions) -> Decisions:
    """The review at the level of the slider, which lives in the address."""
    decision_card.bound_level()
    return computing.at_level(decisions, link.value("level", float))


def _banner(
    decisions: Decisions, original: Decision, changed: Decision, made: Mapping[str, float | str | None]
) -> None:
    accent = colours().accent
    text = escaped(whatif.difference(original, changed, len(made)))
    values = escaped(whatif.said(decisions, original, made))
    left, right = st.columns([5, 1], vertical_alignment="center")
    left.html(
        f"<div class='why-warning' style='border-color:{accent}'><p class='why-word'>{text}</p><p>{values}</p></div>"
    )
    right.button("Reset", key="whatif_reset", icon=":material/undo:", on_click=whatif.reset, args=(decisions, original))


def _wide(card: _Card, model: Package | None) -> None:
    left, right = st.columns([11, 9], gap="large")
    with left, st.container(key="part_why"):
        _why(card, model, "page")
    with right:
        with st.container(key="part_faults"):
            _warnings(card)
        with st.container(key="part_sure"):
            _trust(card, model, "page")
    if model is None:
        st.info("The model that decided this is no longer here: you see what was decided, but can try nothing out.")
        return
    left, right = st.columns([11, 9], gap="large")
    with left:
        whatif.controls(card.review, card.original)
    with right:
        _past_cases(card)


def _narrow(card: _Card, model: Package | None) -> None:
    _why(card, model, "panel")
    _warnings(card)
    _trust(card, model, "panel")
    if model is not None:
        whatif.controls(card.review, card.original)
        _past_cases(card)


def _trust(card: _Card, model: Package | None, key: str) -> None:
    decision_card.trust(card.reviewed, card.decision, card.verdict.steps, key)
    if model is not None and model.card.spread is not None and card.decision.answered:
        at = card.decision.position
        ends = model.own_range(card.reviewed.table.frame.iloc[[at]])
        if ends is not None:
            st.caption(plain(own_range(*ends[0].tolist(), model.card.spread, model.info.unit)))
    if model is not None and card.decision.answered:
        decision_card.rivals(undecided(model, card.reviewed, card.decision.position))


def _warnings(card: _Card) -> None:
    tried = decision_card.warnings(card.review, card.decision, f"{card.original.position}")
    if tried is not None and tried.suggestion is not None:
        whatif.try_value(card.review, card.original, tried.column, tried.suggestion)
        st.rerun(scope="fragment")


def _whole_row(decisions: Decisions, decision: Decision) -> None:
    """Every value of the row as it was read, and as it was uploaded where that differs."""
    with st.expander("The whole row"):
        cells = whole_row(decisions, decision.position)
        body = "".join(
            f"<tr><td>{escaped(cell.title)}</td><td>{escaped(cell.value)}</td><td>{escaped(cell.uploaded)}</td>"
            f"<td>{escaped(cell.usual)}</td></tr>"
            for cell in cells
        )
        st.html(table_html(["column", "value", "in the upload", "past rows"], body))


def _past_cases(card: _Card) -> None:
    """The nearest reference rows and what became of them."""
    decision_card.heading("Past cases most like this one")
    columns = card.columns
    rows = "".join(
        f"<tr><td>{round(100 * case.alike)} %</td><td>{escaped(case.outcome)}</td>"
        + "".join(
            f"<td class='{'why-same' if case.same[name] else ''}'>{escaped(case.values[name])}</td>" for name in columns
        )
        + "</tr>"
        for case in card.cases
    )
    st.html(table_html([*PAST_HEADS, *(card.review.schema[name].title for name in columns)], rows))
    st.caption(
        "Similarity over all columns, 100 % is the same case; bold values are the same as here.",
        help=plain("Gower's distance over the raw columns, past rows of the model's package"),
    )


def actions(decisions: Decisions, decision: Decision) -> None:
    """Copy the link, save the decision."""
    with st.container(horizontal=True, key="card_actions"):
        copy_link(decisions, decision)
        st.download_button(
            "Save as JSON",
            data=lambda: _json(decision),
            file_name=f"decision-{decisions.run['id']}-{decision.position + 1}.json",
            mime="application/json",
            icon=":material/download:",
            on_click="ignore",
        )


def _json(decision: Decision) -> str:
    import json

    return json.dumps(decision.to_dict(), indent=1, ensure_ascii=False)
