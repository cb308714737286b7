"""The only caches and the only session state besides link.py; everything in here is bounded and shared."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

import explain
from app import batches, broken_off, events, link
from app.access import current
from app.shared_work import SharedWork
from explain import pipeline
from explain.decisions import room, runs
from explain.decisions.marks import read_marks
from explain.decisions.waiting_tables import Opened, Upload
from explain.errors import NotFoundError, WhysureError
from explain.models import catalog
from explain.models.card import read_card

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import pandas as pd
    import plotly.graph_objects as go

    from explain.adding.choices import Choices
    from explain.adding.draft import Draft
    from explain.decisions import Decisions
    from explain.decisions.marks import Mark
    from explain.insight.evidence import Evidence
    from explain.insight.interplay import Interplay
    from explain.insight.listing import Listing
    from explain.insight.weak_spots import WeakSpot
    from explain.models import Package
    from explain.models.parity import Parity
    from explain.models.sources.recognise import Format
    from explain.models.sources.source import Source
    from explain.tables import Rows
    from explain.types import Ints, Progress, Table

MOST_RUNS = 6
"""Reviews kept in memory for all sessions together; others are read from disk again."""
MOST_MODELS = 8
BY_CONTENT = {
    "explain.models.package.Package": lambda package: (
        package.card.files["model.onnx"], package.card.files["reference.parquet"], repr(package.info)
    )
}  # fmt: skip
"""What tells packages apart for whoever asks what their rows say: the sums of their files, and their words."""
MOST_TITLES = 500
MOST_PAGES = 40
"""Pages of tables, and overviews; each is small."""
PREPARING = "Preparing the sample: first start only"
PAGE_DRAWN = 3
"""Seconds in which a browser fetches the files of the first page; they come first."""
OPENED = "opened_table"
ADDING, ADDED = "adding", "added"
_FIRST = SharedWork()
"""The review of the sample: the first page waits for the warm-up rather than doing the same work."""


def home() -> Path:
    """The folder that keeps reviews."""
    return runs.home_folder()


def models() -> dict[str, Path]:
    """Model names and their packages."""
    return catalog.packages(home())


def model(name: str) -> Package:
    """The package called `name`; raises NotFoundError."""
    found = models()
    if name not in found:
        raise NotFoundError(f"There is no model '{name[:60]}' here. Open one from the library.")
    card = found[name] / "card.json"
    return _model(found[name], card.stat().st_mtime_ns)


def title_of(name: str) -> str:
    """What people call a model, told by its card alone; its name where that is broken."""
    card = models()[name] / "card.json"
    return _title(card, card.stat().st_mtime_ns) or name


@st.cache_resource(max_entries=MOST_TITLES, show_spinner=False)
def _title(card: Path, changed: int) -> str:  # noqa: ARG001 - part of the key: a changed card is read anew
    try:
        return read_card(card.read_text(encoding="utf-8")).title
    except (WhysureError, OSError, ValueError):
        return ""


@st.cache_resource(max_entries=MOST_MODELS, show_spinner=False)
def _model(path: Path, changed: int) -> Package:  # noqa: ARG001 - part of the key: a changed package is read anew
    return explain.load_model(path)


def model_of(decisions: Decisions) -> Package | None:
    """The very model that made a review, an earlier version of it where that was replaced; None when it is gone."""
    wanted = decisions.model
    folders = [path for path in [models().get(wanted.name), *catalog.earlier(home(), wanted.name).values()] if path]
    for folder in folders:
        try:
            found = _model(folder, (folder / "card.json").stat().st_mtime_ns)
        except (WhysureError, OSError):
            continue
        # versions of one file may call its outcomes by other words
        if found.info.sha256 == wanted.sha256 and found.info.outputs == wanted.outputs:
            return found
    return None


def run(name: str) -> Decisions:
    """A stored review; shared by all sessions. Raises NotFoundError, and ForbiddenError for those whose link opens a
    decision of another one.
    """
    current.demand_row(name)
    folder = home() / "runs" / name
    if not folder.exists() and batches.of_row(name) is None:
        # also turns an address that is no run's into the right sentence
        return runs.load(name, home())
    return _run(name, home())


@st.cache_resource(max_entries=MOST_RUNS, show_spinner=False)
def _run(name: str, folder: Path) -> Decisions:
    if batches.of_row(name) is None:
        return runs.load(name, folder)
    found = batches.row(name, folder)
    package = None if found.explanation.explained.all() else model_of(found)
    # a batch may have left the reasons out
    return found if package is None else pipeline.with_reasons(found, package)


def listing(name: str) -> Listing:
    """A stored review made ready to be listed."""
    run(name)
    return _listing(name, home())


@st.cache_resource(max_entries=MOST_RUNS, show_spinner=False)
def _listing(name: str, folder: Path) -> Listing:
    from explain.insight.listing import listing_of

    return listing_of(_run(name, folder))


def weak_spots(name: str) -> tuple[WeakSpot, ...]:
    """The groups of rows in which the model of a stored review is worst; empty where no outcomes are known."""
    found = listing(name)
    return () if found.truth is None else _weak_spots(name, home())


@st.cache_resource(max_entries=MOST_RUNS, show_spinner="Looking for where the model fails")
def _weak_spots(name: str, folder: Path) -> tuple[WeakSpot, ...]:
    from explain.insight.truth import where_it_fails

    found = _listing(name, folder)
    return () if found.truth is None else where_it_fails(found.decisions, found.truth)


@st.cache_resource(max_entries=MOST_MODELS, show_spinner="Looking for where the model fails", hash_funcs=BY_CONTENT)
def past_weak_spots(package: Package, _evidence: Evidence) -> tuple[WeakSpot, ...]:
    """The same of a model's own past cases, which are its evidence."""
    return _evidence.weak_spots(package.schema, package.info.unit)


