"""Models with a threshold of their own: what is predicted follows it, on every road; the probability stays."""

import sys

import numpy as np
import pytest
import skops.io as sio
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, make_scorer
from sklearn.model_selection import FixedThresholdClassifier, GridSearchCV, TunedThresholdClassifierCV
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

from explain import review
from explain.adding.choices import Choices
from explain.adding.draft import draft, proof
from explain.adding.install import install
from explain.decisions.runs import load, run_id, save
from explain.errors import ModelError
from explain.insight.evidence import evidence_from_package
from explain.models.card import read_card
from explain.models.predict import predict, predicted
from explain.models.sources.open import open_source
from explain.reports.model_card import to_markdown
from explain.tables import read_table
from explain.types import Cut
from tests.explain.models.scikit import zoo

pytestmark = pytest.mark.usefixtures("quiet")


def gain(truth, said):
    """A score of somebody's own, which no file can bring along."""
    return float((3 * truth * said - said).mean())


LAST = LogisticRegression(max_iter=300)
TREE = DecisionTreeClassifier(max_depth=3, random_state=0)
MODELS = {
    "fixed": FixedThresholdClassifier(make_pipeline(zoo.filled(), LAST), threshold=0.3),
    "fixed, as usual": FixedThresholdClassifier(make_pipeline(zoo.filled(), LAST)),
    "fixed margins": FixedThresholdClassifier(
        make_pipeline(zoo.filled(), LAST), threshold=-0.4, response_method="decision_function"
    ),
    "fixed, of the first": FixedThresholdClassifier(make_pipeline(zoo.filled(), TREE), threshold=0.55, pos_label="no"),
    "tuned": TunedThresholdClassifierCV(make_pipeline(zoo.filled(), TREE), cv=3, random_state=0),
    "tuned for the first": TunedThresholdClassifierCV(
        make_pipeline(zoo.filled(), LAST), cv=3, scoring=make_scorer(f1_score, pos_label="no")
    ),
    "tuned in a search": GridSearchCV(
        TunedThresholdClassifierCV(make_pipeline(zoo.filled(), LAST), cv=3), {"thresholds": [20, 30]}, cv=3
    ),
    "tuned around a search": TunedThresholdClassifierCV(
        GridSearchCV(make_pipeline(zoo.filled(), LAST), {"logisticregression__C": [0.1, 1]}, cv=3), cv=3
    ),
    "last of a pipeline": make_pipeline(zoo.filled(), FixedThresholdClassifier(LAST, threshold=0.7)),
}


@pytest.mark.parametrize("dump", [zoo.joblib_of, sio.dumps], ids=["joblib", "skops"])
@pytest.mark.parametrize("name", MODELS)
def test_a_package_predicts_what_the_model_predicts_and_gives_its_probability(name, dump):
    frame, known = zoo.rows()
    y = np.asarray(known["two"])
    model = MODELS[name].fit(frame.head(300), y[:300])
    rows = frame.assign(outcome=y)
    made = draft(open_source(dump(model), rows), rows, Choices(target="outcome"))
    cut = made.source.facts.cut
    fresh = frame.tail(100)
    np.testing.assert_allclose(made.scores[300:], model.predict_proba(fresh), atol=1e-12)
    said = np.array(made.outputs)[predicted(cut, made.scores[300:])]
    assert said.tolist() == model.predict(fresh).tolist()
    if dump is sio.dumps and name.startswith("tuned"):
        assert proof(made).verdict == "same"


def test_a_score_of_a_notebooks_own_is_not_looked_at(monkeypatch):
    monkeypatch.setattr(sys.modules["__main__"], "gain", gain, raising=False)
    monkeypatch.setattr(gain, "__module__", "__main__")
    frame, known = zoo.rows()
    y = (np.asarray(known["two"]) == "yes").astype(int)
    model = TunedThresholdClassifierCV(make_pipeline(zoo.filled(), LAST), scoring=make_scorer(gain), cv=3)
    rows = frame.assign(outcome=y)
    source = open_source(zoo.joblib_of(model.fit(frame, y)), rows)
    assert source.facts.cut == Cut(model.best_threshold_, 1)


