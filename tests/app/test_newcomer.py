"""The first minute: three decisions to begin with on the sample, put away with one click, and help on every page."""

import pytest

import explain
from app import store
from app.newcomer import AWAY
from app.parts.brand import LINE
from explain import pipeline
from explain.insight.glossary import WORDS
from explain.models.package import samples_folder
from tests.app.test_screens import drawn, words_of

pytestmark = pytest.mark.usefixtures("home")


def named(test, key):
    return next((button for button in test.button if button.key == key), None)


def test_the_sample_says_what_this_is_and_offers_three_decisions(home):
    test = drawn()
    assert LINE in words_of(test)
    assert [named(test, f"start_open_{kind}").label for kind in ("clean", "slip", "undecided")] == [
        "Look at row A-1089", "Look at row A-1005", "Look at row A-1064",
    ]  # fmt: skip
    assert (
        "Amount 3,017,000 DM. With Amount corrected: still approved; the model alone says 93 instead of 72."
        in words_of(test)
    )


def test_it_is_put_away_with_one_click_and_does_not_come_back_unasked(home):
    test = drawn()
    named(test, "start_away").click().run()
    assert LINE not in words_of(test)
    assert LINE not in words_of(drawn())
    (home / AWAY).unlink()
    assert LINE in words_of(drawn())


def test_a_review_of_ones_own_begins_with_its_figures(home):
    package = explain.load_model("german_credit")
    table = explain.read_table(samples_folder() / "uploads" / "german_credit_clean.csv", package.schema)
    test = drawn(run=pipeline.reviewed(table, package, home))
    assert LINE not in words_of(test)
    assert store.sample_run() == store.first_run()


def test_help_says_each_word_in_one_sentence():
    from streamlit.testing.v1 import AppTest

    def page():
        from app.parts.help import show_help

        show_help()

    said = words_of(AppTest.from_function(page).run())
    for word in WORDS:
        assert word in said
