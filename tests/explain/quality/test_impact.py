"""The price of a warning is what the model says with other values in the cell."""

import numpy as np
import pandas as pd
import pytest

from explain.models.predict import predict
from explain.quality import check, price, profile_of
from explain.quality.catalog import CATALOG, sureness
from explain.quality.impact import DRAWS, has_price
from explain.tables import read_table


def priced(model, frame):
    table = read_table(frame, model.schema)
    prediction = predict(model, table.frame)
    return table, prediction, *price(model, table, prediction, check(table, profile_of(model)))


def spoiled(model):
    frame = model.reference.frame[model.reference.frame["children"].notna()].head(6).reset_index(drop=True)
    frame.loc[1, "income"] = 5_000.0
    frame.loc[2, "city"] = "Rom"
    frame.loc[2, "age"] = 400.0
    frame.loc[4, "city"] = "Lima"
    return frame


def test_the_price_of_a_warning_is_the_score_with_the_proposal_minus_the_score_now(model):
    table, prediction, warned, _ = priced(model, spoiled(model))
    found = next(item for item in warned if item.check == "near-miss category")
    fixed = table.frame.copy()
    fixed.loc[2, "city"] = "Rome"
    shown = prediction.shown[2]
    expected = model.score(fixed)[2, shown]
    assert found.suggestion == ("Rome",)
    assert found.repaired[0] == expected
    assert found.impact[0] == expected - prediction.scores[2, shown]


def lent(model, table, row, columns):
    """(draws, k) scores of a row with some columns from the rows nearest in the columns that are not warned of."""
    others = [name for name in model.schema.names if name not in columns]
    near, _ = model.reference.nearest(table.frame.iloc[[row]], others, DRAWS)
    rows = pd.concat([table.frame.iloc[[row]]] * DRAWS, ignore_index=True)
    for name in columns:
        rows[name] = model.reference.frame[name].to_numpy()[near]
    return model.score(rows)


def test_without_a_proposal_the_price_is_the_median_over_similar_cases(model):
    table, prediction, warned, _ = priced(model, spoiled(model))
    found = next(item for item in warned if item.check == "new category")
    scores = lent(model, table, 4, ["city"])
    shown = scores[:, prediction.shown[4]]
    assert found.repaired[0] == pytest.approx(np.median(shown))
    now = prediction.scores[4, prediction.shown[4]]
    # scores of values are float32, whose last bits depend on the rows beside them
    assert found.impact_low[0] == pytest.approx(np.quantile(shown, 0.1) - now, abs=1e-6 * max(1, abs(now)))
    if model.info.task == "regression":
        assert found.flips is None
    else:
        assert found.flips[0] == (scores.argmax(axis=1) != prediction.chosen[4]).sum()


def test_a_row_with_two_warned_cells_has_each_priced_alone_and_both_doubted_together(model):
    table, prediction, warned, doubt = priced(model, spoiled(model))
    age = next(item for item in warned if item.column == "age")
    # the neighbours are those of the other two columns, for both cells
    others = [name for name in model.schema.names if name not in {"age", "city"}]
    near, _ = model.reference.nearest(table.frame.iloc[[2]], others, DRAWS)
    rows = pd.concat([table.frame.iloc[[2]]] * DRAWS, ignore_index=True)
    rows["age"] = model.reference.frame["age"].to_numpy()[near]
    shown = prediction.shown[2]
    low = np.quantile(model.score(rows)[:, shown], 0.1) - prediction.scores[2, shown]
    assert age.impact_low[0] == pytest.approx(low, abs=1e-6 * max(1, abs(prediction.scores[2, shown])))
    both = lent(model, table, 2, ["age", "city"])
    np.testing.assert_allclose(np.sort(doubt.scores[1], axis=0), np.sort(both, axis=0), atol=1e-7)


def test_doubt_is_about_warned_rows_only_and_as_sure_as_the_surest_alarm(model):
    _, _, warned, doubt = priced(model, spoiled(model))
    assert doubt.rows.tolist() == [1, 2, 4]
    assert doubt.scores.shape == (3, DRAWS, len(model.info.outputs))
    assert doubt.sureness.tolist() == [1.0, 1.0, CATALOG["new category"].warning]
    assert all((item.impact is not None) == has_price(item) for item in warned)


def test_what_merely_informs_has_no_price_and_casts_no_doubt(boosting):
    frame = boosting.reference.frame.head(4).reset_index(drop=True)
    frame.loc[1, "children"] = np.nan
    frame.loc[2, "city"] = "OSLO"
    _, _, warned, doubt = priced(boosting, frame.assign(children=[0.0, np.nan, 1.0, 2.0]))
    assert {(item.check, item.severity) for item in warned} == {("missing", "info"), ("repaired", "info")}
    assert [item.impact for item in warned] == [None, None]
    assert [sureness(item) for item in warned] == [0.0, 0.0]
    assert len(doubt.rows) == 0


def test_rows_nearest_to_many_are_those_nearest_to_each(model):
    frame = spoiled(model)
    counted = np.ones((len(frame), 4), dtype=bool)
    counted[2, 1] = counted[4, 3] = False
    table = read_table(frame, model.schema)
    together = model.reference.near(table.cells, counted, DRAWS)
    for row in range(len(frame)):
        names = [name for name, used in zip(model.schema.names, counted[row], strict=True) if used]
        np.testing.assert_array_equal(together[row], model.reference.nearest(table.frame.iloc[[row]], names, DRAWS)[0])


def test_a_table_without_faults_has_no_price(boosting):
    rows = boosting.reference.frame[boosting.reference.frame["children"].notna()].head(3)
    _, _, warned, doubt = priced(boosting, rows)
    assert warned == ()
    assert len(doubt.rows) == 0
