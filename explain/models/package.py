"""The model package: a folder (or its zip) with model.onnx, card.json and reference.parquet."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from explain.errors import ModelError, NotFoundError, TooLargeError
from explain.models.card import Card, days, mixed_up, propose_schema, read_card
from explain.models.model_range import HIGH, LOW, has_range
from explain.models.outputs import with_output
from explain.models.reference import Reference
from explain.models.runtime import Runtime
from explain.models.safety.admission import admit
from explain.models.safety.onnx_check import LARGEST_FILE
from explain.models.safety.trial import try_onnx
from explain.models.scores import demand_probabilities
from explain.safety.archive import read_archive

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import pandas as pd

    from explain.models.parity import Parity
    from explain.types import Cells, Column, Cut, Flags, Floats, ModelInfo, Schema, Task

FILES = ("model.onnx", "card.json", "reference.parquet")
HELD_OUT = "whysure.held_out"
"""Name of the mark in reference.parquet; the dot keeps it apart from a model's own columns."""


class Details(TypedDict, total=False):
    """What a card can say beyond the essentials; see `write_package`."""

    name: str
    task: Task
    outputs: Sequence[str]
    shown: str
    unit: str
    columns: Mapping[str, Mapping[str, Any]]
    description: str
    intended_use: str
    limits: str
    licence: str
    source: str
    parity: Parity
    covers: Sequence[float]
    version: int
    scores: str
    cut: Cut | None
    spread: tuple[float, float] | None
    question: str
    outcome_words: Mapping[str, str]


@dataclass(frozen=True)
class Package:
    """A loaded model package: scores rows, and knows what it learned from."""

    card: Card
    files: Mapping[str, bytes]
    path: Path | None = None

    def __hash__(self) -> int:
        return hash(self.card.files["model.onnx"])

    @property
    def info(self) -> ModelInfo:
        """Name, task, outputs, unit and hash."""
        return self.card.info

    @property
    def schema(self) -> Schema:
        """The raw columns that the model takes."""
        return self.card.schema

    @property
    def onnx(self) -> bytes:
        """The ONNX file itself: what is explained is what is served."""
        return self.files["model.onnx"]

    @cached_property
    def _runtime(self) -> Runtime:
        return Runtime(self.onnx, self.schema, len(self.info.outputs))

    def score(self, rows: pd.DataFrame | Cells) -> Floats:
        """(n, p) raw columns -> (n, k) probabilities, or (n, 1) target values."""
        return self._runtime.score(rows)

    def own_range(self, rows: pd.DataFrame | Cells) -> Floats | None:
        """(n, p) raw columns -> (n, 2) the ends of the model's own range, lowest first; None where it gives none."""
        import numpy as np

        if self.card.spread is None or not has_range(self._runtime.proto):
            return None
        ends = np.hstack([self._runtime.values_of(name, rows) for name in (LOW, HIGH)])
        # quantiles that were learned apart may cross
        return np.sort(ends, axis=1)

    @cached_property
    def reference(self) -> Reference:
        """The reference rows with outcomes, read on first use."""
        return _read_reference(self.files["reference.parquet"], self.card)

    @cached_property
    def reference_scores(self) -> Floats:
        """(m, k) scores of the reference rows, computed once."""
        return self.score(self.reference.cells)


def load_model(source: str | Path) -> Package:
    """A package from its folder, its zip, or the name of a sample ("german_credit").

    Raises NotFoundError when there is none, ModelError when it is not whole or a file is not the one the card names.
    """
    path = Path(source)
    if not path.exists():
        sample = samples_folder() / str(source)
        if not re.fullmatch(r"[\w-]+", str(source)) or not (sample / "card.json").exists():
            raise NotFoundError(f"There is no model '{source}' here. Expected a package's folder, its zip or a name.")
        path = sample
    files = _folder_files(path) if path.is_dir() else _zip_files(path)
    card = read_card(files["card.json"].decode("utf-8", errors="replace"))
    for name, wanted in card.files.items():
        if name not in files or hashlib.sha256(files[name]).hexdigest() != wanted:
            raise ModelError(f"{name} is not the file that the card describes (its sha256 differs). Copy it anew.")
    package = Package(card, files, path.resolve())
    if path.parent != samples_folder():
        _admit(package)
    return package


def _admit(package: Package) -> None:
    """Try a package's files apart, where these very ones were not tried before."""
    reference = package.files["reference.parquet"]
    admit(package.onnx, reference, lambda: package.reference.frame, len(package.info.outputs))


def samples_folder() -> Path:
    """Where the sample packages and uploads lie: in a checkout beside `explain`, once installed inside it."""
    here = Path(__file__).resolve().parent.parent
    inside = here / "sample_data"
    return inside if inside.exists() else here.parent / "sample_data"


