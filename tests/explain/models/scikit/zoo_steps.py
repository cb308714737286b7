"""Steps of every kind that is taken, each before a model that shows what it makes; and the table they are fitted on."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.ensemble import (
    GradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.experimental import enable_iterative_imputer  # noqa: F401 - importing it lets the class be imported
from sklearn.feature_selection import RFE, SelectFromModel, SelectKBest, SelectPercentile, VarianceThreshold
from sklearn.impute import IterativeImputer, KNNImputer, SimpleImputer
from sklearn.linear_model import (
    LogisticRegression,
)
from sklearn.pipeline import FeatureUnion, make_pipeline
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
    SplineTransformer,
    StandardScaler,
    TargetEncoder,
)
from sklearn.tree import DecisionTreeRegressor

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


def numbers_by(imputer, *steps):
    """Numbers whose blanks a step of its own fills."""
    return make_pipeline(ColumnTransformer([("numbers", imputer, NUMBERS)]), *steps)


def steps():
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
        **{
            f"splines of degree {degree}, {beyond}": numbers_only(
                StandardScaler(),
                SplineTransformer(n_knots=4, degree=degree, extrapolation=beyond, include_bias=degree != 2),
                last,
            )
            for beyond, degree in (("constant", 3), ("linear", 2), ("continue", 3), ("periodic", 3), ("constant", 1))
        },
        "splines by quantiles": numbers_only(SplineTransformer(knots="quantile", extrapolation="error"), last),
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


def steps_that_ask_models():
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
        "filled by neighbours": numbers_by(KNNImputer(add_indicator=True), StandardScaler(), last),
        "filled by near neighbours": numbers_by(
            make_pipeline(StandardScaler(), KNNImputer(n_neighbors=3, weights="distance")), last
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


def steps_of_texts():
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
