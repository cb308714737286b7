"""The waterfall for paper: the same bars as on the screen, as places in a track."""

import pytest

import explain
from explain.charts.paper import paper_waterfall
from explain.models import load_model
from explain.models.package import samples_folder


@pytest.fixture(scope="module")
def decision():
    model = load_model("german_credit")
    path = samples_folder() / "uploads" / "german_credit_messy.csv"
    table = explain.read_table(path, model.schema, columns={"installment_rate": "instalment_rate"})
    return explain.review(table, model)["A-1005"].of_predicted


def test_each_bar_begins_where_the_last_one_ended_and_the_last_ends_at_this_case(decision):
    drawn = paper_waterfall(decision)
    at = drawn.typical
    for bar in drawn.bars:
        assert bar.left == pytest.approx(at if bar.raises else at - bar.width, abs=1e-9)
        at += bar.width if bar.raises else -bar.width
    assert at == pytest.approx(drawn.this)
    assert min(bar.left for bar in drawn.bars) == pytest.approx(0)
    assert max(bar.left + bar.width for bar in drawn.bars) == pytest.approx(100)


def test_the_strongest_ten_are_named_and_the_rest_is_one_bar(decision):
    drawn = paper_waterfall(decision)
    assert len(drawn.bars) == 11
    assert (drawn.bars[0].title, drawn.bars[0].moved, drawn.bars[0].severity) == ("Amount", "−23 points", "error")
    assert drawn.bars[-1].title == "10 other columns"