REFUSED = {
    "margins of others": (
        FixedThresholdClassifier(zoo.numbers_only(TREE), response_method="decision_function"), None,
        "compares margins of DecisionTreeClassifier, not probabilities"),
    "outcomes of which 1 comes first": (
        TunedThresholdClassifierCV(zoo.numbers_only(LAST), scoring="f1", cv=3), {"no": 1, "yes": 2},
        "does not say which outcome its threshold is about"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_threshold_that_cannot_be_followed_is_refused_by_name(name):
    model, names, said = REFUSED[name]
    frame, known = zoo.rows()
    y = np.asarray(known["two"])
    fitted = model.set_params() if names is None else model.fit(frame, np.array([names[one] for one in y]))
    if names is None:
        fitted.estimator_ = model.estimator.fit(frame, y)
    with pytest.raises(ModelError, match=said):
        open_source(zoo.joblib_of(fitted), frame)


@pytest.fixture(scope="module")
def added(tmp_path_factory):
    """A model that says yes from 30 in 100 on, added with held-out rows."""
    home = tmp_path_factory.mktemp("home")
    frame, known = zoo.rows()
    y = np.asarray(known["two"])
    model = make_pipeline(zoo.filled(), FixedThresholdClassifier(LAST, threshold=0.3)).fit(frame.head(200), y[:200])
    rows = frame.assign(outcome=y, test=np.arange(len(frame)) >= 200)
    choices = Choices(title="Early yes", target="outcome", held_out="test", left_out=("test",))
    made = draft(open_source(zoo.joblib_of(model), rows), rows, choices)
    return install(made, proof(made), home), model, frame, home


def test_the_decision_follows_the_threshold_everywhere(added):
    package, model, frame, _ = added
    assert package.info.cut == Cut(0.3, 1)
    fresh = frame.tail(60).reset_index(drop=True)
    table = read_table(fresh.to_csv(index=False).encode(), package.schema, name="fresh.csv")
    decisions = review(table, package)
    said = [package.info.outputs[at] for at in decisions.prediction.chosen]
    assert said == model.predict(fresh).tolist()
    between = next(at for at in range(60) if 0.3 <= decisions.prediction.scores[at, 1] < 0.5)
    decision = decisions[between]
    assert decision.predicted == "yes"
    assert "It says “yes” from 30 in 100 on, and “no” below." in decision.sentence
    assert decision.to_dict()["model"]["cut"] == {"at": 0.3, "outcome": 1}
    evidence = evidence_from_package(package)
    held = package.reference.frame[package.reference.held_out]
    assert evidence.right.mean() == (model.predict(held) == np.array(["no", "yes"])[evidence.classes]).mean()
    assert "It says “yes” from 30 in 100 on" in to_markdown(package)
    assert "30 in 100" not in to_markdown(package).split("## Metrics")[1]


def test_a_review_is_kept_with_the_threshold_that_made_it(added, tmp_path):
    package, _, frame, _ = added
    table = read_table(frame.tail(20).to_csv(index=False).encode(), package.schema, name="fresh.csv")
    decisions = review(table, package)
    other = read_card(package.card.to_json().replace('"at": 0.3', '"at": 0.4')).info
    assert run_id(other, table, 0.9) != run_id(package.info, table, 0.9)
    again = load(save(decisions, tmp_path), tmp_path)
    assert again.model.cut == Cut(0.3, 1)
    assert again.prediction.chosen.tolist() == predict(package, table.frame).chosen.tolist()


@pytest.mark.parametrize("odd", ['{"at": "x", "outcome": 1}', '{"at": 0.3, "outcome": 2}', '{"at": 0.3}', "[]", "3"])
def test_a_card_with_a_threshold_that_is_none_is_refused(added, odd):
    package = added[0]
    text = package.card.to_json()
    start = text.index('"cut": ') + 7
    broken = text[:start] + odd + text[text.index("}", start) + 1 :]
    if odd == '{"at": 0.3}':
        assert read_card(broken).cut == Cut(0.3, 1)
    else:
        with pytest.raises(ModelError, match="threshold that is none|lacks or misspells an entry"):
            read_card(broken)
