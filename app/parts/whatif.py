"""One control per column: change a value, and the whole card follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from app import link
from app.parts.decision_card import heading
from app.parts.fold import is_folded
from app.parts.text import plain
from explain import words
from explain.decisions.groups import blocks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explain.decisions import Decision, Decisions
    from explain.types import Column

FIRST = 6
"""Controls shown at once, the strongest columns; the others unfold."""
BLANK = "(blank)"
GENERATION = "whatif_generation"


def key(decisions: Decisions, decision: Decision, column: str) -> str:
    """The name under which a control keeps its value."""
    return f"whatif_{decisions.run.get('id', '')}_{decision.position}_{st.session_state.get(GENERATION, 0)}_{column}"


def _put(decisions: Decisions, decision: Decision, values: Mapping[str, float | str | None]) -> None:
    """Set the controls to some values, and all others to the row's own.

    They are controls of a new generation: a click that comes before the browser has drawn the new values brings the
    old ones along once more, and these are not heard.
    """
    st.session_state[GENERATION] = st.session_state.get(GENERATION, 0) + 1
    for name, value in values.items():
        blank = value is None and decisions.schema[name].kind == "category"
        st.session_state[key(decisions, decision, name)] = BLANK if blank else value


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


LARGEST = float(2**53)
"""Beyond it the browser's numbers are no longer told apart."""


def follow(decisions: Decisions, decision: Decision) -> None:
    """Set the controls to the changes in the address when that has changed by itself: a link was opened, say."""
    asked = link.supposed_anew(_row(decisions, decision))
    if asked is None:
        # on another page Streamlit has let go of what the controls held
        held = any(key(decisions, decision, name) in st.session_state for name in decisions.schema.names)
        asked = None if held else link.supposed().get(link.WHAT_IF)
    if asked is None:
        return
    _put(decisions, decision, read(decisions, decision, asked))


def read(decisions: Decisions, decision: Decision, asked: list[str]) -> dict[str, float | str | None]:
    """The changes that an address spells; columns that are not there and values that cannot be are left aside."""
    found: dict[str, float | str | None] = {}
    for entry in asked:
        # names may hold a colon themselves
        column = max(
            (item for item in decisions.schema if entry.startswith(f"{item.name}:")), key=_length, default=None
        )
        if column is None:
            continue
        text = entry[len(column.name) + 1 :]
        own = own_value(decisions, decision, column)
        if column.kind == "number":
            number = _number(text)
            if number is not None or text == "":
                found[column.name] = number
        elif text in {"", own} or text in column.categories:
            found[column.name] = text or BLANK
    return found


def _length(column: Column) -> int:
    return len(column.name)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) <= LARGEST else None


def _row(decisions: Decisions, decision: Decision) -> tuple[str, str]:
    return str(decisions.run.get("id", "")), decision.row_id


def _keep(decisions: Decisions, decision: Decision) -> None:
    """Write the changes into the address."""
    made = changes(decisions, decision).items()
    spelled = {name: "" if value is None else value for name, value in made}
    texts = [
        f"{name}:{value:.15g}" if isinstance(value, float) else f"{name}:{value}" for name, value in spelled.items()
    ]
    link.suppose(_row(decisions, decision), texts)


def own_value(decisions: Decisions, decision: Decision, column: Column) -> float | str | None:
    """The row's value as its control shows it: a number, a category, or None for blank."""
    cell = decisions.table.frame[column.name].iloc[decision.position]
    if cell is None or cell != cell:
        return None
    return float(cell) if column.kind == "number" else str(cell)


def reset(decisions: Decisions, decision: Decision) -> None:
    """Put every control back to the row's own value."""
    _put(decisions, decision, {})
    _keep(decisions, decision)


def try_value(decisions: Decisions, decision: Decision, column: str, text: str) -> None:
    """Put a suggested value into a column's control."""
    value = float(text) if decisions.schema[column].kind == "number" else text
    _put(decisions, decision, changes(decisions, decision) | {column: value})
    _keep(decisions, decision)


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
    kept: dict[str, Any] = {"key": name, "on_change": _keep, "args": (decisions, decision)}
    if column.kind == "number":
        # without a value of its own the field may be emptied, which means missing
        st.number_input(
            label, value=None, step=_step(column), format="%.15g", help=_seen(column), placeholder=BLANK, **kept
        )
        return
    options = [BLANK, *column.categories]
    current = st.session_state[name]
    if current not in options:
        options.append(current)
    if isinstance(own, str) and own not in options:
        options.append(own)
    st.selectbox(label, options, format_func=lambda item: column.describe.get(item, item), **kept)


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
    """'2 values changed: the model alone says declined 81 in 100 → 62 in 100 (−19 points)'."""
    space, unit = original.space, original.model.unit
    before = original.score
    after = changed.scores.get(original.shown, changed.score)
    regression = original.model.task == "regression"
    what = original.model.target if regression else f"the model alone says {original.shown}"
    moved = words.step(before, after, space, unit)
    return (
        f"What if, {words.count(count, 'value')} changed: {what} {words.amount(before, space, unit)} → "
        f"{words.amount(after, space, unit)} ({moved})"
    )


def said(decisions: Decisions, decision: Decision, made: Mapping[str, float | str | None]) -> str:
    """'Amount 1,913,000 DM → 1,913 DM; Duration 12 months → 24 months'."""
    frame, at = decisions.table.frame, decision.position
    parts = []
    for name, value in made.items():
        column = decisions.schema[name]
        unread = decisions.table.unread.get(name, {}).get(at)
        parts.append(f"{column.title} {words.cell(frame[name].iat[at], column, unread)} → {words.cell(value, column)}")
    return "; ".join(parts)
