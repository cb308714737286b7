"""Every picture, for every model kind: what it says, and that hostile text stays text."""

from dataclasses import replace

import numpy as np
import pandas as pd
import plotly.io as pio
import pytest

import explain
from explain.charts import performance as quality_pictures
from explain.charts.columns import distribution
from explain.charts.overview import overview, overview_alt, overview_title
from explain.charts.scale import scale, scale_title
from explain.charts.theme import DARK, LIGHT, folded, safe
from explain.charts.waterfall import shown_reasons, waterfall, waterfall_alt, waterfall_title
from explain.charts.whole import beeswarm, dependence, importance, ranks, shown_note, strongest, swarm
from explain.insight import performance
from explain.insight.drawn import sample
from explain.insight.evidence import evidence_from_package, evidence_from_upload
from explain.insight.score_bins import score_bins
from tests.explain.test_pipeline import FAULTY

HOSTILE = "<b>x</b><script>alert(1)</script> $\\frac{1}{2}$"


@pytest.fixture
def decisions(model):
    return explain.review(FAULTY.assign(city=["Oslo", HOSTILE, "Rome", "Bern"]), model)


def every_figure(decisions, model, colours):
    yield overview(decisions, colours, 1)
    yield importance(decisions, colours)
    yield beeswarm(decisions, colours)
    for item in decisions:
        yield waterfall(item, colours)
        yield scale(item, colours)
    for column in decisions.schema:
        yield dependence(decisions, column.name, "city", colours)
        new, old = decisions.table.frame[column.name], model.reference.frame[column.name]
        yield distribution(new, old, column, colours)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_hostile_text_is_text_in_every_picture(decisions, model, colours):
    for figure in every_figure(decisions, model, colours):
        text = figure.to_json()
        assert "<script" not in text
        assert "\\u003cscript" not in text
        assert "$\\\\frac" not in text


def test_pictures_leave_plotlys_own_theme_alone(decisions, model):
    before = pio.templates.default
    figures = list(every_figure(decisions, model, LIGHT))
    assert pio.templates.default == before
    assert all(figure.layout.title.text for figure in figures)


def test_the_bars_of_a_waterfall_lead_from_the_base_to_the_score(decisions):
    factor = 100 if decisions.explanation.space == "probability" else 1
    for item in decisions:
        bars = waterfall(item, LIGHT).data[0]
        ends = [start + size for start, size in zip(bars.base, bars.x, strict=True)]
        assert bars.base[0] == pytest.approx(item.base * factor)
        assert ends[-1] == pytest.approx(item.score * factor, rel=1e-4, abs=1e-3)
        np.testing.assert_allclose(ends[:-1], bars.base[1:])


def test_raising_is_orange_and_lowering_is_blue(decisions):
    bars = waterfall(decisions[0], LIGHT).data[0]
    for size, colour in zip(bars.x, bars.marker.color, strict=True):
        assert colour == (LIGHT.raises if size > 0 else LIGHT.lowers)


def test_warned_values_are_marked_on_their_bar(decisions):
    item = decisions["b"]
    figure = waterfall(item, LIGHT)
    at = next(place for place, bar in enumerate(shown_reasons(item, 8)) if bar.column == "city")
    assert figure.data[0].marker.line.width[at] > 0
    assert "⚠" in figure.data[0].text[at]
    assert "⚠" in figure.layout.yaxis.ticktext[at]


def test_columns_beyond_the_strongest_are_folded_into_one_bar(decisions):
    bars = shown_reasons(decisions[0], 2)
    assert [bar.title for bar in bars][2:] == ["2 other columns"]
    assert sum(bar.contribution for bar in bars) == pytest.approx(sum(r.contribution for r in decisions[0].reasons))


def test_a_label_of_three_lines_has_room_between_the_bars(boosting):
    long = "a town of many words and of many more streets"
    short, folds = (explain.review(FAULTY.assign(city=name), boosting)[0] for name in ("Oslo", long))
    labels = waterfall(folds, LIGHT).layout.yaxis.ticktext
    assert max(label.count("<br>") for label in labels) == 2
    bars, figures = len(labels), [waterfall(item, LIGHT).layout for item in (short, folds)]
    titles = [19 * figure.title.text.count("<br>") for figure in figures]
    assert [figure.height for figure in figures] == [158 + 37 * bars + titles[0], 158 + 48 * bars + titles[1]]


def test_the_title_says_that_the_strongest_value_is_faulty_and_what_speaks_for_the_answer(boosting):
    decision = explain.review(FAULTY, boosting)[0].of_predicted
    one, other = (replace(reason, severity=None) for reason in decision.reasons[:2])
    against, backs = replace(one, title="Age", contribution=-0.3), replace(other, title="Rooms", contribution=0.2)
    wrong = replace(against, severity="error")
    what = f"the chance of {decision.shown}"
    expected = {
        (backs,): f"Rooms raises {what} most",
        (against,): f"Age lowers {what} most",
        (against, backs): f"Rooms raises {what} most; Age lowers it more",
        (wrong, backs): f"A faulty value, Age, lowers {what} most",
    }
    for reasons, title in expected.items():
        assert waterfall_title(replace(decision, reasons=reasons)) == title


def test_the_waterfall_has_words_for_those_who_cannot_see_it(decisions):
    assert waterfall_alt(decisions[0]).startswith("From ")
    assert " for a typical past case to " in waterfall_alt(decisions[0])


