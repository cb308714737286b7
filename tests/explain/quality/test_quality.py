"""Each kind of fault is found, said in its exact sentence, and priced."""

import numpy as np
import pandas as pd
import pytest

from explain.models.predict import predict
from explain.quality import check, drift, price
from explain.quality.checks import nearest_category
from explain.quality.impact import DRAWS
from explain.tables import read_table
from explain.types import Column, Schema

SCHEMA = Schema(
    (
        Column("age", "number", label="Age", unit="years", low=18, high=75, integer=True),
        Column("rate", "number", label="Rate", low=-5, high=5, missing_share=0.2),
        Column("city", "category", label="City", categories=("Bern", "Oslo", "Rome")),
    )
)


def warnings(**cells):
    rows = max(len(values) for values in cells.values())
    clean = {"age": [30] * rows, "rate": [1] * rows, "city": ["Bern"] * rows}
    return check(read_table(pd.DataFrame(clean | cells), SCHEMA))


@pytest.mark.parametrize(
    ("cells", "kind", "severity", "sentence", "suggestion"),
    [
        ({"age": [30, None]}, "missing", "warning", "Age is missing; past rows were never blank here.", None),
        ({"rate": [1, None]}, "missing", "info", "Rate is missing; usual: 20 of 100 past rows were blank here, too.", None),  # noqa: E501 - its exact text
        ({"city": ["Bern", None]}, "missing", "warning", "City is missing; past rows were never blank here.", None),
        (
            {"age": ["30", "42 years"]}, "wrong type", "error",
            "Age = “42 years” is not a number. The model was given a blank instead.", None,
        ),
        (
            {"age": [30, 412]}, "out of range", "error",
            "Age = 412 is above anything the model saw (18–75 years). Did you mean 41?", "41",
        ),
        (
            {"age": [30, -30]}, "out of range", "error",
            "Age = -30 is below anything the model saw (18–75 years). Did you mean 30?", "30",
        ),
        ({"age": [30, 80]}, "out of range", "warning", "Age = 80 is above anything the model saw (18–75 years).", None),
        ({"age": [30, 12]}, "out of range", "warning", "Age = 12 is below anything the model saw (18–75 years).", None),
        ({"rate": [1, -7]}, "out of range", "warning", "Rate = -7 is below anything the model saw (-5–5).", None),
        (
            {"city": ["Bern", "Olso"]}, "near-miss category", "warning",
            "City = “Olso” is not a value the model knows. Did you mean “Oslo”?", "Oslo",
        ),
        (
            {"city": ["Bern", "ROME"]}, "near-miss category", "warning",
            "City = “ROME” is not a value the model knows. Did you mean “Rome”?", "Rome",
        ),
        (
            {"city": ["Bern", "Paris"]}, "new category", "warning",
            "City = “Paris” is new to the model. It knows “Bern”, “Oslo” and “Rome”.", None,
        ),
    ],
)  # fmt: skip
def test_each_fault_is_said_in_its_sentence(cells, kind, severity, sentence, suggestion):
    (found,) = warnings(**cells)
    assert (found.check, found.severity, found.messages) == (kind, severity, (sentence,))
    assert found.rows.tolist() == [1]
    assert found.suggestion == (suggestion,)


def test_a_column_blank_in_every_row_is_warned_of_as_a_whole_and_in_each_row():
    found, cells = warnings(age=[None, None])
    assert found.whole_column
    assert cells.rows.tolist() == [0, 1]
    assert cells.messages == ("Age is missing; past rows were never blank here.",) * 2
    assert found.messages == ("Age is blank in every row. The model has to guess without it; check the export.",)


def test_infinity_is_no_number():
    (found,) = warnings(age=[30.0, np.inf])
    assert found.messages == ("Age = “inf” is not a number. The model was given a blank instead.",)


def test_clean_rows_have_no_warning():
    assert warnings(age=[18, 75], city=["Bern", "Rome"]) == ()


@pytest.mark.parametrize("kind", ["german_credit", "diamonds", "penguins"])
def test_the_reference_itself_has_no_error_or_warning(kind):
    from explain.models import load_model

    model = load_model(kind)
    found = check(read_table(model.reference.frame, model.schema))
    assert [item for item in found if item.severity != "info"] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("oslo", "Oslo"),
        (" Oslo", "Oslo"),
        ("Oslo!", "Oslo"),
        ("Olso", "Oslo"),
        ("Osl", "Oslo"),
        ("xx", None),
        ("Paris", None),
        ("R", None),
    ],
)
def test_a_near_miss_is_one_slip_away(text, expected):
    assert nearest_category(text, ("Bern", "Oslo", "Rome")) == expected


