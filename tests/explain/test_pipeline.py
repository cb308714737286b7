"""The whole road from a table to decisions, for every model kind."""

import json

import numpy as np
import pandas as pd
import pytest

import explain
from explain.errors import CancelledError, NotFoundError
from explain.models import runtime
from tests.conftest import package

FAULTY = pd.DataFrame(
    {
        "income": [55.0, 41.0, 5_000.0, 38.5],
        "age": [31, 52, 40, 400],
        "children": [1, None, 0, 2],
        "city": ["Oslo", "Bern", "ROME", "Lima"],
        "id": ["a", "b", "c", "d"],
    }
)


@pytest.fixture
def decisions(model):
    return explain.review(explain.read_table(FAULTY, model.schema), model)


def test_the_six_lines_of_the_readme_work(tmp_path, model):
    frame = model.reference.frame.assign(outcome=[model.info.outputs[0], model.info.outputs[-1]] * 120)
    if model.info.task == "regression":
        frame["outcome"] = np.arange(240.0)
    details = {} if model.info.task == "regression" else {"outputs": model.info.outputs}
    explain.write_package(tmp_path / "p", onnx=model.onnx, reference=frame, target="outcome", name="Trial", **details)
    loaded = explain.load_model(tmp_path / "p")
    FAULTY.to_csv(tmp_path / "upload.csv", index=False)
    table = explain.read_table(tmp_path / "upload.csv", loaded.schema)
    decisions = explain.review(table, loaded, progress=None, level=0.9)
    assert decisions[3].row_id == "d"
    assert decisions.explanation.values.shape == (4, 4)
    decisions.write(tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "decisions.csv", "decisions.parquet", "run.json", "warnings.csv", "warnings.parquet",
    ]  # fmt: skip


def test_a_data_frame_may_stand_for_a_table(model):
    assert len(explain.review(FAULTY, model)) == 4


def test_a_row_is_found_by_position_and_by_id(decisions):
    assert decisions["c"] == decisions[2] == decisions[-2]
    with pytest.raises(NotFoundError, match="There is no row 'zz' in this review. It has 4 rows"):
        decisions["zz"]
    with pytest.raises(IndexError):
        decisions[4]
    assert [item.row_id for item in decisions] == ["a", "b", "c", "d"]


def test_reasons_come_strongest_first_and_add_up(decisions):
    for item in decisions:
        sizes = [abs(reason.contribution) for reason in item.reasons]
        assert sizes == sorted(sizes, reverse=True)
        total = item.base + sum(reason.contribution for reason in item.reasons)
        assert total == pytest.approx(item.score, abs=1e-5 * max(1, abs(item.score)))
        assert item.adds_up


def test_warned_values_carry_their_severity_in_the_reasons(decisions):
    severity = {reason.column: reason.severity for reason in decisions["d"].reasons}
    assert severity == {"income": None, "age": "error", "children": None, "city": "warning"}


def test_warnings_that_change_the_score_most_come_first_and_remarks_last(decisions):
    found = decisions["d"].warnings
    assert {(item.check, item.severity) for item in found} == {("out of range", "error"), ("new category", "warning")}
    impacts = [abs(item.impact) for item in found]
    assert impacts == sorted(impacts, reverse=True)
    assert decisions["d"].worst == "error"
    assert [item.severity for item in decisions["c"].warnings][-1] == "info"


def test_the_predicted_class_is_the_one_with_the_highest_probability(decisions):
    if decisions.model.task != "regression":
        for item in decisions:
            assert item.scores[item.predicted] == max(item.scores.values())


def test_a_decision_becomes_json_without_nan(decisions):
    for item in decisions:
        text = json.dumps(item.to_dict(), allow_nan=False)
        assert json.loads(text)["row_id"] == item.row_id


def test_warned_rows_are_never_surer_than_without_their_warnings(decisions, model):
    from explain.confidence import assess, calibration_of

    plain = assess(decisions.prediction, calibration_of(model))
    assert (decisions.confidence.honest <= plain.honest + 1e-12).all()
    assert decisions.confidence.honest[0] == plain.honest[0]


def test_the_same_input_gives_the_same_numbers_to_the_bit(model):
    first, again = (explain.review(FAULTY, model) for _ in range(2))
    np.testing.assert_array_equal(first.explanation.values, again.explanation.values)
    np.testing.assert_array_equal(first.confidence.honest, again.confidence.honest)
    assert first.warnings[0].messages == again.warnings[0].messages


