"""Model: what it is, what drives it, how good it is and where it fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app import deeds, link, store
from app.access import current
from app.parts.chart import chart
from app.parts.current_run import current_run
from app.parts.fold import fold_switch, is_folded
from app.parts.open_table import open_table_button
from app.parts.strip import marked, title
from app.parts.text import colours, escaped, plain, table_html
from explain import words
from explain.adding.columns import OUTCOME, outcome_table, said_of_outcomes
from explain.adding.install import SAID, is_own
from explain.charts import performance as pictures
from explain.charts.whole import MOST_SWARM, beeswarm, dependence, importance, shown_note, strongest
from explain.insight.drawn import sample
from explain.insight.evidence import Evidence, evidence_from_package, evidence_from_upload
from explain.insight.weak_spots import FEWEST_ROWS
from explain.models.proven import headline, sentences
from explain.reports.model_card import to_markdown

if TYPE_CHECKING:
    from explain.decisions import Decisions
    from explain.insight.interplay import Interplay
    from explain.insight.performance import Confusion
    from explain.models import Package


MOST_CELLS = 4
"""Cells of the confusion matrix that have a button; a click on the picture leads to any."""
TABS = {"What drives it": "drivers", "How good it is": "quality", "What it is": "card"}


def show() -> None:
    """The page."""
    run, decisions = current_run()
    wanted = link.current().model
    name = wanted or decisions.model.name
    model = store.model(name)
    link.keep(run, link.current().row)
    link.choose(model=wanted)
    title(model.info.title, model.card.description, model.info.question)
    marked(model.info)
    if store.just_added(name):
        st.success(f"{plain(model.info.title)} is added.", icon=":material/check_circle:")
    reviewed = name == decisions.model.name
    if not reviewed:
        _not_reviewed(decisions, model)
    tabs = st.tabs(list(TABS), **link.bind("tab", "What drives it", TABS, lambda tab: TABS[tab]))
    if tabs[0].open:
        with tabs[0]:
            if reviewed:
                _drivers(decisions, store.pairs(run), f"of {plain(decisions.table.name)}")
            else:
                past = store.past_rows(name)
                drawn = " drawn at random" if len(past) < len(model.reference) else ""
                _drivers(past, None, f"from {words.count(len(past), 'past row')}{drawn}")
    if tabs[1].open:
        with tabs[1]:
            _quality(decisions if reviewed else None, model)
    if tabs[2].open:
        with tabs[2]:
            _card(model)


def _not_reviewed(decisions: Decisions, model: Package) -> None:
    """The next step, while the review open now was made with another model."""
    with st.container(horizontal=True, vertical_alignment="center"):
        open_table_button(model.card.name)
        st.caption(f"The review open now was made with {plain(decisions.model.title)}.")


def _drivers(decisions: Decisions, pairs: Interplay | None, rows_of: str) -> None:
    """What moves predictions over these rows, and what the caption calls them."""
    if not len(decisions):
        st.info("There are no rows.")
        return
    look = colours()
    left, right = st.columns([2, 3], gap="large")
    top = [decisions.schema.columns[at].title for at in strongest(decisions, 3)]
    with left:
        fold_switch(decisions.schema)
        folded = is_folded(decisions.schema)
        chart(
            importance(decisions, look, grouped=folded),
            f"Bar chart of how much each column moves predictions; the strongest are {words.listed(top)}.",
            "importance",
        )
    with right:
        chart(
            beeswarm(decisions, look, grouped=folded),
            f"One dot per row and column, the strongest columns on top: {words.listed(top)}.",
            "beeswarm",
        )
        note = shown_note(len(sample(len(decisions), MOST_SWARM)), len(decisions))
        st.caption(
            f"{note or 'All rows shown'}, {rows_of}. Grey: categories and groups, which have "
            "no low and high. The field's term: SHAP summary plot."
        )
    _one_column(decisions, pairs)


TOGETHER = {False: "the whole share", True: "only what the two do together"}


def _one_column(decisions: Decisions, found: Interplay | None) -> None:
    """The dependence picture of one column, with another as colour; what the two do together on request."""
    names = [decisions.schema.names[at] for at in strongest(decisions, len(decisions.schema))]
    one, two, three = st.columns([2, 2, 3])
    with one:
        column = st.selectbox(
            "Look at one column",
            names,
            format_func=lambda item: decisions.schema[item].title,
            **link.bind("of", names[0], names),
        )
    partners = found.partners(column) if found else []
    with two:
        others = ["", *partners, *[item for item in names if item != column and item not in partners]]
        other = st.selectbox(
            "Coloured by",
            others,
            format_func=lambda item: decisions.schema[item].title if item else "nothing",
            help="The columns that it does most together with stand first" if partners else None,
            **link.bind("by", "", others),
        )
    together = None
    if found and other in partners:
        with three:
            st.segmented_control(
                "Shown",
                list(TOGETHER),
                required=True,
                format_func=TOGETHER.__getitem__,
                help="A pair's part counts for both columns, half each. The field's term: SHAP interaction values.",
                **link.bind("shown", False, TOGETHER, lambda item: "together" if item else "whole"),
            )
        if link.value("shown", bool):
            together = found.rows, found.together(column, other)
    chart(
        dependence(decisions, column, other or None, colours(), together),
        f"How {decisions.schema[column].title} moves the prediction, one dot per row.",
        "dependence",
    )
    note = shown_note(len(sample(len(decisions))) if together is None else len(together[0]), len(decisions))
    if note:
        st.caption(note)


def _quality(decisions: Decisions | None, model: Package) -> None:
    found = [
        item for item in (evidence_from_package(model), evidence_from_upload(decisions, model)) if item is not None
    ]
    if not found:
        st.info(
            "No outcomes are known for this model, so nothing can be said about how good it is. "
            "Upload a table with the outcome as a column, or a package with held-out rows."
        )
        return
    names = [item.name for item in found]
    # an upload that says what came true is what somebody brought to be judged
    chosen = (
        st.segmented_control("Judged on", names, required=True, **link.bind("judged", names[-1], names))
        if len(found) > 1
        else names[0]
    )
    evidence = found[names.index(chosen or names[0])]
    st.caption(f"{words.count(len(evidence.outcomes), 'row')} with known outcomes: {evidence.described}")
    _weak_spots(model, evidence, str(decisions.run["id"]) if decisions is not None and evidence.of_upload else "")
    if model.info.task == "regression":
        facts = evidence.residuals()
        left, right = st.columns(2, gap="large")
        with left:
            chart(
                pictures.residuals(facts, model.info.target, model.info.unit, colours()),
                "Predicted against true values.",
                "residuals",
            )
        with right:
            _kept(evidence)
        return
    _classes(model, evidence, str(decisions.run["id"]) if decisions is not None and evidence.of_upload else "")


def _weak_spots(model: Package, evidence: Evidence, run: str) -> None:
    """The groups in which the model is worst, as sentences; of past cases, or of the upload of a review `run`."""
    spots = store.weak_spots(run) if run else store.past_weak_spots(model, evidence)
    if spots:
        st.markdown("##### Where it fails")
        st.markdown("\n".join(f"- {plain(spot.sentence)}" for spot in spots))
    elif len(evidence.outcomes) >= FEWEST_ROWS:
        st.caption("No group of one or two columns was found in which it is worse than overall by more than chance.")


def _kept(evidence: Evidence) -> None:
    """How accuracy grows when only the rows trusted most are kept."""
    facts = evidence.kept()
    chart(pictures.kept(facts, colours()), f"{pictures.kept_title(facts)}.", "kept")
    st.caption(
        "Rows sorted by trust: the steeper the fall, the better trust tells right from wrong.",
        help="The field's term: risk–coverage curve.",
    )


def _classes(model: Package, evidence: Evidence, run: str) -> None:
    """Pictures of outcomes; the cells of an upload's matrix lead to its rows in the review `run`, "" for past cases."""
    look, outputs = colours(), model.info.outputs
    about = outputs[model.info.shown]
    if model.info.task == "multiclass":
        about = st.selectbox("About which outcome", outputs, format_func=plain, **link.bind("about", about, outputs))
    at = outputs.index(about)
    left, right = st.columns(2, gap="large")
    with left:
        chart(
            pictures.reliability(evidence.reliability(at), about, look),
            f"How often {about} happened against how often the model said so.",
            "reliability",
        )
        if evidence.both(at):
            chart(pictures.curve(evidence.roc(at), "roc", look), "ROC curve.", "roc")
        _kept(evidence)
    with right:
        threshold, cut, moved = None, model.info.cut, False
        if model.info.task == "binary":
            own = 0.5 if cut is None else cut.at if cut.outcome == at else 1 - cut.at
            usual = min(99, max(1, round(100 * own)))
            percent = st.slider(
                f"Call it “{plain(about)}” from how many in 100 on (only on this page)",
                1,
                99,
                **link.bind("threshold", usual, range(1, 100)),
            )
            # in its own place the slider means the model's own threshold, which need be no whole hundredth
            moved = percent != usual
            threshold = percent / 100 if moved else None if cut is None else own
        facts = evidence.confusion(threshold, model.info.shown)
        leads = "" if moved else run
        chart(
            pictures.confusion(facts, look, evidence.of),
            "What was predicted against what happened, counted.",
            "confusion",
            on_select=(lambda: _cell_clicked(leads)) if leads else None,
        )
        if leads:
            _rows_of_cells(facts, leads)
        if evidence.both(at):
            chart(pictures.curve(evidence.precision_recall(at), "pr", look), "Precision-recall curve.", "pr")