def test_two_equally_near_categories_propose_neither():
    assert nearest_category("bare", ("base", "bark")) is None


def test_the_order_of_rows_does_not_matter():
    straight = warnings(age=[30, 412, 12, None])
    turned = warnings(age=[None, 12, 412, 30])
    assert {(w.check, w.severity, tuple(w.messages)) for w in straight} == {
        (w.check, w.severity, tuple(w.messages)) for w in turned
    }
    assert sorted(3 - row for w in straight for row in w.rows.tolist()) == sorted(
        row for w in turned for row in w.rows.tolist()
    )


def priced(model, frame):
    table = read_table(frame, model.schema)
    prediction = predict(model, table.frame)
    return table, prediction, *price(model, table, prediction, check(table))


def spoiled(model):
    frame = model.reference.frame.head(6).copy()
    frame.loc[1, "income"] = 5_000.0
    frame.loc[2, "city"] = "osloo"
    frame.loc[2, "age"] = 400.0
    frame.loc[4, "city"] = "Lima"
    return frame


def test_the_price_of_a_warning_is_the_score_with_the_proposal_minus_the_score_now(model):
    table, prediction, warned, _ = priced(model, spoiled(model))
    found = next(item for item in warned if item.check == "near-miss category")
    fixed = table.frame.copy()
    fixed.loc[2, "city"] = "Oslo"
    shown = prediction.shown[2]
    expected = model.score(fixed)[2, shown]
    assert found.suggestion == ("Oslo",)
    assert found.repaired[0] == expected
    assert found.impact[0] == expected - prediction.scores[2, shown]


def test_without_a_proposal_the_price_is_the_median_over_similar_cases(model):
    table, prediction, warned, _ = priced(model, spoiled(model))
    found = next(item for item in warned if item.check == "new category")
    others = [name for name in model.schema.names if name != "city"]
    near, _ = model.reference.nearest(table.frame.iloc[[4]], others, DRAWS)
    rows = pd.concat([table.frame.iloc[[4]]] * DRAWS, ignore_index=True)
    rows["city"] = model.reference.frame["city"].to_numpy()[near]
    scores = model.score(rows)[:, prediction.shown[4]]
    assert found.repaired[0] == pytest.approx(np.median(scores))
    assert found.impact_low[0] == pytest.approx(np.quantile(scores, 0.1) - prediction.scores[4, prediction.shown[4]])


def test_doubt_is_about_warned_rows_only_and_replaces_all_their_warned_cells(model):
    _, _, warned, doubt = priced(model, spoiled(model))
    assert doubt.rows.tolist() == [1, 2, 4]
    assert doubt.scores.shape == (3, DRAWS, len(model.info.outputs))
    assert doubt.sureness.tolist() == [1.0, 1.0, 0.5]
    assert all(item.impact is not None for item in warned)


def test_a_table_without_faults_has_no_price(boosting):
    _, _, warned, doubt = priced(
        boosting, boosting.reference.frame[boosting.reference.frame["children"].notna()].head(3)
    )
    assert warned == ()
    assert len(doubt.rows) == 0


def test_drift_of_the_same_rows_is_nothing_and_of_other_values_everything():
    old = pd.DataFrame({"age": np.arange(18.0, 76), "rate": np.zeros(58), "city": ["Bern"] * 58})
    new = pd.DataFrame({"age": np.arange(118.0, 276), "rate": np.zeros(158), "city": ["Oslo"] * 79 + ["Bern"] * 79})
    assert [item.distance for item in drift(old, old, SCHEMA)] == [0, 0, 0]
    found = drift(new, old, SCHEMA)
    assert [item.distance for item in found] == [1, 0, 0.5]
    assert [item.notable for item in found] == [True, False, True]


def test_drift_is_the_statistic_of_kolmogorov_and_smirnov():
    from scipy.stats import ks_2samp

    draw = np.random.default_rng(0)
    a, b = draw.normal(0, 1, 300), draw.normal(0.4, 1, 500)
    frames = [pd.DataFrame({"age": x, "rate": x * 0, "city": ["Bern"] * len(x)}) for x in (a, b)]
    assert drift(*frames, SCHEMA)[0].distance == pytest.approx(ks_2samp(a, b).statistic)


def test_few_rows_are_too_few_to_judge():
    new = pd.DataFrame({"age": [70.0] * 99, "rate": [0.0] * 99, "city": ["Bern"] * 99})
    assert not drift(new, new.assign(age=20.0), SCHEMA)[0].notable
