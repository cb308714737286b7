"""A whole decision, live: card, what-if and past cases; used by the decision page and the panel beside the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app import link, store
from app.parts import decision_card, whatif
from app.parts.text import colours, escaped, plain, table_html
from app.parts.trouble import shown
from explain import whatif as computing

if TYPE_CHECKING:
    from explain.decisions import Decision, Decisions
    from explain.models import Package

SHOWN_VALUES = 5
"""Columns of a past case that are shown: the ones that moved this decision most."""


@st.fragment
def decision_view(run: str, row: str, *, wide: bool) -> None:
    """One decision of a stored review; `wide` lays it out in two columns."""
    with shown():
        decisions = store.run(run)
        original = decisions[row]
        model = store.model_of(decisions)
        changed = whatif.changes(decisions, original) if model else {}
        current = _at_level(decisions, model)
        decision = current[original.position]
        # the banner's place is there without it, too: the control being typed in must stay where it is
        with st.container():
            if changed and model is not None:
                level = current.confidence.level
                decision = computing.what_if(model, decisions.table, original.position, changed, level)
                _banner(decisions, original, decision, len(changed))
        reasons = _in_chosen_units(decisions, decision, model, changed)
        with st.container(key="card", border=True):
            decision_card.header(decision)
            (_wide if wide else _narrow)(current, original, decision, reasons, model)
            decision_card.footer(decisions, original)


def _in_chosen_units(
    decisions: Decisions, decision: Decision, model: Package | None, changed: dict[str, float | str | None]
) -> Decision:
    """The decision with the reasons that the person chose: of which outcome, and in points of 100 or log-odds."""
    decision_card.bound_units()
    decision_card.bound_about(decision)
    about = link.value("about", str)
    if model is not None and decision_card.has_choice_of_outcome(decision) and about != decision.shown:
        decision = computing.about_output(model, decisions.table, decision, about, changed)
    if model is None or link.value("units", str) == "points" or not computing.may_have_log_odds(decision):
        return decision
    return computing.in_log_odds(model, decisions.table, decision, changed) or decision


def _why(current: Decisions, reasons: Decision, model: Package | None, key: str) -> None:
    choice = model is not None and computing.may_have_log_odds(reasons)
    decision_card.why(reasons, current.explanation.background_rows, key, choice=choice)


def _at_level(decisions: Decisions, model: Package | None) -> Decisions:
    """The review at the level of the slider, which lives in the address."""
    decision_card.bound_level()
    return computing.at_level(decisions, model, link.value("level", float)) if model else decisions


def _banner(decisions: Decisions, original: Decision, changed: Decision, count: int) -> None:
    accent = colours().accent
    text = escaped(whatif.difference(original, changed, count))
    left, right = st.columns([5, 1], vertical_alignment="center")
    left.html(f"<div class='why-warning' style='border-color:{accent}'><p class='why-word'>{text}</p></div>")
    right.button("Reset", key="whatif_reset", icon=":material/undo:", on_click=whatif.reset, args=(decisions, original))


def _wide(current: Decisions, original: Decision, decision: Decision, reasons: Decision, model: Package | None) -> None:
    left, right = st.columns([11, 9], gap="large")
    with left:
        _why(current, reasons, model, "page")
    with right:
        _warnings(current, original, decision)
        decision_card.trust(current, decision, "page")
    if model is None:
        st.info("The model that decided this is no longer here: you see what was decided, but can try nothing out.")
        return
    left, right = st.columns([11, 9], gap="large")
    with left:
        whatif.controls(current, original)
    with right:
        _past_cases(current, decision, original, model)


def _narrow(
    current: Decisions, original: Decision, decision: Decision, reasons: Decision, model: Package | None
) -> None:
    _why(current, reasons, model, "panel")
    _warnings(current, original, decision)
    decision_card.trust(current, decision, "panel")
    if model is not None:
        whatif.controls(current, original)
        _past_cases(current, decision, original, model)


def _warnings(current: Decisions, original: Decision, decision: Decision) -> None:
    tried = decision_card.warnings(current, decision, f"{original.position}")
    if tried is not None and tried.suggestion is not None:
        whatif.try_value(current, original, tried.column, tried.suggestion)
        st.rerun(scope="fragment")


def _past_cases(current: Decisions, decision: Decision, original: Decision, model: Package) -> None:
    """The nearest reference rows and what became of them."""
    st.markdown("##### Past cases most like this one")
    columns = [reason.column for reason in decision.reasons[:SHOWN_VALUES]]
    cases = computing.past_cases(model, current.table, original.position, columns)
    rows = "".join(
        f"<tr><td>{round(100 * case.alike)} %</td><td>{escaped(case.outcome)}</td>"
        + "".join(
            f"<td class='{'why-same' if case.same[name] else ''}'>{escaped(case.values[name])}</td>" for name in columns
        )
        + "</tr>"
        for case in cases
    )
    st.html(table_html(["alike", "was", *(current.schema[name].title for name in columns)], rows))
    st.caption(
        "Alike over all columns, 100 % is the same case; bold values are the same as here.",
        help=plain("Gower's distance over the raw columns, past rows of the model's package"),
    )


def actions(decisions: Decisions, decision: Decision) -> None:
    """Copy the link, save the decision."""
    with st.container(horizontal=True, key="card_actions"):
        with st.popover("Copy link", icon=":material/link:"):
            address = link.address("decision", run=str(decisions.run["id"]), row=decision.row_id, **link.shared())
            st.code(address, language=None)
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
