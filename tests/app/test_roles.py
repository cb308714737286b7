"""What a viewer is shown, what an analyst is, and what is said when the home folder is full."""

import pytest

from app import events, store
from app.access import current
from app.access.people import Person
from explain import pipeline
from explain.decisions import runs
from tests.app.test_screens import drawn, words_of

pytestmark = pytest.mark.usefixtures("home")

ACTS = {
    "Open a table",
    "Delete",
    "Add a model",
    "Use it",
    "Rename",
    "Keep these words",
    "Undo these corrections",
}


def buttons(screen, monkeypatch, role):
    monkeypatch.setattr(current, "person", lambda: Person(role))
    store.first_run()
    query = {"column": "amount"} if screen == "data" else {}
    test = drawn(screen, **query)
    assert not test.exception
    return {button.label for button in test.button}


@pytest.mark.parametrize(
    ("screen", "acts", "looks"),
    [
        ("review", {"Open a table"}, set()),
        ("library", {"Add a model", "Delete", "Open a table"}, {"Open", "Details"}),
        ("data", {"Undo these corrections"}, set()),
        ("decision", set(), {"Recompute and compare", "Next"}),
        ("model", set(), set()),
    ],
)
def test_a_viewer_sees_the_same_without_what_only_analysts_do(monkeypatch, screen, acts, looks):
    shown = {role: buttons(screen, monkeypatch, role) for role in ("analyst", "viewer")}
    assert acts | looks <= shown["analyst"]
    assert looks <= shown["viewer"]
    assert shown["viewer"] & ACTS == set()


def test_a_deep_link_to_adding_a_model_says_who_may(monkeypatch):
    monkeypatch.setattr(current, "person", lambda: Person("viewer"))
    test = drawn("add")
    assert test.error[0].value == (
        "Only analysts may add models\\. You are signed in as a viewer\\: ask whoever runs this server\\."
    )
    assert [button.label for button in test.button] == ["Open the sample review", "See all reviews"]


def test_a_sign_in_that_ended_is_said_on_the_page(monkeypatch):
    class Closed:
        sign_in = True

        def who(self, cookies):
            return None

    monkeypatch.setattr(current, "_door", Closed())
    assert "Your sign\\-in has ended" in drawn("library").error[0].value


def undo(test):
    return next(button for button in test.button if button.key == "undo_repairs").click().run()


def test_a_full_home_folder_is_one_sentence_and_keeps_what_is_there(monkeypatch):
    monkeypatch.setenv("WHYSURE_QUOTA", "1 kB")
    store.first_run()
    before = [item.id for item in runs.listed(store.home())]
    test = undo(drawn("data", column="amount"))
    assert test.error[0].value.startswith("Nothing more can be stored\\: ")
    assert "See all reviews" in {button.label for button in test.button}
    assert [item.id for item in runs.listed(store.home())] == before
    assert "of 1\\.0 kB used\\: " in words_of(drawn("library"))


def test_a_review_that_fails_is_logged_by_its_kind_alone(monkeypatch):
    said = []
    monkeypatch.setattr(events, "say", lambda event, **facts: said.append((event, facts)))
    test = drawn("data", column="amount")
    monkeypatch.setattr(pipeline, "reviewed", lambda *_, **__: float("Canary-4711"))
    monkeypatch.setattr("app.link.open_page", lambda *_, **__: store.review_opened())
    undo(test)
    failed = dict(said)["review failed"]
    assert (failed["error"], failed["rows"]) == ("ValueError", 150)
    assert "Canary" not in str(said)


def test_a_lower_limit_of_the_server_goes_for_every_upload(monkeypatch):
    from app.parts.uploads import most_mb

    monkeypatch.setattr("streamlit.get_option", lambda name: 300)
    assert (most_mb(300_000_000), most_mb(64_000_000)) == (300, 64)
    monkeypatch.setattr("streamlit.get_option", lambda name: 50)
    assert (most_mb(300_000_000), most_mb(20_000_000)) == (50, 20)
