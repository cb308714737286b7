"""The first step of adding a model: its file, rows like those it learned from, and what their columns are for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from app import deeds, store
from app.parts.add_step import advance, finish, pressed
from app.parts.sheets import with_sheet
from app.parts.text import plain
from app.parts.trouble import guarded
from app.parts.uploads import MB, most_mb
from app.parts.waiting import waited
from explain import words
from explain.adding.card_text import card_in
from explain.adding.choices import ALL, NONE, guess, title_of
from explain.adding.draft import draft
from explain.adding.features import open_blanks
from explain.models.outputs import likeliest
from explain.models.safety.onnx_check import LARGEST_FILE
from explain.models.sources.open import open_source
from explain.models.sources.recognise import FORMATS, TAKEN, recognise
from explain.shown import shown
from explain.tables import LIMITS, read_rows

if TYPE_CHECKING:
    from explain.adding.choices import Choices
    from explain.models.sources.source import Source

NO_COLUMN = "—"
HELD_OUT = {ALL: "Yes, all of them", NONE: "No, or not known", "column": "A column says which"}
MOST_NOTES = 3


def files_step(adding: store.Adding) -> None:
    """Both files side by side, and below them what else has to be said."""
    left, right = st.columns(2, gap="large")
    with left:
        _model(adding)
    if adding.kind == "package":
        _package(adding)
        return
    with right:
        _rows(adding)
    if adding.kind is None or adding.rows is None:
        return
    content, frame = adding.file[1], adding.rows.frame
    if adding.source is None:
        adding.source = guarded(lambda: waited("Opening the model", lambda: open_source(content, frame)))
        if adding.source is None:
            return
        said = guarded(lambda: card_in(content)) or {}
        units = {name: {"unit": unit} for name, unit in adding.rows.units.items()}
        adding.choices = replace(guess(adding.source, frame), title=title_of(adding.file[2]), columns=units, **said)
    source = adding.source
    for note in source.facts.notes:
        st.caption(plain(note))
    choices = adding.choices = _roles(adding, _output(source, adding.choices))
    if pressed(adding, "Continue"):
        adding.draft = guarded(lambda: waited("Trying the model", lambda: draft(source, frame, choices)))
        if adding.draft is not None:
            advance(adding)


def _model(adding: store.Adding) -> None:
    """The model file, and its format."""
    st.markdown("##### The model")
    given = st.file_uploader(
        "Drop the model file here",
        key=f"model_{adding.tries}",
        max_upload_size=most_mb(LARGEST_FILE),
        help=f"Taken are {TAKEN}.",
    )
    if given is not None and (adding.file is None or adding.file[0] != given.file_id):
        adding.file, adding.source, adding.kind = (given.file_id, given.getvalue(), given.name), None, None
    if adding.file is None:
        st.caption(f"Taken are {TAKEN}.")
        return
    _, content, name = adding.file
    if adding.kind is None:
        adding.kind = guarded(lambda: recognise(content))
    if adding.kind:
        st.caption(f"{plain(name)}: {FORMATS[adding.kind]}, {_size(len(content))}")


def _rows(adding: store.Adding) -> None:
    st.markdown("##### Rows like those it learned from")
    given = st.file_uploader(
        "Drop a table here",
        key=f"rows_{adding.tries}",
        max_upload_size=most_mb(LIMITS.bytes),
        help="A sample of its training or validation rows, best with the known outcomes. They are the background of "
        "every reason, and what faults are told by.",
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


def _output(source: Source, choices: Choices) -> Choices:
    """Which output holds the scores, where several could: nothing is taken for granted."""
    several = source.facts.score_outputs
    if not several:
        return choices
    chosen = st.selectbox(
        "Which output holds the scores?",
        several,
        index=several.index(choices.output) if choices.output in several else None,
        key="add_output",
        placeholder=f"Most likely: {shown(likeliest(several))}",
        format_func=shown,
        help="The file gives several numbers a row. The package keeps the one that holds the probabilities, or the "
        "value; the others are left out.",
    )
    return replace(choices, output=chosen or "")


def _roles(adding: store.Adding, choices: Choices) -> Choices:
    """Which columns are no inputs, and what they are for."""
    names = [str(name) for name in adding.rows.frame.columns]
    free = [name for name in names if name not in adding.source.facts.features]
    options = [NO_COLUMN, *free]
    st.markdown("##### What else is in the rows")
    first, second, third = st.columns(3, gap="medium")
    with first:
        target = _column("Column with the known outcomes", "add_target", options, choices.target,
                         "What really happened, or the true value: confidence is measured with it.")  # fmt: skip
    with second:
        held_out = _held_out(choices, free)
    with third:
        expected = _column("Column with the predictions it should give", "add_expected", options, choices.expected,
                           "If there is one, the package is compared with it, too.")  # fmt: skip
    used = {target, held_out, expected}
    left = choices.left_out
    if not adding.source.facts.features:
        left = st.multiselect(
            "Columns that the model does not take",
            [name for name in free if name not in used],
            default=[name for name in choices.left_out if name not in used],
            key="add_left",
            format_func=shown,
            help="Names of rows, dates of record, and other columns that are no inputs.",
        )
    return replace(
        choices,
        blanks=_blanks(adding, used),
        target="" if target == NO_COLUMN else target,
        held_out=held_out,
        left_out=tuple(left),
        expected="" if expected == NO_COLUMN else expected,
    )


def _blanks(adding: store.Adding, used: set[str]) -> tuple[str, ...]:
    """Which words in columns of texts stand for a blank, where the model's file does not tell."""
    columns = adding.source.facts.features or [name for name in map(str, adding.rows.frame) if name not in used]
    found = open_blanks(adding.rows.frame, [name for name in columns if name in adding.rows.frame], adding.source.facts)
    if not found:
        return ()
    chosen = st.multiselect(
        "Words in the rows that stand for a blank",
        list(found),
        default=list(found),
        key="add_blanks",
        help="pandas reads these words as blanks unless told otherwise, so most models learned from blanks. Take away "
        "those that are categories, such as “NA” for Namibia.",
    )
    return tuple(chosen)


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
    return _column("The column that says it", "add_split", free, choices.held_out,
                   "It says train or test, or true for rows kept from training.") or NONE  # fmt: skip


def _column(label: str, key: str, options: list[str], value: str, why: str) -> str:
    """The choice of one column."""
    return st.selectbox(label, options, index=place(options, value), key=key, help=why, format_func=shown) or ""


def place(options: list[str], wanted: str, otherwise: int = 0) -> int:
    """Where a choice starts."""
    return options.index(wanted) if wanted in options else otherwise


def _package(adding: store.Adding) -> None:
    """A package that another machine made needs no steps."""
    st.info(
        "This is a whole model package: file, card and rows. What its card says of a proof was found where it was "
        "made, and is not proved again here.",
        icon=":material/inventory_2:",
    )
    content = adding.file[1]
    if pressed(adding, "Add the package"):
        package = guarded(lambda: deeds.add_package(content))
        if package is not None:
            finish(package.card.name)


def _size(count: int) -> str:
    return f"{count / MB:,.1f} MB" if count >= MB // 10 else f"{max(1, round(count / 1000)):,} kB"
