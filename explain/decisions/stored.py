"""A review in a folder: the documented files plus the uploaded table, so that it opens again just as it was decided."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from explain.confidence.packed import past_file, with_past
from explain.decisions import Decisions
from explain.decisions.arrow import parquet
from explain.decisions.files import decisions_frame, run_json, warnings_frame
from explain.errors import NotFoundError
from explain.safety.strange_json import read_json
from explain.types import (
    Column,
    Confidence,
    Cut,
    DataWarning,
    Explanation,
    ModelInfo,
    Note,
    Prediction,
    Proposal,
    Repair,
    Schema,
    Table,
    cells_of,
)

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from explain.types import Floats


def write_run(decisions: Decisions, folder: Path) -> None:
    """Everything that `read_run` needs: the documented Parquet files, run.json and the uploaded table."""
    import numpy as np

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "decisions.parquet").write_bytes(parquet(decisions_frame(decisions, values=False)))
    warnings_frame(decisions).to_parquet(folder / "warnings.parquet", index=False)
    table = decisions.table
    uploaded = table.frame.copy()
    uploaded.columns = [f"model.{name}" for name in uploaded.columns]
    for at, name in enumerate(table.context.columns):
        uploaded.insert(uploaded.shape[1], f"context.{name}", np.asarray(table.context.iloc[:, at], dtype=object))
    uploaded.to_parquet(folder / "table.parquet", index=False)
    _repairs_frame(table).to_parquet(folder / "repairs.parquet", index=False)
    _proposals_frame(table).to_parquet(folder / "proposals.parquet", index=False)
    (folder / "past.npz").write_bytes(past_file(decisions.confidence))
    (folder / "run.json").write_text(run_json(decisions), encoding="utf-8")


def read_run(folder: Path) -> Decisions:
    """The decisions as they were written; nothing is computed anew. Raises NotFoundError when there is no run."""
    import pandas as pd

    try:
        run = read_json((folder / "run.json").read_bytes())
        stored = pd.read_parquet(folder / "decisions.parquet")
        warned = pd.read_parquet(folder / "warnings.parquet")
        uploaded = pd.read_parquet(folder / "table.parquet")
        repairs, proposals = (
            pd.read_parquet(folder / name) if (folder / name).exists() else None
            for name in ("repairs.parquet", "proposals.parquet")
        )
    except (OSError, ValueError) as error:
        raise NotFoundError(f"There is no review '{folder.name}' here; it may have been deleted.") from error
    table = replace(
        _stored_table(run["table"], stored, uploaded, stored_schema(run)),
        repairs=_stored_repairs(repairs),
        proposals=_stored_proposals(proposals),
    )
    return restored(run, table, stored, warned, folder / "past.npz")


def restored(run: dict[str, Any], table: Table, stored: pd.DataFrame, warned: pd.DataFrame, past: Path) -> Decisions:
    """Decisions on the rows of a table from the documented columns of `decisions` and `warnings`, from run.json, and
    from the file that `past_file` made.
    """
    model = stored_model(run)
    prediction = _stored_prediction(stored, model)
    confidence = _stored_confidence(stored, prediction, model, run["confidence"])
    return Decisions(
        model=model,
        table=table,
        prediction=prediction,
        explanation=_stored_explanation(stored, table.schema, run["explanation"]),
        confidence=with_past(confidence, past, prediction.scores[:, 0]),
        warnings=_stored_warnings(warned, table.row_ids, stored["score"].to_numpy()),
        run=run,
    )


def stored_model(run: dict[str, Any]) -> ModelInfo:
    """The model that a run.json tells of."""
    outputs, cut = tuple(run["model"]["outputs"]), run["model"].get("cut")
    read = {"outputs": outputs, "aliases": tuple(run["model"].get("aliases", ())), "cut": Cut(**cut) if cut else None}
    return ModelInfo(**(run["model"] | read))


def stored_schema(run: dict[str, Any]) -> Schema:
    """The model's columns that a run.json tells of."""
    return Schema(tuple(_stored_column(item) for item in run["schema"]))


def _stored_column(item: dict[str, Any]) -> Column:
    return Column(**(item | {name: tuple(item.get(name, ())) for name in ("categories", "deciles", "shares")}))


def _stored_table(facts: dict[str, Any], stored: pd.DataFrame, uploaded: pd.DataFrame, schema: Schema) -> Table:
    frame = uploaded[[f"model.{name}" for name in schema.names]].set_axis(schema.names, axis=1)
    context = uploaded[[name for name in uploaded.columns if name.startswith("context.")]]
    return Table(
        cells=cells_of(frame, schema),
        schema=schema,
        row_ids=tuple(stored["row_id"].astype(str)),
        fingerprint=facts["fingerprint"],
        context=context.set_axis([name.removeprefix("context.") for name in context.columns], axis=1),
        notes=tuple(Note(**note) for note in facts["notes"]),
        unread={name: {int(row): text for row, text in cells.items()} for name, cells in facts["unread"].items()},
        name=facts["name"],
        order=tuple(facts.get("order", ())),
    )


def _repairs_frame(table: Table) -> pd.DataFrame:
    """One row a cell that was read as something else than it spells."""
    import pandas as pd

    parts = [
        pd.DataFrame({"kind": item.kind, "column": item.column, "row": item.rows, "found": list(item.found)})
        for item in table.repairs
    ]
    return pd.concat([pd.DataFrame({"kind": [], "column": [], "row": [], "found": []}, dtype=object), *parts])


def _stored_repairs(stored: pd.DataFrame | None) -> tuple[Repair, ...]:
    import numpy as np

    if stored is None:
        return ()
    return tuple(
        Repair(str(kind), str(column), cells["row"].to_numpy(dtype=np.int64), tuple(cells["found"]))
        for (column, kind), cells in stored.groupby(["column", "kind"], sort=False)
    )