def page(name: str, rows: Ints, extra: Sequence[str], *, grouped: bool) -> pd.DataFrame:
    """One page of a review's table, as `page_frame` gives it; a click on one of its rows need not make it anew."""
    run(name)
    return _page(name, home(), rows.tobytes(), tuple(extra), grouped, rows).copy()


@st.cache_resource(max_entries=MOST_PAGES, show_spinner=False)
def _page(
    name: str,
    folder: Path,
    key: bytes,  # noqa: ARG001 - what `_rows` is told apart by
    extra: tuple[str, ...],
    grouped: bool,  # noqa: FBT001 - part of the key
    _rows: Ints,
) -> pd.DataFrame:
    from explain.insight.page_table import page_frame

    return page_frame(_listing(name, folder), _rows, extra, grouped=grouped)


def overview(name: str, bar: int | None, *, dark: bool) -> go.Figure:
    """The overview of a review, with a bar chosen or none."""
    run(name)
    return _overview(name, home(), bar, dark)


@st.cache_resource(max_entries=MOST_PAGES, show_spinner=False)
def _overview(name: str, folder: Path, bar: int | None, dark: bool) -> go.Figure:  # noqa: FBT001 - part of the key
    from explain.charts import overview as picture
    from explain.charts.theme import palette

    return picture.overview(_run(name, folder), palette(dark=dark), bar)


def marks(name: str) -> dict[str, Mark]:
    """What people marked in a stored review: row id -> mark."""
    return {} if batches.of_row(name) else read_marks(runs.folder_of(home(), name))


def open_to_review(
    table: Table,
    package: Package,
    *,
    weighted: bool = False,
    upload: Upload | None = None,
    kept: str = "",
    before: str = "",
) -> None:
    """Leave a table to be reviewed by the next page that shows a review; `weighted` as in `explain.review`.

    Until it was reviewed its `upload` lies in the home folder, where a page that was broken off finds it again; `kept`
    is the id of one that lies there already. A table without an upload came of the review looked at; `before` is the
    one that it is compared with, whose table was corrected into this one.

    Raises ForbiddenError for viewers, and FullError where the review could not be kept.
    """
    current.demand_analyst("have tables reviewed")
    room.demand_room(home())
    close_opened()
    if kept:
        broken_off.take(kept)
    else:
        opened = Opened(table.name, package.card.name, run=link.current().run)
        kept = broken_off.keep(upload or Upload(opened, b""))
    st.session_state[OPENED] = _Waiting(table, package, weighted, kept, before)


class _Waiting(NamedTuple):
    """A table that waits in this session, and its id in the home folder."""

    table: Table
    package: Package
    weighted: bool
    kept: str
    before: str


def opened() -> bool:
    """Whether a table waits to be reviewed."""
    return OPENED in st.session_state


def close_opened() -> None:
    """Let go of the table that waits."""
    waiting: _Waiting | None = st.session_state.pop(OPENED, None)
    if waiting is not None:
        broken_off.drop(waiting.kept)


