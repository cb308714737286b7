"""What-if changes live in the address, and an address is a stranger's word."""

import pytest
from streamlit.testing.v1 import AppTest

from app import store
from app.parts import whatif


@pytest.fixture(autouse=True)
def home(tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.getbasetemp() / "whatif_address"
    folder.mkdir(exist_ok=True)
    monkeypatch.setenv("WHYSURE_HOME", str(folder))
    return folder


def page():
    import streamlit as st

    from app import link
    from app.screens import decision

    link.remember_pages({name: st.Page(lambda: None, title=name, url_path=name) for name in ["review", "decision"]})
    decision.show()


def opened(*changes, row="A-1005"):
    test = AppTest.from_function(page, default_timeout=60)
    test.query_params["row"] = row
    if changes:
        test.query_params["if"] = list(changes)
    return test.run()


def amount(test):
    return next(item for item in test.number_input if item.label.startswith("Amount"))


def words_of(test):
    return "\n".join(str(item.proto) for item in test.get("html"))


def test_a_change_is_written_into_the_address_and_taken_out_again():
    test = opened()
    own = amount(test).value
    amount(test).set_value(3017.0).run()
    assert test.query_params["if"] == "amount:3017"
    amount(test).set_value(own).run()
    assert "if" not in test.query_params


def test_an_address_with_changes_shows_them_and_names_their_values():
    test = opened("amount:3017", "housing:own", "savings:")
    assert amount(test).value == 3017
    assert "What if, 3 values changed" in words_of(test)
    assert "→ 3,017 DM" in words_of(test)
    assert "if=amount%3A3017" in words_of(test)
    next(item for item in test.button if item.label == "Reset").click().run()
    assert "What if, " not in words_of(test)
    assert "if" not in test.query_params


def test_a_fix_that_is_tried_is_in_the_address():
    test = opened()
    next(item for item in test.button if item.label.startswith("Try")).click().run()
    assert test.query_params["if"] == "amount:3017"


def test_changes_stay_with_their_row():
    test = opened("amount:3017")
    next(item for item in test.button if item.label == "Next").click()
    test.query_params["row"] = "A-1006"
    test.run()
    assert "What if, " not in words_of(test)
    assert "if" not in test.query_params


@pytest.mark.parametrize(
    "wrong",
    [
        "nothing:1",
        "amount",
        "",
        ":",
        "amount:nan",
        "amount:inf",
        "amount:-1e309",
        "amount:1e300",
        "amount:<b>",
        "housing:castle",
        "housing:</script><script>alert(1)</script>",
    ],
)
def test_what_cannot_be_is_left_aside(wrong):
    decisions = store.run(store.first_run())
    assert whatif.read(decisions, decisions["A-1005"], [wrong, "duration:24"]) == {"duration": 24.0}
    test = opened(wrong, "duration:24")
    assert not test.exception
    assert not test.error
    assert "What if, 1 value changed" in words_of(test)


def test_no_value_is_a_blank_cell_and_the_last_word_counts():
    decisions = store.run(store.first_run())
    found = whatif.read(decisions, decisions["A-1005"], ["amount:1", "amount:", "housing:"])
    assert found == {"amount": None, "housing": whatif.BLANK}
