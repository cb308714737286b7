"""Which types are written as ONNX, and how: the whole list of steps and models, by their full names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain.models.scikit import (
    boosted,
    curves,
    encoders,
    kernels,
    linear,
    neighbours,
    outliers,
    pipelines,
    rounds,
    scaling,
    selected,
    splines,
    thresholds,
    together,
    trees,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from explain.models.scikit.cells import Cells, Writer
    from explain.models.scikit.thing import Thing

    Step = Callable[[Thing, Cells, Writer], Cells]
    Model = Callable[[Thing, Cells, Writer], str]

STEPS: Mapping[str, Step] = {
    "sklearn.pipeline.Pipeline": pipelines.pipeline_step,
    "sklearn.pipeline.FeatureUnion": pipelines.union,
    "sklearn.compose._column_transformer.ColumnTransformer": pipelines.by_column,
    "sklearn.impute._base.SimpleImputer": scaling.impute,
    "sklearn.impute._iterative.IterativeImputer": rounds.impute_in_rounds,
    "sklearn.impute._knn.KNNImputer": neighbours.impute_by_neighbours,
    "sklearn.impute._base.MissingIndicator": scaling.missing,
    "sklearn.preprocessing._function_transformer.FunctionTransformer": scaling.function,
    "sklearn.preprocessing._data.StandardScaler": scaling.standard,
    "sklearn.preprocessing._data.RobustScaler": scaling.robust,
    "sklearn.preprocessing._data.MinMaxScaler": scaling.to_range,
    "sklearn.preprocessing._data.MaxAbsScaler": scaling.by_largest,
    "sklearn.preprocessing._data.Normalizer": scaling.to_length,
    "sklearn.preprocessing._data.Binarizer": scaling.threshold,
    "sklearn.preprocessing._data.PowerTransformer": scaling.to_bell,
    "sklearn.preprocessing._data.QuantileTransformer": curves.to_shares,
    "sklearn.preprocessing._polynomial.PolynomialFeatures": scaling.products,
    "sklearn.preprocessing._polynomial.SplineTransformer": splines.basis,
    "sklearn.preprocessing._encoders.OneHotEncoder": encoders.one_hot,
    "sklearn.preprocessing._encoders.OrdinalEncoder": encoders.ordinal,
    "sklearn.preprocessing._target_encoder.TargetEncoder": encoders.target,
    "sklearn.preprocessing._discretization.KBinsDiscretizer": encoders.bins,
    "sklearn.decomposition._pca.PCA": scaling.mixed,
    "sklearn.decomposition._truncated_svd.TruncatedSVD": scaling.mixed,
    "sklearn.feature_selection._rfe.RFE": scaling.chosen,
    "sklearn.feature_selection._rfe.RFECV": scaling.chosen,
    "sklearn.feature_selection._sequential.SequentialFeatureSelector": scaling.chosen,
    "sklearn.feature_selection._from_model.SelectFromModel": selected.by_model,
    "sklearn.feature_selection._univariate_selection.SelectKBest": scaling.by_score,
    "sklearn.feature_selection._univariate_selection.SelectPercentile": scaling.by_score,
    "sklearn.feature_selection._variance_threshold.VarianceThreshold": scaling.varied,
}
CLASSIFIERS: Mapping[str, Model] = {
    "sklearn.tree._classes.DecisionTreeClassifier": trees.tree_classifier,
    "sklearn.tree._classes.ExtraTreeClassifier": trees.tree_classifier,
    "sklearn.ensemble._forest.RandomForestClassifier": trees.forest_classifier,
    "sklearn.ensemble._forest.ExtraTreesClassifier": trees.forest_classifier,
    "sklearn.ensemble._gb.GradientBoostingClassifier": trees.boosted_classifier,
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingClassifier": (
        trees.histogram_classifier
    ),
    "sklearn.ensemble._weight_boosting.AdaBoostClassifier": trees.ada_classifier,
    "sklearn.ensemble._bagging.BaggingClassifier": together.bagged_classifier,
    "sklearn.ensemble._voting.VotingClassifier": together.voting_classifier,
    "sklearn.ensemble._stacking.StackingClassifier": together.stacked,
    "sklearn.calibration.CalibratedClassifierCV": together.calibrated,
    "sklearn.linear_model._logistic.LogisticRegression": linear.logistic_regression,
    "sklearn.linear_model._logistic.LogisticRegressionCV": linear.logistic_regression,
    "sklearn.linear_model._stochastic_gradient.SGDClassifier": linear.stochastic_classifier,
    "sklearn.linear_model._perceptron.Perceptron": linear.no_probabilities,
    "sklearn.linear_model._ridge.RidgeClassifier": linear.no_probabilities,
    "sklearn.linear_model._ridge.RidgeClassifierCV": linear.no_probabilities,
    "sklearn.svm._classes.LinearSVC": linear.no_probabilities,
    "sklearn.discriminant_analysis.LinearDiscriminantAnalysis": linear.discriminant,
    "sklearn.discriminant_analysis.QuadraticDiscriminantAnalysis": linear.quadratic,
    "sklearn.svm._classes.SVC": kernels.classifier,
    "sklearn.svm._classes.NuSVC": kernels.classifier,
    "sklearn.neighbors._classification.KNeighborsClassifier": neighbours.classifier,
    "sklearn.multiclass.OneVsRestClassifier": together.one_against_rest,
    "sklearn.naive_bayes.GaussianNB": linear.gaussian_bayes,
    "sklearn.naive_bayes.MultinomialNB": linear.counting_bayes,
    "sklearn.naive_bayes.BernoulliNB": linear.flag_bayes,
    "sklearn.neural_network._multilayer_perceptron.MLPClassifier": linear.network_classifier,
    "sklearn.dummy.DummyClassifier": linear.dummy_classifier,
    "lightgbm.sklearn.LGBMClassifier": boosted.lightgbm,
    "xgboost.sklearn.XGBClassifier": boosted.xgboost,
}
_LINEAR = {
    "_base.LinearRegression", "_ridge.Ridge", "_ridge.RidgeCV", "_coordinate_descent.Lasso",
    "_coordinate_descent.LassoCV", "_coordinate_descent.ElasticNet", "_coordinate_descent.ElasticNetCV",
    "_bayes.BayesianRidge", "_bayes.ARDRegression", "_huber.HuberRegressor", "_quantile.QuantileRegressor",
    "_least_angle.Lars", "_least_angle.LassoLars", "_omp.OrthogonalMatchingPursuit", "_theil_sen.TheilSenRegressor",
    "_stochastic_gradient.SGDRegressor",
}  # fmt: skip
REGRESSORS: Mapping[str, Model] = {
    "sklearn.tree._classes.DecisionTreeRegressor": trees.tree_regressor,
    "sklearn.tree._classes.ExtraTreeRegressor": trees.tree_regressor,
    "sklearn.ensemble._forest.RandomForestRegressor": trees.forest_regressor,
    "sklearn.ensemble._forest.ExtraTreesRegressor": trees.forest_regressor,
    "sklearn.ensemble._gb.GradientBoostingRegressor": trees.boosted_regressor,
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingRegressor": (
        trees.histogram_regressor
    ),
    "sklearn.ensemble._bagging.BaggingRegressor": together.bagged_regressor,
    "sklearn.ensemble._voting.VotingRegressor": together.voting_regressor,
    "sklearn.ensemble._stacking.StackingRegressor": together.stacked,
    "sklearn.compose._target.TransformedTargetRegressor": together.turned_target,
    **{f"sklearn.linear_model.{name}": linear.value for name in sorted(_LINEAR)},
    "sklearn.svm._classes.LinearSVR": linear.value,
    "sklearn.svm._classes.SVR": kernels.regressor,
    "sklearn.svm._classes.NuSVR": kernels.regressor,
    "sklearn.neighbors._regression.KNeighborsRegressor": neighbours.regressor,
    "sklearn.ensemble._iforest.IsolationForest": outliers.isolation,
    "sklearn.linear_model._glm.glm.PoissonRegressor": linear.generalised,
    "sklearn.linear_model._glm.glm.GammaRegressor": linear.generalised,
    "sklearn.linear_model._glm.glm.TweedieRegressor": linear.generalised,
    "sklearn.neural_network._multilayer_perceptron.MLPRegressor": linear.network_regressor,
    "sklearn.dummy.DummyRegressor": linear.dummy_regressor,
    "lightgbm.sklearn.LGBMRegressor": boosted.lightgbm,
    "xgboost.sklearn.XGBRegressor": boosted.xgboost,
}
MODELS: Mapping[str, Model] = {
    "sklearn.pipeline.Pipeline": pipelines.pipeline_model,
    "sklearn.frozen._frozen.FrozenEstimator": together.frozen,
    **dict.fromkeys(sorted(thresholds.THRESHOLDS), thresholds.inside),
    **CLASSIFIERS,
    **REGRESSORS,
}
