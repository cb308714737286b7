"""Decisions <-> files: `decisions` and `warnings` as Parquet and CSV, run.json, and what it takes to open them again.

Columns of `decisions` (one row per uploaded row, in upload order): row_id, prediction, score (of the shown outcome, or
the value), shown, score.<output>, calibrated, calibrated.<output>, honest, grade, low, high or plausible (list), past_cases,
past_hits, base, gap, method, warnings (count of errors and warnings), worst (severity), why.<column> and, where sampled,
error.<column>. Columns of `warnings` (one row per warned cell): row_id (missing when about the whole column), column,
check, severity, message, found, suggestion, applied, score_if_repaired, impact_low, impact_high.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explain.decisions import Decisions
from explain.errors import NotFoundError
from explain.types import (
    SEVERITIES,
    Column,
    Confidence,
    DataWarning,
    Explanation,
    ModelInfo,
    Note,
    Prediction,
    Schema,
    Table,
)

if TYPE_CHECKING:
    import pandas as pd

    from explain.types import Floats

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A text cell that starts so is run as a formula by spreadsheet programs; an apostrophe before it defuses it."""


def decisions_frame(decisions: Decisions) -> pd.DataFrame:
    """The documented columns of `decisions`, (n, …)."""
    import numpy as np
    import pandas as pd

    model, prediction, explanation = decisions.model, decisions.prediction, decisions.explanation
    confidence = decisions.confidence
    names = np.array(model.outputs, dtype=object)
    rows = np.arange(len(decisions))
    columns: dict[str, Any] = {"row_id": list(decisions.table.row_ids)}
    scores = decisions.shown_scores
    columns["prediction"] = scores if model.task == "regression" else names[prediction.chosen]
    columns |= {"score": scores, "shown": names[prediction.shown]}
    columns |= {f"score.{name}": prediction.scores[:, k] for k, name in enumerate(model.outputs)}
    if confidence.calibrated is not None:
        columns["calibrated"] = confidence.calibrated[rows, prediction.shown]
        columns |= {f"calibrated.{name}": confidence.calibrated[:, k] for k, name in enumerate(model.outputs)}
    columns["honest"] = _or_missing(confidence.honest, len(rows))
    columns["grade"] = list(confidence.grade) or [""] * len(rows)
    if confidence.plausible is not None:
        columns["plausible"] = [list(names[kept]) for kept in confidence.plausible]
    if confidence.low is not None:
        columns |= {"low": confidence.low, "high": confidence.high}
    if confidence.past_cases is not None:
        columns |= {"past_cases": confidence.past_cases, "past_hits": confidence.past_hits}
    columns |= {"base": explanation.base, "gap": explanation.gap, "method": explanation.method}
    columns["warnings"] = decisions.warning_counts
    columns["worst"] = np.array([*SEVERITIES, None], dtype=object)[decisions.worst]
    columns |= {f"why.{name}": explanation.values[:, j] for j, name in enumerate(decisions.schema.names)}
    if explanation.error is not None:
        columns |= {f"error.{name}": explanation.error[:, j] for j, name in enumerate(decisions.schema.names)}
    return pd.DataFrame(columns)


def _or_missing(values: Floats | None, rows: int) -> Floats:
    import numpy as np

    return np.full(rows, np.nan) if values is None else values


def warnings_frame(decisions: Decisions) -> pd.DataFrame:
    """The documented columns of `warnings`, one row per warned cell."""
    import pandas as pd

    ids = decisions.table.row_ids
    records: list[dict[str, Any]] = []
    for warning in decisions.warnings:
        common = {"column": warning.column, "check": warning.check, "severity": warning.severity}
        common["applied"] = warning.applied
        if warning.whole_column:
            records.append(common | {"message": warning.messages[0]})
        for i, row in enumerate(warning.rows):
            cell = {"row_id": ids[row], "message": warning.messages[i], "found": warning.found[i]}
            cell["suggestion"] = warning.suggestion[i]
            if warning.repaired is not None and warning.impact_low is not None and warning.impact_high is not None:
                cell["score_if_repaired"] = warning.repaired[i]
                cell |= {"impact_low": warning.impact_low[i], "impact_high": warning.impact_high[i]}
            records.append(common | cell)
    frame = pd.DataFrame(records, columns=list(WARNING_TYPES))
    return frame.astype(WARNING_TYPES)


