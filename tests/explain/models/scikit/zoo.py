"""Pipelines of scikit-learn of every kind that is taken, fitted on one table with blanks, categories and flags."""

from __future__ import annotations

import io

import joblib
import numpy as np
from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    BaggingRegressor,
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.linear_model import (
    BayesianRidge,
    ElasticNet,
    GammaRegressor,
    HuberRegressor,
    LinearRegression,
    LogisticRegression,
    LogisticRegressionCV,
    PoissonRegressor,
    Ridge,
    RidgeClassifier,
    SGDClassifier,
    TweedieRegressor,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import BernoulliNB, GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    MinMaxScaler,
    StandardScaler,
)
from sklearn.svm import SVC, SVR, LinearSVC, LinearSVR, NuSVC, NuSVR
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier
from xgboost import XGBClassifier, XGBRegressor

from tests.explain.models.scikit import zoo_steps
from tests.explain.models.scikit.zoo_steps import coded, filled, numbers_only, rows


def joblib_of(model):
    """A model as joblib.dump leaves it."""
    stream = io.BytesIO()
    joblib.dump(model, stream)
    return stream.getvalue()


def _classifiers():
    few = {"random_state": 0}
    return {
        "tree": make_pipeline(coded(), DecisionTreeClassifier(max_depth=5, **few)),
        "odd tree": make_pipeline(filled(), ExtraTreeClassifier(max_depth=5, **few)),
        "forest with blanks": make_pipeline(coded(), RandomForestClassifier(12, **few)),
        "forest after scaling": make_pipeline(filled(), RandomForestClassifier(12, **few)),
        "extra trees": make_pipeline(filled(), ExtraTreesClassifier(12, max_depth=6, **few)),
        "boosting": make_pipeline(filled(), GradientBoostingClassifier(n_estimators=20, **few)),
        "histogram": make_pipeline(coded(), HistGradientBoostingClassifier(max_iter=15, **few)),
        "histogram with categories": make_pipeline(
            coded(), HistGradientBoostingClassifier(max_iter=15, categorical_features=[0, 1], **few)
        ),
        "ada": make_pipeline(filled(), AdaBoostClassifier(n_estimators=12, **few)),
        "bagging of trees": make_pipeline(filled(), BaggingClassifier(n_estimators=8, max_features=0.6, **few)),
        "bagging of weights": make_pipeline(
            filled(), BaggingClassifier(LogisticRegression(), n_estimators=4, max_features=0.7, **few)
        ),
        "voting": make_pipeline(
            filled(),
            VotingClassifier([("a", LogisticRegression()), ("b", GaussianNB())], voting="soft", weights=[2, 1]),
        ),
        "stacking": make_pipeline(
            filled(),
            StackingClassifier(
                [("a", LogisticRegression()), ("b", DecisionTreeClassifier(max_depth=3, **few))], cv=3, passthrough=True
            ),
        ),
        "calibrated weights": make_pipeline(filled(), CalibratedClassifierCV(LinearSVC(**few), cv=3)),
        "calibrated by steps": make_pipeline(
            filled(), CalibratedClassifierCV(RandomForestClassifier(8, max_depth=4, **few), method="isotonic", cv=3)
        ),
        "calibrated pipeline": CalibratedClassifierCV(make_pipeline(filled(), LogisticRegression()), cv=3),
        "logistic cv": make_pipeline(
            filled(),
            LogisticRegressionCV(Cs=3, cv=3, l1_ratios=(0,), use_legacy_attributes=False, scoring="neg_log_loss"),
        ),
        "stochastic": make_pipeline(filled(), SGDClassifier(loss="log_loss", **few)),
        "modified huber": make_pipeline(filled(), SGDClassifier(loss="modified_huber", **few)),
        "discriminant": make_pipeline(filled(), LinearDiscriminantAnalysis()),
        "gaussian bayes": make_pipeline(filled(), GaussianNB()),
        "counting bayes": make_pipeline(filled(MinMaxScaler(clip=True)), MultinomialNB()),
        "flag bayes": make_pipeline(filled(), BernoulliNB()),
        "network": make_pipeline(filled(), MLPClassifier((6, 4), max_iter=60, **few)),
        "dummy": make_pipeline(filled(), DummyClassifier()),
        "lightgbm": make_pipeline(coded(), LGBMClassifier(n_estimators=8, num_leaves=8, verbose=-1)),
        "xgboost": make_pipeline(coded(), XGBClassifier(n_estimators=8, max_depth=3)),
    }


def _curved_classifiers():
    """Classifiers of kernels, squares and neighbours, and of one outcome at a time."""
    return {
        "kernels with probabilities": make_pipeline(filled(), SVC(probability=True, random_state=0)),
        "neighbours": make_pipeline(filled(), KNeighborsClassifier(9)),
        "neighbours by distance": make_pipeline(filled(), KNeighborsClassifier(6, weights="distance", p=1)),
        "neighbours by the largest": numbers_only(StandardScaler(), KNeighborsClassifier(6, metric="chebyshev")),
        "neighbours by cubes": numbers_only(StandardScaler(), KNeighborsClassifier(3, p=3)),
        "one against the rest": make_pipeline(filled(), OneVsRestClassifier(LogisticRegression(max_iter=300))),
        "quadratic discriminant": numbers_only(StandardScaler(), QuadraticDiscriminantAnalysis(reg_param=0.1)),
        "calibrated kernels": make_pipeline(filled(), CalibratedClassifierCV(SVC(C=2.0), cv=3)),
        "calibrated polynomial kernels": make_pipeline(
            filled(), CalibratedClassifierCV(NuSVC(kernel="poly", nu=0.1), cv=3)
        ),
    }


