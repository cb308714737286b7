"""Decisions -> files: `decisions` and `warnings` as Parquet and CSV, and run.json, in documented columns.

`decisions` has one row per uploaded row, in upload order, `warnings` one per warned cell; what their columns mean is
in `explain.decisions.file_columns` and docs/files.md. In CSV `plausible` is words ("No; Yes"), in Parquet a list.

Every classifier has calibrated, plausible, p, past and known, every regression low and high, with the same types,
whatever a review found: where nothing is claimed they are empty, so that files of many reviews can be read together.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explain.decisions.arrow import write_blocks
from explain.decisions.values import uploaded_columns, value_columns
from explain.decisions.verdict import KINDS, kinds
from explain.types import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from explain.decisions import Decisions
    from explain.types import DataWarning, Flags, Floats, Ints

TEXTS = {"row_id", "prediction", "shown", "grade", "method", "worst", "verdict"}
"""Columns of `decisions` that hold texts; the prediction of a regression is a number."""
BLOCK = 50_000
"""Rows written at once: some fifty megabytes of columns."""


def decisions_frame(decisions: Decisions, rows: Ints | None = None, *, values: bool = True) -> pd.DataFrame:
    """The documented columns of `decisions`, (n, …), or of the rows at some positions (m,), in that order.

    Without `values` the cells of the table itself, as read and as uploaded, are left out.
    """
    return _frame(decisions, _columns(decisions, values=values), rows)


def _blocks(decisions: Decisions) -> Iterator[pd.DataFrame]:
    """The same, of some rows after the other, so that not all are there twice."""
    columns = _columns(decisions, values=True)
    for at in range(0, max(len(decisions), 1), BLOCK):
        yield _frame(decisions, columns, slice(at, at + BLOCK))


def _columns(decisions: Decisions, *, values: bool) -> dict[str, Any]:
    import numpy as np

    model, prediction, explanation = decisions.model, decisions.prediction, decisions.explanation
    names = np.array(model.outputs, dtype=object)
    columns: dict[str, Any] = {"row_id": np.array(decisions.table.row_ids, dtype=object)}
    scores = decisions.shown_scores
    predicted = names[prediction.chosen]
    predicted[~decisions.answered] = None
    columns["prediction"] = scores if model.task == "regression" else predicted
    columns |= {"score": scores, "shown": names[prediction.shown]}
    columns |= {f"score.{name}": prediction.scores[:, k] for k, name in enumerate(model.outputs)}
    columns |= _range_claims(decisions) if model.task == "regression" else _outcome_claims(decisions)
    method = np.where(explanation.explained, np.array(explanation.method, dtype=object), np.array(None, dtype=object))
    columns |= {"base": explanation.base, "gap": explanation.gap, "method": method}
    columns["warnings"] = decisions.warning_counts
    columns["worst"] = np.array([*SEVERITIES, None], dtype=object)[decisions.worst]
    shares = explanation.values  # noqa: PD011 - an Explanation's values, no pandas in sight
    columns |= {f"why.{name}": shares[:, j] for j, name in enumerate(decisions.schema.names)}
    for kind, spread in (("error", explanation.error), ("background_error", explanation.background_error)):
        if spread is not None:
            columns |= {f"{kind}.{name}": spread[:, j] for j, name in enumerate(decisions.schema.names)}
    context = decisions.table.context
    columns |= {f"context.{name}": context.iloc[:, at].to_numpy(object) for at, name in enumerate(context.columns)}
    if values:
        columns |= value_columns(decisions.table) | uploaded_columns(decisions.table)
    columns["verdict"] = np.array(KINDS, dtype=object)[kinds(decisions)]
    return columns


def _frame(decisions: Decisions, columns: dict[str, Any], rows: Ints | slice | None) -> pd.DataFrame:
    """The columns as a frame, of all or some rows."""
    import pandas as pd

    picked = slice(None) if rows is None else rows
    frame = pd.DataFrame({name: cells if isinstance(cells, str) else cells[picked] for name, cells in columns.items()})
    values = any(name.startswith("value.") for name in columns)
    texts = [name for name in columns if name in TEXTS or name.startswith(("context.", "uploaded."))]
    texts += [f"value.{item.name}" for item in decisions.schema if values and (item.is_date or item.kind == "category")]
    if decisions.model.task == "regression":
        texts.remove("prediction")
    # a column of blanks alone would have no type
    return frame.astype(dict.fromkeys(texts, "str"))


def _outcome_claims(decisions: Decisions) -> dict[str, Any]:
    """What past cases say of outcomes, column by column; empty where nothing is claimed."""
    import numpy as np
    import pandas as pd

    confidence, names = decisions.confidence, decisions.model.outputs
    rows, shape = np.arange(len(decisions)), (len(decisions), len(names))
    calibrated, values = _or_missing(confidence.calibrated, shape), _or_missing(confidence.p_values, shape)
    columns: dict[str, Any] = {"calibrated": calibrated[rows, decisions.prediction.shown]}
    columns |= {f"calibrated.{name}": calibrated[:, k] for k, name in enumerate(names)}
    columns |= _grades(decisions)
    kept = confidence.plausible
    columns["plausible"] = _sets(kept, names, len(rows))
    columns |= {f"p.{name}": values[:, k] for k, name in enumerate(names)}
    for name in ("past_cases", "past_hits"):
        count = getattr(confidence, name)
        columns[name] = pd.array([pd.NA] * len(rows) if count is None else count, dtype="Int64")
    return columns | {name: _or_missing(getattr(confidence, name), shape[:1]) for name in ("known_low", "known_high")}


def _sets(kept: Flags | None, names: tuple[str, ...], rows: int) -> npt.NDArray[np.object_]:
    """(n,) lists of the outcomes that are kept (n, k); each combination is one list."""
    import numpy as np

    found = np.full(rows, None, dtype=object)
    if kept is not None:
        packed = np.packbits(kept, axis=1)
        _, first, which = np.unique(packed, axis=0, return_index=True, return_inverse=True)
        lists = np.empty(len(first), dtype=object)
        lists[:] = [[name for name, there in zip(names, one, strict=True) if there] for one in kept[first]]
        found = lists[which.ravel()]
    return found


def _range_claims(decisions: Decisions) -> dict[str, Any]:
    """What past cases say of values."""
    shape = (len(decisions),)
    ends = {name: _or_missing(getattr(decisions.confidence, name), shape) for name in ("low", "high")}
    return _grades(decisions) | ends


def _grades(decisions: Decisions) -> dict[str, Any]:
    import numpy as np

    confidence, rows = decisions.confidence, len(decisions)
    return {
        "honest": _or_missing(confidence.honest, (rows,)),
        "grade": np.array(confidence.grade or ("",) * rows, dtype=object),
    }


def _or_missing(values: Floats | None, shape: tuple[int, ...]) -> Floats:
    import numpy as np

    return np.full(shape, np.nan) if values is None else values


def warnings_frame(decisions: Decisions, rows: Ints | None = None) -> pd.DataFrame:
    """The documented columns of `warnings`, one row per warned cell; of the rows at some positions (m,) alone, with
    those about whole columns.
    """
    return frame_of_warnings(decisions.warnings, decisions.table.row_ids, rows)


def frame_of_warnings(
    warnings: Sequence[DataWarning], ids: Sequence[str] = (), rows: Ints | None = None
) -> pd.DataFrame:
    """The same of warnings about rows with some `ids`, or about whole columns alone."""
    import pandas as pd

    kept = None if rows is None else set(rows.tolist())
    records: list[dict[str, Any]] = []
    for warning in warnings:
        common: dict[str, Any] = {"column": warning.column, "check": warning.check, "severity": warning.severity}
        common["applied"] = warning.applied
        if warning.whole_column:
            records.append(common | {"message": warning.messages[0], "factor": warning.factor})
        for i, row in enumerate(warning.rows.tolist()):
            if kept is not None and row not in kept:
                continue
            cell = {"row_id": ids[row], "message": warning.messages[i], "found": warning.found[i]}
            cell["suggestion"] = warning.suggestion[i]
            if warning.repaired is not None and warning.impact_low is not None and warning.impact_high is not None:
                cell["score_if_repaired"] = warning.repaired[i]
                cell |= {"impact_low": warning.impact_low[i], "impact_high": warning.impact_high[i]}
                cell["flips"] = None if warning.flips is None else float(warning.flips[i])
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
    "flips": "float64",
    "factor": "float64",
}


def write_decisions(decisions: Decisions, folder: str | Path) -> Path:
    """Write the documented files into `folder` (made when missing) and return it."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    frames = {"decisions": _blocks(decisions), "warnings": iter([warnings_frame(decisions)])}
    for name, blocks in frames.items():
        with (target / f"{name}.parquet").open("wb") as stored, (target / f"{name}.csv").open("wb") as shown:
            write_blocks(blocks, stored, shown)
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
            "order": list(decisions.table.order),
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
            "method": decisions.confidence.method,
            "cohort": decisions.confidence.cohort,
            "withdrawn": decisions.confidence.withdrawn,
            "least": decisions.confidence.least,
            "most": decisions.confidence.most,
        },
        "counts": {
            "rows": len(decisions),
            "rows_with_warnings": int((decisions.warning_counts > 0).sum()),
            "warned_cells": sum(len(warning.rows) for warning in decisions.warnings),
        },
    }
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
