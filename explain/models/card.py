"""The model card: what a package says of itself, as plain JSON with documented keys."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, get_args

from explain.errors import ModelError
from explain.models.parity import read_parity
from explain.models.personal import is_personal
from explain.models.plain import wrong_field
from explain.models.proven import mark
from explain.safety.strange_json import read_json
from explain.shown import shown
from explain.types import Column, Cut, ModelInfo, Schema, Task
from explain.words import DATE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from explain.models.parity import Parity

FORMAT = 1
MOST_CATEGORIES = 100_000
"""A text column with more different values than this is an id or free text, not a category that a model can know."""
ANY_TEXTS, ID_SHARE = 200, 0.9
"""Different texts that any column may have, and the share of rows with a text of their own that makes an id."""
MICROSECONDS = 86_400_000_000
"""In a day."""
SHARE_DIGITS = 6
"""Of the share of a category: a millionth is less than one row of any reference."""


@dataclass(frozen=True)
class Card:
    """`files` maps each file of the package to its sha256; `parity` proves that the conversion changed nothing
    (see explain.models.parity), `version` counts the packages that took this one's place, itself included.
    `intended_use`, `limits` and `licence` are sentences of whoever answers for the model. `cut` is a threshold of the
    model's own, `spread` the quantiles (0 to 1) between which its own range lies. `question` is what the model is asked
    ("Will this customer cancel?"); `aliases` are the outcomes as the model's own data calls them, in the order of
    `outputs`, where these are words that somebody chose.

    `covers` counts the training rows that reached each node of a tree model, in the order of its file (of a
    TreeEnsemble: inner nodes, then leaves).
    """

    name: str
    title: str
    task: Task
    target: str
    outputs: tuple[str, ...]
    schema: Schema
    files: Mapping[str, str]
    shown: int = 0
    unit: str = ""
    description: str = ""
    source: str = ""
    held_out: str = ""
    parity: Parity | None = None
    covers: tuple[float, ...] = ()
    version: int = 1
    intended_use: str = ""
    limits: str = ""
    licence: str = ""
    cut: Cut | None = None
    spread: tuple[float, float] | None = None
    question: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def info(self) -> ModelInfo:
        """The card's short form, which travels with every prediction."""
        return ModelInfo(
            name=self.name,
            title=shown(self.title),
            task=self.task,
            outputs=self.outputs,
            target=self.target,
            sha256=self.files["model.onnx"],
            unit=self.unit,
            shown=self.shown,
            version=self.version,
            mark=mark(self.parity),
            cut=self.cut,
            question=shown(self.question),
            aliases=self.aliases,
        )

    def to_json(self) -> str:
        """The card as indented JSON with stable key order."""
        content = {"format": FORMAT} | asdict(self)
        for name in ("cut", "spread", "question", "aliases"):
            if not content[name]:
                del content[name]  # a card says what there is to say
        content["schema"] = [asdict(column) for column in self.schema]
        return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def read_card(text: str) -> Card:
    """A card from JSON; raises ModelError naming the first thing that is wrong."""
    try:
        content = read_json(text)
    except json.JSONDecodeError as error:
        raise ModelError(f"card.json is not JSON: {error.msg} in line {error.lineno}.") from error
    except ValueError as error:
        raise ModelError("card.json nests without end, or has a number without end. Add the model anew.") from error
    if not isinstance(content, dict) or content.pop("format", None) != FORMAT:
        raise ModelError(f"card.json is not a model card of format {FORMAT}, the one that this version reads.")
    try:
        known = {item.name for item in fields(Card)}
        values = {key: value for key, value in content.items() if key in known}
        values["schema"] = Schema(tuple(_column(item) for item in values["schema"]))
        values["outputs"] = tuple(values["outputs"])
        values["covers"] = tuple(values.get("covers", ()))
        values["aliases"] = tuple(values.get("aliases", ()))
        values["parity"] = read_parity(values.get("parity"))
        values["cut"] = Cut(**values["cut"]) if values.get("cut") is not None else None
        values["spread"] = tuple(map(float, values["spread"])) if values.get("spread") is not None else None
        card = Card(**values)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"card.json lacks or misspells an entry: {error}.") from error
    _check(card)
    return card


def _check(card: Card) -> None:
    """Raise ModelError for the first entry that is not what the page that shows it takes it for."""
    named = isinstance(card.task, str) and card.task in get_args(Task)
    if not named or not isinstance(card.files, dict) or "model.onnx" not in card.files:
        raise ModelError("card.json must name a task (binary, multiclass or regression) and the file model.onnx.")
    found = {"": wrong_field(card)} | {f" of column {at}": wrong_field(one) for at, one in enumerate(card.schema, 1)}
    for place, wrong in found.items():
        if wrong:
            raise ModelError(
                f"card.json has an entry '{wrong}'{place} of another type than expected. Add the model anew."
            )
    cut = card.cut
    if cut is not None and (card.task != "binary" or wrong_field(cut) or cut.outcome not in {0, 1}):
        raise ModelError("card.json has a threshold that is none, or for no binary model. Add the model anew.")
    spread = card.spread
    if spread is not None and (card.task != "regression" or len(spread) != 2 or not 0 < spread[0] < spread[1] < 1):
        raise ModelError("card.json has a range that is none, or for no regression. Add the model anew.")
    if card.aliases and (card.task == "regression" or mixed_up(card.outputs, card.aliases)):
        raise ModelError("card.json calls two outcomes alike, or not all of them. Add the model anew.")
    fewest = 1 if card.task == "regression" else 2
    if (
        len(card.outputs) < fewest
        or not 0 <= card.shown < len(card.outputs)
        or len(set(card.schema.names)) < len(card.schema)
    ):
        raise ModelError(
            "card.json names too few outcomes, one that is not there, or a column twice. Add the model anew."
        )


