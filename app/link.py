"""URL query <-> selection: the only reader and writer of the address.

Streamlit can bind a widget to the address by itself, but in 1.67 a text field so bound often loses its entry, and a
bound option is written under its label, which here carries counts; hence `bind`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode, urlsplit

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from streamlit.navigation.page import Page

_Value = TypeVar("_Value")

LAST_RUN = "last_run"
LAST_ROW = "last_row"
LAST_LIST, LAST_PAGE = "last_list", "last_page"
MOST_TEXT = 200
"""Characters of a search that are read from an address."""


@dataclass(frozen=True)
class Selection:
    """What the address asks for; None where it is silent. `row` is a row id, `column` a raw column, `bar` a bar of the
    overview, `sort` a column of the table ("-" before it for highest first), `cell` one of the confusion matrix.
    """

    run: str | None
    row: str | None
    model: str | None
    column: str | None
    bar: int | None
    sort: str | None = None
    cell: tuple[int, int] | None = None


def current() -> Selection:
    """The selection of this page view; run and row fall back to the ones last looked at in this session."""
    query = st.query_params
    run = query.get("run") or st.session_state.get(LAST_RUN)
    row = query.get("row") or (st.session_state.get(LAST_ROW) if run == st.session_state.get(LAST_RUN) else None)
    bar = query.get("bar", "")
    return Selection(
        run=run,
        row=row,
        model=query.get("model"),
        column=query.get("column"),
        bar=int(bar) if bar.isdecimal() and len(bar) < 4 else None,
        sort=query.get("sort"),
        cell=cell_of(query.get("cell", "")),
    )


def cell_of(text: str) -> tuple[int, int] | None:
    """A cell of the confusion matrix: '0-1'."""
    was, _, said = text.partition("-")
    short = max(len(was), len(said)) < 4
    return (int(was), int(said)) if was.isdecimal() and said.isdecimal() and short else None


def bind(
    name: str,
    default: object,
    options: Collection[object] | None = None,
    text: Callable[[Any], str] = str,
    *,
    lists: bool = False,
) -> dict[str, Any]:
    """The arguments that keep a widget's value in the address under `name`: `st.selectbox(…, **bind("order", …))`.

    `text` writes an option into the address; what is none of the options is left aside. Without options any text
    will do. A default that is a list makes a choice of several. The address wins whenever it has changed by itself:
    a link was opened, or the browser went back. With `lists` the widget decides what is listed, so that a change of it
    leads back to the first page.
    """
    asked = st.query_params.get_all(name)
    seen = f"address_{name}"
    held = st.session_state.get(name)
    stale = options is not None and not set(held if isinstance(held, list) else [held]) <= set(options)
    if name not in st.session_state or stale or st.session_state.get(seen) != asked:
        st.session_state[name] = _read(asked, default, options, text)
        st.session_state[seen] = asked
    return {"key": name, "on_change": _write, "args": (name, default, text), "kwargs": {"lists": lists}}


def value(name: str, kind: Callable[[Any], _Value]) -> _Value:
    """What a widget given to `bind` holds now, as an int, a float, a str."""
    return kind(st.session_state[name])


def _read(asked: list[str], default: object, options: Collection[object] | None, text: Callable[[Any], str]) -> object:
    if options is None:
        return asked[0][:MOST_TEXT] if asked else default
    by_text = {text(option): option for option in options}
    found = [by_text[item] for item in asked if item in by_text]
    if isinstance(default, list):
        return found
    return found[0] if found else default


def _write(name: str, default: object, text: Callable[[Any], str], *, lists: bool) -> None:
    chosen = st.session_state[name]
    kept = chosen if isinstance(chosen, list) else [] if chosen in (default, None) else [chosen]
    _put(name, [text(item) for item in kept])
    if lists:
        clear("page")


def bind_many(name: str, options: Collection[str]) -> None:
    """Widgets that share one entry of the address, each with options of its own (see `part_of`), follow it."""
    asked = st.query_params.get_all(name)
    if st.session_state.get(f"address_{name}") != asked:
        st.session_state[f"address_{name}"] = asked
        for key in [key for key in st.session_state if str(key).startswith(f"{name}:")]:
            del st.session_state[key]
    st.session_state[name] = [item for item in asked if item in options]


def part_of(name: str, part: str, options: list[str]) -> dict[str, Any]:
    """The arguments of one of several widgets that keep their choices in the address under the same `name`."""
    key = f"{name}:{part}"
    if key not in st.session_state or not set(st.session_state[key] or []) <= set(options):
        st.session_state[key] = [item for item in st.session_state[name] if item in options]
    return {"key": key, "on_change": _write_part, "args": (name, key, tuple(options))}


def _write_part(name: str, key: str, options: tuple[str, ...]) -> None:
    others = [item for item in st.query_params.get_all(name) if item not in options]
    _put(name, others + list(st.session_state[key] or []))
    clear("page")


def clear_many(name: str) -> None:
    """Take all choices of widgets that share an entry out of the address."""
    clear(name)
    for key in [key for key in st.session_state if str(key).startswith(f"{name}:")]:
        del st.session_state[key]


def clear(*names: str) -> None:
    """Take bound values out of the address; their widgets follow."""
    for name in names:
        _put(name, [])
        st.session_state.pop(name, None)


def _put(name: str, values: list[str]) -> None:
    st.session_state[f"address_{name}"] = values
    if values:
        st.query_params[name] = values
    else:
        st.query_params.pop(name, None)


def choose(**changes: str | int | None) -> None:
    """Write a selection into the address; None takes an entry out."""
    for name, value in changes.items():
        if value is None:
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != str(value):
            st.query_params[name] = str(value)


def keep(run: str | None, row: str | None = None) -> None:
    """Put the selection shown into the address and remember it, so that the other pages open on the same."""
    if run != st.session_state.get(LAST_RUN):
        st.session_state.pop(LAST_ROW, None)
    st.session_state[LAST_RUN] = run
    st.session_state[LAST_ROW] = row
    choose(run=run, row=row)
    if row is None:
        clear(WHAT_IF)


def forget() -> None:
    """Let go of the run last looked at."""
    st.session_state.pop(LAST_RUN, None)
    st.session_state.pop(LAST_ROW, None)


def remember_pages(pages: Mapping[str, Page]) -> None:
    """Keep the page objects, which links need."""
    st.session_state["pages"] = dict(pages)


def page(name: str) -> Page:
    """The page called `name` in main.py."""
    found: Page = st.session_state["pages"][name]
    return found


def open_page(name: str, **query: str | int | list[str] | None) -> None:
    """Go to a page with a selection."""
    asked = {key: value if isinstance(value, list) else str(value) for key, value in query.items() if value is not None}
    st.switch_page(page(name), query_params=asked)


BATCH = "batch"
LAST_BATCH = "last_batch"


def keep_batch() -> None:
    """Remember which batch is looked at, and how it is listed, for the way back from one of its rows."""
    st.session_state[LAST_BATCH] = {name: st.query_params.get_all(name) for name in st.query_params}


def open_batch(name: str | None = None) -> None:
    """Go to a batch, listed as this session left it; to the last one, or the library, where none is named."""
    last: dict[str, list[str]] = st.session_state.get(LAST_BATCH, {})
    if name is None and not last:
        open_page("library")
    same = name is None or last.get(BATCH) == [name]
    open_page(BATCH, **(last if same else {BATCH: name}))


def go_to_batch() -> None:
    """Go to the page of a batch where the address of the first page asks for one."""
    if BATCH in st.query_params:
        open_page(BATCH, **{name: st.query_params.get_all(name) for name in st.query_params})


LIST = ("only", "find", "order", "sort", "bar", "column", "cell", "extra")
"""What the table of a review is filtered and sorted by, and shows."""


def asked() -> dict[str, list[str]]:
    """How the address asks the table of a review to be listed."""
    query = st.query_params
    return {name: query.get_all(name) for name in LIST if name in query}


def listing(run: str) -> dict[str, list[str]]:
    """What the table of this review was last filtered and sorted by: by the address, else as this session left it."""
    here = asked()
    if here or st.session_state.get(LAST_LIST, ("", {}))[0] != run:
        return here
    found: dict[str, list[str]] = st.session_state[LAST_LIST][1]
    return found


def keep_listing(run: str) -> None:
    """Remember how the table is listed, for the pages of its rows and for the way back to it."""
    st.session_state[LAST_LIST] = run, asked()
    visit("review")


def restore_listing(run: str) -> None:
    """Put back how the table was listed when somebody comes back to it from another page, without an address of it."""
    if st.session_state.get(LAST_PAGE) != "review":
        for name, values in listing(run).items():
            st.query_params[name] = values


def visit(name: str) -> None:
    """Remember which page was drawn last."""
    st.session_state[LAST_PAGE] = name


PRESENT = "present"


def presenting() -> bool:
    """Whether the address asks for the card alone: `view=present`."""
    return st.query_params.get("view") == PRESENT


SHARED = ("level", "units", "about", "columns")
"""What a link to a decision takes along from the address besides the selection."""


def shared() -> dict[str, str]:
    """The part of the address that says how a decision is looked at."""
    return {name: st.query_params[name] for name in SHARED if name in st.query_params}


def address(path: str, **query: str | list[str] | None) -> str:
    """The full address of a page with a selection, to be sent to someone."""
    here = urlsplit(st.context.url or "http://127.0.0.1:8501/")
    asked = urlencode({key: value for key, value in query.items() if value is not None}, doseq=True)
    return f"{here.scheme}://{here.netloc}/{path}?{asked}"


WHAT_IF = "if"
"""The address's entry of what-if changes: `if=column:value`, one each; no value stands for a blank cell."""
MOST_CHANGES = 200
"""Changes that are read from an address."""


def supposed() -> dict[str, list[str]]:
    """The what-if changes in the address, to be taken along to the same row elsewhere; as uncertain as any address."""
    found = st.query_params.get_all(WHAT_IF)[:MOST_CHANGES]
    return {WHAT_IF: found} if found else {}


def suppose(row: tuple[str, str], changes: list[str]) -> None:
    """Write the changes made to a row, given as run and id, into the address."""
    _put(WHAT_IF, changes)
    st.session_state[f"row_{WHAT_IF}"] = row


def supposed_anew(row: tuple[str, str]) -> list[str] | None:
    """The changes that the address asks for, once, when it has changed by itself; None otherwise.

    Changes belong to their row: when this session moves on to another, they leave the address.
    """
    asked = st.query_params.get_all(WHAT_IF)
    known, of_row = st.session_state.get(f"address_{WHAT_IF}"), st.session_state.get(f"row_{WHAT_IF}")
    if known != asked:
        suppose(row, asked)
        return asked[:MOST_CHANGES]
    if of_row != row:
        suppose(row, [])
        return []
    return None
