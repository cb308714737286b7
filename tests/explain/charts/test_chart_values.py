"""A figure's values as a table say what the picture shows."""

import plotly.graph_objects as go
import pytest

import explain
from explain.charts.overview import overview
from explain.charts.scale import scale
from explain.charts.theme import LIGHT
from explain.charts.values import MOST_ROWS, as_table, plain_text
from explain.charts.waterfall import waterfall
from explain.models import load_model
from explain.models.package import samples_folder


@pytest.fixture(scope="module")
def decisions():
    model = load_model("penguins")
    return explain.review(explain.read_table(samples_folder() / "uploads" / "penguins_messy.tsv", model.schema), model)


def test_a_waterfall_is_listed_by_column_with_what_each_adds(decisions):
    decision = decisions["P-1040"].of_predicted
    table = as_table(waterfall(decision, LIGHT))
    assert table.heads == ("Adelie, in 100, as the model alone says", "item", "as written")
    assert [row[1] for row in table.rows] == [
        f"{item.title} {item.value}" + (" ⚠" if item.severity else "") for item in decision.reasons
    ]
    added = sum(float(row[0]) for row in table.rows)
    assert added == pytest.approx(100 * (decision.score - decision.base), abs=0.01)
    assert table.rows[0][2] == "+72 ⚠"


def test_the_overview_is_listed_bar_by_bar_and_counts_every_row(decisions):
    table = as_table(overview(decisions, LIGHT))
    at = max(range(len(table.heads)), key=lambda place: table.rows[0][place].replace(",", "").isdecimal())
    assert sum(float(row[at].replace(",", "")) for row in table.rows) == len(decisions)


def test_the_set_of_outcomes_is_listed_with_its_chances(decisions):
    table = as_table(scale(decisions["P-1040"], LIGHT))
    assert {name for row in table.rows for name in row} >= {"Adelie", "Chinstrap", "Gentoo"}


def test_cells_of_a_matrix_are_listed_one_by_one_and_decoration_is_not():
    figure = go.Figure(
        [go.Heatmap(x=["a", "b"], y=["p", "q"], z=[[1, 2], [3, 4000]]), go.Scatter(x=[1], y=[1], hoverinfo="skip")]
    )
    figure.update_layout(xaxis_title="said", yaxis_title="was")
    table = as_table(figure)
    assert table.heads == ("said", "was", "value")
    assert table.rows == (("a", "p", "1"), ("b", "p", "2"), ("a", "q", "3"), ("b", "q", "4,000"))


def test_of_many_points_some_are_picked_evenly_with_both_ends():
    table = as_table(go.Figure(go.Scatter(x=list(range(5_000)), y=list(range(5_000)))))
    assert (table.points, len(table.rows)) == (5_000, MOST_ROWS)
    assert (table.rows[0][0], table.rows[-1][0]) == ("0", "4,999")


def test_an_empty_figure_has_no_rows_and_markup_is_read_as_text():
    assert as_table(go.Figure()).rows == ()
    assert plain_text("Amount<br><b>1 &lt; 2</b>") == "Amount 1 < 2"