def _cell_clicked(run: str) -> None:
    """A click on a cell of the matrix is remembered; the page then leads to its rows."""
    points = st.session_state["confusion"]["selection"]["points"]
    if points and "customdata" in points[0]:
        cell = points[0]["customdata"]
        st.session_state["to_cell"] = run, str(cell[0] if isinstance(cell, list) else cell)


def _rows_of_cells(facts: Confusion, run: str) -> None:
    """The way from the matrix to the rows that it counts as wrong, the most frequent first."""
    clicked = st.session_state.pop("to_cell", None)
    if clicked is not None and clicked[0] == run:
        link.open_page("review", run=run, cell=clicked[1])
    count = len(facts.names)
    wrong = [(int(facts.counts[was, said]), was, said) for was in range(count) for said in range(count) if was != said]
    with st.container(horizontal=True):
        for many, was, said in sorted(wrong, reverse=True)[:MOST_CELLS]:
            label = f"{many:,} were {facts.names[was]}, predicted {facts.names[said]}"
            if many and st.button(plain(label), key=f"cell_{was}_{said}", icon=":material/filter_alt:"):
                link.open_page("review", run=run, cell=f"{was}-{said}")


def _card(model: Package) -> None:
    card, info = model.card, model.info
    proof = card.parity
    reference = model.reference
    facts = {
        "Predicts": f"{info.target}: {words.listed(list(info.outputs))}"
        if info.task != "regression"
        else f"{info.target}" + (f", in {info.unit}" if info.unit else ""),
        **(
            {
                "In its data": words.listed(
                    [f"{said} is {own}" for said, own in zip(info.outputs, info.aliases, strict=True) if said != own],
                    12,
                )
            }
            if info.aliases
            else {}
        ),
        **({"Decides": words.decides(info.outputs, info.cut)} if info.cut else {}),
        "Past rows": f"{len(reference):,}, {int(reference.held_out.sum()):,} of them held out from training "
        f"({card.held_out})",
        "Source": card.source or words.MISSING,
        "Same as the original": f"{headline(proof)}. {' '.join(sentences(proof))}",
        "Version": f"{info.version}, sha256 {info.sha256}",
    }
    rows = "".join(f"<dt>{escaped(name)}</dt><dd>{escaped(text)}</dd>" for name, text in facts.items())
    st.html(f"<dl class='why-facts'>{rows}</dl>")
    st.markdown("##### Columns it takes")
    heads = ["column", "kind", "past rows", "usual past value", "blank"]
    said = {
        head: texts
        for head, texts in {
            "group": [column.group for column in model.schema],
            "what it means": [column.meaning for column in model.schema],
        }.items()
        if any(texts)
    }
    body = "".join(
        f"<tr><td>{escaped(column.title)}</td><td>{escaped(column.kind)}</td><td>{escaped(words.held(column))}</td>"
        f"<td>{escaped(words.cell(column.typical, column))}</td><td>{round(100 * column.missing_share)} %</td>"
        + "".join(f"<td>{escaped(texts[at])}</td>" for texts in said.values())
        + "</tr>"
        for at, column in enumerate(model.schema)
    )
    st.html(table_html([*heads, *said], body))
    _card_actions(model)


