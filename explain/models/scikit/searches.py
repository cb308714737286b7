"""Searches for settings (GridSearchCV and its kin): what counts of them is the model that they found best."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explain.models.scikit.thing import Thing

SEARCHES = frozenset(
    f"sklearn.model_selection.{name}"
    for name in ("_search.GridSearchCV", "_search.RandomizedSearchCV", "_search_successive_halving.HalvingGridSearchCV",
                 "_search_successive_halving.HalvingRandomSearchCV")
)  # fmt: skip
"""Searches for settings, which stand for the model that they found best."""


def found_best(thing: Thing) -> Thing:
    """The model inside of searches, the same for others; raises ModelError for a search that fitted none."""
    while thing.kind in SEARCHES:
        if not thing.has("best_estimator_"):
            raise thing.refused("kept no fitted model", "Run it with refit=True, and save it anew.")
        thing = thing.thing("best_estimator_")
    return thing
