"""Outcomes that came along with an upload, held against the decisions."""

import numpy as np
import pytest
from scipy import stats

import explain
from explain.insight.listing import Filter, listing_of, select, summary
from explain.insight.page_table import page_frame
from explain.insight.truth import interval, truth_of
from tests.conftest import package


def with_outcomes(name, rows=60):
    model = package(name)
    frame = model.reference.frame.head(rows).copy()
    codes = model.reference.outcomes[:rows]
    regression = model.info.task == "regression"
    frame[model.info.target] = codes if regression else [model.info.outputs[int(code)] for code in codes]
    frame.iloc[4, -1] = None
    return explain.review(explain.read_table(frame, model.schema), model), codes


def test_rows_are_right_missed_or_false_alarms():
    decisions, codes = with_outcomes("forest")
    truth = truth_of(decisions)
    chosen, about = decisions.prediction.chosen, decisions.model.shown
    known = np.arange(60) != 4
    assert truth.known.tolist() == known.tolist()
    assert truth.right.tolist() == ((chosen == codes) & known).tolist()
    assert truth.missed.tolist() == ((chosen != codes) & (codes == about) & known).tolist()
    assert truth.alarms.tolist() == ((chosen != codes) & (codes != about) & known).tolist()


def test_each_cell_of_the_matrix_leads_to_its_rows():
    decisions, codes = with_outcomes("forest_three")
    listing = listing_of(decisions)
    found = []
    for was in range(3):
        for said in range(3):
            rows = select(listing, Filter(cell=(was, said)), "upload")
            assert (codes[rows] == was).all()
            assert (decisions.prediction.chosen[rows] == said).all()
            found += rows.tolist()
    assert sorted(found) == [at for at in range(60) if at != 4]


@pytest.mark.parametrize("name", ["forest", "forest_three", "forest_value"])
def test_the_review_says_how_many_came_true_and_filters_by_it(name):
    decisions, _ = with_outcomes(name)
    listing = listing_of(decisions)
    right = select(listing, Filter(chips=("right",)))
    wrong = select(listing, Filter(chips=("wrong", "missed", "alarm")))
    assert len(right) + len(wrong) == 59
    assert f"{round(100 * len(right) / 59)} of 100 right (" in summary(listing).truth.replace(">99", "100")
    assert page_frame(listing, np.array([4, 5]))["was"].tolist()[0] == "—"


def test_without_outcomes_nothing_is_said_of_what_came_true():
    model = package("forest")
    decisions = explain.review(model.reference.frame.head(5), model)
    assert truth_of(decisions) is None
    assert "was" not in page_frame(listing_of(decisions), np.array([0]))


@pytest.mark.parametrize(("hits", "cases"), [(0, 5), (5, 5), (81, 100), (1, 1), (1_622, 2_000)])
def test_the_interval_of_a_share_is_wilsons(hits, cases):
    expected = stats.binomtest(hits, cases).proportion_ci(0.95, method="wilson")
    assert interval(hits, cases) == pytest.approx((expected.low, expected.high), abs=1e-4)