def _card_actions(model: Package) -> None:
    """The card as a document, and the sentences that only people can write."""
    st.markdown("##### Model card")
    groups = [column.name for column in model.schema if column.kind == "category"]
    group = st.selectbox(
        "With figures by group",
        ["", *groups],
        format_func=lambda name: model.schema[name].title if name else "none",
        help="How often the model is right for each value of this column.",
        **link.bind("group", "", ["", *groups]),
    )
    st.download_button(
        "Download the model card",
        data=lambda: to_markdown(model, group or ""),
        file_name=f"{model.card.name}.md",
        mime="text/markdown",
        icon=":material/download:",
        on_click="ignore",
        key="card_markdown",
    )
    if not is_own(model.card.name, store.home()) or not current.is_analyst():
        return
    if model.info.task != "regression":
        _outcome_words(model)
    with st.form("card_words", border=False):
        texts = {
            key: st.text_area(title, getattr(model.card, key), max_chars=2_000, key=f"card_{key}")
            for key, title in SAID.items()
        }
        if st.form_submit_button("Keep these words"):
            deeds.describe_model(model.card.name, texts)
            st.rerun()


def _outcome_words(model: Package) -> None:
    """What people call the outcomes, to be set by those who answer for the model."""
    st.markdown("##### Words for the outcomes")
    own = model.card.aliases or model.card.outputs
    said = {name: word for name, word in zip(own, model.card.outputs, strict=True) if word != name}
    with st.form("outcome_words", border=False):
        edited = st.data_editor(
            outcome_table(own, said),
            key=f"outcome_words_{model.card.name}_{model.card.version}",
            hide_index=True,
            disabled=[OUTCOME],
        )
        st.caption("Shown from the next review on; reviews made before keep their words.")
        if st.form_submit_button("Use these words"):
            deeds.call_outcomes(model.card.name, said_of_outcomes(edited))
            st.rerun()
