"""Every screen without a browser: it draws, says what it must, and bad addresses are one sentence."""

import pytest
from streamlit.testing.v1 import AppTest

from app import store
from app.screens import data, decision, library, model, review

pytestmark = pytest.mark.usefixtures("home")

SCREENS = {"review": review, "decision": decision, "data": data, "model": model, "library": library}


def drawn(screen="review", **query):
    def page(screen):
        import importlib

        import streamlit as st

        from app import link
        from app.parts import trouble

        link.remember_pages({name: st.Page(lambda: None, title=name, url_path=name) for name in ["review", "decision"]})
        with trouble.shown():
            importlib.import_module(f"app.screens.{screen}").show()

    test = AppTest.from_function(page, default_timeout=60, args=(screen,))
    for name, value in query.items():
        test.query_params[name] = value
    return test.run()


def words_of(test):
    """All that is written on a page."""
    kinds = (test.markdown, test.caption, test.get("html"), test.warning, test.error, test.info)
    return "\n".join(str(getattr(item, "value", None) or item.proto) for kind in kinds for item in kind)


@pytest.mark.parametrize("screen", SCREENS)
def test_every_screen_draws_without_trouble(screen):
    test = drawn(screen)
    assert not test.exception
    assert not test.error


def test_the_review_puts_its_address_and_its_figures_on_the_page():
    test = drawn()
    assert test.query_params["run"] == store.first_run()
    assert "german_credit_messy.csv · 150 rows reviewed" in words_of(test)
    assert len(test.dataframe[0].value) == 50


@pytest.mark.parametrize(
    ("only", "rows"),
    [
        ("warned", 22),
        ("is:declined", 38),
        ("check:missing", 7),
        (["warned", "check:missing"], 22),
        (["is:declined", "warned"], 5),
    ],
)
def test_a_filter_in_the_address_filters_the_table(only, rows):
    assert f"{rows} of 150 rows" in words_of(drawn(only=only))


def test_a_filter_that_nothing_passes_says_so_and_is_cleared_with_one_click():
    test = drawn(find="there is no such cell")
    assert "No row passes these filters" in words_of(test)
    next(button for button in test.button if button.label == "Clear all filters").click().run()
    assert "150 of 150 rows" in words_of(test)


def test_pages_hold_fifty_rows_each_and_a_page_past_the_end_is_the_first():
    first, second, third = (drawn(order="upload", page=str(page)).dataframe[0].value for page in (1, 2, 3))
    assert [first["id"].iloc[0], second["id"].iloc[0], third["id"].iloc[-1]] == ["A-1001", "A-1051", "A-1150"]
    assert drawn(order="upload", page="9").dataframe[0].value["id"].tolist() == first["id"].tolist()


@pytest.mark.parametrize(
    ("screen", "query", "sentence"),
    [
        ("review", {"run": "0123456789ab"}, "There is no review"),
        ("review", {"run": "../../etc"}, "is not the address of a review"),
        ("decision", {"row": "nobody"}, "There is no row"),
        ("model", {"model": "nothing"}, "There is no model"),
    ],
)
def test_an_unknown_address_is_one_sentence(screen, query, sentence):
    test = drawn(screen, **query)
    assert not test.exception
    assert sentence in test.error[0].value


def test_a_fault_of_our_own_is_an_apology_and_a_line_in_the_log(monkeypatch, caplog):
    monkeypatch.setattr("app.screens.library.show", lambda: 1 / 0)
    test = drawn("library")
    assert test.error[0].value.startswith("This page could not be drawn")
    assert "ZeroDivisionError" in caplog.text


def test_sessions_share_one_review_in_memory():
    assert store.run(store.first_run()) is store.run(store.first_run())


def test_the_level_in_the_address_sets_the_slider():
    usual, sure = (drawn("decision", row="A-1005", level=str(level)) for level in (90, 99))
    assert usual.select_slider[0].value == 0.9
    assert sure.select_slider[0].value == 0.99


def shifted(home, *, withdrawn=False):
    """A stored review of diamonds larger than past ones, or of loans with few past cases like them."""
    import explain
    from explain import pipeline

    package = explain.load_model("german_credit" if withdrawn else "diamonds")
    frame = package.reference.frame
    column = "amount" if withdrawn else frame.columns[0]
    most = frame.sort_values(column).tail(230 if withdrawn else 1_200)
    table = explain.read_table(most.head(600).reset_index(drop=True), package.schema)
    return pipeline.reviewed(table, package, home)


def test_rows_unlike_past_cases_are_said_to_be_and_one_click_weighs_past_cases(home):
    name = shifted(home)
    test = drawn(run=name)
    assert "These rows differ from past cases, mostly in" in words_of(test).replace("\\", "")
    weigh = next(button for button in test.button if button.key == "weigh")
    assert weigh.label == "Judge by the past cases most like these rows"


def test_where_claims_are_withdrawn_review_and_card_say_why(home):
    name = shifted(home, withdrawn=True)
    why = "Too few past cases are like them, so nothing is claimed of how often such predictions are right."
    for test in (drawn(run=name), drawn("decision", run=name, row="5")):
        assert why in words_of(test).replace("\\", "")
        assert "unsure" not in words_of(test)
        assert "Grade" not in words_of(test)
        assert not test.select_slider
        assert not [button for button in test.button if button.key == "weigh"]


def test_a_value_can_be_asked_how_likely_it_is_to_exceed_a_number(home):
    test = drawn("decision", run=shifted(home), row="5")
    ask = next(item for item in test.number_input if item.label.startswith("How likely is more than"))
    ask.set_value(10.0).run()
    assert "More than $10: >99 in 100, by the errors in past cases." in words_of(test).replace("\\", "")


def test_more_than_one_plausible_outcome_is_spoken_about():
    text = words_of(drawn("decision", row="A-1007", level="99"))
    assert "For approved over declined: " in text
    assert "For declined, against approved: " in text
