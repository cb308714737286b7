"""A row whose id was numbered has an address like any other, with its “#”."""

import pytest

import explain
from explain import pipeline
from tests.app.test_screens import drawn, words_of
from tests.conftest import FIXTURES
from tests.explain.test_pipeline import FAULTY

pytestmark = pytest.mark.usefixtures("home")


def test_a_twin_opens_under_its_numbered_name(home):
    package = explain.load_model(FIXTURES / "histogram_boosting")
    run = pipeline.reviewed(explain.read_table(FAULTY.assign(id=["a", "b", "a", "d"]), package.schema), package, home)
    test = drawn("decision", run=run, row="a #2")
    assert not test.exception
    assert test.query_params["row"] == "a #2"
    assert "a #2" in words_of(test)
