"""A package before it is written: a file, rows and choices, held against each other."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from explain import words
from explain.adding.choices import Choices, held_out_rows, outcomes
from explain.adding.features import features_of, open_blanks, strangers
from explain.adding.outcomes import Named, name_outcomes
from explain.errors import BlanksError, ModelError
from explain.models.card import propose_schema
from explain.models.edges import edge_rows
from explain.models.model_range import HIGH, LOW
from explain.models.outputs import label_output, with_link
from explain.models.parity import Parity, prove, prove_expected
from explain.models.predict import predicted
from explain.models.runtime import Runtime, parse, said_labels
from explain.models.safety.trial import try_onnx
from explain.models.scores import Scores, places, read_scores
from explain.models.sources.bare import OnnxFile
from explain.models.sources.booster import Booster
from explain.models.sources.open import choose_output
from explain.quality.sorted_apart import sorted_apart_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from explain.models.sources.source import Source
    from explain.types import Flags, Floats, Schema, Task


@dataclass(frozen=True)
class Draft:
    """A package before it is written: `rows` (m, p and more) as read, `features` (m, p) over the `schema`, the ONNX
    file, its `scores` (m, k), what they are called, and which rows were `held_out` (m,). `warning` is what is wrong
    with the rows as a whole, "" for nothing; `meaning` what the file's own scores were taken for.
    """

    source: Source
    choices: Choices
    rows: pd.DataFrame
    features: pd.DataFrame
    schema: Schema
    onnx: bytes
    task: Task
    scores: Floats
    named: Named
    held_out: Flags
    warning: str = ""
    meaning: Scores = field(default_factory=Scores)

    @property
    def outputs(self) -> tuple[str, ...]:
        """The outcomes in the order of the scores, or the target."""
        return self.named.outputs

    @property
    def asks(self) -> str:
        """A question that has to be answered before the package is written, "" for none."""
        return self.named.asks


def draft(source: Source, rows: pd.DataFrame, choices: Choices) -> Draft:
    """All that follows from a file, rows and choices; raises ModelError with what does not fit or is not said."""
    source = choose_output(source, choices.output)
    columns = _columns(source, rows, choices)
    _ask_blanks(open_blanks(rows, columns, source.facts), choices)
    features, columns = features_of(rows, columns, source.facts, choices.blanks or ())
    schema = propose_schema(features, {name: said for name, said in columns.items() if said})
    if not len(features) or not len(schema):
        raise ModelError("The reference has no rows or no columns that the model could take. Bring some of both.")
    content = source.to_onnx(schema)
    width = try_onnx(content, features, source.facts.outputs or 1).scores.shape[1]
    task = _task(source, width, rows, choices)
    count = max(width, 2) if task != "regression" else 1
    known = outcomes(rows, choices.target) if task != "regression" else []
    meaning = Scores()
    if task != "regression" and isinstance(source, OnnxFile):
        meaning = _meaning(source, content, (schema, features), width, (choices, known))
        content = with_link(content, width) if meaning.mean == "logits" else content
    scores = Runtime(content, schema, count).score(features)
    named = Named((choices.target or "value",))
    if task != "regression":
        named = name_outcomes(scores, known, choices.outputs, source.facts.classes)
    held_out = held_out_rows(rows, choices.held_out)
    warning = " ".join(filter(None, [sorted_apart_in(features, schema), strangers(features, source.facts)]))
    return Draft(source, choices, rows, features, schema, content, task, scores, named, held_out, warning, meaning)


def _meaning(
    source: OnnxFile,
    content: bytes,
    made: tuple[Schema, pd.DataFrame],
    width: int,
    said: tuple[Choices, Sequence[str | None]],
) -> Scores:
    """What an ONNX file's scores a row mean, looked at on reference rows (m, p) and on edge rows."""
    import pandas as pd

    (schema, features), (choices, known) = made, said
    rows = pd.concat([features[schema.names], edge_rows(features, schema, {}).frame], ignore_index=True)
    raw = Runtime(content, schema, width).score(rows)
    label = label_output(parse(content))
    labels = None
    if label:
        texts = said_labels(content, label, schema, rows)
        numbered = [str(at) for at in range(max(width, 2))]
        names = source.facts.classes or (numbered if set(texts) <= set(numbered) else choices.outputs)
        labels = places(texts, names)
    met = sorted({text for text in known if text is not None})
    return read_scores(raw, labels, places(known, met if len(met) == max(width, 2) else ()), choices.scores)


