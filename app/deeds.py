"""All that changes the home folder or takes a whole model away: for analysts alone, and logged.

Screens call these and never the functions below them, so that no page can forget to ask.
"""

from __future__ import annotations

from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from app import events, store
from app.access import current
from explain.adding import install
from explain.decisions import runs
from explain.decisions.marks import Mark, write_mark
from explain.errors import ForbiddenError
from explain.tables import kept
from explain.tables.said import Said

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from explain.adding.draft import Draft
    from explain.models import Package
    from explain.models.parity import Parity
    from explain.types import Table

NOTHING: Mapping[str, str] = MappingProxyType({})


def delete_review(run: str) -> None:
    """Remove a review for good."""
    current.demand_analyst("delete reviews")
    runs.delete(run, store.home())
    events.say("review deleted", run=run, by=current.person().name)


def mark_row(run: str, row: str, note: str, *, looked: bool) -> None:
    """Mark a row of a review as looked at, with a note, or take the mark away."""
    current.demand_analyst("mark rows")
    made = datetime.now(UTC).isoformat(timespec="seconds")
    mark = Mark(note.strip(), current.person().name, made) if looked or note.strip() else None
    write_mark(runs.folder_of(store.home(), run), row, mark)


def keep_said(model: Package, table: Table, columns: Mapping[str, str] = NOTHING) -> None:
    """Keep what was said of how an upload is to be read, for the next one."""
    current.demand_analyst("have tables reviewed")
    before = kept.said_of(model.card.name, store.home())
    kept.keep(model.card.name, kept.taken(before, Said(columns), table), store.home())


def make_link(run: str, row: str) -> str:
    """A token that opens one decision alone, shown once: only its hash is kept."""
    current.demand_analyst("make links to single decisions")
    links = current.links()
    if links is None:
        raise ForbiddenError("Only a server that people sign in to with tokens makes links to single decisions.")
    store.run(run).position(row)
    token = links.make(run, row)
    events.say("link made", run=run, by=current.person().name)
    return token


def revoke_link(name: str) -> None:
    """End a link to one decision, and whoever came by it."""
    current.demand_analyst("revoke links")
    links = current.links()
    if links is not None:
        links.revoke(name)
        events.say("link revoked", link=name, by=current.person().name)


def add_package(content: bytes) -> Package:
    """Put a package that another machine made into the home folder."""
    current.demand_analyst("add models")
    return _added(install.install_package(content, store.home()))


def add_model(draft: Draft, parity: Parity, *, replacing: str, anyway: bool) -> Package:
    """Write a draft into the home folder, as `explain.adding.install.install` does."""
    current.demand_analyst("add models")
    return _added(install.install(draft, parity, store.home(), replacing=replacing, anyway=anyway))


def _added(package: Package) -> Package:
    events.say("model added", model=package.card.name, version=package.card.version, by=current.person().name)
    return package


def rename_model(name: str, title: str) -> None:
    """Give a model another title."""
    current.demand_analyst("rename models")
    install.rename(name, title, store.home())
    events.say("model renamed", model=name, by=current.person().name)


def describe_model(name: str, said: Mapping[str, str]) -> None:
    """Write sentences into a model's card."""
    current.demand_analyst("describe models")
    install.describe(name, said, store.home())
    events.say("model described", model=name, by=current.person().name)


def call_outcomes(name: str, said: Mapping[str, str]) -> None:
    """Show a model's outcomes in other words, from its next review on."""
    current.demand_analyst("give outcomes words")
    found = install.call_outcomes(name, said, store.home())
    events.say("outcomes called", model=name, version=found.card.version, by=current.person().name)


def delete_model(name: str) -> None:
    """Remove a model with its earlier versions for good."""
    current.demand_analyst("delete models")
    install.delete(name, store.home())
    events.say("model deleted", model=name, by=current.person().name)


def zipping(package: Package) -> Callable[[], bytes]:
    """What makes a whole package one zip when a button is pressed; the rows it learned from are in it."""
    current.demand_analyst("take models away")
    person = current.later()

    def zipped() -> bytes:
        someone = person()
        current.demand_analyst("take models away", someone)
        events.say("model taken away", model=package.card.name, by=someone.name)
        return install.zipped(package)

    return zipped
