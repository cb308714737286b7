"""The types that may stand in a skops file, a fixed list: each was examined, and none is taken because a file names it.

Reading imports none of them. The same list is what skops may build where the model itself is asked for predictions, in
the limited process only. What is not on it for a reason: functions and methods of one's own, `operator` types, KD trees
(compiled, with raw pointers in their state), kernels, sparse arrays, file handles.
"""

from __future__ import annotations

from explain.models.scikit.boosted import CATBOOST
from explain.models.scikit.neighbours import NEIGHBOURS
from explain.models.scikit.samplers import BALANCED, SAMPLERS
from explain.models.scikit.scaling import FUNCTIONS as WRITTEN
from explain.models.scikit.searches import SEARCHES
from explain.models.scikit.splines import SPLINE
from explain.models.scikit.tables import MODELS, STEPS
from explain.models.scikit.thresholds import THRESHOLDS

_LOSSES = ("HalfBinomial", "HalfMultinomial", "HalfPoisson", "HalfGamma", "HalfTweedie", "HalfSquared", "Absolute",
           "Pinball", "Huber", "Exponential")  # fmt: skip
PARTS = frozenset(
    {
        "sklearn.tree._tree.Tree",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
        "sklearn.calibration._CalibratedClassifier",
        "sklearn.calibration._SigmoidCalibration",
        "sklearn.isotonic.IsotonicRegression",
        "sklearn.preprocessing._label.LabelEncoder",
        "sklearn.preprocessing._label.LabelBinarizer",
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
        "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
        "sklearn.compose._column_transformer.make_column_selector",
        "sklearn._loss.link.Interval",
        "sklearn._loss.link.IdentityLink",
        "sklearn._loss.link.LogLink",
        "sklearn._loss.link.LogitLink",
        "sklearn._loss.link.HalfLogitLink",
        "sklearn._loss.link.MultinomialLogit",
        "sklearn.metrics._scorer._CurveScorer",
        SPLINE,
        "lightgbm.basic.Booster",
        "xgboost.core.Booster",
    }
    | {f"sklearn._loss.loss.{name}{end}" for name in _LOSSES for end in ("Loss", "Error", "LossIdentity")}
    | {f"sklearn._loss._loss.Cy{name}{end}" for name in _LOSSES for end in ("Loss", "Error", "LossIdentity")}
    | {f"sklearn.ensemble._gb_losses.{name}" for name in ("BinomialDeviance", "MultinomialDeviance", "ExponentialLoss",
                                                         "LeastSquaresError", "LeastAbsoluteError", "HuberLossFunction",
                                                         "QuantileLossFunction")}
    | {f"sklearn.ensemble._hist_gradient_boosting.loss.{name}" for name in (
        "LeastSquares", "LeastAbsoluteDeviation", "BinaryCrossEntropy", "CategoricalCrossEntropy", "Poisson")}
    | {f"sklearn.linear_model._sgd_fast.{name}" for name in ("Hinge", "SquaredHinge", "ModifiedHuber",
                                                            "EpsilonInsensitive", "SquaredEpsilonInsensitive")}
    | {f"sklearn.model_selection._split.{name}" for name in ("KFold", "StratifiedKFold", "ShuffleSplit",
                                                             "StratifiedShuffleSplit", "GroupKFold")}
)  # fmt: skip
"""What stands inside of steps and models."""
LISTS = frozenset({"sklearn.compose._column_transformer._RemainderColsList"})
"""Lists with a warning around them, as scikit-learn 1.5 and 1.6 kept the columns that no step names."""
TYPES = frozenset(STEPS) | frozenset(MODELS) | PARTS | SEARCHES | CATBOOST | LISTS | SAMPLERS | {BALANCED}
FUNCTIONS = frozenset(WRITTEN) | {
    "sklearn.utils.validation.check_array",
    "scipy._lib.array_api_compat.numpy._aliases.asarray",  # a spline's own way to make arrays
    *(f"sklearn.feature_selection._univariate_selection.{name}" for name in ("f_classif", "f_regression", "chi2")),
    *(f"sklearn.feature_selection._mutual_info.{name}" for name in ("mutual_info_classif", "mutual_info_regression")),
}
"""Functions that a setting may name. Those that make values are written as ONNX; the others are not looked at."""
CONTAINERS = frozenset(
    {"builtins.dict", "builtins.list", "builtins.tuple", "builtins.set", "collections.OrderedDict",
     "collections.defaultdict", "sklearn.utils._bunch.Bunch", "sklearn.impute._iterative._ImputerTriplet"}
)  # fmt: skip
TUPLES = frozenset({"builtins.tuple", "sklearn.impute._iterative._ImputerTriplet"})
SCALARS = frozenset(
    f"numpy.{name}"
    for name in (
        "bool", "bool_", "int8", "int16", "int32", "int64", "intc", "intp", "uint8", "uint16", "uint32", "uint64",
        "float16", "float32", "float64", "double", "longdouble", "str_", "object_", "datetime64",
    )
) | frozenset(
    f"builtins.{name}" for name in ("str", "int", "float", "bool", "bytes", "NoneType", "object")
)  # fmt: skip
BYTES = frozenset({"builtins.bytes", "builtins.bytearray"})
IGNORED = frozenset({"numpy.dtype", "numpy.random.mtrand.RandomState", "numpy.random._generator.Generator"})
"""What has no part in predictions."""
_OWN = {"feature_names_in_", "n_features_in_", "_sklearn_version"}
_NEIGHBOURS = frozenset({"_fit_X", "_y", "classes_", "n_neighbors", "weights", "p", "metric", "effective_metric_",
                         "effective_metric_params_", "outputs_2d_", "n_samples_fit_", "algorithm", "leaf_size",
                         "metric_params", "n_jobs", "radius", *_OWN})  # fmt: skip
KEPT = {
    **dict.fromkeys(SAMPLERS, frozenset[str]()),
    **dict.fromkeys(NEIGHBOURS, _NEIGHBOURS),
    **dict.fromkeys(SEARCHES, frozenset({"best_estimator_", *_OWN})),
    **dict.fromkeys(THRESHOLDS, frozenset({"estimator", "estimator_", "threshold", "best_threshold_", "pos_label",
                                           "response_method", "_curve_scorer", *_OWN})),
    "sklearn.metrics._scorer._CurveScorer": frozenset({"_kwargs"}),
}  # fmt: skip
"""What is read of some types, all else being passed over unseen: what they measured on the way."""
