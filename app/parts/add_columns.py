"""The second step of adding a model: columns and outcomes in the person's own words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import streamlit as st

from app.parts.add_files import place
from app.parts.add_step import advance, pressed
from app.parts.text import plain
from app.parts.trouble import guarded
from app.parts.waiting import waited
from explain import words
from explain.adding import columns as tables
from explain.adding.card_text import read_card_text
from explain.adding.draft import draft, proof
from explain.adding.install import SAID

if TYPE_CHECKING:
    import pandas as pd

    from app import store
    from explain.adding.choices import Choices
    from explain.adding.draft import Draft
    from explain.models.parity import Parity
    from explain.models.scores import Meaning

MOST_SAID = 300
"""Characters of a sentence under a title."""


def columns_step(adding: store.Adding) -> None:
    """Names, units, groups and outcomes in the person's own words."""
    made, choices = adding.draft, adding.choices
    left, right = st.columns([1, 1], gap="large")
    with left:
        called = st.text_input("What people call the model", choices.title, max_chars=120, key="add_title")
        sentence = st.container()
        choices = _card(adding)
        about = sentence.text_input(SAID["description"], choices.description, max_chars=MOST_SAID, key="add_about")
        question = sentence.text_input(SAID["question"], choices.question, max_chars=MOST_SAID, key="add_question",
                                       placeholder="Will this customer cancel?")  # fmt: skip
    with right:
        outputs, shown, unit = _outcomes(made, choices)
        scores = _scores(made, choices)
        called_so = _outcome_words(outputs, choices, adding.tries)
    st.markdown("##### Columns")
    st.caption(
        "Words to show instead of names, units, and groups: columns of a group are shown as one, and can be unfolded."
    )
    edited = _columns(tables.column_table(made.schema, choices.columns), f"add_columns_{adding.tries}")
    categories = _categories(tables.category_table(made.schema, choices.columns), f"add_categories_{adding.tries}")
    said = replace(
        choices,
        title=called.strip() or choices.title,
        description=about.strip(),
        question=question.strip(),
        outcome_words=called_so,
        unit=unit,
        outputs=outputs,
        shown=shown,
        scores=scores,
        columns=tables.said_of_columns(edited, categories),
    )
    source, frame = made.source, made.rows

    def proved() -> tuple[Draft, Parity]:
        anew = draft(source, frame, said)
        return anew, proof(anew)

    if pressed(adding, "Prove it", disabled=made.meaning.mean == "logits" and not scores):
        adding.choices = said
        found = guarded(lambda: waited("Comparing with the original", proved))
        if found is not None:
            adding.draft, adding.parity = found
            advance(adding)


def _card(adding: store.Adding) -> Choices:
    """A model card that was written elsewhere: what it says of use, limits and licence goes with the model."""
    with st.expander("A model card of it, if there is one"):
        given = st.file_uploader(
            "Drop it here",
            type=["md", "markdown", "txt"],
            key=f"add_card_{adding.tries}",
            max_upload_size=1,
            help="Markdown, as Hugging Face and skops write it: use, limits and licence are read from it.",
        )
        if given is not None and adding.card != given.file_id:
            said = guarded(lambda: read_card_text(given.getvalue().decode("utf-8", "replace"))) or {}
            adding.card = given.file_id
            adding.choices = replace(adding.choices, **said)
            if "description" in said:
                st.session_state["add_about"] = said["description"][:MOST_SAID]
        for key in SAID.keys() - {"description", "question"}:
            if getattr(adding.choices, key):
                st.caption(f"**{SAID[key]}**: {plain(getattr(adding.choices, key))}")
    return adding.choices


def _scores(made: Draft, choices: Choices) -> Meaning | Literal[""]:
    """Whether scores that are no probabilities are logits, which a person has to say: "" until they do."""
    if made.meaning.mean != "logits":
        return choices.scores
    if made.meaning.asks:
        st.warning(plain(made.meaning.asks), icon=":material/help:")
    step = "softmax" if made.meaning.width > 1 else "sigmoid"
    logits = st.checkbox(
        f"They are logits: put a {step} behind them",
        choices.scores == "logits",
        key="add_logits",
        help="Many networks are exported without their last step. The package adds it, so that its scores are "
        "probabilities; what the model learned stays as it is.",
    )
    return "logits" if logits else ""


def _outcome_words(outputs: tuple[str, ...], choices: Choices, tries: int) -> dict[str, str]:
    """What people call the outcomes, where that is something else than the model's data says."""
    if not outputs:
        return {}
    with st.expander("Words for the outcomes"):
        edited = st.data_editor(
            tables.outcome_table(outputs, choices.outcome_words),
            key=f"add_words_{tries}_{'|'.join(outputs)}",
            hide_index=True,
            disabled=[tables.OUTCOME],
        )
    return tables.said_of_outcomes(edited)


def _columns(table: pd.DataFrame, key: str) -> pd.DataFrame:
    """The table of columns, to be filled in."""
    return st.data_editor(
        table,
        key=key,
        hide_index=True,
        disabled=[tables.COLUMN, tables.HOLDS],
        column_config={
            tables.KIND: st.column_config.SelectboxColumn(options=list(tables.KINDS), required=True),
            tables.PERSONAL: st.column_config.CheckboxColumn(
                help="Says who somebody is: nobody is told what would follow if it were different."
            ),
        },
    )


def _categories(table: pd.DataFrame, key: str) -> pd.DataFrame:
    """The words for categories, to be filled in, where there are any."""
    if not len(table):
        return table
    with st.expander(f"Words for the {words.count(len(table), 'category', 'categories')}"):
        return st.data_editor(table, key=key, hide_index=True, disabled=[tables.COLUMN, tables.CATEGORY])


def _outcomes(made: Draft, choices: Choices) -> tuple[tuple[str, ...], str, str]:
    """The outcomes in the order of the scores, the one that numbers are about, and the unit of a target."""
    if made.warning:
        st.warning(plain(made.warning), icon=":material/warning:")
    if made.task == "regression":
        return (), "", st.text_input("Unit of the predicted value", choices.unit, max_chars=30, key="add_unit")
    if made.asks:
        st.warning(plain(made.asks), icon=":material/help:")
    known = choices.outputs or made.outputs
    named = ", ".join(known)
    text = st.text_input(
        "Outcomes, in the order of the model's scores",
        named,
        key="add_outputs",
        help="Separated by commas. The first name belongs to the first score.",
    )
    # as they are where nothing was typed: a name may have a comma of its own
    outputs = known if text == named else tuple(part.strip() for part in text.split(",") if part.strip())
    if made.named.order is not None and outputs == made.outputs and not made.asks:
        st.caption(f"Past rows agree with this order (log loss {made.named.order.given_loss:.2f} a row).")
    if made.task != "binary":
        return outputs, "", ""
    shown = st.selectbox(
        "Show chances of",
        outputs,
        index=place(list(outputs), choices.shown, len(outputs) - 1),
        key="add_shown",
        help="The outcome that people ask about, such as “declined”.",
    )
    return outputs, shown or "", ""
