"""Pipelines of scikit-learn of every kind that is taken, fitted on one table with blanks, categories and flags."""

from __future__ import annotations

import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.decomposition import PCA, TruncatedSVD
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
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.experimental import enable_iterative_imputer  # noqa: F401 - importing it lets the class be imported
from sklearn.feature_selection import RFE, SelectFromModel, SelectKBest, SelectPercentile, VarianceThreshold
from sklearn.impute import IterativeImputer, SimpleImputer
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
from sklearn.naive_bayes import BernoulliNB, GaussianNB, MultinomialNB
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import (
    Binarizer,
    FunctionTransformer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
    TargetEncoder,
)
from sklearn.svm import SVC, SVR, LinearSVC, LinearSVR, NuSVC, NuSVR
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier
from xgboost import XGBClassifier, XGBRegressor

NUMBERS = ["age", "income", "debt", "children"]
TEXTS = ["job", "city"]
SEED = 7


def rows(count=400):
    """A table with blanks among numbers and texts, a flag held as a number, and three kinds of outcome."""
    draw = np.random.default_rng(SEED)
    frame = pd.DataFrame(
        {
            "age": draw.integers(18, 90, count).astype(float),
            "income": np.exp(draw.normal(8, 0.7, count)),
            "debt": draw.exponential(900, count),
            "children": draw.integers(0, 4, count).astype(float),
            "job": draw.choice(["clerk", "nurse", "smith", "none"], count, p=[0.4, 0.3, 0.25, 0.05]),
            "city": draw.choice(["Bern", "Oslo", "Rome"], count),
        }
    )
    score = 0.03 * frame["age"] + np.log(frame["income"]) - 0.001 * frame["debt"] + (frame["job"] == "nurse") - 9
    value = score + draw.normal(0, 0.5, count)
    for name in ("income", "debt"):
        frame.loc[draw.random(count) < 0.08, name] = np.nan
    frame.loc[draw.random(count) < 0.05, "job"] = None
    two = np.where(value > 0, "yes", "no")
    three = np.select([value < -0.5, value < 0.6], ["low", "mid"], "top")
    return frame, {"two": two, "three": three, "value": np.exp(value / 2)}


def filled(scaler=None):
    """Numbers filled and scaled, texts filled and one column a category."""
    numbers = make_pipeline(SimpleImputer(strategy="median"), scaler or StandardScaler())
    texts = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore"))
    return ColumnTransformer([("numbers", numbers, NUMBERS), ("texts", texts, TEXTS)])


def coded(encoder=None):
    """Blanks left as they are, texts as numbers."""
    encoder = encoder or OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    return ColumnTransformer([("texts", encoder, TEXTS)], remainder="passthrough")


def numbers_only(*steps):
    return make_pipeline(ColumnTransformer([("numbers", SimpleImputer(), NUMBERS)]), *steps)


def _steps():
    """Every step that is taken, before a model that shows what it makes."""
    last = LogisticRegression(max_iter=500)
    return {
        "standard": make_pipeline(filled(), last),
        "robust": make_pipeline(filled(RobustScaler()), last),
        "to range": make_pipeline(filled(MinMaxScaler(clip=True)), last),
        "by largest": make_pipeline(filled(MaxAbsScaler()), last),
        "power": make_pipeline(filled(PowerTransformer()), last),
        "box-cox": numbers_only(
            FunctionTransformer(np.square), MinMaxScaler((1, 2)), PowerTransformer("box-cox"), last
        ),
        "bins": make_pipeline(filled(KBinsDiscretizer(4, quantile_method="averaged_inverted_cdf")), last),
        "bins as numbers": make_pipeline(filled(KBinsDiscretizer(5, encode="ordinal", strategy="uniform")), last),
        "products": numbers_only(StandardScaler(), PolynomialFeatures(2), StandardScaler(), last),
        "products of others": numbers_only(
            StandardScaler(), PolynomialFeatures((2, 3), interaction_only=True, include_bias=False), last
        ),
        "lengths": numbers_only(Normalizer(), last),
        "flags": numbers_only(StandardScaler(), Binarizer(threshold=0.2), last),
        "shares": make_pipeline(filled(QuantileTransformer(n_quantiles=60)), last),
        "bell of shares": make_pipeline(
            filled(QuantileTransformer(n_quantiles=200, output_distribution="normal")), last
        ),
        "log": numbers_only(FunctionTransformer(np.log1p), StandardScaler(), last),
        "pca": make_pipeline(filled(), PCA(4, whiten=True), last),
        "svd": make_pipeline(filled(), TruncatedSVD(3), last),
        "best": make_pipeline(filled(), SelectKBest(k=3), last),
        "best share": make_pipeline(filled(), SelectPercentile(percentile=40), last),
        "varied": make_pipeline(filled(), VarianceThreshold(0.1), last),
        "rfe": make_pipeline(filled(), RFE(LogisticRegression(), n_features_to_select=4), last),
        "union": make_pipeline(
            filled(), FeatureUnion([("all", "passthrough"), ("pca", PCA(2))], transformer_weights={"pca": 0.5}), last
        ),
    }


