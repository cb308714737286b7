"""Pipelines of imbalanced-learn: the steps that draw rows anew work in training alone, and fall away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explain.models.scikit.thing import Thing
from explain.models.scikit.thresholds import PIPELINE

if TYPE_CHECKING:
    from collections.abc import Mapping

BALANCED = "imblearn.pipeline.Pipeline"
_DRAWN_MORE = ("_adasyn.ADASYN", "_random_over_sampler.RandomOverSampler", "_smote.cluster.KMeansSMOTE",
               "_smote.base.SMOTE", "_smote.filter.BorderlineSMOTE", "_smote.filter.SVMSMOTE", "_smote.base.SMOTENC",
               "_smote.base.SMOTEN")  # fmt: skip
_CHOSEN = ("_random_under_sampler.RandomUnderSampler", "_instance_hardness_threshold.InstanceHardnessThreshold",
           "_nearmiss.NearMiss", "_tomek_links.TomekLinks", "_edited_nearest_neighbours.EditedNearestNeighbours",
           "_edited_nearest_neighbours.RepeatedEditedNearestNeighbours", "_edited_nearest_neighbours.AllKNN",
           "_one_sided_selection.OneSidedSelection", "_condensed_nearest_neighbour.CondensedNearestNeighbour",
           "_neighbourhood_cleaning_rule.NeighbourhoodCleaningRule")  # fmt: skip
SAMPLERS = frozenset(
    {f"imblearn.over_sampling.{name}" for name in _DRAWN_MORE}
    | {f"imblearn.under_sampling._prototype_selection.{name}" for name in _CHOSEN}
    | {"imblearn.under_sampling._prototype_generation._cluster_centroids.ClusterCentroids"}
    | {"imblearn.combine._smote_enn.SMOTEENN", "imblearn.combine._smote_tomek.SMOTETomek"}
)


def without_samplers(kind: str, state: Mapping[str, Any]) -> Thing:
    """An object as it came; a pipeline of imbalanced-learn as the one of scikit-learn that predicts the same."""
    if kind != BALANCED:
        return Thing(kind, state)
    steps = state.get("steps")
    if isinstance(steps, list):
        kept = [
            item for item in steps
            if not (isinstance(item, tuple | list) and isinstance(item[-1], Thing) and item[-1].kind in SAMPLERS)
        ]  # fmt: skip
        state = {**state, "steps": kept}
    return Thing(PIPELINE, state)
