"""The dialog in which a table is opened: choose the model, drop a file or take a sample, confirm unclear columns."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

import explain
from app import deeds, link, store
from app.access import current
from app.parts.proposals import ask
from app.parts.sheets import with_sheet
from app.parts.strip import marked
from app.parts.text import plain
from app.parts.trouble import guarded, shown
from app.parts.uploads import most_mb
from explain import shown as texts
from explain import words
from explain.decisions.waiting_tables import Opened, Upload
from explain.errors import ColumnsError, WhysureError
from explain.models import catalog
from explain.tables import LIMITS, empty_table, kept, match_columns, read_table

if TYPE_CHECKING:
    from explain.models import Package
    from explain.models.catalog import SampleUpload
    from explain.types import Table

KINDS = [
    "csv", "tsv", "txt", "dat", "asc", "parquet", "feather", "arrow", "xlsx", "xls", "xlsb", "xlsm", "ods", "html",
    "htm", "json", "jsonl", "ndjson", "gz", "zip",
]  # fmt: skip
NOT_THERE = "not in this table"


def open_table_button(preferred: str) -> None:
    """The button behind which a table is opened; those who only read have none."""
    if current.is_analyst() and st.button(
        "Open a table", type="primary", icon=":material/upload_file:", key="open_table"
    ):
        open_table(preferred)


@st.dialog("Open a table", width="large")
def open_table(preferred: str | None = None) -> None:
    """Choose model and table; a review that is ready opens at once."""
    with shown():
        current.demand_analyst("have tables reviewed")
        _choose(preferred)


def _choose(preferred: str | None) -> None:
    names = list(store.models())
    titles = {name: store.title_of(name) for name in names}
    chosen = st.selectbox(
        "Model",
        names,
        index=names.index(preferred) if preferred in names else 0,
        format_func=titles.__getitem__,
        key="open_model",
    )
    package = guarded(lambda: store.model(chosen))
    if package is None:
        return
    marked(package.info)
    uploaded = st.file_uploader(
        "Drop a table here", type=KINDS, key="open_file", max_upload_size=most_mb(LIMITS.bytes),
        help=f"CSV, TSV, Excel, OpenDocument, Parquet, Feather or JSON. It stays on {current.place()}.",
    )  # fmt: skip
    if uploaded is None:
        _samples(package)
        _needed(package)
        return
    content, name = uploaded.getvalue(), uploaded.name
    read = guarded(lambda: with_sheet(uploaded.file_id, lambda sheet: _table(content, name, package, sheet)))
    if read is None:
        return
    first, opened = read
    table = ask(first, package)
    if table is not None:
        deeds.keep_said(package, table, dict(opened.columns))
        left = {item.column for item in table.proposals}
        accepted = tuple(item.column for item in first.proposals if item.column not in left)
        _review(table, package, Upload(replace(opened, accepted=accepted), content))


def _needed(package: Package) -> None:
    """The columns that the model takes, all of them, and an empty table to fill in."""
    with st.expander(f"The {words.count(len(package.schema), 'column')} it needs; others are kept beside them"):
        st.markdown(
            "\n".join(
                f"- {plain(column.title)}" + (f" ({plain(column.name)})" if column.title != column.name else "")
                for column in package.schema
            )
        )
        st.download_button(
            "Empty table with these columns",
            data=empty_table(package.schema),
            file_name=f"{package.card.name}.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )


def _samples(package: Package) -> None:
    samples = [item for item in catalog.sample_uploads() if item.model == package.card.name]
    if not samples:
        return
    st.markdown("Or take a sample:")
    with st.container(horizontal=True):
        for sample in samples:
            if st.button(sample.title, key=f"sample_{sample.path.name}", icon=":material/table_view:"):
                take_sample(sample)


def take_sample(sample: SampleUpload) -> None:
    """Review a table that comes along."""
    package = store.model(sample.model)
    table = explain.read_table(sample.path, package.schema, columns=sample.columns)
    opened = Opened(table.name, package.card.name, columns=tuple((sample.columns or {}).items()))
    _review(table, package, Upload(opened, sample.path.read_bytes()))


def _table(content: bytes, name: str, package: Package, sheet: str | None) -> tuple[Table, Opened] | None:
    """The uploaded table and how it was read, or None while the person has yet to say which column is which."""
    confirmed = st.session_state.get("confirmed_columns", {}).get(name, {})
    try:
        said = kept.said_of(package.card.name, store.home())
        table = read_table(content, package.schema, columns=confirmed or None, name=name, sheet=sheet, said=said)
        return table, Opened(name, package.card.name, sheet, tuple(confirmed.items()), said)
    except ColumnsError as error:
        if not error.uploaded:
            raise
        _confirm(error, name, package)
        return None


def _confirm(error: ColumnsError, name: str, package: Package) -> None:
    """One choice per missing column, the likeliest proposed."""
    if not error.proposals and len(error.missing) == len(package.schema):
        st.error(
            f"This does not look like a table for {plain(package.info.title)}: none of its "
            f"{len(package.schema)} columns is there.{_who_fits(error, package)}",
            icon=":material/error:",
        )
        return
    st.warning(plain(str(error)), icon=":material/rule:")
    options = [NOT_THERE, *error.uploaded]
    picked: dict[str, str] = {}
    with st.form("confirm_columns", border=False):
        for missing in error.missing:
            proposal = error.proposals.get(missing, NOT_THERE)
            answer = st.selectbox(
                f"Which column is “{plain(package.schema[missing].title)}”?", options,
                index=options.index(proposal) if proposal in options else 0, key=f"confirm_{missing}",
                format_func=texts.shown,
            )  # fmt: skip
            if answer != NOT_THERE:
                picked[missing] = answer
        if st.form_submit_button("Use these columns", type="primary"):
            earlier = st.session_state.setdefault("confirmed_columns", {})
            earlier[name] = earlier.get(name, {}) | picked
            if set(error.missing) <= set(picked):
                st.rerun(scope="fragment")
            absent = [package.schema[item].title for item in error.missing if item not in picked]
            st.error(
                f"The model cannot run without {plain(words.listed(absent))}. "
                "Add the column to the table and drop it again."
            )


def _who_fits(error: ColumnsError, package: Package) -> str:
    """The model, if any, whose columns the table has."""
    for name in store.models():
        with contextlib.suppress(WhysureError):
            other = store.model(name)
            if other.card.name != package.card.name and not match_columns(list(error.uploaded), other.schema).missing:
                return f" It fits {plain(other.info.title)}: choose that model above."
    return " Choose another model above, or drop another table."


def _review(table: Table, package: Package, upload: Upload) -> None:
    st.session_state.pop("confirmed_columns", None)
    store.open_to_review(table, package, upload=upload)
    link.open_page("review")