def _proposals_frame(table: Table) -> pd.DataFrame:
    """One row a cell that may be read in another way."""
    import pandas as pd

    names = [item.name for item in fields(Proposal)]
    parts = [
        pd.DataFrame({name: list(value) if isinstance(value, tuple) else value for name, value in vars(item).items()})
        for item in table.proposals
    ]
    return pd.concat([pd.DataFrame({name: [] for name in names}, dtype=object), *parts])


def _stored_proposals(stored: pd.DataFrame | None) -> tuple[Proposal, ...]:
    import numpy as np

    if stored is None:
        return ()
    return tuple(
        Proposal(
            kind=str(kind),
            column=str(column),
            rows=cells["rows"].to_numpy(dtype=np.int64),
            found=tuple(cells["found"]),
            other=tuple(cells["other"]),
            text=str(cells["text"].iloc[0]),
            clear=bool(cells["clear"].iloc[0]),
        )
        for (column, kind), cells in stored.groupby(["column", "kind"], sort=False)
    )


def _stored_prediction(stored: pd.DataFrame, model: ModelInfo) -> Prediction:
    import numpy as np

    index = {name: k for k, name in enumerate(model.outputs)}
    shown = np.asarray(stored["shown"].map(index), dtype=np.int64)
    regression = model.task == "regression"
    chosen = shown.copy() if regression else np.asarray(stored["prediction"].map(index), dtype=np.int64)
    return Prediction(stored[[f"score.{name}" for name in model.outputs]].to_numpy(), chosen, shown)


def _stored_explanation(stored: pd.DataFrame, schema: Schema, facts: dict[str, Any]) -> Explanation:
    def shares(kind: str) -> Floats | None:
        names = [f"{kind}.{name}" for name in schema.names]
        return stored[names].to_numpy() if names and names[0] in stored else None

    return Explanation(
        values=stored[[f"why.{name}" for name in schema.names]].to_numpy(),
        base=stored["base"].to_numpy(),
        gap=stored["gap"].to_numpy(),
        error=shares("error"),
        background_error=shares("background_error"),
        **facts,
    )


def _stored_confidence(
    stored: pd.DataFrame, prediction: Prediction, model: ModelInfo, facts: dict[str, Any]
) -> Confidence:
    import numpy as np

    claims = facts["calibration_rows"] > 0

    def array(*names: str) -> np.ndarray[Any, Any] | None:
        """(n,) a column, or (n, k) several; where nothing is claimed, they are there and empty."""
        if not claims or names[0] not in stored:
            return None
        return stored[names[0] if len(names) == 1 else list(names)].to_numpy()

    plausible = None
    if claims and "plausible" in stored:
        plausible = np.array([[name in kept for name in model.outputs] for kept in stored["plausible"]], dtype=bool)
        plausible = plausible.reshape(len(stored), len(model.outputs))
    calibrated = [f"calibrated.{name}" for name in model.outputs]
    values = [f"p.{name}" for name in model.outputs]
    return Confidence(
        **facts,
        plausible=plausible,
        calibrated=array(*calibrated),
        low=array("low"),
        high=array("high"),
        honest=array("honest"),
        grade=tuple(stored["grade"]),
        past_cases=array("past_cases"),
        past_hits=array("past_hits"),
        known_low=array("known_low"),
        known_high=array("known_high"),
        p_values=array(*values),
        chosen=prediction.chosen if claims and model.task != "regression" else None,
    )


def _stored_warnings(warned: pd.DataFrame, row_ids: tuple[str, ...], scores: Floats) -> tuple[DataWarning, ...]:
    position = {row_id: at for at, row_id in enumerate(row_ids)}
    result: list[DataWarning] = []
    for _, group in warned.groupby(["column", "check", "severity", "applied"], sort=False):
        whole = group["row_id"].isna()
        result += [_stored_warning(group.iloc[[int(at)]], position, scores) for at in whole.to_numpy().nonzero()[0]]
        if not whole.all():
            result.append(_stored_warning(group[~whole], position, scores))
    return tuple(result)


def _stored_warning(cells: pd.DataFrame, position: dict[str, int], scores: Floats) -> DataWarning:
    """The rows of one check in one column; a row without an id is about the whole column."""
    import numpy as np
    import pandas as pd

    own = cells[cells["row_id"].notna()]
    rows = np.asarray(own["row_id"].map(position), dtype=np.int64)
    first = cells.iloc[0]
    factor, flips = (cells[name] if name in cells else pd.Series([np.nan] * len(cells)) for name in ("factor", "flips"))
    prices: dict[str, Any] = {"factor": None if pd.isna(factor.iloc[0]) else float(factor.iloc[0])}
    if len(own) and own["score_if_repaired"].notna().any():
        repaired = own["score_if_repaired"].to_numpy()
        prices |= {"repaired": repaired, "impact": repaired - scores[rows]}
        prices |= {"impact_low": own["impact_low"].to_numpy(), "impact_high": own["impact_high"].to_numpy()}
        prices["flips"] = None if flips.isna().any() else flips.to_numpy(dtype=np.int64)
    return DataWarning(
        check=str(first["check"]),
        column=str(first["column"]),
        severity=first["severity"],
        rows=rows,
        found=tuple("" if pd.isna(text) else str(text) for text in own["found"]),
        suggestion=tuple(None if pd.isna(text) else str(text) for text in own["suggestion"]),
        messages=tuple(str(text) for text in cells["message"]),
        applied=bool(first["applied"]),
        **prices,
    )