def write_package(
    path: str | Path,
    onnx: bytes | str | Path,
    reference: pd.DataFrame,
    target: str | None = None,
    held_out: bool | str | np.ndarray[Any, Any] = True,  # noqa: FBT001, FBT002 - a flag, a column or a mask, by name
    **details: Unpack[Details],
) -> Path:
    """Write a model package into the folder `path` and return it.

    `onnx` is the file or its bytes; `reference` (m, p + 1) the rows it learned from with the column `target` of
    known outcomes; `held_out` says which rows were kept from training: all (True), none (False), the name of a
    column or a mask (m,). Details: `name` (in plain words), `task`, `outputs` (class names in the model's order),
    `shown` (the outcome that a binary model is about; the last one by default), `unit` of a regression target,
    `columns` (per column: label, unit, describe, group, meaning), `description`, `source`, `parity`, `covers`,
    `version`, `cut`, `question` (see Card), `outcome_words` (class name -> what people call it: "Yes" -> "leaves"),
    and `scores`, the name of the file's output with the scores, asked for where several could be.
    """
    folder = Path(path)
    content = onnx if isinstance(onnx, bytes) else Path(onnx).read_bytes()
    made = make_package(folder.name, content, reference, target, held_out=held_out, **details)
    features = made.stored[list(made.card.schema.names)]
    try_onnx(content, features, len(made.card.outputs))
    meant = with_output(content, details.get("scores", ""))
    if meant != content:
        details.pop("scores")
        return write_package(folder, meant, reference, target, held_out, **details)
    scores = Runtime(content, made.card.schema, len(made.card.outputs)).score(features)
    if made.card.task != "regression":
        demand_probabilities(scores)
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in made.files.items():
        (folder / name).write_bytes(data)
    return folder


@dataclass(frozen=True)
class Made:
    """A package's card, its `files` by name, and the reference rows as `stored`."""

    card: Card
    files: Mapping[str, bytes]
    stored: pd.DataFrame


def make_package(
    called: str,
    content: bytes,
    reference: pd.DataFrame,
    target: str | None = None,
    *,
    held_out: bool | str | np.ndarray[Any, Any],
    **details: Unpack[Details],
) -> Made:
    """The files of a package of that name, as `write_package` writes them, not yet tried and not yet written."""
    raw, mask, rule = _split_held_out(reference, held_out)
    features = raw.drop(columns=[target]) if target else raw
    outcomes = raw[target] if target else None
    schema = propose_schema(features, details.get("columns"))
    features = features.assign(**{column.name: days(features[column.name]) for column in schema if column.is_date})
    task, outputs = _outputs(outcomes, details)
    spoken = in_words(outputs, {} if task == "regression" else details.get("outcome_words", {}))
    stored = features.assign(**({target: outcomes} if target else {}), **{HELD_OUT: mask})
    buffer = io.BytesIO()
    stored.to_parquet(buffer, index=False)
    files = {"model.onnx": content, "reference.parquet": buffer.getvalue()}
    card = Card(
        name=called,
        title=details.get("name") or called,
        task=task,
        target=target or "outcome",
        outputs=spoken,
        schema=schema,
        files={file: hashlib.sha256(data).hexdigest() for file, data in files.items()},
        shown=outputs.index(details["shown"]) if details.get("shown") else len(outputs) - 1 if task == "binary" else 0,
        unit=details.get("unit", ""),
        description=details.get("description", ""),
        intended_use=details.get("intended_use", ""),
        limits=details.get("limits", ""),
        licence=details.get("licence", ""),
        source=details.get("source", ""),
        held_out=rule,
        parity=details.get("parity"),
        covers=tuple(float(count) for count in details.get("covers", ())),
        version=details.get("version", 1),
        cut=details.get("cut"),
        spread=details.get("spread"),
        question=" ".join(details.get("question", "").split()),
        aliases=outputs if spoken != outputs else (),
    )
    return Made(card, files | {"card.json": card.to_json().encode()}, stored)


def _split_held_out(reference: pd.DataFrame, held_out: object) -> tuple[pd.DataFrame, Flags, str]:
    """Reference rows without the mark, the mark (m,), and how it was decided."""
    import numpy as np

    if isinstance(held_out, str):
        mask = reference[held_out].to_numpy(dtype=bool)
        return reference.drop(columns=[held_out]), mask, f"column '{held_out}'"
    if isinstance(held_out, bool):
        said = "all rows, as the author says" if held_out else "no rows, as the author says"
        return reference, np.full(len(reference), held_out), said
    mask = np.asarray(held_out, dtype=bool)
    if mask.shape != (len(reference),):
        raise ModelError(f"held_out must have one entry a reference row: {len(reference):,}, got {mask.size:,}.")
    return reference, mask, "a mask given by the author"


