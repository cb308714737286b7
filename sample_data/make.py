"""Rebuild the sample packages and uploads from their sources: `make samples`. Same input, same bytes.

Every model is proved against its original, row by row, before it is written; the proof goes into the card.
"""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import sklearn
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import credit  # noqa: E402 - beside this file
import messy  # noqa: E402 - beside this file
import sources  # noqa: E402 - beside this file

from explain.models import load_model, write_package  # noqa: E402 - from the checkout
from explain.models.parity import Parity, compare  # noqa: E402 - from the checkout

log = logging.getLogger("samples")
SEED = 20


@dataclass(frozen=True)
class Built:
    """A fitted pipeline with its data: raw frame, outcomes, and which rows trained it or are uploaded."""

    name: str
    pipeline: Pipeline
    frame: pd.DataFrame
    outcomes: pd.Series
    training: np.ndarray
    upload: np.ndarray


def main() -> None:
    """Everything, in order."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    (HERE / "uploads").mkdir(exist_ok=True)
    faults = german_credit() + diamonds() + penguins()
    text = json.dumps(faults, indent=1, ensure_ascii=False) + "\n"
    (HERE / "uploads" / "faults.json").write_text(text, encoding="utf-8")


def split(rows: int, training: int, upload: int) -> tuple[np.ndarray, np.ndarray]:
    """Masks of training and upload rows, drawn at random; the others are held out."""
    order = np.random.default_rng(SEED).permutation(rows)
    masks = np.zeros((2, rows), dtype=bool)
    masks[0, order[:training]] = True
    masks[1, order[training : training + upload]] = True
    return masks[0], masks[1]


def tree_columns(frame: pd.DataFrame, order: list[list[str]] | str = "auto") -> ColumnTransformer:
    """Numbers as they are, categories as codes: nothing is scaled before trees, since float32 ties would flip."""
    texts = [name for name in frame if not pd.api.types.is_numeric_dtype(frame[name])]
    numbers = [name for name in frame if name not in texts]
    codes = OrdinalEncoder(categories=order, handle_unknown="use_encoded_value", unknown_value=-1)
    return ColumnTransformer([("numbers", "passthrough", numbers), ("categories", codes, texts)])


def as_onnx(pipeline: Pipeline, frame: pd.DataFrame) -> bytes:
    """One input a raw column; probabilities as a plain matrix."""
    kinds = {True: FloatTensorType([None, 1]), False: StringTensorType([None, 1])}
    inputs = [(name, kinds[pd.api.types.is_numeric_dtype(frame[name])]) for name in frame]
    last = pipeline[-1]
    options = {id(last): {"zipmap": False}} if hasattr(last, "predict_proba") else None
    model = to_onnx(pipeline, initial_types=inputs, options=options, target_opset={"": 18, "ai.onnx.ml": 3})
    model.graph.name = "model"  # the converter draws a random one
    return bytes(model.SerializeToString(deterministic=True))


def edge_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """The first row with each column in turn blank, and each category in turn unknown."""
    rows = []
    for name in frame:
        row = frame.iloc[0].copy()
        row[name] = np.nan if pd.api.types.is_numeric_dtype(frame[name]) else ""
        rows.append(row)
        if not pd.api.types.is_numeric_dtype(frame[name]):
            unknown = frame.iloc[0].copy()
            unknown[name] = "never seen"
            rows.append(unknown)
    return pd.DataFrame(rows).astype(frame.dtypes.to_dict())


def prove(built: Built, folder: Path) -> Parity:
    """Original against package on all rows and on edge rows; raises when any row is off."""
    every = pd.concat([built.frame, edge_rows(built.frame)], ignore_index=True)
    package = load_model(folder)
    texts = {name: every[name].replace("", None) for name in every if not pd.api.types.is_numeric_dtype(every[name])}
    served = package.score(every.assign(**texts))
    task = package.info.task
    original = built.pipeline.predict(every)[:, None] if task == "regression" else built.pipeline.predict_proba(every)
    answered = np.ones(len(every), dtype=bool)
    found = compare(original, served, answered, task, np.full(len(every), "reference"))
    if found.verdict != "same":
        message = f"{built.name}: the package does not predict what the original does: {found}"
        raise ValueError(message)
    log.info("%s: %s", built.name, found)
    return replace(
        found,
        against=f"scikit-learn {sklearn.__version__}, {type(built.pipeline[-1]).__name__}",
        rows=len(built.frame),
        edge_rows=len(every) - len(built.frame),
        largest=float(f"{found.largest:.3g}"),
    )


def pack(built: Built, reference: np.ndarray, **details: Any) -> None:  # noqa: ANN401 - handed on as they are
    """Write the package twice: once to prove it, once more with the proof in its card."""
    target = str(built.outcomes.name)
    rows = built.frame[reference].assign(**{target: built.outcomes[reference]}).replace("", None)
    call = {
        "onnx": as_onnx(built.pipeline, built.frame),
        "reference": rows.reset_index(drop=True),
        "target": target,
        "held_out": ~built.training[reference],
    } | details
    write_package(HERE / built.name, **call)
    write_package(HERE / built.name, **call, parity=prove(built, HERE / built.name))


def write_clean(built: Built, ids: str, prefix: str) -> pd.DataFrame:
    """The upload rows as they are, with an id; gives them back as texts."""
    rows = built.frame[built.upload].reset_index(drop=True)
    rows.insert(0, ids, [f"{prefix}-{1001 + at}" for at in range(len(rows))])
    rows.to_csv(HERE / "uploads" / f"{built.name}_clean.csv", index=False, float_format="%.10g")
    shown = {name: [_text(cell) for cell in rows[name]] for name in rows}
    return pd.DataFrame(shown)


def _text(cell: object) -> str:
    if isinstance(cell, float):
        return "" if np.isnan(cell) else f"{cell:.10g}"
    return str(cell)


def german_credit() -> list[dict[str, str]]:
    """1,000 loan applications: declined is what happened to applicants judged a bad risk."""
    frame = credit.read()
    outcomes = frame.pop("decision")
    training, upload = split(len(frame), 450, 150)
    model = HistGradientBoostingClassifier(
        max_iter=120,
        learning_rate=0.05,
        max_leaf_nodes=8,
        min_samples_leaf=15,
        l2_regularization=5.0,
        random_state=SEED,
    )
    pipeline = Pipeline([("columns", tree_columns(frame)), ("model", model)]).fit(frame[training], outcomes[training])
    built = Built("german_credit", pipeline, frame, outcomes, training, upload)
    pack(
        built,
        ~upload,
        name="German credit",
        task="binary",
        outputs=[str(name) for name in model.classes_],
        shown="declined",
        columns={
            column.name: {"label": column.label} | ({"unit": column.unit} if column.unit else {})
            for column in credit.COLUMNS
        },
        description="Would this loan application be declined? 1,000 applications to a bank in southern Germany, "
        "1973 to 1975.",
        source="South German Credit, as corrected by U. Grömping 2019, UCI Machine Learning Repository, CC BY 4.0",
    )
    texts = write_clean(built, "application_id", "A")
    known = texts.assign(decision=outcomes[upload].to_numpy())
    known.to_csv(HERE / "uploads" / "german_credit_with_outcomes.csv", index=False)
    spoiled = messy.german_credit(texts)
    spoiled.frame.to_csv(HERE / "uploads" / spoiled.file, index=False, sep=";", encoding="latin-1")
    return spoiled.faults


def diamonds() -> list[dict[str, str]]:
    """53,940 cut diamonds and what they cost."""
    raw = sources.read(sources.DIAMONDS)
    outcomes = raw.pop("price").astype(float).rename("price")
    order = [
        ["Fair", "Good", "Very Good", "Premium", "Ideal"],
        list("DEFGHIJ"),
        ["I1", "SI2", "SI1", "VS2", "VS1", "VVS2", "VVS1", "IF"],
    ]
    numbers = [name for name in raw if pd.api.types.is_numeric_dtype(raw[name])]
    # trained on the float32 values that the package sees, so that no threshold falls between the two
    frame = raw.astype(dict.fromkeys(numbers, np.float32)).astype(dict.fromkeys(numbers, float))
    training, upload = split(len(frame), 40_000, 1_000)
    model = HistGradientBoostingRegressor(max_iter=200, max_leaf_nodes=31, learning_rate=0.08, random_state=SEED)
    pipeline = Pipeline([("columns", tree_columns(frame, order)), ("model", model)]).fit(
        frame[training], outcomes[training]
    )
    built = Built("diamonds", pipeline, frame, outcomes, training, upload)
    pack(
        built,
        _some(training, 1_000) | _some(~training & ~upload, 2_000),
        name="Diamond prices",
        task="regression",
        unit="$",
        columns={
            "carat": {"label": "Weight", "unit": "carat"},
            "cut": {"label": "Cut"},
            "color": {"label": "Colour"},
            "clarity": {"label": "Clarity"},
            "depth": {"label": "Depth", "unit": "%"},
            "table": {"label": "Table width", "unit": "%"},
            "x": {"label": "Length", "unit": "mm"},
            "y": {"label": "Width", "unit": "mm"},
            "z": {"label": "Height", "unit": "mm"},
        },
        description="What does a cut diamond cost? Nearly 54,000 stones offered by a dealer on the web around 2008.",
        source="diamonds data of ggplot2 (H. Wickham), collected from diamondse.info; shipped with ggplot2 under MIT",
    )
    built = Built(built.name, pipeline, raw, outcomes, training, upload)
    texts = write_clean(built, "stone_id", "D").head(300).copy()
    spoiled = messy.diamonds(texts)
    spoiled.frame.to_csv(HERE / "uploads" / spoiled.file, index=False)
    return spoiled.faults


def _some(mask: np.ndarray, count: int) -> np.ndarray:
    """`count` rows of a mask, drawn at random."""
    picked = np.zeros_like(mask)
    picked[np.random.default_rng(SEED + 1).choice(np.flatnonzero(mask), count, replace=False)] = True
    return picked


def penguins() -> list[dict[str, str]]:
    """344 penguins of three species; blanks as they were left in the field."""
    raw = sources.read(sources.PENGUINS, missing=("NA",))
    outcomes = raw.pop("species").rename("species")
    frame = raw.drop(columns=["year"]).astype({"flipper_length_mm": float, "body_mass_g": float})
    frame = frame.assign(sex=frame["sex"].astype(object).where(frame["sex"].notna(), ""))
    training, upload = split(len(frame), 140, 80)
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    texts = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    names = [name for name in frame if pd.api.types.is_numeric_dtype(frame[name])]
    columns = ColumnTransformer([("numbers", numbers, names), ("categories", texts, ["island", "sex"])])
    model = LogisticRegression(C=0.3, max_iter=1_000)
    pipeline = Pipeline([("columns", columns), ("model", model)]).fit(frame[training], outcomes[training])
    built = Built("penguins", pipeline, frame, outcomes, training, upload)
    pack(
        built,
        ~upload,
        name="Penguin species",
        task="multiclass",
        outputs=[str(name) for name in model.classes_],
        columns={
            "island": {"label": "Island"},
            "bill_length_mm": {"label": "Bill length", "unit": "mm"},
            "bill_depth_mm": {"label": "Bill depth", "unit": "mm"},
            "flipper_length_mm": {"label": "Flipper length", "unit": "mm"},
            "body_mass_g": {"label": "Body mass", "unit": "g"},
            "sex": {"label": "Sex"},
        },
        description="Which species is this penguin? 344 birds measured on three islands of Antarctica, 2007 to 2009.",
        source="palmerpenguins, Gorman, Williams and Fraser 2014, Palmer Station LTER, CC0",
    )
    spoiled = messy.penguins(write_clean(built, "tag_id", "P"))
    spoiled.frame.to_csv(HERE / "uploads" / spoiled.file, index=False, sep="\t", encoding="utf-16")
    return spoiled.faults


if __name__ == "__main__":
    main()