def review_opened(progress: Progress | None = None) -> str:
    """Review the table that waits; gives the run's id. A rerun in the midst of it starts over, an error lets go."""
    try:
        table, package, weighted, _, before = st.session_state[OPENED]
        current.demand_analyst("have tables reviewed")
        with events.timed("review", model=package.card.name, rows=len(table), by=current.person().name) as found:
            name = pipeline.reviewed(table, package, home(), progress, weighted=weighted, before=before)
            if progress:
                progress(1.0, "Opening the review")
            found |= {"run": name, "with_warnings": int((run(name).warning_counts > 0).sum())}
    except Exception:  # whatever failed would fail on every rerun; a rerun itself is no Exception, and starts over
        close_opened()
        raise
    close_opened()
    return name


def first_run(progress: Progress | None = None) -> str:
    """The review that a newcomer sees; made once a home folder, which takes a while and is said."""
    folder = home()
    doing = "Opening the sample" if (folder / "runs").exists() else PREPARING
    return _FIRST.run(lambda tell: pipeline.sample_review(folder, _preparing(tell)), doing, progress)


def sample_run() -> str:
    """The id of that review, asked for on a page that may show another."""
    return _sample_run(home())


@st.cache_resource(max_entries=MOST_RUNS, show_spinner=False)
def _sample_run(folder: Path) -> str:  # noqa: ARG001 - part of the key: each home has its own
    return first_run()


def _preparing(tell: Progress) -> Progress:
    """`tell`, which says of each step that it is part of the first start."""
    return lambda share, doing: tell(share, f"{PREPARING}. {doing}")


@dataclass
class Adding:
    """A model that this session is adding, step by step; each step fills in what the next one needs.

    `file` and `table` are uploads: their id, content and name; `kind` is the file's format, None where it is refused;
    `card` the id of a model card that was read.
    `tries` numbers the widgets anew when the person starts over.
    """

    step: int = 1
    file: tuple[str, bytes, str] | None = None
    kind: Format | None = None
    table: tuple[str, bytes, str] | None = None
    rows: Rows | None = None
    source: Source | None = None
    choices: Choices | None = None
    draft: Draft | None = None
    parity: Parity | None = None
    card: str = ""
    tries: int = 0


def adding() -> Adding:
    """What this session is adding."""
    found: Adding = st.session_state.setdefault(ADDING, Adding())
    return found


def start_adding_over() -> None:
    """Forget what was being added."""
    st.session_state[ADDING] = Adding(tries=adding().tries + 1)


def remember_added(name: str) -> None:
    """A model was just added, which its page says once."""
    st.session_state[ADDED] = name


def just_added(name: str) -> bool:
    """Whether this model was added just now; asked once."""
    return st.session_state.pop(ADDED, None) == name


def pairs(name: str) -> Interplay | None:
    """What columns do together in a stored review; None where its model is gone or has no pairs."""
    decisions = run(name)
    package = model_of(decisions)
    return None if package is None else _pairs(name, home(), package)


@st.cache_resource(max_entries=MOST_RUNS, show_spinner="Working out what columns do together")
def _pairs(name: str, folder: Path, _package: Package) -> Interplay | None:
    from explain.insight.interplay import interplay

    return interplay(_run(name, folder), _package)


def past_rows(name: str) -> Decisions:
    """A sample of a model's own past rows, explained."""
    return _past_rows(model(name))


@st.cache_resource(max_entries=MOST_MODELS, show_spinner="Working out what drives the model", hash_funcs=BY_CONTENT)
def _past_rows(package: Package) -> Decisions:
    from explain.insight.past_rows import past_rows as looked_at

    return looked_at(package)


@st.cache_resource(show_spinner=False)
def warm_up() -> threading.Thread:
    """Load what the first page needs, once a server, while the browser loads its own part."""
    return _beside(lambda: _run(first_run(), home()))


@st.cache_resource(show_spinner=False)
def warm_up_more() -> threading.Thread:
    """Load what the next clicks need, once a server, when the first page has been drawn."""
    return _beside(_make_ready)


def _make_ready() -> None:
    from explain.attributions import compile_loops, explainer_for

    time.sleep(PAGE_DRAWN)
    explainer_for(model(catalog.sample_uploads()[0].model))
    compile_loops()


def _beside(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread
