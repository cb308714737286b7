"""Pickles of other versions of scikit-learn: their own predictions, to the last digits, or a sentence."""

import numpy as np
import pandas as pd
import pytest

from explain.adding.choices import Choices
from explain.adding.draft import draft, proof
from explain.models.sources.open import open_source
from tests.fixtures.make_pickles import FOLDER, rows

FILES = sorted(FOLDER.glob("*/*.joblib"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_model_of_another_version_predicts_what_it_predicted_there(path):
    frame, value = rows()
    wanted = pd.read_csv(path.parent / "predictions.csv")[path.stem].to_numpy()
    if path.stem == "histogram":
        frame = frame[["age", "income"]].assign(outcome=value)
    else:
        frame = frame.assign(outcome=np.where(value > np.median(value), "yes", "no"))
        if path.stem == "smote":
            frame = frame.assign(outcome=np.where(value > np.quantile(value, 0.8), "yes", "no"))
    source = open_source(path.read_bytes(), frame)
    made = draft(source, frame, Choices(target="outcome"))
    np.testing.assert_allclose(made.scores[:, -1], wanted, atol=1e-12, rtol=1e-12)
    assert source.facts.library.startswith(f"scikit-learn {path.parent.name}, ")
    if path.stem == "weights":
        assert proof(made).verdict == "same"


def test_files_of_all_versions_are_there():
    assert {".".join(path.parent.name.split(".")[:2]) for path in FILES} >= {f"1.{minor}" for minor in range(9)}
