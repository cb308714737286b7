"""Six outcomes and more are a list to choose from; fewer stand side by side."""

import pytest
from streamlit.testing.v1 import AppTest

import explain
from app.parts import decision_card, worklist
from explain.decisions import runs
from explain.models import load_model
from explain.models.package import samples_folder


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("outcomes")


@pytest.fixture(scope="module")
def run(home):
    model = load_model("penguins")
    table = explain.read_table(samples_folder() / "uploads" / "penguins_messy.tsv", model.schema)
    return runs.save(explain.review(table, model), home)


def page():
    import streamlit as st

    from app import link
    from app.screens import review

    link.remember_pages({name: st.Page(lambda: None, title=name, url_path=name) for name in ["review", "decision"]})
    review.show()


def opened(run, **query):
    test = AppTest.from_function(page, default_timeout=60)
    for name, value in ({"run": run} | query).items():
        test.query_params[name] = value
    return test.run()


def names(test):
    return [item.label for item in test.selectbox], [item.label for item in test.multiselect]


def test_few_outcomes_stand_side_by_side(home, run, monkeypatch):
    monkeypatch.setenv("WHYSURE_HOME", str(home))
    test = opened(run, row="P-1040")
    assert "Reasons for" not in names(test)[0]
    assert "Outcome" not in names(test)[1]


def test_of_many_outcomes_reasons_and_filter_are_lists_that_live_in_the_address(home, run, monkeypatch):
    monkeypatch.setenv("WHYSURE_HOME", str(home))
    for part in (decision_card, worklist):
        monkeypatch.setattr(part, "MANY_OUTCOMES", 3)
    test = opened(run, row="P-1040")
    reasons = next(item for item in test.selectbox if item.label == "Reasons for")
    assert reasons.options == ["Adelie", "Chinstrap", "Gentoo"]
    assert reasons.value == "Adelie"
    reasons.set_value("Gentoo").run()
    assert test.query_params["about"] == "Gentoo"
    outcomes = next(item for item in test.multiselect if item.label == "Outcome")
    assert [option.split()[0] for option in outcomes.options] == ["Adelie", "Chinstrap", "Gentoo"]
    outcomes.set_value(["is:Gentoo"]).run()
    assert test.query_params["only"] == "is:Gentoo"
    assert set(test.dataframe[0].value["prediction"]) == {"Gentoo"}
    assert not test.exception
