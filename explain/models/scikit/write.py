"""A fitted scikit-learn model as data -> one ONNX file over its raw columns, all in doubles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain.errors import ModelError
from explain.models.onnx_graph import OnnxGraph
from explain.models.scikit import boosted
from explain.models.scikit.cells import Block, Cells, Writer
from explain.models.scikit.pipelines import steps_of
from explain.models.scikit.tables import CLASSIFIERS, MODELS, REGRESSORS, STEPS
from explain.models.scikit.thing import class_text
from explain.models.scikit.thresholds import PIPELINE, THRESHOLDS, cut_of, fitted
from explain.models.scikit.together import FROZEN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explain.models.scikit.thing import Thing
    from explain.types import Cut, Floats, Kind, Schema, Task

OLDEST = (1, 0)
"""The oldest version whose files are tried; before 1.3 trees keep counts of outcomes instead of shares."""


@dataclass(frozen=True)
class Described:
    """What the file says: the raw columns that count, with the kinds that the steps take, among `all_columns`.

    `names` are empty where it was fitted without; `none_as_blank` are columns whose blanks were None in training,
    `cuts` the thresholds of those that trees and bins compare as they come, `categories` the texts that encoders know.
    `cut` is where a threshold around the model decides.
    """

    names: tuple[str, ...]
    kinds: Mapping[str, Kind]
    task: Task
    classes: tuple[str, ...]
    all_columns: tuple[str, ...]
    none_as_blank: frozenset[str]
    cuts: Mapping[str, Floats]
    categories: Mapping[str, tuple[str, ...]]
    library: str
    final: str
    cut: Cut | None = None
    notes: tuple[str, ...] = ()


def describe(model: Thing) -> Described:
    """All that can be said before any row is seen; raises ModelError for what is not written here."""
    import numpy as np

    final = last_of(model)
    _check_version(model)
    names = _columns(model)
    columns = names or tuple(f"x{at}" for at in range(_width(model)))
    writer = _written(model, columns, {})[0]
    task, classes = _task(final)
    asked = {name: writer.asked[name] for name in columns if name in writer.asked}
    version = model.text("_sklearn_version") or last_of(model).text("_sklearn_version")
    return Described(
        names=tuple(asked) if names else (),
        kinds=asked if names else {},
        task=task,
        classes=classes,
        all_columns=columns,
        none_as_blank=frozenset(writer.none_as_blank),
        cuts={name: np.unique(np.concatenate(found)) for name, found in writer.cuts.items()},
        categories={name: tuple(sorted(found)) for name, found in writer.categories.items() if found},
        library=f"scikit-learn {version}".strip(),
        final=final.name,
        cut=_cut(model, final, classes),
        notes=tuple(writer.notes),
    )


def write_onnx(model: Thing, described: Described, schema: Schema) -> bytes:
    """The file; raises ModelError where the schema lacks a column or takes it for another kind."""
    columns = described.all_columns if described.names else tuple(schema.names)
    if not described.names and len(columns) != len(described.all_columns):
        raise ModelError(
            f"The model takes {len(described.all_columns):,} columns that it has no names for, but the reference has "
            f"{len(columns):,}. Bring the columns that it was trained on, in that order."
        )
    kinds: dict[str, Kind] = {column.name: column.kind for column in schema}
    writer, scores = _written(model, columns, kinds)
    output = writer.graph.free("value" if described.task == "regression" else "probabilities", columns)
    writer.graph.add("Identity", scores, name=output)
    width = 1 if described.task == "regression" else len(described.classes)
    return writer.graph.to_bytes(schema, output, width, described.library)


def _written(model: Thing, columns: tuple[str, ...], kinds: Mapping[str, Kind]) -> tuple[Writer, str]:
    """A graph over raw columns, and the name of its scores."""
    writer = Writer(OnnxGraph.beside(columns), STEPS, MODELS, kinds)
    cells = Cells(tuple(Block(name, 1, raw=True) for name in columns), columns)
    return writer, writer.model(model, cells)


def last_of(model: Thing) -> Thing:
    """The model at the end of pipelines; raises ModelError for a pipeline that only prepares."""
    if model.kind == PIPELINE:
        return last_of(steps_of(model)[-1])
    if model.kind == FROZEN:
        return last_of(model.thing("estimator"))
    if model.kind in THRESHOLDS:
        return last_of(fitted(model))
    if model.kind not in MODELS:
        raise model.refused(
            "is no model that is taken here", "Save the whole fitted pipeline with its model at the end."
        )
    return model


def _cut(model: Thing, final: Thing, classes: tuple[str, ...]) -> Cut | None:
    """The threshold around a model, None where the likelier outcome is predicted."""
    if model.kind == PIPELINE:
        return _cut(steps_of(model)[-1], final, classes)
    if model.kind == FROZEN:
        return _cut(model.thing("estimator"), final, classes)
    return cut_of(model, final, classes) if model.kind in THRESHOLDS else None


def _task(final: Thing) -> tuple[Task, tuple[str, ...]]:
    if final.kind in REGRESSORS:
        return "regression", ()
    if final.kind not in CLASSIFIERS:
        raise final.refused("predicts neither outcomes nor values", "Bring a classifier or a regressor.")
    named = final.has("classes_") or final.has("label_binarizer_")
    classes = final.classes() if named else _booster_classes(final)
    return ("binary" if len(classes) == 2 else "multiclass"), classes


def _booster_classes(final: Thing) -> tuple[str, ...]:
    """LightGBM keeps them under another name; XGBoost takes the numbers from 0 on only."""
    if final.has("_classes"):
        return tuple(class_text(item) for item in final.listed("_classes"))
    return tuple(str(at) for at in range(final.whole("n_classes_", 2, 1_000)))


def _first(model: Thing) -> list[Thing]:
    """A model and what stands first inside of it, outermost first: one of them knows the raw columns."""
    if model.kind == PIPELINE:
        return [model, *_first(steps_of(model)[0])]
    if model.kind == FROZEN:
        return [model, *_first(model.thing("estimator"))]
    if model.kind in THRESHOLDS:
        return [model, *_first(fitted(model))]
    return [model]


def _columns(model: Thing) -> tuple[str, ...]:
    """Where nothing around a booster knows names, its own file may; behind steps those are of other columns."""
    chain = _first(model)
    named = next((thing.columns() for thing in chain if thing.columns()), ())
    return named or boosted.feature_names(chain[-1])


def _width(model: Thing) -> int:
    for thing in _first(model):
        for key in ("n_features_in_", "_n_features_in"):
            if thing.has(key):
                return thing.whole(key, 1, 50_000)
    raise model.broken("does not say how many columns it takes")


def _check_version(model: Thing) -> None:
    text = model.text("_sklearn_version") or last_of(model).text("_sklearn_version")
    parts = text.split(".")[:2]
    if len(parts) == 2 and all(part.isdigit() for part in parts) and tuple(map(int, parts)) < OLDEST:
        raise ModelError(
            f"The model was saved by scikit-learn {text[:20]}; those of 1.0 and newer are read. Train or load it in a "
            "newer version, and save it anew."
        )
