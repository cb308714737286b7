"""Filter, sort and page over a whole review."""

import numpy as np
import pytest

import explain
from explain import words
from explain.charts.overview import score_bins
from explain.columns import column_facts
from explain.listing import Filter, page_frame, select, summary, unsure
from tests.explain.test_pipeline import FAULTY


@pytest.fixture
def decisions(model):
    return explain.review(FAULTY, model)


def ids(decisions, kept, order="upload"):
    return [decisions.table.row_ids[at] for at in select(decisions, kept, order)]


def test_no_filter_keeps_all_in_upload_order(decisions):
    assert ids(decisions, Filter()) == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        (Filter(warned=True), ["c", "d"]),
        (Filter(checks=("new category",)), ["d"]),
        (Filter(checks=("missing",)), ["b"]),
        (Filter(column="city"), ["c", "d"]),
        (Filter(column="age"), ["d"]),
        (Filter(text="lima"), ["d"]),
        (Filter(text="5000"), ["c"]),
        (Filter(text="d"), ["d"]),
        (Filter(text="no such thing"), []),
        (Filter(text="Oslo", warned=True), []),
    ],
)
def test_each_filter_keeps_its_rows(decisions, kept, expected):
    assert ids(decisions, kept) == expected


def test_text_is_looked_for_as_it_is_and_not_as_a_pattern(decisions):
    assert ids(decisions, Filter(text="(")) == []
    assert ids(decisions, Filter(text=".*")) == []


def test_outcomes_and_grades_filter(decisions):
    for at, name in enumerate(decisions.model.outputs):
        if decisions.model.task != "regression":
            assert set(select(decisions, Filter(outcomes=(name,)))) == set(
                np.flatnonzero(decisions.prediction.chosen == at)
            )
    assert set(select(decisions, Filter(unsure=True))) == set(np.flatnonzero(unsure(decisions)))
    assert set(select(decisions, Filter(grades=("A", "B")))) == set(np.flatnonzero(~unsure(decisions)))


def test_the_bars_of_the_overview_cover_every_row_once(decisions):
    bins = score_bins(decisions)
    found = [row for bar in range(len(bins.names)) for row in select(decisions, Filter(bar=bar), "upload")]
    assert sorted(found) == [0, 1, 2, 3]


def test_orders_sort_by_what_they_say(decisions):
    scores = decisions.shown_scores
    assert (np.diff(scores[select(decisions, Filter(), "highest")]) <= 0).all()
    assert (np.diff(scores[select(decisions, Filter(), "lowest")]) >= 0).all()
    assert (np.diff(decisions.confidence.honest[select(decisions, Filter(), "unsure")]) >= 0).all()


def test_rows_with_warnings_deserve_a_look_first(decisions):
    assert set(ids(decisions, Filter(), "attention")[:2]) == {"c", "d"}


def test_a_page_says_what_the_row_says_in_words(decisions):
    frame = page_frame(decisions, np.array([3, 0]))
    assert list(frame["id"]) == ["d", "a"]
    impact = decisions["d"].warnings[0].impact
    price = words.change(impact, decisions.explanation.space, decisions.model.unit)
    assert frame["warnings"].tolist() == [f"✖ 2 · {price}", ""]
    honest = words.in_100(decisions.confidence.honest[3])
    assert frame["grade"][0] == f"{decisions.confidence.grade[3]} · {honest}"
    assert all(1 <= len(reasons) <= 3 for reasons in frame["reasons"])
    assert all(reason[-1] in "▲▼" for reason in frame["reasons"][0])
    if decisions.model.task != "regression":
        # no bar says 0 or 100: no model is that sure
        assert frame["likely"][0] == pytest.approx(np.clip(100 * decisions.shown_scores[3], 0.6, 99.4))


def test_the_summary_counts(decisions):
    facts = summary(decisions)
    assert facts.rows == 4
    assert facts.warned == 2
    assert facts.graded
    assert facts.checks == {"missing": 1, "out of range": 2, "repaired": 1, "new category": 1}
    assert facts.unsure == int(unsure(decisions).sum())
    if decisions.model.task != "regression":
        assert sum(facts.outcomes.values()) == 4


def test_columns_come_with_those_whose_faults_matter_first(decisions, model):
    facts = column_facts(decisions, model)
    assert {item.column for item in facts[:2]} == {"income", "age"}
    assert facts[2].column == "city"
    assert [item.warned for item in facts] == [1, 1, 2, 1]
    assert facts[0].impact >= facts[1].impact
