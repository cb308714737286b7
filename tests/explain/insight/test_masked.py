"""A masked decision keeps every number and says nothing of whom it is about."""

import pytest

import explain
from explain.charts.theme import LIGHT, TITLE_LINE, enlarged
from explain.charts.waterfall import waterfall, waterfall_alt
from explain.decisions.verdict import verdict
from explain.insight.masked import HIDDEN, masked
from explain.models.catalog import sample_uploads


@pytest.fixture(scope="module")
def decision():
    sample = sample_uploads()[0]
    model = explain.load_model(sample.model)
    table = explain.read_table(sample.path, model.schema, columns=sample.columns)
    return explain.review(table, model)["A-1005"].of_predicted


def test_no_value_of_the_row_is_left_in_words_picture_or_alternative_text(decision):
    hidden = masked(decision, "row 3")
    said = " ".join([str(hidden), verdict(hidden).title, waterfall_alt(hidden), waterfall(hidden, LIGHT).to_json()])
    for text in ("A-1005", "3,017", "3017", "47 years", "all paid at this bank", "0 to 200 DM"):
        assert text not in said
    assert hidden.warnings[0].message == "A number beyond all of the reference; far beyond is an error."


def test_scores_reasons_and_verdict_are_the_same(decision):
    hidden = masked(decision, "row 3")
    assert hidden.row_id == "row 3"
    assert {item.value for item in hidden.reasons} == {HIDDEN}
    assert [item.contribution for item in hidden.reasons] == [item.contribution for item in decision.reasons]
    assert hidden.scores == decision.scores
    assert verdict(hidden) == verdict(decision)


def test_a_picture_for_a_room_has_larger_type_and_is_higher(decision):
    usual, large = waterfall(decision, LIGHT), enlarged(waterfall(decision, LIGHT), 1.3)
    assert large.layout.yaxis.tickfont.size == 16
    # a title of larger type takes a line more
    more = large.layout.title.text.count("<br>") - usual.layout.title.text.count("<br>")
    assert large.layout.height == round(1.15 * usual.layout.height) + TITLE_LINE * more