def test_whiskers_are_drawn_where_values_were_sampled(boosting):
    decisions = explain.review(FAULTY, boosting)
    assert waterfall(decisions[0], LIGHT).data[0].error_x.array is None
    sampled = replace(
        decisions,
        explanation=replace(
            decisions.explanation, error=np.full((4, 4), 0.01), background_error=np.full((4, 4), 0.02), method="sampled"
        ),
    )
    bars, bands = waterfall(sampled[0], LIGHT).data
    np.testing.assert_allclose(bars.error_x.array, 1.0)
    np.testing.assert_allclose(bands.error_x.array, 2.0)
    assert "± 1.0 point from drawing combinations of columns, not a range for the case" in bars.hovertext[0]
    assert "± 2.0 points from the choice of reference rows, not a range for the case" in bars.hovertext[0]


def test_the_overview_counts_every_row_once(decisions):
    figure = overview(decisions, LIGHT)
    assert sum(sum(trace.y) for trace in figure.data) == 4
    assert {name for trace in figure.data for _, name in trace.customdata} <= {"no fault", "error", "warning", "info"}
    said = {"no fault", "✖ error", "⚠ warning", "○ remark"}
    assert {trace.name for trace in figure.data} <= said
    assert overview_title(decisions)
    assert "4 rows" in overview_alt(decisions)


def test_bins_of_a_value_have_round_edges(model):
    decisions = explain.review(FAULTY, model)
    if model.info.task == "regression":
        step = np.diff(score_bins(decisions).edges)
        assert np.allclose(step, step[0])
        mantissa = step[0] / 10 ** np.floor(np.log10(step[0]))
        assert np.isclose(mantissa, [1, 2, 2.5, 5, 10]).any()


def test_the_scale_says_what_stays_plausible(decisions):
    if decisions.model.task == "regression":
        assert len(scale(decisions[0], LIGHT).data) == 3
        return
    title = scale_title(decisions[0])
    notes = scale(decisions[0], LIGHT).data[0].text
    kept = decisions[0].plausible
    assert decisions[0].predicted in kept
    assert title.startswith(f"Shortlist at 90 %: {kept[0]}")
    assert title.endswith(" alone") is (len(kept) == 1)
    assert sum("not on the shortlist" in note for note in notes) == len(decisions[0].scores) - len(kept)


def test_pictures_over_many_rows_show_a_seeded_sample_and_say_so():
    rows = sample(10_000)
    assert len(rows) == len(set(rows)) == 2_000
    assert rows[0] != 0 or rows[1999] != 1999
    np.testing.assert_array_equal(rows, sample(10_000))
    assert shown_note(2_000, 10_000) == "2,000 of 10,000 rows shown, drawn at random"
    assert shown_note(5, 5) == ""


def test_a_swarm_keeps_within_its_row():
    offsets = swarm(np.r_[np.zeros(100), np.linspace(0, 1, 50)])
    assert np.abs(offsets).max() <= 0.4
    assert offsets.size == 150


def test_the_strongest_column_comes_first(decisions):
    sizes = np.abs(decisions.explanation.values).mean(axis=0)
    assert strongest(decisions)[0] == int(sizes.argmax())


def test_ranks_put_missing_values_in_the_middle(boosting):
    column = boosting.schema["income"]
    np.testing.assert_allclose(ranks(pd.Series([3.0, np.nan, 1.0, 2.0]), column), [1, 0.5, 0, 0.5])


@pytest.mark.parametrize(("text", "expected"), [("<b>", "&lt;b&gt;"), ("$5", "&#36;5"), ("a & b", "a &amp; b")])
def test_safe_text_means_nothing_to_plotly(text, expected):
    assert safe(text) == expected


def test_long_names_are_folded_to_three_lines():
    assert folded("one two three four five six seven eight", 10).count("<br>") == 2
    assert folded("short") == "short"


def test_quality_of_every_kind_of_model_is_drawn(model):
    evidence = evidence_from_package(model)
    assert len(evidence.outcomes) == 180
    if model.info.task == "regression":
        facts = evidence.residuals()
        assert facts.median_error == pytest.approx(np.median(np.abs(facts.predicted - facts.truth)))
        assert quality_pictures.residuals(facts, "price", "$", LIGHT).layout.title.text
        return
    counts = evidence.confusion(None, model.info.shown).counts
    assert counts.sum() == 180
    assert evidence.reliability(0).cases.sum() == 180
    for picture in (
        quality_pictures.reliability(evidence.reliability(0), "yes", LIGHT),
        quality_pictures.curve(evidence.roc(0), "roc", LIGHT),
        quality_pictures.curve(evidence.precision_recall(0), "pr", LIGHT),
        quality_pictures.confusion(evidence.confusion(None, 0), LIGHT),
    ):
        assert picture.layout.title.text


def test_outcomes_in_an_upload_judge_the_model(boosting):
    frame = FAULTY.assign(Result=["yes", "no", "", "maybe"])
    decisions = explain.review(frame, boosting)
    evidence = evidence_from_upload(decisions, boosting)
    assert evidence.outcomes.tolist() == [1.0, 0.0]
    assert evidence_from_upload(explain.review(FAULTY, boosting), boosting) is None


def test_a_threshold_moves_the_confusion():
    scores = np.array([[0.9, 0.1], [0.6, 0.4], [0.3, 0.7]])
    outcomes = np.array([0, 1, 1])
    low = performance.confusion(scores, outcomes, ("no", "yes"), 0.05)
    assert low.counts.tolist() == [[0, 1], [0, 2]]
    assert performance.confusion(scores, outcomes, ("no", "yes"), 0.5).counts.tolist() == [[1, 0], [1, 1]]