def _steps_that_ask_models():
    """Steps that choose or fill columns by a model of their own."""
    last = LogisticRegression(max_iter=500)
    return {
        "chosen by weights": make_pipeline(filled(), SelectFromModel(LogisticRegression()), last),
        "chosen by few weights": make_pipeline(
            filled(), SelectFromModel(LogisticRegression(l1_ratio=1.0, solver="saga", C=0.2, max_iter=500)), last
        ),
        "chosen by a forest": make_pipeline(
            filled(), SelectFromModel(RandomForestClassifier(9, random_state=0), threshold="0.5*median"), last
        ),
        "chosen by boosting": make_pipeline(
            filled(), SelectFromModel(GradientBoostingClassifier(random_state=0), max_features=3, threshold=-1), last
        ),
        "filled in rounds": make_pipeline(
            ColumnTransformer([("n", IterativeImputer(random_state=0, add_indicator=True), NUMBERS)]),
            StandardScaler(),
            last,
        ),
        "filled in rounds by trees": make_pipeline(
            ColumnTransformer(
                [
                    (
                        "n",
                        IterativeImputer(
                            DecisionTreeRegressor(max_depth=3, random_state=0), max_iter=3, min_value=0, random_state=0
                        ),
                        NUMBERS,
                    )
                ]
            ),
            StandardScaler(),
            last,
        ),
    }


def _steps_of_texts():
    """Every encoder, and what stands beside it."""
    last = LogisticRegression(max_iter=500)
    return {
        "marked blanks": make_pipeline(
            ColumnTransformer(
                [
                    ("n", SimpleImputer(add_indicator=True), NUMBERS),
                    (
                        "t",
                        make_pipeline(
                            SimpleImputer(strategy="constant", fill_value="?"), OneHotEncoder(handle_unknown="ignore")
                        ),
                        TEXTS,
                    ),
                ]
            ),
            StandardScaler(),
            last,
        ),
        "rare together": make_pipeline(
            coded(OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=40)),
            SimpleImputer(),
            StandardScaler(),
            last,
        ),
        "first dropped": make_pipeline(
            coded(OneHotEncoder(drop="first", handle_unknown="ignore")), SimpleImputer(), StandardScaler(), last
        ),
        "target means": make_pipeline(coded(TargetEncoder(random_state=0)), SimpleImputer(), StandardScaler(), last),
        "numbers as categories": make_pipeline(
            ColumnTransformer(
                [("c", OneHotEncoder(handle_unknown="ignore"), ["children", "city"]), ("n", SimpleImputer(), ["age"])]
            ),
            last,
        ),
        "by place": make_pipeline(
            ColumnTransformer(
                [("n", SimpleImputer(), slice(0, 3)), ("t", OneHotEncoder(handle_unknown="ignore"), [5])],
                remainder="drop",
            ),
            StandardScaler(),
            last,
        ),
    }


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
    """Classifiers of kernels and squares."""
    return {
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
    steps = _steps() | _steps_that_ask_models() | _steps_of_texts()
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