def mixed_up(outputs: Sequence[str], aliases: Sequence[str]) -> bool:
    """Whether it is not clear which outcome is meant by each of its two names, whatever the case."""
    pairs = [{name.strip().casefold() for name in pair} for pair in zip(outputs, aliases, strict=False)]
    return len(outputs) != len(aliases) or len(set().union(*pairs)) < sum(map(len, pairs))


def _column(item: dict[str, Any]) -> Column:
    values = dict(item)
    values |= {key: tuple(values.get(key, ())) for key in ("categories", "deciles", "shares")}
    if len(values["shares"]) != len(values["categories"]):
        values["shares"] = ()  # whoever adds a category to a card by hand cannot know how frequent it was
    return Column(**values)


def propose_schema(frame: pd.DataFrame, details: Mapping[str, Mapping[str, Any]] | None = None) -> Schema:
    """Kind, range, quantiles, categories, their shares and share of blanks of each column, read off reference rows.

    `details` adds per column what data cannot tell: label, unit, describe, categories that the rows lack, or another
    kind. Columns of dates become
    numbers of days since 1970-01-01 with the unit "date"; dates as text (ISO) do where `details` says that unit.
    """
    details = details or {}
    return Schema(tuple(_propose(frame[name], details.get(str(name), {})) for name in frame.columns))


def _holds_dates(values: pd.Series) -> bool:
    import pandas as pd

    if values.dtype != object:
        return bool(pd.api.types.is_datetime64_any_dtype(values))
    return pd.api.types.infer_dtype(values, skipna=True) in {"date", "datetime"}


def days(values: pd.Series) -> pd.Series:
    """Dates (m,) of any type, text in ISO form included, as days since 1970-01-01; numbers are days already.

    Of times with a zone, the moment counts. Raises ModelError naming the first text that is no date.
    """
    import numpy as np
    import pandas as pd

    if pd.api.types.is_numeric_dtype(values):
        return values.astype(np.float64)
    dated = pd.to_datetime(values, format="ISO8601", errors="coerce", utc=True)
    unread = values[dated.isna() & values.notna()]
    if len(unread):
        raise ModelError(
            f"Column '{values.name}' holds dates, but '{unread.iloc[0]}' is none in ISO form (2024-03-01). "
            "Convert the column with pandas.to_datetime first."
        )
    moments = dated.dt.tz_localize(None).to_numpy().astype("datetime64[us]")
    found = np.where(np.isnat(moments), np.nan, moments.astype(np.int64) / MICROSECONDS)
    return pd.Series(found, index=values.index, name=values.name)


def _propose(values: pd.Series, details: Mapping[str, Any]) -> Column:
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    if "kind" not in details and (details.get("unit") == DATE or _holds_dates(values)):
        values, details = days(values), {**details, "kind": "number", "unit": DATE}
    numeric = is_numeric_dtype(values) and not is_bool_dtype(values)
    kind = details.get("kind", "number" if numeric else "category")
    known = values.dropna()
    common: dict[str, Any] = {"name": str(values.name), "kind": kind, "missing_share": float(values.isna().mean())}
    common |= {key: details[key] for key in ("label", "unit", "describe", "group", "meaning") if key in details}
    common["personal"] = bool(details.get("personal", is_personal(common["name"])))
    if kind == "category":
        counts = known.astype(str).value_counts()
        if "kind" not in details and len(counts) > max(ANY_TEXTS, ID_SHARE * len(known)):
            raise ModelError(
                f"Column '{values.name}' has {len(counts):,} different texts in {len(known):,} rows: an id, or free "
                "text. Leave it out, or say that it is a category."
            )
        # what only the file of the model knows is known, too
        counts = counts.reindex(counts.index.union(list(details.get("categories", ()))), fill_value=0)
        if len(counts) > MOST_CATEGORIES:
            raise ModelError(
                f"Column '{values.name}' has {len(counts):,} different texts; a category may have {MOST_CATEGORIES:,}. "
                "Leave ids and free text out of the reference rows."
            )
        top = min(counts.index[counts == counts.max()]) if len(counts) else None
        counts = counts.sort_index()
        shares = tuple((counts / max(len(known), 1)).round(SHARE_DIGITS).tolist())
        return Column(**common, categories=tuple(counts.index), typical=top, shares=shares)
    if known.empty:
        return Column(**common)
    whole = bool((known == known.round()).all())
    numbers = known.astype("float64")
    return Column(
        **common,
        low=float(known.min()),
        high=float(known.max()),
        typical=float(known.median()),
        integer=whole,
        deciles=tuple(numbers.quantile([at / 10 for at in range(11)], interpolation="lower").tolist()),
    )
