"""Boosters of LightGBM and XGBoost at the end of a pipeline: their own files lie inside the skops file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from explain.models.boosters import read_lightgbm, read_xgboost
from explain.models.boosters.columns import TINY, Features
from explain.models.boosters.forest import LEAF
from explain.models.boosters.write import tree_attributes, write_link
from explain.models.onnx_graph import ML
from explain.models.scikit.thing import class_text

if TYPE_CHECKING:
    from explain.models.boosters import Ensemble
    from explain.models.scikit.cells import Cells, Writer
    from explain.models.scikit.thing import Thing

Library: TypeAlias = Literal["lightgbm", "xgboost", "catboost"]
CATBOOST = frozenset({"catboost.core.CatBoostClassifier", "catboost.core.CatBoostRegressor", "catboost.core.CatBoost"})
BY_ITSELF = "Save the booster with its own save_model, and bring that file."


def lightgbm(thing: Thing, cells: Cells, writer: Writer) -> str:
    """LGBMClassifier and LGBMRegressor."""
    _not_stopped(thing)
    return _booster(thing, read_lightgbm(_text(thing).encode()), cells, writer)


def xgboost(thing: Thing, cells: Cells, writer: Writer) -> str:
    """XGBClassifier and XGBRegressor."""
    _blank_is_blank(thing)
    return _booster(thing, read_xgboost(_content(thing)), cells, writer)


def alone(thing: Thing) -> tuple[Library, bytes, tuple[str, ...]] | None:
    """The format, the own file and the outcomes of a booster that stands alone; None for other models."""
    if thing.kind.startswith("lightgbm.sklearn."):
        _not_stopped(thing)
        classes = tuple(class_text(item) for item in thing.listed("_classes")) if thing.has("_classes") else ()
        return "lightgbm", _text(thing).encode(), classes
    if thing.kind.startswith("xgboost.sklearn."):
        _blank_is_blank(thing)
        count = thing.whole("n_classes_", 0, 1_000) if thing.has("n_classes_") else 0
        return "xgboost", _content(thing), tuple(str(at) for at in range(count))
    if thing.kind in CATBOOST:
        content = thing.get("__model")
        if not isinstance(content, bytes):
            raise thing.broken("has no booster inside, as if it were not fitted")
        return "catboost", content, ()
    return None


def _not_stopped(thing: Thing) -> None:
    booster = thing.thing("_Booster")
    if booster.has("best_iteration") and booster.whole("best_iteration", -1) > 0:
        raise thing.refused("was stopped early, and keeps trees beyond its best iteration", BY_ITSELF)


def _blank_is_blank(thing: Thing) -> None:
    if thing.has("missing") and thing.get("missing") == thing.get("missing"):
        said = f"takes {str(thing.get('missing'))[:20]} for a blank (missing)"
        raise thing.refused(said, "Train it with blanks, or with a step before it that makes them.")


def feature_names(thing: Thing) -> tuple[str, ...]:
    """The columns that a booster was trained on, as its own file names them; () for a booster without names."""
    if thing.kind.startswith("lightgbm."):
        found = read_lightgbm(_text(thing).encode())
    elif thing.kind.startswith("xgboost."):
        found = read_xgboost(_content(thing))
    else:
        return ()
    return found.names if found.named else ()


def _text(thing: Thing) -> str:
    booster = thing.thing("_Booster")
    return booster.text("_handle") or booster.text("handle")


def _content(thing: Thing) -> bytes:
    content = thing.thing("_Booster").need("handle")
    if not isinstance(content, bytes):
        raise thing.broken("has no booster inside")
    return content


def _booster(thing: Thing, ensemble: Ensemble, cells: Cells, writer: Writer) -> str:
    """The scores of an ensemble over prepared numbers."""
    if ensemble.categories:
        raise thing.refused("takes columns for categories by itself", BY_ITSELF)
    if len(ensemble.names) != cells.width:
        raise thing.broken(f"takes {len(ensemble.names):,} columns, but is given {cells.width:,}")
    graph, nodes = writer.graph, ensemble.nodes
    given = writer.matrix(cells)
    given = graph.narrow(given) if ensemble.narrow else given
    place = {(at, False): at for at in range(cells.width)}
    if nodes.zero_missing.any():
        small = graph.add("LessOrEqual", graph.add("Abs", given), graph.number(TINY))
        blanked = graph.add("Where", small, graph.number(float("nan")), given)
        asked = sorted(set(nodes.feature[nodes.zero_missing & (nodes.feature != LEAF)].tolist()))
        picked = graph.add("Gather", blanked, graph.array(asked, "int64"), axis=1)
        given = graph.side_by_side([given, picked])
        place |= {(feature, True): cells.width + at for at, feature in enumerate(asked)}
    features = Features(given, place, {})
    margins = graph.add("TreeEnsemble", given, domain=ML, **tree_attributes(ensemble, features))
    return write_link(graph, ensemble, margins)
