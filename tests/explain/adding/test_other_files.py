"""Files as other people have them: columns with blanks in their names, other words, log-odds; each read or said."""

from dataclasses import replace

import lightgbm
import numpy as np
import pandas as pd
import pytest
import skops.io as sio
import xgboost
from catboost import CatBoostClassifier
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.naive_bayes import ComplementNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import explain
from explain.adding.choices import Choices
from explain.adding.draft import draft, proof
from explain.adding.install import install
from explain.errors import ModelError
from explain.models.outputs import likeliest
from explain.models.sources.booster import Booster
from explain.models.sources.open import open_source
from tests.explain.models.scikit import zoo

pytestmark = pytest.mark.usefixtures("quiet")

DRAW = np.random.default_rng(0)
FRAME = pd.DataFrame({
    "monthly income": DRAW.normal(50, 20, 300).round(1),
    "age of car": DRAW.integers(0, 9, 300) * 1.0,
    "colour": DRAW.choice(["red", "blue", "green"], 300),
})  # fmt: skip
NUMBERS = FRAME[["monthly income", "age of car"]]
OUTCOME = np.where(FRAME["monthly income"] + 5 * FRAME["age of car"] > 70, "yes", "no")
ROWS = FRAME.assign(outcome=OUTCOME)
SAID = Choices(target="outcome", outputs=("no", "yes"))
FEW = {"n_estimators": 4, "verbose": -1}


@pytest.mark.parametrize("dump", [zoo.joblib_of, sio.dumps], ids=["joblib", "skops"])
@pytest.mark.parametrize("alone", [True, False], ids=["alone", "in a pipeline"])
def test_lightgbm_with_blanks_in_the_names_of_columns(dump, alone):
    model = lightgbm.LGBMClassifier(**FEW)
    model = (model if alone else make_pipeline(StandardScaler(), model)).fit(NUMBERS, OUTCOME)
    rows = ROWS.drop(columns="colour")
    made = draft(open_source(dump(model), rows), rows, Choices(target="outcome"))
    np.testing.assert_allclose(made.scores, model.predict_proba(NUMBERS), atol=1e-12)
    assert proof(made).verdict == "same"


def coloured():
    typed = FRAME.assign(colour=pd.Categorical(FRAME["colour"]))
    return lightgbm.LGBMClassifier(**FEW).fit(typed, OUTCOME).booster_.model_to_string().encode()


def test_rows_with_none_of_the_models_words_are_said():
    codes = ROWS.assign(colour=ROWS["colour"].map({"red": 2, "blue": 0, "green": 1}))
    said = draft(open_source(coloured(), codes), codes, SAID).warning
    assert said.startswith("None of the values of “colour” in the reference (“0”, “1” and “2”) is a category that the")
    assert "knows (“blue”, “green” and “red”): to the model all of them are unknown." in said
    assert draft(open_source(coloured(), ROWS), ROWS, SAID).warning == ""
    some = ROWS.assign(colour=ROWS["colour"].replace("red", "pink"))
    assert draft(open_source(coloured(), some), some, SAID).warning == ""


def test_log_odds_of_xgboost_keep_the_outcomes_that_were_named():
    booster = xgboost.train({"objective": "binary:logitraw", "base_score": 0.3}, xgboost.DMatrix(NUMBERS, TWO), 4)
    rows = ROWS.drop(columns="colour")
    made = draft(open_source(bytes(booster.save_raw("json")), rows), rows, SAID)
    assert (made.task, made.outputs) == ("binary", ("no", "yes"))
    margin = booster.predict(xgboost.DMatrix(NUMBERS)).astype(float)
    np.testing.assert_allclose(made.scores[:, 1], 1 / (1 + np.exp(-margin)), atol=1e-6)
    assert proof(made).verdict == "same"
    assert made.source.facts.notes == (
        "Predictions start from its base score, 0.3.",
        "binary:logitraw gives log-odds; here both outcomes have their probabilities.",
    )