def _outputs(outcomes: pd.Series | None, details: Mapping[str, Any]) -> tuple[Task, tuple[str, ...]]:
    """Task and class names, as said or read off the outcomes."""
    from pandas.api.types import is_float_dtype

    if details.get("task") == "regression" or (
        "task" not in details and "outputs" not in details and outcomes is not None and is_float_dtype(outcomes)
    ):
        return "regression", (str(outcomes.name) if outcomes is not None else "value",)
    named = details.get("outputs") or (sorted(outcomes.dropna().astype(str).unique()) if outcomes is not None else ())
    if len(named) < 2:
        raise ModelError("A classifier needs the names of its classes: give outputs=[…], in the model's order.")
    return ("binary" if len(named) == 2 else "multiclass"), tuple(str(name) for name in named)


def in_words(outputs: tuple[str, ...], said: Mapping[str, str]) -> tuple[str, ...]:
    """The outcomes as they are to be called; raises ModelError where two would be hard to tell apart."""
    called = tuple(" ".join(said.get(name, "").split()) or name for name in outputs)
    if called != outputs and mixed_up(called, outputs):
        raise ModelError(
            f"The words for the outcomes are not clear: {', '.join(called)} for {', '.join(outputs)}. Give each "
            "outcome a word that no other one has or is called by."
        )
    return called


def _read_reference(content: bytes, card: Card) -> Reference:
    import numpy as np
    import pandas as pd
    import pyarrow.parquet as pq

    # what pandas once wrote about index and types is a claim of the file like any other
    stored = pq.read_table(io.BytesIO(content)).replace_schema_metadata(None).to_pandas(ignore_metadata=True)
    lacking = [name for name in card.schema.names if name not in stored]
    if lacking or HELD_OUT not in stored:
        raise ModelError(f"reference.parquet lacks the columns {', '.join([*lacking, HELD_OUT][:5])}.")
    columns: dict[str, pd.Series] = {}
    for column in card.schema:
        values = stored[column.name]
        columns[column.name] = number_cells(values, column) if column.kind == "number" else category_cells(values)
    outcomes = np.full(len(stored), np.nan)
    if card.target in stored:
        outcomes = outcome_numbers(stored[card.target], card.info)
    return Reference(pd.DataFrame(columns), card.schema, outcomes, stored[HELD_OUT].to_numpy(dtype=bool))


def number_cells(values: pd.Series, column: Column) -> pd.Series:
    """A numeric column as float64, dates as days since 1970-01-01, NaN for missing."""
    import numpy as np

    return days(values) if column.is_date else values.astype(np.float64)


def category_cells(values: pd.Series) -> pd.Series:
    """A category column as plain strings, None for missing."""
    import pandas as pd

    cells = [None if value is None or value != value else str(value) for value in values.astype(object)]
    return pd.Series(cells, dtype=object, name=values.name)


def outcome_numbers(values: pd.Series, info: ModelInfo) -> Floats:
    """Known outcomes (m,) as class indices or target values; NaN where blank or not one of the model's outcomes, in the
    words that people chose or as the model's own data calls them.
    """
    import numpy as np
    import pandas as pd

    if info.task == "regression":
        return pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64)
    names = [*enumerate(info.aliases), *enumerate(info.outputs)]
    index = {name.casefold(): float(at) for at, name in names}
    codes, distinct = pd.factorize(values.astype(object))
    known = [index.get(str(value).strip().casefold(), np.nan) for value in distinct]
    # a blank has the code -1
    return np.array([*known, np.nan], dtype=np.float64)[codes]


def _folder_files(folder: Path) -> dict[str, bytes]:
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise ModelError(f"'{folder.name}' is not a model package: it lacks {', '.join(missing)}.")
    for name in FILES:
        refuse_large(name, (folder / name).stat().st_size)
    return {name: (folder / name).read_bytes() for name in FILES}


def _zip_files(path: Path) -> dict[str, bytes]:
    """The three files of a zipped package, read in memory: no member is ever written to a path it chose."""
    if not zipfile.is_zipfile(path):
        raise ModelError(f"'{path.name}' is neither a package's folder nor its zip.")
    found: dict[str, bytes] = {}
    for name, content in read_archive(path, lambda member: member.split("/")[-1] in FILES).items():
        if found.setdefault(name.split("/")[-1], content) is not content:
            raise ModelError(f"'{path.name}' holds more than one {name.split('/')[-1]}. Pack one model a ZIP.")
    missing = [name for name in FILES if name not in found]
    if missing:
        raise ModelError(f"'{path.name}' is not a model package: it lacks {', '.join(missing)}.")
    return found


def refuse_large(name: str, size: int) -> None:
    """Raise TooLargeError for a file of more bytes than any model has."""
    if size > LARGEST_FILE:
        raise TooLargeError(f"{name} has {size / 1e6:,.0f} MB; a package's file may have {LARGEST_FILE / 1e6:,.0f} MB.")
