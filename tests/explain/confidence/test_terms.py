"""By which column past cases are judged apart, and where it comes from."""

import numpy as np
import pandas as pd
import pytest

import explain
from explain.confidence import calibration_of, cohorts_of
from explain.errors import ColumnsError
from explain.models.package import HELD_OUT
from tests.conftest import package


def test_a_model_column_gives_the_labels_of_rows_and_past_cases(model):
    if model.info.task == "regression":
        return
    table = explain.read_table(model.reference.frame.head(7), model.schema)
    now, past = cohorts_of(model, table, "city")
    np.testing.assert_array_equal(now, model.reference.frame["city"].head(7))
    assert len(past) == len(calibration_of(model))


def test_no_column_makes_no_cohorts(boosting):
    table = explain.read_table(boosting.reference.frame.head(7), boosting.schema)
    assert cohorts_of(boosting, table, "") is None


def with_branch(tmp_path):
    """A package whose reference rows have a column beside the data, as numbers, one of them blank."""
    boosting = package("histogram_boosting")
    reference = boosting.reference.frame.assign(outcome=["no", "yes"] * 120)
    path = explain.write_package(tmp_path / "p", onnx=boosting.onnx, reference=reference, target="outcome")
    import hashlib
    import json

    branch = [None, *[float(at % 2) for at in range(239)]]
    reference.assign(**{HELD_OUT: True}, branch=pd.array(branch, dtype="Int64")).to_parquet(path / "reference.parquet")
    card = json.loads((path / "card.json").read_text())
    card["files"]["reference.parquet"] = hashlib.sha256((path / "reference.parquet").read_bytes()).hexdigest()
    (path / "card.json").write_text(json.dumps(card))
    return explain.load_model(path)


def test_a_column_beside_the_data_counts_where_the_reference_has_it_too(tmp_path):
    model = with_branch(tmp_path)
    upload = model.reference.frame.head(3).assign(branch=["1", " 0", ""])
    table = explain.read_table(upload, model.schema)
    now, past = cohorts_of(model, table, "branch")
    assert list(now[:2]) == ["1", "0"]
    assert list(past[:3]) == [None, "0", "1"]
    decisions = explain.review(table, model, cohort="branch")
    assert decisions.confidence.cohort == decisions.run["cohort"] == "branch"


@pytest.mark.parametrize(
    ("upload", "where"),
    [({}, "the uploaded table"), ({"branch": "1"}, "the package's reference rows")],
)
def test_a_column_that_is_not_there_is_named_with_what_there_is(boosting, upload, where):
    table = explain.read_table(boosting.reference.frame.head(3).assign(**upload), boosting.schema)
    message = f"There is no column 'branch' in {where} to make cohorts by. The model's: income, age, children, city."
    with pytest.raises(ColumnsError, match=message):
        cohorts_of(boosting, table, "branch")


def test_values_have_no_cohorts():
    model = package("forest_value")
    table = explain.read_table(model.reference.frame.head(3), model.schema)
    with pytest.raises(ColumnsError, match="Cohorts are for models of outcomes; this one predicts a value."):
        cohorts_of(model, table, "city")
