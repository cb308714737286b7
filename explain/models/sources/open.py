"""A file -> the source in it, whatever library wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain.errors import ModelError
from explain.models.sources import mlflow, repository
from explain.models.sources.bare import OnnxFile, open_onnx
from explain.models.sources.booster import Booster, open_booster
from explain.models.sources.network import open_network
from explain.models.sources.pipeline import open_pickle, open_pipeline
from explain.models.sources.recognise import FORMATS, recognise

if TYPE_CHECKING:
    import pandas as pd

    from explain.models.sources.source import Source


def choose_output(source: Source, name: str) -> Source:
    """The source; of one with several outputs that could be the scores that which is called so.

    Raises ModelError where it has to be said which is meant.
    """
    if not isinstance(source, OnnxFile | Booster) or not source.facts.score_outputs:
        return source
    return source.choose(name)


def open_source(content: bytes, rows: pd.DataFrame) -> Source:
    """The source in a file, told by its content; `rows` (m, p) lend the names of categories that files do not keep.

    Raises ModelError for what is not taken, with the way out, and for what is broken.
    """
    found = recognise(content)
    if found == "onnx":
        return open_onnx(content)
    if found == "package":
        raise ModelError("This is a whole model package, which needs no rows and no proof. Add it as it is.")
    if found in {"mlflow", "repository"}:
        inner = mlflow.unwrap(content) if found == "mlflow" else repository.unwrap(content)
        if recognise(inner) in {"mlflow", "repository"}:
            raise ModelError(f"This is {FORMATS[found]} within another. Bring the inner one.")
        return open_source(inner, rows)
    if found == "skops":
        return open_pipeline(content, rows)
    if found == "keras":
        return open_network(content)
    if found == "pickle":
        return open_pickle(content, rows)
    return open_booster(found, content, rows)