@pytest.mark.parametrize("at", [0, 1, 2])
def test_of_a_model_of_several_quantiles_each_is_a_value_of_its_own_and_the_others_its_range(at, tmp_path):
    target = FRAME["monthly income"] * 3 + DRAW.normal(0, 20, 300)
    booster = xgboost.train(
        {"objective": "reg:quantileerror", "quantile_alpha": [0.1, 0.5, 0.9]}, xgboost.DMatrix(NUMBERS, target), 6
    )
    rows = NUMBERS.assign(outcome=target)
    source = open_source(bytes(booster.save_raw("ubj")), rows)
    assert source.facts.score_outputs == ("quantile 0.1", "quantile 0.5", "quantile 0.9")
    assert likeliest(source.facts.score_outputs) == "quantile 0.5"
    with pytest.raises(ModelError, match="has 3 outputs that could be its scores: “quantile 0.1”, .* Say which one"):
        draft(source, rows, Choices(target="outcome"))
    made = draft(source, rows, Choices(target="outcome", output=source.facts.score_outputs[at]))
    expected = booster.predict(xgboost.DMatrix(NUMBERS))
    np.testing.assert_allclose(made.scores[:, 0], expected[:, at], rtol=1e-6)
    parity = proof(made)
    assert parity.verdict == "same"

    # the others are its range, of fresh rows with blanks, too; its reasons are those of the value alone
    package = install(made, parity, tmp_path)
    assert package.card.spread == (0.1, 0.9)
    fresh = NUMBERS.head(50) * 1.1
    fresh.iloc[::7, 0] = np.nan
    expected = np.sort(booster.predict(xgboost.DMatrix(fresh))[:, [0, 2]], axis=1)
    np.testing.assert_allclose(package.own_range(fresh), expected, rtol=1e-6)
    decisions = explain.review(explain.read_table(fresh, package.schema), package)
    assert decisions.explanation.exact
    assert decisions.explanation.gap.max() < 1e-3
    np.testing.assert_allclose(decisions.prediction.scores[:, 0], package.score(fresh)[:, 0])


def test_a_range_that_differs_from_the_librarys_fails_the_proof(monkeypatch):
    target = FRAME["monthly income"] * 3 + DRAW.normal(0, 20, 300)
    booster = xgboost.train(
        {"objective": "reg:quantileerror", "quantile_alpha": [0.1, 0.9]}, xgboost.DMatrix(NUMBERS, target), 6
    )
    rows = NUMBERS.assign(outcome=target)
    source = open_source(bytes(booster.save_raw("ubj")), rows)
    made = draft(source, rows, Choices(target="outcome", output="quantile 0.1"))
    assert made.source.facts.spread == (0.1, 0.9)
    monkeypatch.setattr(Booster, "ends", property(lambda own: (replace(own, target=1), replace(own, target=0))))
    assert proof(made).verdict == "different"


TWO = (OUTCOME == "yes").astype(int)
REFUSED = {
    "another number for a blank": (
        lambda: zoo.joblib_of(xgboost.XGBClassifier(n_estimators=2, missing=0).fit(NUMBERS, TWO)),
        r"XGBClassifier takes 0 for a blank \(missing\). Train it with blanks, or with a step"),
    "a part of scikit-learn": (
        lambda: zoo.joblib_of(ComplementNB().fit(NUMBERS.abs(), OUTCOME)),
        "ComplementNB, a part of scikit-learn that is not read here. Where skl2onnx has a converter for it, make ONNX"),
    "a part that has no converter either": (
        lambda: zoo.joblib_of(GaussianProcessClassifier().fit(NUMBERS.head(40), OUTCOME[:40])),
        "GaussianProcessClassifier, a part of scikit-learn that is not read here. skl2onnx writes a loop of it"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_read_is_said_with_a_way_that_works(name):
    make, said = REFUSED[name]
    with pytest.raises(ModelError, match=said):
        open_source(make(), ROWS)


def test_a_catboost_model_of_texts_is_told_by_name(tmp_path):
    texts = FRAME.assign(note=np.where(OUTCOME == "yes", "good friend of ours", "never seen before"))
    model = CatBoostClassifier(iterations=2, verbose=0, text_features=["note"], cat_features=["colour"],
                               allow_writing_files=False).fit(texts, OUTCOME)  # fmt: skip
    model.save_model(tmp_path / "model.cbm")
    with pytest.raises(ModelError, match="has columns of text or of embeddings, which are not read"):
        open_source((tmp_path / "model.cbm").read_bytes(), texts)
