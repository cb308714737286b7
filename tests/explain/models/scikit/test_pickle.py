"""Pickles are read as data: to the very same values as skops files, whoever wrote them and however they are packed."""

import pickle
import sys
import tempfile
import warnings
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
import scipy.stats
import skops.io as sio
from catboost import CatBoostClassifier, CatBoostRegressor
from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import RandomForestClassifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401 - importing it lets the class be imported
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV, RandomizedSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from xgboost import XGBClassifier, XGBRegressor

from explain.adding.choices import Choices
from explain.adding.draft import draft, proof
from explain.errors import ModelError
from explain.models.scikit.pickle_file import read_pickle
from explain.models.scikit.skops_file import read_skops
from explain.models.scikit.skops_out import write_skops
from explain.models.scikit.thing import Named, Thing
from explain.models.sources.open import open_source
from explain.models.sources.recognise import recognise
from tests.explain.models.scikit import zoo, zoo_steps

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
PACKINGS = ("zlib", "gzip", "bz2", "lzma", "xz", "lz4")


def by_joblib(model, packing=None):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.joblib"
        joblib.dump(model, path, compress=(packing, 3) if packing else 0)
        return path.read_bytes()


def fit(name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return zoo.fit(name)


def plain(value):
    """A value as nested tuples that can be compared; random states have no part in predictions."""
    if value is None or (isinstance(value, Named) and "random" in value.name):
        return "nothing"
    if isinstance(value, Named | Thing):
        return type(value), plain(dict(vars(value)))
    if isinstance(value, np.ndarray):
        return str(value.dtype), value.shape, plain(value.tolist())
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value), [plain(item) for item in value]
    return repr(value)


@pytest.mark.parametrize("name", zoo.unfitted())
def test_every_pipeline_is_the_same_in_every_pickle_as_in_a_skops_file(name):
    model = fit(name)
    wanted = plain(read_skops(sio.dumps(model)))
    for protocol in PROTOCOLS:
        found = read_pickle(pickle.dumps(model, protocol))
        assert plain(found) == wanted
    assert plain(read_pickle(by_joblib(model))) == wanted
    assert plain(read_skops(write_skops(found))) == wanted


@pytest.mark.parametrize("packing", PACKINGS)
def test_packed_files_are_told_and_read(packing):
    model = fit("two: forest with blanks")
    content = by_joblib(model, packing)
    assert recognise(content) == "pickle"
    assert plain(read_pickle(content)) == plain(read_skops(sio.dumps(model)))


def test_without_lz4_a_file_packed_by_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "lz4", None)
    monkeypatch.setitem(sys.modules, "lz4.frame", None)
    with pytest.raises(ModelError, match="packed with lz4, which is not installed here. Install it with pip"):
        read_pickle(by_joblib(fit("two: forest with blanks"), "lz4"))


def test_a_broken_file_packed_by_lz4_is_refused():
    with pytest.raises(ModelError, match="what it is packed with is broken or cut off"):
        read_pickle(b"\x04\x22\x4d\x18" + bytes(20))


@pytest.mark.parametrize("name", ["two: forest after scaling", "three: histogram with categories", "value: boosting"])
def test_the_proof_is_asked_of_what_was_read_and_passes(name):
    _, outcome = zoo.unfitted()[name]
    frame, known = zoo.rows()
    frame = frame.assign(outcome=known[outcome])
    made = draft(open_source(by_joblib(fit(name)), frame), frame, Choices(target="outcome"))
    found = proof(made)
    assert (found.verdict, found.flips) == ("same", 0)
    assert found.largest < 1e-12
    assert made.asks == ""


def searches():
    pipeline = make_pipeline(zoo.filled(), LogisticRegression())
    few = {"logisticregression__C": [0.1, 1.0]}
    forest = make_pipeline(zoo.filled(), RandomForestClassifier(5, random_state=0))
    depths = {"randomforestclassifier__max_depth": scipy.stats.randint(2, 5)}
    return {
        "grid": GridSearchCV(pipeline, few, scoring="roc_auc", cv=3),
        "random": RandomizedSearchCV(forest, depths, n_iter=2, cv=3, random_state=0),
        "halving": HalvingGridSearchCV(pipeline, few, cv=3, random_state=0),
        "within a pipeline of its own": GridSearchCV(make_pipeline(zoo.filled(), LogisticRegression()), few, cv=3),
    }


@pytest.mark.parametrize("name", searches())
@pytest.mark.parametrize("write", [pickle.dumps, by_joblib])
def test_a_search_stands_for_the_model_that_it_found_best(name, write):
    frame, known = zoo.rows()
    search = searches()[name].fit(frame, known["two"])
    rows = frame.assign(outcome=known["two"])
    made = draft(open_source(write(search), rows), rows, Choices(target="outcome"))
    assert np.abs(made.scores - search.predict_proba(frame)).max() < 1e-12
    assert proof(made).verdict == "same"


def test_a_search_in_a_skops_file_too_and_one_that_fitted_nothing_is_refused():
    frame, known = zoo.rows()
    rows = frame.assign(outcome=known["two"])
    search = searches()["grid"].fit(frame, known["two"])
    made = draft(open_source(sio.dumps(search), rows), rows, Choices(target="outcome"))
    assert proof(made).verdict == "same"
    kept_none = searches()["grid"].set_params(refit=False).fit(frame, known["two"])
    with pytest.raises(ModelError, match="GridSearchCV kept no fitted model. Run it with refit=True"):
        open_source(pickle.dumps(kept_none), rows)


