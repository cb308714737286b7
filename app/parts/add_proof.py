"""The last step of adding a model: what the comparison found, and where the model goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app import deeds, store
from app.parts.add_step import finish, pressed
from app.parts.text import escaped, plain
from app.parts.trouble import guarded
from explain import words
from explain.adding.install import is_own
from explain.models.proven import headline, sentences

if TYPE_CHECKING:
    from explain.adding.draft import Draft

NEW = "A new model"
ICONS = {"same": ":material/verified:", "different": ":material/error:", "unproven": ":material/help:"}


def proof_step(adding: store.Adding) -> None:
    """What the comparison found, where the model goes, and the way out."""
    made, parity = adding.draft, adding.parity
    failed = parity.verdict == "different"
    box = {"same": st.success, "different": st.error, "unproven": st.warning}[parity.verdict]
    first, *rest = sentences(parity)
    box(f"**{plain(headline(parity))}.** {plain(first)}", icon=ICONS[parity.verdict])
    for sentence in rest:
        st.caption(plain(sentence))
    if made.asks:
        st.warning(plain(made.asks), icon=":material/help:")
    _summary(made)
    home = store.home()
    own = [name for name in store.models() if is_own(name, home)]
    where = NEW
    if own:
        where = st.selectbox(
            "Add it as",
            [NEW, *own],
            key="add_as",
            format_func=lambda name: name if name == NEW else f"A new version of {store.title_of(name)}",
            help="Reviews made with an earlier version keep it.",
        )
    anyway = failed and st.checkbox(
        "Serve it all the same. Every page then says that it does not predict what the original predicts.",
        key="add_anyway",
    )

    if pressed(adding, "Add the model", disabled=failed and not anyway):
        replacing = "" if where == NEW else where
        package = guarded(lambda: deeds.add_model(made, parity, replacing=replacing, anyway=anyway))
        if package is not None:
            finish(package.card.name)


def _summary(made: Draft) -> None:
    held = int(made.held_out.sum())
    target, cut = made.choices.target, made.source.facts.cut
    spoken = [f"{word} for {name}" for name, word in made.choices.outcome_words.items()]
    facts = {
        "Called": made.choices.title,
        **({"Asked": made.choices.question} if made.choices.question else {}),
        "From": made.source.facts.library,
        "Predicts": words.listed(list(made.outputs)) if made.task != "regression" else made.outputs[0],
        **({"In words": words.listed(spoken, 12)} if spoken else {}),
        **({"Decides": words.decides(made.outputs, cut)} if cut else {}),
        "Columns": f"{len(made.schema)}: {words.listed([column.title for column in made.schema], 8)}",
        "Past rows": f"{len(made.rows):,}, {held:,} of them kept from training",
        "Confidence": "measured on the rows kept from training"
        if held and target
        else "not measured: no rows with known outcomes were kept from training",
    }
    body = "".join(f"<dt>{escaped(name)}</dt><dd>{escaped(text)}</dd>" for name, text in facts.items())
    st.html(f"<dl class='why-facts'>{body}</dl>")
