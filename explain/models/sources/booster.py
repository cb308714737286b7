"""Files of XGBoost, LightGBM and CatBoost: written as ONNX by this library, asked through their own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from explain.errors import ModelError
from explain.models.boosters import read_catboost, read_lightgbm, read_xgboost, write_onnx
from explain.models.boosters.columns import match
from explain.models.boosters.ctr import MEANS
from explain.models.boosters.forest import LEAF, MEMBER, of_target
from explain.models.boosters.xgboost import QUANTILE, RAW
from explain.models.model_range import with_range
from explain.models.outputs import question
from explain.models.sources.source import Facts, ask_apart
from explain.safety.limited import run_limited

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from explain.models.boosters import Ensemble
    from explain.models.sources.recognise import Format
    from explain.models.sources.source import Asked, Parts
    from explain.types import Floats, Kind, Schema

MOST_NAMES = 1_000
"""Different texts of a column that are lent as names of categories."""


@dataclass(frozen=True)
class Booster:
    """A booster's file as it came, the same as its reader takes it, and what was read from it.

    `classes` are the outcomes that stand around it, where it does not name them itself; `target` is the place of
    the one of several values that was chosen, `quantiles` are all of them where each is a quantile.
    """

    format: Format
    content: bytes
    text: bytes
    ensemble: Ensemble
    classes: tuple[str, ...] = ()
    target: int | None = None
    quantiles: tuple[float, ...] = ()

    @property
    def facts(self) -> Facts:
        """What the file says of itself."""
        ensemble = self.ensemble
        # a set without names may stand over codes or over texts: only the rows can tell
        kinds: dict[str, Kind] = {
            name: "category" if at in ensemble.categories else "number"
            for at, name in enumerate(ensemble.names)
            if ensemble.categories.get(at) != () or self.format == "catboost"
        }
        return Facts(
            format=self.format,
            library=ensemble.source,
            features=ensemble.names if ensemble.named else (),
            kinds=kinds if ensemble.named else {},
            task=ensemble.task,
            classes=ensemble.classes or self.classes,
            outputs=ensemble.outputs,
            score_outputs=ensemble.targets,
            notes=ensemble.notes,
            categories=self._listed if ensemble.named else {},
            spread=(min(self.quantiles), max(self.quantiles)) if len(self.quantiles) > 1 else None,
        )

    @property
    def _listed(self) -> dict[str, tuple[str, ...]]:
        """Categories that the file itself names; CatBoost's has hashes only, whose names the rows lend."""
        if self.format == "catboost":
            return {}
        return {self.ensemble.names[at]: names for at, names in self.ensemble.categories.items() if names}

    def to_onnx(self, schema: Schema) -> bytes:
        """A TreeEnsemble of doubles that keeps every threshold."""
        ensemble = _read(self.format, self.text, _names(schema))
        if self.target is None:
            return write_onnx(ensemble, schema)
        places = [self.target, *(end.target or 0 for end in self.ends)]
        content, *ends = (write_onnx(of_target(ensemble, at), schema) for at in places)
        return with_range(content, *ends) if ends else content

    @property
    def ends(self) -> tuple[Booster, ...]:
        """The models of the lowest and the highest quantile, empty where there are none: the range of the model."""
        if len(self.quantiles) < 2:
            return ()
        order = sorted(range(len(self.quantiles)), key=self.quantiles.__getitem__)
        return tuple(replace(self, target=at, quantiles=()) for at in (order[0], order[-1]))

    def choose(self, target: str) -> Booster:
        """The model of one of several values; raises ModelError where it has to be said which."""
        if target not in self.ensemble.targets:
            raise ModelError(question(self.ensemble.targets))
        at = self.ensemble.targets.index(target)
        named = [name.removeprefix(QUANTILE) for name in self.ensemble.targets if name.startswith(QUANTILE)]
        quantiles = tuple(map(float, named)) if len(named) == len(self.ensemble.targets) else ()
        return replace(self, ensemble=of_target(self.ensemble, at), target=at, quantiles=quantiles)

    def thresholds(self, schema: Schema) -> Mapping[str, Floats]:
        """Every value at which a tree cuts a number column."""
        import numpy as np

        nodes = self.ensemble.nodes
        cuts = (nodes.feature != LEAF) & (nodes.comparison != MEMBER) & (nodes.feature < len(self.ensemble.names))
        columns = match(self.ensemble, schema)
        return {
            columns[at].name: np.unique(nodes.bound[cuts & (nodes.feature == at)])
            for at in np.unique(nodes.feature[cuts])
        }

    def ask(self, frame: pd.DataFrame, schema: Schema, parts: Parts) -> Asked | None:
        """What the library predicts, in a process of its own."""
        columns = match(self.ensemble, schema)
        features = [
            {
                "name": name,
                "kind": column.kind,
                "names": list(self.ensemble.categories.get(at, ())),
                "set": at in self.ensemble.categories,
                "blank": self.ensemble.blanks.get(at, ""),
            }
            for at, (name, column) in enumerate(zip(self.ensemble.names, columns, strict=True))
        ]
        options: dict[str, Any] = {
            "library": self.format,
            "features": features,
            "named": self.ensemble.named,
            "task": self.ensemble.task,
            "link": self.ensemble.link,
            "raw": self.ensemble.objective == RAW,
            "target": self.target,
            "parts": [list(part) for part in parts],
        }
        return ask_apart(self.content, frame[[column.name for column in columns]], options)


def open_booster(kind: Format, content: bytes, rows: pd.DataFrame, classes: tuple[str, ...] = ()) -> Booster:
    """A booster's file, and the outcomes that stand around it.

    Raises ModelError for one that is broken or asks for what is not read, naming it.
    """
    text = content
    if kind == "catboost" and content.startswith(b"CBM1"):
        text = run_limited("catboost_json", {"model": content}).arrays["json"].tobytes()
    ensemble = _read(kind, text, _texts(rows))
    if text is content and any(ctr.kind in MEANS for ctr in ensemble.ctrs):
        raise ModelError(
            "CatBoost does not read the means of outcomes by category (TargetMeanValue) out of its own JSON, so that "
            "nothing could be compared. Save the model with save_model('model.cbm') and bring that file."
        )
    return Booster(kind, content, text, ensemble, classes)


def _read(kind: Format, content: bytes, names: Mapping[str, tuple[str, ...]]) -> Ensemble:
    if kind == "xgboost":
        return read_xgboost(content, names)
    if kind == "catboost":
        return read_catboost(content, names)
    return read_lightgbm(content, categorical=list(names))


def _texts(rows: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """The different texts of each column of texts."""
    from pandas.api.types import is_numeric_dtype

    found = {}
    for name in rows:
        if not is_numeric_dtype(rows[name]):
            texts = tuple(sorted(rows[name].dropna().astype(str).unique()))
            found[str(name)] = texts[:MOST_NAMES]
    return found


def _names(schema: Schema) -> dict[str, tuple[str, ...]]:
    return {column.name: column.categories for column in schema if column.kind == "category"}