QUIET = {"verbose": 0, "allow_writing_files": False}
BOOSTERS = {
    "lightgbm of two": (LGBMClassifier(n_estimators=9, verbose=-1), "two", ("no", "yes")),
    "lightgbm of three": (LGBMClassifier(n_estimators=9, verbose=-1), "three", ("low", "mid", "top")),
    "lightgbm of values": (LGBMRegressor(n_estimators=9, verbose=-1), "value", ("outcome",)),
    "xgboost of two": (XGBClassifier(n_estimators=9), "two", ("0", "1")),
    "xgboost of values": (XGBRegressor(n_estimators=9), "value", ("outcome",)),
    "catboost of two": (CatBoostClassifier(iterations=9, **QUIET), "two", ("no", "yes")),
    "catboost of values": (CatBoostRegressor(iterations=9, **QUIET), "value", ("outcome",)),
}


@pytest.mark.parametrize("name", BOOSTERS)
@pytest.mark.parametrize("write", [pickle.dumps, by_joblib])
def test_a_booster_alone_goes_the_way_of_its_own_file_and_knows_its_outcomes(name, write):
    model, which, outputs = BOOSTERS[name]
    frame, known = zoo.rows()
    numbers, outcome = frame[zoo_steps.NUMBERS], known[which]
    if outputs == ("0", "1"):
        outcome = (outcome == "yes").astype(int)
    model.fit(numbers, outcome)
    rows = numbers.assign(outcome=outcome)
    made = draft(open_source(write(model), rows), rows, Choices(target="outcome"))
    found = proof(made)
    assert (found.verdict, made.outputs, made.asks) == ("same", outputs, "")
    asked = model.predict(numbers).reshape(-1, 1) if which == "value" else model.predict_proba(numbers)
    np.testing.assert_allclose(made.scores, asked, atol=1e-6, rtol=1e-6)


class Own(BaseEstimator):
    """A step of somebody's own."""


def test_what_is_not_on_the_list_is_refused_by_its_name():
    model = fit("two: forest with blanks")
    for inside, name in ((Own(), "test_pickle.Own"), (pd.Series([1.0]), "pandas.Series")):
        model.steps[0][1].remark_ = inside
        with pytest.raises(ModelError, match=rf"would have called [\w.]*{name.split('.')[-1]}, which is not among"):
            read_pickle(pickle.dumps(model))


def test_a_plain_value_is_no_model():
    with pytest.raises(ModelError, match="holds no model, but a plain value"):
        read_pickle(pickle.dumps({"a": [1, 2.5, None, "b", (True, b"c")]}))


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6).astype(kind).reshape(2, 3)
        for kind in ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", ">f8", ">i4", "U3", "S4")
    ]
    + [
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(12.0)[::2],
        np.array(["a", None, 3], dtype=object),
        np.array([[1, "b"], [None, 2.5]], dtype=object),
        np.array([(1, 2.5)], dtype=[("a", "i4"), ("b", "f8")]),
        np.zeros((0, 3)),
        np.array([True, False]),
        np.array(3.5),
    ],
    ids=lambda array: f"{array.dtype}{array.shape}",
)
def test_arrays_of_every_kind_and_order_come_out_as_they_went_in(array):
    model = LogisticRegression()
    model.coef_ = array
    for content in (*(pickle.dumps(model, protocol) for protocol in PROTOCOLS), by_joblib(model)):
        found = read_pickle(content).state["coef_"]
        assert found.shape == array.shape
        assert found.dtype == array.dtype.newbyteorder("=")
        assert found.tolist() == array.tolist()


def of_texts(columns, rest="drop"):
    texts = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore"))
    return ColumnTransformer([("texts", texts, columns)], remainder=rest)


FRAME, KNOWN = zoo.rows()
CHOSEN = {
    "an index of pandas": (of_texts(FRAME.select_dtypes(exclude="number").columns, SimpleImputer()), FRAME),
    "an index of objects": (of_texts(pd.Index(zoo_steps.TEXTS, dtype=object), SimpleImputer()), FRAME),
    "a selector": (of_texts(make_column_selector(dtype_exclude="number"), SimpleImputer()), FRAME),
    "places of a matrix of objects": (of_texts([4, 5], SimpleImputer()), FRAME.to_numpy(dtype=object)),
}


@pytest.mark.parametrize("name", CHOSEN)
@pytest.mark.parametrize("write", [pickle.dumps, by_joblib])
def test_columns_may_be_chosen_in_any_way_and_the_proof_passes(name, write):
    chooser, given = CHOSEN[name]
    model = make_pipeline(chooser, RandomForestClassifier(5, random_state=0)).fit(given, KNOWN["two"])
    rows = FRAME.assign(outcome=KNOWN["two"])
    made = draft(open_source(write(model), rows), rows, Choices(target="outcome"))
    assert np.abs(made.scores - model.predict_proba(given)).max() < 1e-12
    assert proof(made).verdict == "same"
