"""The second step of adding a model: columns and outcomes in the person's own words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from app.parts.add_files import place
from app.parts.add_step import advance, pressed
from app.parts.text import plain
from app.parts.trouble import guarded
from app.parts.waiting import waited
from explain import words
from explain.adding import columns as tables
from explain.adding.draft import draft, proof

if TYPE_CHECKING:
    from app import store
    from explain.adding.choices import Choices
    from explain.adding.draft import Draft
    from explain.models.parity import Parity


def columns_step(adding: store.Adding) -> None:
    """Names, units, groups and outcomes in the person's own words."""
    made, choices = adding.draft, adding.choices
    left, right = st.columns([1, 1], gap="large")
    with left:
        called = st.text_input("What people call the model", choices.title, max_chars=120, key="add_title")
        about = st.text_input("What it is for, in a sentence", choices.description, max_chars=300, key="add_about")
    with right:
        outputs, shown, unit = _outcomes(made, choices)
    st.markdown("##### Columns")
    st.caption(
        "Words to show instead of names, units, and groups: columns of a group are shown as one, and can be unfolded."
    )
    edited = st.data_editor(
        tables.column_table(made.schema, choices.columns),
        key=f"add_columns_{adding.tries}",
        hide_index=True,
        disabled=[tables.COLUMN, tables.HOLDS],
        column_config={tables.KIND: st.column_config.SelectboxColumn(options=list(tables.KINDS), required=True)},
    )
    categories = tables.category_table(made.schema, choices.columns)
    if len(categories):
        with st.expander(f"Words for the {words.count(len(categories), 'category', 'categories')}"):
            categories = st.data_editor(
                categories,
                key=f"add_categories_{adding.tries}",
                hide_index=True,
                disabled=[tables.COLUMN, tables.CATEGORY],
            )
    said = replace(
        choices,
        title=called.strip() or choices.title,
        description=about.strip(),
        unit=unit,
        outputs=outputs,
        shown=shown,
        columns=tables.said_of_columns(edited, categories),
    )
    source, frame = made.source, made.rows

    def proved() -> tuple[Draft, Parity]:
        anew = draft(source, frame, said)
        return anew, proof(anew)

    if pressed(adding, "Prove it"):
        adding.choices = said
        found = guarded(lambda: waited("Comparing with the original", proved))
        if found is not None:
            adding.draft, adding.parity = found
            advance(adding)


def _outcomes(made: Draft, choices: Choices) -> tuple[tuple[str, ...], str, str]:
    """The outcomes in the order of the scores, the one that numbers are about, and the unit of a target."""
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
