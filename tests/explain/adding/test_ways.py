"""What is refused names a way out, and the way works: the table of docs/models.md, pair by pair."""

import lightgbm
import numpy as np
import pytest
import xgboost
from catboost import CatBoostClassifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import StackingClassifier, VotingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Perceptron, RidgeClassifier, SGDClassifier
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, SplineTransformer, StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

from explain.adding.choices import Choices
from explain.adding.draft import draft, proof
from explain.errors import ModelError
from explain.models.sources.open import open_source
from tests.explain.models.scikit import zoo, zoo_steps

pytestmark = pytest.mark.usefixtures("quiet")

FRAME, KNOWN = zoo.rows(240)
NUMBERS = FRAME[zoo_steps.NUMBERS].fillna(1.0)
TWO, THREE = (np.asarray(KNOWN[name]) for name in ("two", "three"))
TREE = DecisionTreeClassifier(max_depth=3, random_state=0)
WEIGHTS = LogisticRegression(max_iter=300)
PARTS = [("a", TREE), ("b", WEIGHTS)]


def doubled(cells):
    return cells * 2


def scaled(model):
    return make_pipeline(StandardScaler(), model)


def calibrated(model):
    return scaled(model), scaled(CalibratedClassifierCV(model, cv=3)), TWO


PAIRS = {
    "LinearSVC": calibrated(LinearSVC(random_state=0)),
    "RidgeClassifier": calibrated(RidgeClassifier()),
    "Perceptron": calibrated(Perceptron(random_state=0)),
    "hinge": calibrated(SGDClassifier(random_state=0)),
    "SVC": calibrated(SVC()),
    "SVC of three": (scaled(SVC(probability=True)), scaled(CalibratedClassifierCV(SVC(), cv=3)), THREE),
    "votes": (scaled(VotingClassifier(PARTS)), scaled(VotingClassifier(PARTS, voting="soft")), TWO),
    "stacked outcomes": (
        scaled(StackingClassifier(PARTS, stack_method="predict", cv=3)), scaled(StackingClassifier(PARTS, cv=3)), TWO),
    "margins of trees": (
        FixedThresholdClassifier(scaled(SVC(probability=True)), response_method="decision_function"),
        FixedThresholdClassifier(scaled(SVC(probability=True)), response_method="predict_proba"), TWO),
    "a function of one's own": (
        make_pipeline(FunctionTransformer(doubled), StandardScaler(), WEIGHTS),
        make_pipeline(FunctionTransformer(np.sqrt), StandardScaler(), WEIGHTS), TWO),
    "drawn imputations": (
        make_pipeline(zoo_steps.IterativeImputer(sample_posterior=True, random_state=0), WEIGHTS),
        make_pipeline(zoo_steps.IterativeImputer(random_state=0), WEIGHTS), TWO),
    "lines from corners": (
        scaled(make_pipeline(SplineTransformer(degree=1, extrapolation="linear"), WEIGHTS)),
        scaled(make_pipeline(SplineTransformer(degree=2, extrapolation="linear"), WEIGHTS)), TWO),
    "a number for blanks": (
        xgboost.XGBClassifier(n_estimators=3, missing=0), xgboost.XGBClassifier(n_estimators=3),
        (TWO == "yes").astype(int)),
}  # fmt: skip


def added(content, rows, outcome):
    rows = rows.assign(outcome=outcome)
    names = tuple(str(name) for name in np.unique(outcome))
    made = draft(open_source(content, rows), rows, Choices(target="outcome", outputs=names))
    assert proof(made).verdict == "same"
    return made


@pytest.mark.parametrize("name", PAIRS)
def test_what_is_refused_comes_in_by_the_way_that_is_named(name):
    refused, way, outcome = PAIRS[name]
    with pytest.raises(ModelError, match=r"\. \S"):
        open_source(zoo.joblib_of(refused.fit(NUMBERS, outcome)), NUMBERS)
    made = added(zoo.joblib_of(way.fit(NUMBERS, outcome)), NUMBERS, outcome)
    np.testing.assert_allclose(made.scores, way.predict_proba(NUMBERS), atol=1e-6)


def test_a_pipeline_without_its_model_comes_in_with_it():
    steps = make_pipeline(SimpleImputer(), StandardScaler())
    with pytest.raises(ModelError, match="Save the whole fitted pipeline with its model at the end"):
        open_source(zoo.joblib_of(steps.fit(NUMBERS)), NUMBERS)
    added(zoo.joblib_of(make_pipeline(SimpleImputer(), StandardScaler(), WEIGHTS).fit(NUMBERS, TWO)), NUMBERS, TWO)


def test_lightgbm_stopped_early_comes_in_by_its_own_file(tmp_path):
    model = lightgbm.LGBMClassifier(n_estimators=60, learning_rate=0.6, verbose=-1)
    yes = (TWO == "yes").astype(int)
    model.fit(NUMBERS[:120], yes[:120], eval_X=NUMBERS[120:], eval_y=yes[120:],
              callbacks=[lightgbm.early_stopping(3, verbose=False)])  # fmt: skip
    with pytest.raises(ModelError, match="was stopped early.* Save the booster with its own save_model"):
        open_source(zoo.joblib_of(model), NUMBERS)
    model.booster_.save_model(tmp_path / "model.txt")
    made = added((tmp_path / "model.txt").read_bytes(), NUMBERS, yes)
    np.testing.assert_allclose(made.scores, model.predict_proba(NUMBERS), atol=1e-12)


def test_texts_of_catboost_come_in_as_numbers(tmp_path):
    words = np.where(TWO == "yes", "a good friend", "never")
    few = {"iterations": 3, "verbose": 0, "allow_writing_files": False}
    texts = CatBoostClassifier(**few, text_features=["words"]).fit(NUMBERS.assign(words=words), TWO)
    texts.save_model(tmp_path / "texts.cbm")
    with pytest.raises(ModelError, match="turn them into numbers beforehand"):
        open_source((tmp_path / "texts.cbm").read_bytes(), NUMBERS)
    counted = NUMBERS.assign(words=[float(len(text)) for text in words])
    CatBoostClassifier(**few).fit(counted, TWO).save_model(tmp_path / "counted.cbm")
    added((tmp_path / "counted.cbm").read_bytes(), counted, TWO)