def test_rows_are_scored_alike_however_many_they_are(model):
    rows = model.reference.frame
    long = pd.concat([rows] * (2 * runtime.PIECE // len(rows) + 1), ignore_index=True)
    whole = model.score(long)
    for first, count in ((0, 1), (3, 2), (0, 49), (0, 51), (7, 128), (5, runtime.PIECE + 1)):
        np.testing.assert_array_equal(model.score(long.iloc[first : first + count]), whole[first : first + count])


def test_permuting_rows_permutes_decisions(model):
    order = [2, 0, 3, 1]
    straight = explain.review(FAULTY, model)
    turned = explain.review(FAULTY.iloc[order], model)
    np.testing.assert_array_equal(turned.explanation.values, straight.explanation.values[order])
    np.testing.assert_array_equal(turned.confidence.honest, straight.confidence.honest[order])


def test_progress_runs_from_start_to_end_and_can_cancel(model):
    told = []
    explain.review(FAULTY, model, progress=lambda share, doing: told.append(share))
    assert told == sorted(told)
    assert told[-1] == 1.0

    def cancel(share, doing):
        if share > 0.1:
            raise CancelledError("Cancelled.")

    with pytest.raises(CancelledError):
        explain.review(FAULTY, model, progress=cancel)


def test_a_row_that_does_not_add_up_is_flagged(boosting):
    from dataclasses import replace

    decisions = explain.review(FAULTY, boosting)
    off = replace(decisions, explanation=replace(decisions.explanation, gap=np.array([0.0, 0.0, 0.1, 0.0])))
    assert [item.adds_up for item in off] == [True, True, False, True]


def test_a_package_without_held_out_rows_makes_no_claims(tmp_path, boosting):
    frame = boosting.reference.frame.assign(outcome=["no", "yes"] * 120)
    path = explain.write_package(tmp_path / "p", onnx=boosting.onnx, reference=frame, target="outcome", held_out=False)
    decisions = explain.review(FAULTY, explain.load_model(path))
    assert decisions[0].grade == ""
    assert decisions[0].honest is None
    assert decisions[0].calibration_rows == 0


def test_a_notebook_shows_decisions_as_harmless_html(boosting):
    frame = FAULTY.assign(city=["<img src=x>", "Bern", "Rome", "Oslo"])
    decisions = explain.review(frame, boosting)
    for text in (decisions._repr_html_(), decisions[0]._repr_html_()):
        assert "<img" not in text
        assert "&lt;img src=x&gt;" in text


def test_shap_agrees_on_a_model_of_probabilities():
    import shap

    model = package("forest")
    frame = model.reference.frame.iloc[[0, 5]].drop(columns=["city"])
    city = model.reference.frame["city"].iloc[0]
    background = model.reference.frame[model.reference.frame["city"] == city]

    def score(rows):
        full = pd.DataFrame(np.asarray(rows, float), columns=frame.columns).assign(city=city)
        return model.score(full)[:, 1]

    from explain.attributions import explain as explain_rows

    rows = frame.assign(city=city)
    own = explain_rows(model, rows, background=background).values
    numbers = background.drop(columns=["city"]).to_numpy()
    referee = shap.explainers.Exact(score, shap.maskers.Independent(numbers, max_samples=len(numbers)))(
        frame.to_numpy()
    )
    np.testing.assert_allclose(own[:, :3], referee.values, atol=1e-5)
    np.testing.assert_array_equal(own[:, 3], 0)


def test_a_row_that_the_model_gives_no_number_for_has_no_prediction_and_comes_first(tmp_path):
    import skops.io
    from sklearn.linear_model import LogisticRegression

    from explain.adding.choices import Choices
    from explain.adding.draft import draft, proof
    from explain.adding.install import install
    from explain.charts.overview import overview, overview_alt
    from explain.charts.theme import LIGHT
    from explain.insight.listing import Filter, listing_of, select, summary
    from explain.insight.page_table import page_frame
    from explain.models.sources.open import open_source

    draw = np.random.default_rng(0)
    rows = pd.DataFrame(draw.normal(size=(200, 3)), columns=["a", "b", "c"])
    rows["kind"] = np.select([rows.a < -0.4, rows.a < 0.4], ["low", "mid"], "top")
    model = LogisticRegression().fit(rows[["a", "b", "c"]], rows["kind"])
    made = draft(open_source(skops.io.dumps(model), rows), rows, Choices(target="kind", held_out="all"))
    parity = proof(made)
    assert parity.refused == {}
    assert parity.unanswered == ("blanks in a", "blanks in b", "blanks in c")
    package = install(made, parity, tmp_path)

    upload = rows.drop(columns="kind").head(30)
    upload.iloc[[4, 9], 1] = np.nan
    decisions = explain.review(explain.read_table(upload, package.schema), package)
    one = decisions[4]
    assert (one.answered, one.predicted, one.headline, one.grade) == (False, "no answer", "No answer", "")
    assert one.sentence == "The model gives no number for this row: b was left blank."
    assert one.adds_up
    assert one.warnings[0].column == "b"
    listing = listing_of(decisions)
    facts = summary(listing)
    assert facts.unanswered == facts.verdicts["none"] == 2
    assert sum(facts.outcomes.values()) == 28
    assert select(listing, Filter())[:2].tolist() == [4, 9]
    assert not set(select(listing, Filter(chips=tuple(f"is:{name}" for name in package.info.outputs)))) & {4, 9}
    page = page_frame(listing, np.array([4]))
    assert (page["prediction"][0], page["verdict"][0], page["right"].isna()[0]) == ("no answer", "– no answer", True)
    assert np.isfinite(decisions.explanation.values).all()
    assert "30 rows by score" in overview_alt(decisions)
    assert sum(sum(bar.y) for bar in overview(decisions, LIGHT).data) == 28
    found = pd.read_parquet(decisions.write(tmp_path / "out") / "decisions.parquet")
    assert found["prediction"].isna().sum() == 2
