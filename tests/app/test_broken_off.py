"""A table that was left: offered to whoever opened it, gone on with as it was, or dismissed."""

from types import SimpleNamespace

import pytest

from app import broken_off, store
from app.access import current
from app.access.people import OpenDoor, Person
from explain import pipeline
from explain.decisions import waiting_tables
from explain.decisions.waiting_tables import Opened, Upload
from explain.models.catalog import sample_uploads
from tests.app.test_screens import drawn, words_of

pytestmark = pytest.mark.usefixtures("home")

ADA, BOB = Person("analyst", "ada@example.org"), Person("analyst", session="4711")
SAMPLE = next(item for item in sample_uploads() if item.model == "penguins" and item.columns is None)
PENGUINS = Upload(Opened("kill_1*.csv", "penguins"), SAMPLE.path.read_bytes())


@pytest.fixture(autouse=True)
def connected(monkeypatch, home):
    """The sessions whose page is open: none, as after a reload."""
    found = set()
    server = SimpleNamespace(is_active_session=found.__contains__)
    monkeypatch.setattr(broken_off, "runtime", SimpleNamespace(exists=lambda: True, get_instance=lambda: server))
    monkeypatch.setattr(broken_off, "_sessions", {})
    for path in (home / "waiting").glob("*"):
        path.unlink()
    return found


def came_back(monkeypatch, someone):
    """The review page as someone sees it after the page before was lost."""
    monkeypatch.setattr(current, "person", lambda: someone)
    return drawn()


def button(test, label):
    return next((item for item in test.button if item.label == label), None)


def left_by(someone, monkeypatch, upload=PENGUINS):
    monkeypatch.setattr(current, "person", lambda: someone)
    return broken_off.keep(upload)


@pytest.mark.parametrize("someone", [ADA, BOB, OpenDoor().who({})])
def test_a_review_that_was_broken_off_is_gone_on_with(monkeypatch, someone):
    name = left_by(someone, monkeypatch)
    test = came_back(monkeypatch, someone)
    assert "The review of **kill\\_1\\*\\.csv** was broken off." in words_of(test)
    opened = []
    monkeypatch.setattr(store, "open_to_review", lambda table, package, kept: opened.append((table, package, kept)))
    monkeypatch.setattr("app.link.open_page", lambda *_, **__: None)
    button(test, "Go on").click().run()
    table, package, kept = opened[0]
    assert (table.name, len(table), package.card.name, kept) == ("kill_1*.csv", 80, "penguins", name)


def test_another_person_and_a_viewer_are_told_nothing(monkeypatch):
    name = left_by(ADA, monkeypatch)
    for someone in (BOB, Person("analyst"), Person("viewer", "ada@example.org")):
        assert "broken off" not in words_of(came_back(monkeypatch, someone))
    monkeypatch.setattr(current, "person", lambda: BOB)
    with pytest.raises(waiting_tables.NotFoundError):
        broken_off.upload_of(name)


def test_where_people_cannot_be_told_apart_nothing_is_kept(monkeypatch, home):
    assert left_by(Person("analyst"), monkeypatch) == ""
    broken_off.drop("")
    assert list((home / "waiting").glob("*")) == []


def test_dismissed_is_gone(monkeypatch, home):
    left_by(ADA, monkeypatch)
    test = came_back(monkeypatch, ADA)
    button(test, "Dismiss").click().run()
    assert "broken off" not in words_of(test)
    assert list((home / "waiting").glob("*")) == []


def test_while_the_page_that_opened_it_is_connected_nothing_was_broken_off(monkeypatch, connected):
    name = left_by(ADA, monkeypatch)
    connected.add("")
    assert broken_off.left() == []
    connected.clear()
    assert [item for item, _ in broken_off.left()] == [name]


def test_what_came_of_a_review_leads_back_to_it(monkeypatch, home):
    run = store.first_run()
    left_by(ADA, monkeypatch, Upload(Opened("credit.csv", "german_credit", run=run), b""))
    test = came_back(monkeypatch, ADA)
    assert "It was made from a review that is stored" in words_of(test)
    went = []
    monkeypatch.setattr("app.link.open_page", lambda *page, **query: went.append((page, query)) or 1 / 0)
    button(test, "Open that review").click().run()
    assert went == [(("review",), {"run": run})]
    assert list((home / "waiting").glob("*")) == []


def reviewing(monkeypatch, someone, work):
    """A page that opens a table and reviews it; `work` stands for the review."""
    monkeypatch.setattr(current, "person", lambda: someone)
    monkeypatch.setattr(pipeline, "reviewed", work)

    def page():
        from app import store
        from explain import read_table
        from tests.app.test_broken_off import PENGUINS

        package = store.model("penguins")
        store.open_to_review(read_table(PENGUINS.content, package.schema), package, upload=PENGUINS)
        store.review_opened()

    from streamlit.testing.v1 import AppTest

    return AppTest.from_function(page, default_timeout=60).run()


def test_it_is_kept_while_it_is_reviewed_and_not_longer(monkeypatch, home):
    seen, run = [], store.first_run()

    def work(*_, **__):
        seen.extend(opened for _, opened in broken_off.left())
        return run

    assert not reviewing(monkeypatch, ADA, work).exception
    assert seen == [PENGUINS.opened]
    assert list((home / "waiting").glob("*")) == []


def test_an_error_lets_go_of_it_and_a_page_that_goes_away_does_not(monkeypatch, home):
    from streamlit.runtime.scriptrunner_utils.exceptions import StopException

    test = reviewing(monkeypatch, ADA, lambda *_, **__: float("no number"))
    assert test.exception
    assert list((home / "waiting").glob("*")) == []

    def stopped(*_, **__):
        raise StopException

    reviewing(monkeypatch, ADA, stopped)
    assert [opened for _, opened in broken_off.left()] == [PENGUINS.opened]
