"""What a person says of a model that its file cannot, and what can be guessed for them to confirm."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from explain.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from explain.models.scores import Meaning
    from explain.models.sources.source import Source
    from explain.types import Flags

TARGETS = ("target", "outcome", "label", "class", "y", "truth", "default", "churn", "survived", "price", "value")
"""Names of a column that holds outcomes, the likeliest first."""
SPLITS = ("split", "fold", "set", "part", "held_out", "holdout", "heldout", "is_test", "test", "is_train", "train")
EXPECTED = ("expected", "expected_prediction", "predicted", "prediction", "predictions")
"""A score or a probability may as well be an input."""
PLAIN = {"true", "yes", "1", "false", "no", "0"}
KEPT_WORDS = {"test", "tests", "testing", "valid", "validation", "val", "holdout", "held out", "held_out", "heldout",
              "dev", "eval", "evaluation", "oot", "oos", "true", "yes", "1"}  # fmt: skip
TRAINED_WORDS = {"train", "training", "trained", "fit", "learn", "learning", "false", "no", "0"}
ALL, NONE = "all", "none"


@dataclass(frozen=True)
class Choices:
    """What a person says of a model.

    `target` is the column of known outcomes ("" for none), `outputs` the outcomes in the order of the scores and
    `shown` the one a binary model is about; `held_out` says which rows were kept from training ("all", "none" or a
    column), `expected` a column with the predictions that the package should give. `left_out` columns are no inputs.
    `columns` has labels, units, descriptions, kinds and groups by column. `description`, `intended_use`, `limits` and
    `licence` are sentences for the model card. `blanks` are words that stand for a blank, None where nobody was asked;
    `output` is the one of an ONNX file with the scores, where several could be, and `scores` what these mean.
    `question` is what the model is asked, `outcome_words` what people call its outcomes.
    """

    title: str = ""
    target: str = ""
    outputs: tuple[str, ...] = ()
    shown: str = ""
    held_out: str = NONE
    expected: str = ""
    left_out: tuple[str, ...] = ()
    columns: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    unit: str = ""
    description: str = ""
    intended_use: str = ""
    limits: str = ""
    licence: str = ""
    blanks: tuple[str, ...] | None = None
    output: str = ""
    scores: Meaning | Literal[""] = ""
    question: str = ""
    outcome_words: Mapping[str, str] = field(default_factory=dict)


def guess(source: Source, rows: pd.DataFrame) -> Choices:
    """What column names and the file tell, for the person to confirm."""
    names = [str(name) for name in rows.columns]
    features = source.facts.features
    # LightGBM writes spaces in names as underscores
    free = [name for name in names if name not in features and name.replace(" ", "_") not in features]
    split = _named([name for name in free if not _unclear(_folded(rows[name]))], SPLITS)
    expected = _named([name for name in free if name != split], EXPECTED)
    rest = [name for name in free if name not in {split, expected}]
    target = _named(rest, TARGETS) or (rest[-1] if features and len(rest) == 1 else "")
    left = [name for name in rest if name != target] if features else _ids(rows, [n for n in rest if n != target])
    return Choices(target=target, held_out=split or NONE, expected=expected, left_out=tuple(left))


def _named(names: list[str], known: tuple[str, ...]) -> str:
    folded = {re.sub(r"\W+", "_", name).casefold().strip("_"): name for name in reversed(names)}
    return next((folded[name] for name in known if name in folded), "")


def _ids(rows: pd.DataFrame, names: list[str]) -> list[str]:
    """Columns that name rows: texts of which every one is another."""
    from pandas.api.types import is_numeric_dtype

    return [name for name in names if not is_numeric_dtype(rows[name]) and rows[name].is_unique and len(rows) > 1]


def held_out_rows(rows: pd.DataFrame, said: str) -> Flags:
    """Which rows (m,) were kept from training; raises ModelError where the column does not say it clearly."""
    import numpy as np

    if said in {ALL, NONE}:
        return np.full(len(rows), said == ALL)
    if said not in rows:
        raise ModelError(f"There is no column “{said}” in the reference rows that could say which were held out.")
    texts = _folded(rows[said])
    unclear = _unclear(texts)
    if unclear:
        raise ModelError(
            f"The column “{said}” should say train or test (or true for held out); “{unclear[0]}” is neither. Write "
            "one of these words in each row."
        )
    trains = re.sub(r"\W+", "_", said).casefold() in {"is_train", "train", "training"}
    return np.array([(text in KEPT_WORDS) != (trains and text in PLAIN) for text in texts])


def _folded(values: pd.Series) -> list[str]:
    return [(outcome_text(value) or "").casefold() for value in values]


def _unclear(texts: list[str]) -> list[str]:
    """What neither says that a row was kept from training nor that it was not."""
    return sorted({*texts} - KEPT_WORDS - TRAINED_WORDS)


def title_of(file: str) -> str:
    """A file's name as people would say it: "late_payers.json" is Late payers."""
    stem = file.rsplit(".", 1)[0].replace("_", " ").replace("-", " ").strip()
    return stem[:1].upper() + stem[1:]


def outcome_text(value: object) -> str | None:
    """An outcome as text: 1.0 as "1", None where missing."""
    if value is None or value != value:
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip() or None


def outcomes(rows: pd.DataFrame, target: str) -> list[str | None]:
    """The known outcomes (m,) as texts, None where unknown; raises ModelError where there is no such column."""
    if not target:
        return [None] * len(rows)
    if target not in rows:
        raise ModelError(f"There is no column “{target}” in the reference rows, which should hold the outcomes.")
    return [outcome_text(value) for value in rows[target]]