def _regressors():
    few = {"random_state": 0}
    return {
        "tree": make_pipeline(coded(), DecisionTreeRegressor(max_depth=6, **few)),
        "forest": make_pipeline(coded(), RandomForestRegressor(10, **few)),
        "extra trees": make_pipeline(filled(), ExtraTreesRegressor(10, max_depth=7, **few)),
        "boosting": make_pipeline(filled(), GradientBoostingRegressor(n_estimators=20, **few)),
        "boosting of medians": make_pipeline(
            filled(), GradientBoostingRegressor(loss="absolute_error", n_estimators=9, **few)
        ),
        "histogram": make_pipeline(coded(), HistGradientBoostingRegressor(max_iter=15, **few)),
        "histogram poisson": make_pipeline(coded(), HistGradientBoostingRegressor(loss="poisson", max_iter=15, **few)),
        "bagging": make_pipeline(filled(), BaggingRegressor(n_estimators=6, **few)),
        "voting": make_pipeline(filled(), VotingRegressor([("a", Ridge()), ("b", DecisionTreeRegressor(max_depth=3))])),
        "stacking": make_pipeline(
            filled(), StackingRegressor([("a", Ridge()), ("b", DecisionTreeRegressor(max_depth=3, **few))], cv=3)
        ),
        "least squares": make_pipeline(filled(), LinearRegression()),
        "elastic net": make_pipeline(filled(), ElasticNet(0.01)),
        "bayes": make_pipeline(filled(), BayesianRidge()),
        "huber": make_pipeline(filled(), HuberRegressor(max_iter=1000)),
        "neighbours": make_pipeline(filled(), KNeighborsRegressor(5, weights="distance")),
        "isolation": make_pipeline(filled(), IsolationForest(n_estimators=12, random_state=0)),
        "isolation over some": make_pipeline(
            filled(), IsolationForest(n_estimators=9, max_features=0.5, contamination=0.1, random_state=0)
        ),
        "linear svr": make_pipeline(filled(), LinearSVR(**few)),
        "kernels": make_pipeline(filled(), SVR(C=2.0)),
        "kernels of a line": make_pipeline(filled(), NuSVR(kernel="linear")),
        "kernels of a curve": make_pipeline(filled(), SVR(kernel="sigmoid", gamma=0.05)),
        "poisson": make_pipeline(filled(), PoissonRegressor()),
        "gamma": make_pipeline(filled(), GammaRegressor()),
        "tweedie": make_pipeline(filled(), TweedieRegressor(power=1.5)),
        "log target": TransformedTargetRegressor(
            make_pipeline(filled(), Ridge()), func=np.log, inverse_func=np.exp, check_inverse=False
        ),
        "scaled target": TransformedTargetRegressor(make_pipeline(filled(), Ridge()), transformer=StandardScaler()),
        "network": make_pipeline(filled(), MLPRegressor(hidden_layer_sizes=(8,), max_iter=80, **few)),
        "dummy": make_pipeline(filled(), DummyRegressor()),
        "lightgbm": make_pipeline(coded(), LGBMRegressor(n_estimators=8, num_leaves=8, verbose=-1)),
        "xgboost": make_pipeline(coded(), XGBRegressor(n_estimators=8, max_depth=3)),
    }


OF_THREE = {
    "forest with blanks",
    "boosting",
    "histogram with categories",
    "ada",
    "bagging of trees",
    "stacking",
    "calibrated weights",
    "calibrated by steps",
    "calibrated kernels",
    "calibrated polynomial kernels",
    "neighbours",
    "neighbours by distance",
    "one against the rest",
    "quadratic discriminant",
    "stochastic",
    "modified huber",
    "discriminant",
    "network",
    "gaussian bayes",
    "lightgbm",
    "xgboost",
    "tree",
}
"""Classifiers that are fitted on three outcomes as well."""


def unfitted():
    """Name -> the model, and which outcome it learns."""
    steps = zoo_steps.steps() | zoo_steps.steps_that_ask_models() | zoo_steps.steps_of_texts()
    found = {f"step: {name}": (model, "two") for name, model in steps.items()}
    classifiers = _classifiers() | _curved_classifiers()
    found |= {f"two: {name}": (model, "two") for name, model in classifiers.items()}
    found |= {
        f"three: {name}": (model, "three")
        for name, model in (_classifiers() | _curved_classifiers()).items()
        if name in OF_THREE
    }
    return found | {f"value: {name}": (model, "value") for name, model in _regressors().items()}


REFUSED = {
    "ridge classifier": (make_pipeline(filled(), RidgeClassifier()), "two", "RidgeClassifier gives no probabilities"),
    "hinge": (make_pipeline(filled(), SGDClassifier(random_state=0)), "two", "gives no probabilities with the loss"),
    "kernels without probabilities": (make_pipeline(filled(), SVC()), "two", "SVC gives no probabilities"),
    "only prepares": (Pipeline([("only", filled())]), "two", "ColumnTransformer is no model that is taken here"),
}


def fit(name):
    """A fitted model of the zoo."""
    model, outcome = unfitted()[name]
    return fit_on(model, outcome)


def fit_on(model, outcome):
    frame, known = rows()
    target = known[outcome]
    if outcome != "value" and "XGB" in str(model):
        target = np.unique(target, return_inverse=True)[1]
    return model.fit(frame, target)
