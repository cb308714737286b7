"""What a model's own library predicts: run in the limited process only, as such libraries end it at will."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from explain.errors import ModelError
from explain.models.packing import unpack_rows
from explain.shown import reason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    import pandas as pd

    Array: TypeAlias = np.ndarray[Any, Any]
    Scorer: TypeAlias = "Callable[[pd.DataFrame], Array]"

MOST_REFUSED = 2_000


def scores(inputs: Mapping[str, Path], options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Array]]:
    """Score the rows `rows` with the file `model`, part by part, so that one which fails leaves the others.

    `options`: `library`, `features` (name, kind, names of categories, whether a set), `named`, `task`, `link`, `parts`.
    Gives `by`, the `refused` parts with the library's words, and `scores` (n, k), NaN where refused.
    """
    import numpy as np

    content = inputs["model"].read_bytes()
    names = [item["name"] for item in options["features"]]
    rows = unpack_rows(inputs["rows"].read_bytes(), names)
    score, by = SCORERS[options["library"]](content, options)
    found, refused = _by_parts(lambda first, last: _columns(score(rows.iloc[first:last]), options["task"]),
                               options["parts"])  # fmt: skip
    if not found:
        raise ModelError(f"The library that wrote the file cannot score these rows: {next(iter(refused.values()), '')}")
    result = np.full((len(rows), found[0][2].shape[1]), np.nan)
    for first, last, values in found:
        result[first:last] = values
    return {"by": by, "refused": refused}, {"scores": result}


def _by_parts(
    score: Callable[[int, int], Array], parts: list[list[int]]
) -> tuple[list[tuple[int, int, Array]], dict[str, str]]:
    """The scores of rows first to last, and the parts that are refused, by number, with the library's words.

    Parts that follow one another are scored together, as each call of a large forest costs; in halves where that fails.
    """
    found: list[tuple[int, int, Array]] = []
    refused: dict[str, str] = {}
    waiting = [(0, len(parts))]
    while waiting:
        start, end = waiting.pop()
        together = all(parts[at][1] == parts[at + 1][0] for at in range(start, end - 1))
        try:
            if together:
                found.append((parts[start][0], parts[end - 1][1], score(parts[start][0], parts[end - 1][1])))
        except Exception as error:  # noqa: BLE001 - each library raises its own; a part it refuses leaves the others
            together = False
            if end - start == 1 and len(refused) < MOST_REFUSED:
                refused[str(start)] = reason(str(error)) or type(error).__name__
        if not together and end - start > 1:
            middle = (start + end) // 2
            waiting += [(middle, end), (start, middle)]
    return found, refused


def _columns(found: Array, task: str) -> Array:
    """(n, k) doubles; the one probability of a binary model becomes two."""
    import numpy as np

    values = np.asarray(found, dtype=np.float64)
    values = values.reshape(len(values), -1)
    return np.column_stack([1 - values, values]) if task == "binary" and values.shape[1] == 1 else values


SERIALISED, LOOKED_AT = b"Config", 100
"""What stands first where a pickle kept a booster, with its settings beside the model."""


def _xgboost(content: bytes, options: Mapping[str, Any]) -> tuple[Scorer, str]:
    import numpy as np
    from scipy.special import expit

    try:
        import xgboost
    except ImportError as error:
        raise _missing("XGBoost", "xgboost") from error
    booster = xgboost.Booster()
    if SERIALISED in content[:LOOKED_AT]:
        booster.__setstate__({"handle": bytearray(content)})
    else:
        booster.load_model(bytearray(content))
    # classes, not probabilities, are what multi:softmax gives; its probabilities are those of softprob
    if options["link"] == "softmax":
        booster.set_param({"objective": "multi:softprob"})
    # scikit-learn's classes stop at the best iteration, and so does the package
    best = booster.attr("best_iteration")
    rounds = (0, int(best) + 1) if best is not None else (0, 0)
    features = options["features"]
    typed = any(item["set"] for item in features)
    coded = typed and not any(item["names"] for item in features)
    kinds = ["c" if item["set"] else "q" for item in features] if coded else None

    # the file keeps the type that categories had in training, but does not tell it: others are refused
    texts = [name for item in features for name in item["names"]]
    types = ["object", "int64", "float64"] if texts and all(map(_reads_as_number, texts)) else ["object"]

    def score(rows: pd.DataFrame) -> Array:
        for kind in types[:-1]:
            with contextlib.suppress(ValueError):
                return typed_score(rows, kind)
        return typed_score(rows, types[-1])

    def typed_score(rows: pd.DataFrame, kind: str) -> Array:
        frame = rows.assign(
            **{
                item["name"]: _categorical(rows[item["name"]], item["names"], kind)
                for item in features
                if item["names"]
            }
        )
        data = frame if options["named"] else frame.to_numpy(dtype="float64")
        matrix = xgboost.DMatrix(data, enable_categorical=typed, feature_types=kinds, nthread=1)
        found: Array = booster.predict(matrix, iteration_range=rounds)
        if options["target"] is not None:
            found = found[:, options["target"]]
        return expit(found.astype(np.float64)) if options["raw"] else found

    return score, f"XGBoost {xgboost.__version__}"


def _categorical(values: pd.Series, names: list[str], kind: str) -> pd.Series:
    """A column as pandas held it in training: categories with texts, or with numbers of a type for names."""
    import pandas as pd

    typed = pd.Index(names) if kind == "object" else pd.Index(names).astype("float64").astype(kind)
    return _held(values, typed.tolist())


def _lightgbm(content: bytes, options: Mapping[str, Any]) -> tuple[Scorer, str]:
    import numpy as np

    try:
        import lightgbm
    except ImportError as error:
        raise _missing("LightGBM", "lightgbm") from error
    # it ends the process on Windows' line ends
    booster = lightgbm.Booster(model_str=content.decode("utf-8").replace("\r\n", "\n"))
    features = options["features"]

    def score(rows: pd.DataFrame) -> Array:
        held = iter(booster.pandas_categorical or [])
        cells = {item["name"]: _held(rows[item["name"]], next(held)) for item in features if item["names"]}
        frame = rows.assign(**cells)
        found = booster.predict(frame if cells else frame.to_numpy(dtype="float64"), num_threads=1)
        return np.asarray(found)

    return score, f"LightGBM {lightgbm.__version__}"


def _held(values: pd.Series, names: list[Any]) -> pd.Series:
    """A column as pandas held it in training: its names may be numbers."""
    import pandas as pd

    by_text = {str(name): name for name in names} | {str(float(name)): name for name in names if _is_number(name)}
    typed = [by_text.get(str(value)) for value in values]
    return pd.Series(pd.Categorical(typed, names), index=values.index)


def _reads_as_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _catboost(content: bytes, options: Mapping[str, Any]) -> tuple[Scorer, str]:
    try:
        import catboost
    except ImportError as error:
        raise _missing("CatBoost", "catboost") from error
    model = catboost.CatBoost()
    with tempfile.TemporaryDirectory() as folder:  # of bytes it takes its binary form only
        path = Path(folder) / "model"
        path.write_bytes(content)
        model.load_model(str(path), format="cbm" if content.startswith(b"CBM1") else "json")
    blanks = {item["name"]: item["blank"] for item in options["features"] if item["set"]}
    kind = {"exponential": "Exponent", "identity": "RawFormulaVal"}.get(options["link"], "Probability")

    def score(rows: pd.DataFrame) -> Array:
        cells = rows.assign(
            **{name: [word if cell is None else str(cell) for cell in rows[name]] for name, word in blanks.items()}
        )
        pool = catboost.Pool(cells, cat_features=list(blanks))
        found: Array = model.predict(pool, prediction_type=kind, thread_count=1)
        return found

    return score, f"CatBoost {catboost.__version__}"


def _skops(content: bytes, options: Mapping[str, Any]) -> tuple[Scorer, str]:
    from explain.models.scikit.ask import scorer

    return scorer(content, options)


def _keras(content: bytes, options: Mapping[str, Any]) -> tuple[Scorer, str]:
    """Layers were held against the list when the file was read; Keras itself still refuses code (safe_mode)."""
    import importlib.util
    import os

    import numpy as np
    from scipy.special import expit, softmax

    known = [name for name in ("tensorflow", "torch", "jax") if importlib.util.find_spec(name)]
    if not known or not importlib.util.find_spec("keras"):
        raise ModelError(
            "Keras is not installed here with TensorFlow, PyTorch or JAX, so that its own predictions cannot be "
            "compared with the package's. Bring a column with the predictions that you expect."
        )
    os.environ["KERAS_BACKEND"] = known[0]
    import keras

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        path.write_bytes(content)
        model = keras.saving.load_model(path, safe_mode=True)

    def score(rows: pd.DataFrame) -> Array:
        fed, at, blank = [], 0, np.zeros(len(rows), dtype=bool)
        for entry in options["entries"]:
            cells = rows.iloc[:, at : at + entry["width"]]
            at += entry["width"]
            if entry["texts"]:
                fed.append(keras.ops.convert_to_tensor(cells.astype(object).where(cells.notna(), "").to_numpy(str)))
                continue
            plain = cells.to_numpy("float32")
            # what a network makes of a blank, or of a code beyond its table, hangs on the machine
            strange = np.isnan(plain)
            if entry["codes"]:
                strange |= ~((plain > -1) & (plain < entry["codes"]))
            blank |= strange.any(axis=1)
            fed.append(keras.ops.convert_to_tensor(np.where(strange, 0, plain)))
        found = np.array(model.predict_on_batch(fed if len(fed) > 1 else fed[0]), dtype=np.float64)
        found[blank] = np.nan
        if options["link"] == "softmax":
            return np.asarray(softmax(found, axis=1))
        return expit(found) if options["link"] == "sigmoid" else found

    return score, f"Keras {keras.__version__}"


SCORERS: Mapping[str, Callable[[bytes, Mapping[str, Any]], tuple[Scorer, str]]] = {
    "skops": _skops,
    "xgboost": _xgboost,
    "lightgbm": _lightgbm,
    "catboost": _catboost,
    "keras": _keras,
}


def _missing(name: str, extra: str) -> ModelError:
    return ModelError(
        f"{name} is not installed here, so that its own predictions cannot be compared with the package's. Install it "
        f'with: pip install "whysure[{extra}]" - or bring a column with the predictions that you expect.'
    )