def _ask_blanks(found: tuple[str, ...], choices: Choices) -> None:
    """Raise BlanksError for words that may be blanks or categories, where nobody has said which."""
    if found and choices.blanks is None:
        quoted = words.listed([f"“{text}”" for text in found])
        stand = "stands for a blank or is a category" if len(found) == 1 else "stand for blanks or are categories"
        raise BlanksError(
            f"The rows have {quoted} among their texts, and the model's file does not say whether "
            f"{'it' if len(found) == 1 else 'they'} {stand}. pandas reads them as blanks unless told otherwise. Say "
            "which words are blanks.",
            found,
        )


def _columns(source: Source, rows: pd.DataFrame, choices: Choices) -> dict[str, dict[str, Any]]:
    """The model's raw columns in its order, and what is said of each: by the person, else by the file."""
    facts, names = source.facts, [str(name) for name in rows.columns]
    if not facts.features:
        outside = {choices.target, choices.expected, choices.held_out, *choices.left_out}
        return {name: dict(choices.columns.get(name, {})) for name in names if name not in outside}
    # LightGBM writes spaces in names as underscores
    found = {name.replace(" ", "_"): name for name in names} | {name: name for name in names}
    lacking = [feature for feature in facts.features if feature not in found]
    if lacking:
        raise ModelError(
            f"The model was trained on {words.listed([f'“{name}”' for name in lacking], 5)}, which the reference rows "
            "do not have. Bring rows with all of its columns."
        )
    kinds = {feature: {"kind": kind} for feature, kind in facts.kinds.items()}
    owners = {feature: found[feature] for feature in facts.features}
    return {name: {**kinds.get(feature, {}), **choices.columns.get(name, {})} for feature, name in owners.items()}


def _task(source: Source, width: int, rows: pd.DataFrame, choices: Choices) -> Task:
    """As the file says, else by the scores a row and the outcomes."""
    said = source.facts.task
    if said is not None:
        return said
    if width > 1:
        return "binary" if width == 2 else "multiclass"
    if len(choices.outputs) == 2:
        return "binary"
    met = {name for name in outcomes(rows, choices.target) if name is not None}
    return "binary" if len(met) == 2 else "regression"


def proof(made: Draft) -> Parity:
    """The parity proof: against the source, and against the column of expected predictions where there is one.

    Where both can be had, the one that finds a difference counts.
    """

    def score(frame: pd.DataFrame) -> Floats:
        return Runtime(made.onnx, made.schema, made.scores.shape[1]).score(frame)

    found = prove(made.source, score, made.features, made.schema, made.task)
    if isinstance(made.source, Booster) and found.verdict == "same":
        found = _with_ends(found, made, made.source)
    if not made.choices.expected or found.verdict == "different":
        return found
    shown = made.outputs.index(made.choices.shown) if made.choices.shown in made.outputs else len(made.outputs) - 1
    chosen = predicted(made.source.facts.cut, made.scores)
    expected = prove_expected(made.scores, _expected(made), made.outputs, shown, made.task, chosen)
    return expected if found.verdict == "unproven" or expected.verdict == "different" else found


def _with_ends(found: Parity, made: Draft, source: Booster) -> Parity:
    """The proof of the value, or of the first end of the model's own range that differs from the source's."""
    runtime = Runtime(made.onnx, made.schema, made.scores.shape[1])
    for name, end in zip((LOW, HIGH), source.ends, strict=False):
        own = prove(end, partial(runtime.values_of, name), made.features, made.schema, made.task)
        if own.verdict != "same":
            return own
        found = replace(found, largest=max(found.largest, own.largest))
    return found


def _expected(made: Draft) -> pd.Series:
    """The expected predictions, with outcomes as the file calls them where they are told in people's words."""
    names = {word.strip().casefold(): name for name, word in made.choices.outcome_words.items()}
    column = made.rows[made.choices.expected]
    return column.map(lambda cell: names.get(str(cell).strip().casefold(), cell)) if names else column
