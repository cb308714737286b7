"""One control per column: change a value, and the whole card follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.parts.decision_card import heading
from app.parts.fold import is_folded
from app.parts.text import plain
from explain import words
from explain.groups import blocks

if TYPE_CHECKING:
    from explain.decisions import Decision, Decisions
    from explain.types import Column

FIRST = 6
"""Controls shown at once, the strongest columns; the others unfold."""
BLANK = "(blank)"


def key(decisions: Decisions, decision: Decision, column: str) -> str:
    """The name under which a control keeps its value."""
    return f"whatif_{decisions.run.get('id', '')}_{decision.position}_{column}"


def changes(decisions: Decisions, decision: Decision) -> dict[str, float | str | None]:
    """Columns whose control differs from the row's own value."""
    found: dict[str, float | str | None] = {}
    for column in decisions.schema:
        name = key(decisions, decision, column.name)
        if name not in st.session_state:
            continue
        value = st.session_state[name]
        value = None if value == BLANK else value
        if value != own_value(decisions, decision, column):
            found[column.name] = value
    return found


def own_value(decisions: Decisions, decision: Decision, column: Column) -> float | str | None:
    """The row's value as its control shows it: a number, a category, or None for blank."""
    cell = decisions.table.frame[column.name].iloc[decision.position]
    if cell is None or cell != cell:
        return None
    return float(cell) if column.kind == "number" else str(cell)


def reset(decisions: Decisions, decision: Decision) -> None:
    """Put every control back to the row's own value."""
    for column in decisions.schema:
        st.session_state.pop(key(decisions, decision, column.name), None)


def try_value(decisions: Decisions, decision: Decision, column: str, text: str) -> None:
    """Put a suggested value into a column's control."""
    kind = decisions.schema[column].kind
    st.session_state[key(decisions, decision, column)] = float(text) if kind == "number" else text


def controls(decisions: Decisions, decision: Decision) -> None:
    """The controls, strongest column first; those of a group stand together where groups are shown as one."""
    found = blocks(decision.reasons, decisions.schema, grouped=is_folded(decisions.schema))
    with st.container(key="whatif"):
        heading("What if")
        shown = 0
        while found and shown < FIRST:
            title, names = found.pop(0)
            if not title and len(names) > FIRST - shown:
                found.insert(0, (title, names[FIRST - shown :]))
                names = names[: FIRST - shown]
            shown += len(names)
            _block(decisions, decision, title, names)
        if found:
            rest = sum(len(names) for _, names in found)
            with st.expander(words.count(rest, "more column", "more columns")):
                for title, names in found:
                    _block(decisions, decision, title, names)


def _block(decisions: Decisions, decision: Decision, title: str, names: list[str]) -> None:
    if title:
        st.markdown(f"**{plain(title)}**")
    _grid(decisions, decision, [decisions.schema[name] for name in names])


def _grid(decisions: Decisions, decision: Decision, columns: list[Column]) -> None:
    for at in range(0, len(columns), 2):
        places = st.columns(2)
        for place, column in zip(places, columns[at : at + 2], strict=False):
            with place:
                _control(decisions, decision, column)


def _control(decisions: Decisions, decision: Decision, column: Column) -> None:
    name, own = key(decisions, decision, column.name), own_value(decisions, decision, column)
    st.session_state.setdefault(name, own if column.kind == "number" or own is not None else BLANK)
    label = plain(column.title + (f", {column.unit}" if column.unit else ""))
    if column.kind == "number":
        # without a value of its own the field may be emptied, which means missing
        st.number_input(
            label, value=None, step=_step(column), key=name, format="%.15g", help=_seen(column), placeholder=BLANK
        )
        return
    options = [BLANK, *column.categories]
    current = st.session_state[name]
    if current not in options:
        options.append(current)
    if isinstance(own, str) and own not in options:
        options.append(own)
    st.selectbox(label, options, key=name, format_func=lambda item: column.describe.get(item, item))


def _step(column: Column) -> float:
    """About a hundredth of the reference range, at a round number; whole for whole-numbered columns."""
    import math

    if column.low is None or column.high is None or column.high <= column.low:
        return 1.0
    step = 10.0 ** math.floor(math.log10((column.high - column.low) / 20))
    return max(step, 1.0) if column.integer else step


def _seen(column: Column) -> str | None:
    if column.low is None or column.high is None:
        return None
    return plain(f"Past rows: {words.span(column.low, column.high, column, ' to ')}")


def difference(original: Decision, changed: Decision, count: int) -> str:
    """'2 values changed: declined 81 in 100 → 62 in 100 (−19 points)'."""
    space, unit = original.space, original.model.unit
    before = original.score
    after = changed.scores.get(original.shown, changed.score)
    what = original.model.target if original.model.task == "regression" else original.shown
    moved = words.step(before, after, space, unit)
    return (
        f"What if, {words.count(count, 'value')} changed: {what} {words.amount(before, space, unit)} → "
        f"{words.amount(after, space, unit)} ({moved})"
    )