WARNING_TYPES = {
    "row_id": "str",
    "column": "str",
    "check": "str",
    "severity": "str",
    "message": "str",
    "found": "str",
    "suggestion": "str",
    "applied": "bool",
    "score_if_repaired": "float64",
    "impact_low": "float64",
    "impact_high": "float64",
}


def write_decisions(decisions: Decisions, folder: str | Path) -> Path:
    """Write the documented files into `folder` (made when missing) and return it."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    for name, frame in (("decisions", decisions_frame(decisions)), ("warnings", warnings_frame(decisions))):
        frame.to_parquet(target / f"{name}.parquet", index=False)
        defused(frame).to_csv(target / f"{name}.csv", index=False)
    (target / "run.json").write_text(run_json(decisions), encoding="utf-8")
    return target


def run_json(decisions: Decisions) -> str:
    """What made these decisions: model and its sha256, table fingerprint, versions, options, times, counts."""
    content = dict(decisions.run) | {
        "model": asdict(decisions.model),
        "schema": [asdict(column) for column in decisions.schema],
        "table": {
            "name": decisions.table.name,
            "fingerprint": decisions.table.fingerprint,
            "rows": len(decisions),
            "notes": [asdict(note) for note in decisions.table.notes],
            "unread": {
                name: {str(row): text for row, text in cells.items()} for name, cells in decisions.table.unread.items()
            },
        },
        "explanation": {
            "space": decisions.explanation.space,
            "method": decisions.explanation.method,
            "background_rows": decisions.explanation.background_rows,
        },
        "confidence": {
            "level": decisions.confidence.level,
            "calibration_rows": decisions.confidence.calibration_rows,
            "coverage": decisions.confidence.coverage,
        },
        "counts": {
            "rows": len(decisions),
            "rows_with_warnings": int((decisions.warning_counts > 0).sum()),
            "warned_cells": sum(len(warning.rows) for warning in decisions.warnings),
        },
    }
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def defused(frame: pd.DataFrame) -> pd.DataFrame:
    """A copy safe to open in a spreadsheet: texts (and headers) that would run as formulas get an apostrophe."""
    import pandas as pd

    safe = frame.copy()
    for at, name in enumerate(safe.columns):
        if not pd.api.types.is_numeric_dtype(safe[name]):
            safe.isetitem(at, [_defuse(cell) for cell in safe[name]])
    safe.columns = pd.Index([_defuse(str(name)) for name in safe.columns])
    return safe


def _defuse(cell: object) -> object:
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return "'" + cell
    return cell


def write_run(decisions: Decisions, folder: Path) -> None:
    """Everything that `read_run` needs: the documented Parquet files, run.json and the uploaded table."""
    import numpy as np

    folder.mkdir(parents=True, exist_ok=True)
    decisions_frame(decisions).to_parquet(folder / "decisions.parquet", index=False)
    warnings_frame(decisions).to_parquet(folder / "warnings.parquet", index=False)
    table = decisions.table
    uploaded = table.frame.copy()
    uploaded.columns = [f"model.{name}" for name in uploaded.columns]
    for at, name in enumerate(table.context.columns):
        uploaded.insert(uploaded.shape[1], f"context.{name}", np.asarray(table.context.iloc[:, at], dtype=object))
    uploaded.to_parquet(folder / "table.parquet", index=False)
    (folder / "run.json").write_text(run_json(decisions), encoding="utf-8")


def read_run(folder: Path) -> Decisions:
    """The decisions as they were written; nothing is computed anew. Raises NotFoundError when there is no run."""
    import pandas as pd

    try:
        run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        stored = pd.read_parquet(folder / "decisions.parquet")
        warned = pd.read_parquet(folder / "warnings.parquet")
        uploaded = pd.read_parquet(folder / "table.parquet")
    except (OSError, ValueError) as error:
        raise NotFoundError(f"There is no review '{folder.name}' here; it may have been deleted.") from error
    outputs = tuple(run["model"]["outputs"])
    model = ModelInfo(**(run["model"] | {"outputs": outputs}))
    schema = Schema(tuple(Column(**(item | {"categories": tuple(item["categories"])})) for item in run["schema"]))
    table = _stored_table(run["table"], stored, uploaded, schema)
    return Decisions(
        model=model,
        table=table,
        prediction=_stored_prediction(stored, model),
        explanation=_stored_explanation(stored, schema, run["explanation"]),
        confidence=_stored_confidence(stored, model, run["confidence"]),
        warnings=_stored_warnings(warned, table.row_ids, stored["score"].to_numpy()),
        run=run,
    )


def _stored_table(facts: dict[str, Any], stored: pd.DataFrame, uploaded: pd.DataFrame, schema: Schema) -> Table:
    frame = uploaded[[f"model.{name}" for name in schema.names]].set_axis(schema.names, axis=1)
    for column in schema:
        if column.kind == "category":
            cells = frame[column.name].astype(object)
            frame[column.name] = cells.where(cells.notna(), None)
    context = uploaded[[name for name in uploaded.columns if name.startswith("context.")]]
    return Table(
        frame=frame,
        schema=schema,
        row_ids=tuple(stored["row_id"].astype(str)),
        fingerprint=facts["fingerprint"],
        context=context.set_axis([name.removeprefix("context.") for name in context.columns], axis=1),
        notes=tuple(Note(**note) for note in facts["notes"]),
        unread={name: {int(row): text for row, text in cells.items()} for name, cells in facts["unread"].items()},
        name=facts["name"],
    )


def _stored_prediction(stored: pd.DataFrame, model: ModelInfo) -> Prediction:
    import numpy as np

    index = {name: k for k, name in enumerate(model.outputs)}
    shown = stored["shown"].map(index).to_numpy(dtype=np.int64)
    regression = model.task == "regression"
    chosen = shown.copy() if regression else stored["prediction"].map(index).to_numpy(dtype=np.int64)
    return Prediction(stored[[f"score.{name}" for name in model.outputs]].to_numpy(), chosen, shown)


def _stored_explanation(stored: pd.DataFrame, schema: Schema, facts: dict[str, Any]) -> Explanation:
    errors = [f"error.{name}" for name in schema.names]
    return Explanation(
        values=stored[[f"why.{name}" for name in schema.names]].to_numpy(),
        base=stored["base"].to_numpy(),
        gap=stored["gap"].to_numpy(),
        error=stored[errors].to_numpy() if errors and errors[0] in stored else None,
        **facts,
    )


def _stored_confidence(stored: pd.DataFrame, model: ModelInfo, facts: dict[str, Any]) -> Confidence:
    import numpy as np

    def array(name: str) -> Any:  # noqa: ANN401 - int or float, as stored
        return stored[name].to_numpy() if name in stored else None

    claims = facts["calibration_rows"] > 0
    plausible = None
    if "plausible" in stored:
        plausible = np.array([[name in kept for name in model.outputs] for kept in stored["plausible"]], dtype=bool)
        plausible = plausible.reshape(len(stored), len(model.outputs))
    calibrated = [f"calibrated.{name}" for name in model.outputs]
    return Confidence(
        **facts,
        plausible=plausible,
        calibrated=stored[calibrated].to_numpy() if calibrated[0] in stored else None,
        low=array("low"),
        high=array("high"),
        honest=array("honest") if claims else None,
        grade=tuple(stored["grade"]),
        past_cases=array("past_cases"),
        past_hits=array("past_hits"),
    )


def _stored_warnings(
    warned: pd.DataFrame, row_ids: tuple[str, ...], scores: Floats
) -> tuple[DataWarning, ...]:
    import numpy as np
    import pandas as pd

    position = {row_id: at for at, row_id in enumerate(row_ids)}
    result = []
    keys = ["column", "check", "severity", "applied"]
    for (column, check, severity, applied), cells in warned.groupby(keys, sort=False):
        whole = cells["row_id"].isna()
        for message in cells.loc[whole, "message"]:
            result.append(DataWarning(check, column, severity, np.zeros(0, np.int64), (), (), (message,), bool(applied)))
        cells = cells[~whole]
        if cells.empty:
            continue
        rows = cells["row_id"].map(position).to_numpy(dtype=np.int64)
        repaired = cells["score_if_repaired"].to_numpy()
        result.append(
            DataWarning(
                check=check,
                column=column,
                severity=severity,
                rows=rows,
                found=tuple("" if pd.isna(text) else text for text in cells["found"]),
                suggestion=tuple(None if pd.isna(text) else text for text in cells["suggestion"]),
                messages=tuple(cells["message"]),
                applied=bool(applied),
                repaired=repaired,
                impact=repaired - scores[rows],
                impact_low=cells["impact_low"].to_numpy(),
                impact_high=cells["impact_high"].to_numpy(),
            )
        )
    return tuple(result)
