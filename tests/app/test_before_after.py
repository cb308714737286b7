"""Fixes are taken for many rows with one click, and the two reviews stand side by side with a way back."""

from dataclasses import replace

import pytest

import explain
from app import store
from app.access import current
from app.access.people import Person
from explain import pipeline
from explain.insight.fixes import chosen, suggested
from explain.tables.corrected import corrected
from tests.app.test_screens import drawn, words_of

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def pair(home):
    """The sample review, and the review of its corrected table."""
    first = store.first_run()
    before = store.run(first)
    model = explain.load_model("german_credit")
    table = corrected(before.table, chosen(suggested(before)))
    return first, pipeline.reviewed(table, model, home, before=first)


def labels(test):
    return {button.label for button in test.button}


def test_the_data_page_says_what_faults_change_and_offers_to_correct_them(pair):
    test = drawn("data", run=pair[0], column="amount")
    assert "Faults in the data change" in words_of(test)
    assert any(label.startswith("Correct all ") for label in labels(test))
    assert any(label.endswith("and review again") for label in labels(test))


def test_taking_a_fix_leaves_a_table_with_the_review_before_it_to_be_reviewed(pair, monkeypatch):
    opened = []
    monkeypatch.setattr(store, "open_to_review", lambda table, model, **rest: opened.append((table, rest)))
    monkeypatch.setattr("app.link.open_page", lambda name, **query: None)
    test = drawn("data", run=pair[0], column="amount")
    next(button for button in test.button if button.label.startswith("Correct all ")).click().run()
    ((table, rest),) = opened
    assert "corrected in" in table.name
    assert rest == {"weighted": False, "before": pair[0]}


def test_viewers_see_the_price_and_no_buttons(pair, monkeypatch):
    monkeypatch.setattr(current, "person", lambda: Person("viewer"))
    test = drawn("data", run=pair[0], column="amount")
    assert "Faults in the data change" in words_of(test)
    assert not [label for label in labels(test) if label.startswith("Correct")]


def test_a_corrected_review_says_what_changed_and_leads_back(pair):
    test = drawn(run=pair[1])
    assert "Corrected in" in words_of(test)
    assert "corrected in" in words_of(test)
    assert "Back to before" in labels(test)
    assert "Back to before" not in labels(drawn(run=pair[0]))


def test_corrections_are_listed_by_themselves_and_can_be_taken_back(pair):
    test = drawn("data", run=pair[1], column="amount")
    assert "Corrected as suggested" in words_of(test)
    assert {"Take these corrections back", "Undo these corrections"} <= labels(test)
    assert "Take these corrections back" not in labels(drawn("data", run=pair[0], column="amount"))


def test_the_library_lists_two_lines_that_can_be_told_apart(pair):
    text = words_of(drawn("library"))
    assert "german\\_credit\\_messy\\.csv · " in text
    assert "**german\\_credit\\_messy\\.csv** · " in text


def test_a_deleted_review_before_is_said_to_be_gone(pair, home):
    model = explain.load_model("german_credit")
    table = replace(store.run(pair[1]).table, name="alone")
    name = pipeline.reviewed(table, model, home, before="0123456789ab")
    assert "was deleted" in words_of(drawn(run=name))
