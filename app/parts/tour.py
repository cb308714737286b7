""" "Show me": one decision in six steps, each a small box at its part of the page, which waits where the person acts.

The step is kept in the session and not in the address: a link shows a decision, not somebody's tour.
"""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from app.parts.text import escaped

STEP, LEFT, SEEN = "tour_step", "tour_left", "tour_seen"
"""The step shown, the one at which it was left, and what was there when the step began: its number, row, changes."""


class _Step(NamedTuple):
    """A step at the container with the key `part`; `acts` is what the person may do, after which it goes on."""

    part: str
    title: str
    text: str
    acts: str = ""


STEPS = (
    _Step(
        "part_verdict",
        "What to do with it",
        "The verdict comes first: use the decision, check it, or do not use it yet, and why. Below it stands how often "
        "such decisions are right.",
    ),
    _Step(
        "part_why",
        "Why",
        "Each bar is a value of this row. From the typical past case, orange bars lead up and blue ones down, until "
        "this case is reached.",
    ),
    _Step(
        "part_faults",
        "What is wrong",
        "Every value is held against past rows. A fault says what was expected, and what correcting it would change.",
        "Press “Try …” to see what the model says with the suggested value.",
    ),
    _Step(
        "part_sure",
        "How sure",
        "What past cases leave open. The more careful you ask it to be, the more stays possible.",
    ),
    _Step(
        "whatif",
        "What if",
        "Every value can be changed, and the whole card follows. Nothing of it is stored.",
        "Change one to go on.",
    ),
    _Step(
        "steps_decision",
        "The next one",
        "The list shows first what is most likely wrong. Next leads along it, as it is filtered and sorted.",
        "Press Next.",
    ),
)
FAULTS, WHAT_IF, LAST = 2, 4, len(STEPS) - 1


def tour_button() -> None:
    """Begins the tour, or goes on where it was left."""
    left = st.session_state.get(LEFT, 0)
    label = f"Go on with the tour ({left + 1} of {len(STEPS)})" if left else "Show me"
    # it stands there during the tour as well: the card below, drawn later, may end it
    st.button(label, key="tour_start", icon=":material/tour:", help="One decision in six steps",
              on_click=_show, args=(left,))  # fmt: skip


def tour(row: str, changes: int, *, can_try: bool) -> None:
    """The box of the step shown, drawn with the card so that it sees what the person does there."""
    at = st.session_state.get(STEP)
    if at is None:
        return
    began = st.session_state.get(SEEN, (None, row, changes))
    if began[0] == at and ((at in {FAULTS, WHAT_IF} and changes > began[2]) or (at == LAST and row != began[1])):
        at += 1
    if at > LAST:
        _end()
        st.toast("That was the tour. The list is yours.", icon=":material/tour:")
        return
    st.session_state[STEP] = at
    if began[0] != at:
        st.session_state[SEEN] = at, row, changes
    _box(at, waits=bool(STEPS[at].acts) and (at != FAULTS or can_try))


def _box(at: int, *, waits: bool) -> None:
    step = STEPS[at]
    acts = f"<p class='why-acts'>{escaped(step.acts)}</p>" if waits else ""
    st.html(
        f"<style>.st-key-{step.part} {{ outline: 3px solid; outline-offset: 5px; anchor-name: --why-tour; }}</style>"
    )
    with st.container(key="tour"):
        st.html(
            f"<div class='why-tour' role='status' data-part='{step.part}'>"
            f"<p class='why-word'>{at + 1} of {len(STEPS)}: {escaped(step.title)}</p>"
            f"<p>{escaped(step.text)}</p>{acts}</div>"
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            if at:
                st.button("Back", key="tour_back", on_click=_show, args=(at - 1,))
            label = "Done" if at == LAST else "Skip" if waits else "Next step"
            if at == LAST:
                done = st.button(label, key="tour_done", type="primary")
            else:
                st.button(label, key="tour_next", type="secondary" if waits else "primary",
                          on_click=_show, args=(at + 1,))  # fmt: skip
                done = False
            leaves = st.button("Leave", key="tour_leave", type="tertiary")
    if done:
        _end()
    if leaves:
        st.session_state[STEP], st.session_state[LEFT] = None, at
    if done or leaves:
        st.rerun()  # the whole page: its button begins the tour, or goes on with it


def _show(at: int) -> None:
    st.session_state[STEP] = at
    st.session_state.pop(SEEN, None)


def _end() -> None:
    for name in (STEP, LEFT, SEEN):
        st.session_state.pop(name, None)
