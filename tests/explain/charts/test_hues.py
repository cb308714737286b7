"""Many outcomes, long names and categories stay readable: hues of their own or one, labels with an end, dots apart."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

import explain
from explain.charts.overview import overview
from explain.charts.performance import confusion
from explain.charts.scale import scale
from explain.charts.theme import DARK, LABEL, LIGHT, TITLE, label
from explain.charts.whole import dependence
from explain.insight.performance import Confusion
from tests.explain.test_pipeline import FAULTY

LONG = [f"a very long name of an outcome, number {at}, that no axis holds" for at in range(14)]


def linear(colour):
    share = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def lab(colour):
    """CIELAB under D65, from sRGB (IEC 61966-2-1)."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(to_xyz @ linear(colour) / [0.9505, 1.0, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def contrast(one, other):
    bright, dark = sorted((float(linear(item) @ [0.2126, 0.7152, 0.0722]) for item in (one, other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_twelve_outcomes_have_twelve_hues_that_can_be_told_apart(colours):
    hues = [colours.outcome(at, 12) for at in range(12)]
    assert len(set(hues)) == 12
    # a difference of 2.3 is just noticed side by side; a legend is looked up across a page
    assert min(np.linalg.norm(lab(one) - lab(other)) for one, other in itertools.combinations(hues, 2)) > 20
    assert all(contrast(hue, colours.paper) >= 3 for hue in hues)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_more_outcomes_than_hues_have_one_for_all(colours):
    assert {colours.outcome(at, 13) for at in range(13)} == {colours.accent}
    assert colours.outcome(1, 2) == colours.outcomes[1]


@pytest.fixture
def many():
    """A decision among fourteen outcomes with long names."""
    from tests.conftest import package

    item = explain.review(FAULTY, package("histogram_boosting"))[0]
    model = replace(item.model, outputs=tuple(LONG), task="multiclass")
    return replace(item, model=model, scores=dict.fromkeys(LONG, 1 / 14), calibrated=None, plausible=tuple(LONG[:2]))


def test_long_names_are_shortened_beside_the_bars_and_whole_in_the_hover(many):
    figure = scale(many, LIGHT)
    ticks = figure.layout.yaxis.ticktext
    assert len(ticks) == len(figure.data[0].y) == 14
    assert all(len(tick) <= LABEL and "…" in tick for tick in ticks)
    assert all(name in hover for name, hover in zip(LONG, figure.data[0].hovertext, strict=True))
    assert set(figure.data[0].marker.line.color) == {LIGHT.accent}


def test_six_or_more_plausible_outcomes_are_counted_in_the_title(many):
    title = scale(many, LIGHT).layout.title.text
    assert title.replace(" <br>", " ").endswith(f"{LONG[0]} and {LONG[1]}")
    # no line of it is longer than a phone is wide
    assert max(map(len, title.split(" <br>"))) <= TITLE
    assert scale(replace(many, plausible=tuple(LONG[:6])), LIGHT).layout.title.text.endswith(": 6 of 14 outcomes")


def test_the_matrix_keeps_outcomes_apart_whose_shortened_names_are_alike():
    names = ("a very long name of the one outcome, old", "a very long name of the other outcome, old")
    assert label(names[0]) == label(names[1])
    figure = confusion(Confusion(names, np.array([[3, 1], [0, 2]])), LIGHT)
    assert figure.data[0].x == (0, 1)
    assert figure.data[1].text == ("<b>3</b>", "<b>1</b>", "<b>0</b>", "<b>2</b>")
    # what a click on a cell tells the page: what it was, and what was predicted
    assert figure.data[1].customdata == ("0-0", "0-1", "1-0", "1-1")
    assert names[1] in figure.data[0].hovertext[0][1]


def test_the_bars_of_the_overview_have_short_names_below():
    penguins = explain.load_model("penguins")
    decisions = explain.review(penguins.reference.frame.head(20), penguins)
    decisions = replace(decisions, model=replace(decisions.model, outputs=tuple(LONG[:3])))
    assert all(len(tick) <= LABEL for tick in overview(decisions, LIGHT).layout.xaxis.ticktext)


@pytest.fixture
def decisions(boosting):
    frame = boosting.reference.frame.head(60).reset_index(drop=True).copy()
    frame.loc[:4, "income"] = 90_000.0
    return explain.review(frame, boosting)


def test_dots_of_a_category_stand_beside_each_other_the_same_way_every_time(decisions):
    box, dots = dependence(decisions, "city", None, LIGHT).data
    assert len(set(dots.x)) == 60
    assert np.abs(np.array(dots.x) - np.array(box.x)).max() <= 0.3
    np.testing.assert_array_equal(dots.x, dependence(decisions, "city", None, LIGHT).data[1].x)
    np.testing.assert_array_equal(dots.y, box.y)


def test_each_category_has_its_tick_in_the_order_of_the_model(decisions):
    axis = dependence(decisions, "city", None, LIGHT).layout.xaxis
    present = set(decisions.table.frame["city"].dropna())
    known = [name for name in decisions.schema["city"].categories if name in present]
    assert list(axis.ticktext)[: len(known)] == known
    assert list(axis.tickvals) == list(range(len(axis.ticktext)))


@pytest.mark.parametrize("column", ["city", "age"])
def test_rows_with_an_error_are_marked_and_counted(decisions, column):
    figure = dependence(decisions, column, "age", LIGHT)
    faulty = decisions.worst == 0
    assert faulty[:5].all()
    symbols = np.array(figure.data[-1].marker.symbol)
    assert (symbols == "x").tolist() == faulty.tolist()
    assert f"(✖ {faulty.sum()} rows with an error in their data)" in figure.layout.xaxis.title.text
    assert "this row has an error" in figure.data[-1].hovertext[0]


def test_without_errors_nothing_is_marked_and_nothing_said(decisions):
    figure = dependence(replace(decisions, warnings=()), "age", None, LIGHT)
    assert figure.data[-1].marker.symbol is None
    assert "✖" not in figure.layout.xaxis.title.text
