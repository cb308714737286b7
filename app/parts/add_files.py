"""The first step of adding a model: its file, rows like those it learned from, and what their columns are for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from app import link, store
from app.parts.add_step import guarded, place, step_buttons
from app.parts.sheets import with_sheet
from app.parts.text import plain
from app.parts.waiting import waited
from explain import words
from explain.adding.choices import ALL, NONE, guess
from explain.adding.draft import draft
from explain.adding.install import install_package
from explain.models.safety.onnx_check import LARGEST_FILE
from explain.models.sources.recognise import FORMATS, TAKEN, recognise
from explain.models.sources.source import open_source
from explain.tables import LIMITS, read_rows

if TYPE_CHECKING:
    from explain.adding.choices import Choices

NO_COLUMN = "—"
HELD_OUT = {ALL: "Yes, all of them", NONE: "No, or not known", "column": "A column says which"}
MOST_NOTES = 3
MB = 1_000_000


def files_step(adding: store.Adding) -> None:
    """Both files side by side, and below them what else has to be said."""
    left, right = st.columns(2, gap="large")
    with left:
        kind = _model(adding)
    if kind == "package":
        _package(adding)
        return
    with right:
        _rows(adding)
    if kind is None or adding.rows is None:
        return
    if adding.source is None:
        content, frame = adding.file[1], adding.rows.frame
        adding.source = guarded(lambda: waited("Opening the model", lambda: open_source(content, frame)))
        if adding.source is None:
            return
        adding.choices = replace(guess(adding.source, frame), title=_title(adding.file[2]))
    for note in adding.source.facts.notes:
        st.caption(plain(note))
    adding.choices = _roles(adding, adding.choices)
    step_buttons(adding, forward="Continue", work=drafted)


def drafted(adding: store.Adding) -> None:
    """Hold file, rows and choices against each other."""
    adding.draft = draft(adding.source, adding.rows.frame, adding.choices)


def _model(adding: store.Adding) -> str | None:
    """The model file; its format, None while there is none or it is not taken."""
    st.markdown("##### The model")
    given = st.file_uploader(
        "Drop the model file here",
        key=f"model_{adding.tries}",
        max_upload_size=LARGEST_FILE // MB,
        help=f"Taken are {TAKEN}.",
    )
    if given is not None and (adding.file is None or adding.file[0] != given.file_id):
        adding.file, adding.source = (given.file_id, given.getvalue(), given.name), None
    if adding.file is None:
        st.caption(f"Taken are {TAKEN}.")
        return None
    content = adding.file[1]
    kind = guarded(lambda: recognise(content))
    if kind:
        st.caption(f"{plain(adding.file[2])}: {FORMATS[kind]}, {_size(len(content))}")
    return kind


def _rows(adding: store.Adding) -> None:
    st.markdown("##### Rows like those it learned from")
    given = st.file_uploader(
        "Drop a table here",
        key=f"rows_{adding.tries}",
        max_upload_size=LIMITS.bytes // MB,
        help="A sample of its training or validation rows, best with the known outcomes. They are the background of "
        "every reason, and what data warnings compare with.",
    )
    if given is not None and (adding.table is None or adding.table[0] != given.file_id):
        adding.table, adding.source, adding.rows = (given.file_id, given.getvalue(), given.name), None, None
    if adding.table is not None and adding.rows is None:
        upload, content, _ = adding.table
        adding.rows = guarded(
            lambda: with_sheet(
                upload, lambda sheet: waited("Reading the rows", lambda: read_rows(content, sheet=sheet))
            )
        )
    if adding.rows is None:
        st.caption(
            "CSV, Parquet, Excel or JSON with some hundred rows or more, and the known outcomes if there are any."
        )
        return
    frame = adding.rows.frame
    shape = f"{words.count(len(frame), 'row')}, {words.count(frame.shape[1], 'column')}"
    st.caption(f"{plain(adding.table[2])}: {shape}")
    for note in adding.rows.notes[:MOST_NOTES]:
        st.caption(plain(note.text))


def _roles(adding: store.Adding, choices: Choices) -> Choices:
    """Which columns are no inputs, and what they are for."""
    names = [str(name) for name in adding.rows.frame.columns]
    free = [name for name in names if name not in adding.source.facts.features]
    options = [NO_COLUMN, *free]
    st.markdown("##### What else is in the rows")
    first, second, third = st.columns(3, gap="medium")
    with first:
        target = st.selectbox(
            "Column with the known outcomes",
            options,
            index=place(options, choices.target),
            key="add_target",
            help="What really happened, or the true value: confidence is measured with it.",
        )
    with second:
        held_out = _held_out(choices, free)
    with third:
        expected = st.selectbox(
            "Column with the predictions it should give",
            options,
            index=place(options, choices.expected),
            key="add_expected",
            help="If there is one, the proof compares with it.",
        )
    used = {target, held_out, expected}
    left = choices.left_out
    if not adding.source.facts.features:
        left = st.multiselect(
            "Columns that the model does not take",
            [name for name in free if name not in used],
            default=[name for name in choices.left_out if name not in used],
            key="add_left",
            help="Names of rows, dates of record, and other columns that are no inputs.",
        )
    return replace(
        choices,
        target="" if target == NO_COLUMN else target,
        held_out=held_out,
        left_out=tuple(left),
        expected="" if expected == NO_COLUMN else expected,
    )


def _held_out(choices: Choices, free: list[str]) -> str:
    """Which rows were kept from training: all, none, or the column that says it."""
    said = choices.held_out if choices.held_out in {ALL, NONE} else "column"
    how = st.selectbox(
        "Were these rows kept from training?",
        list(HELD_OUT),
        index=list(HELD_OUT).index(said),
        format_func=HELD_OUT.__getitem__,
        key="add_held_out",
        help="Only rows that the model did not learn from can tell how often it is right.",
    )
    if how != "column":
        return how
    return (
        st.selectbox(
            "The column that says it",
            free,
            index=place(free, choices.held_out),
            key="add_split",
            help="It says train or test, or true for rows kept from training.",
        )
        or NONE
    )


def _package(adding: store.Adding) -> None:
    """A package that another machine made needs no steps."""
    st.info(
        "This is a whole model package: file, card and rows. It was proved where it was made.",
        icon=":material/inventory_2:",
    )

    def put(adding: store.Adding) -> None:
        adding.done = install_package(adding.file[1], store.home()).card.name

    step_buttons(adding, forward="Add the package", work=put)
    if adding.done:
        name = adding.done
        store.stop_adding()
        link.open_page("model", model=name, tab="card")


def _title(name: str) -> str:
    """A file's name as people would say it."""
    stem = name.rsplit(".", 1)[0].replace("_", " ").replace("-", " ").strip()
    return stem[:1].upper() + stem[1:]


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 100_000 else f"{max(1, round(count / 1000)):,} kB"
