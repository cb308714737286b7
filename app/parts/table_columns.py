"""The columns of a table of decisions, of a review or a batch: names, widths and help."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from explain.types import ModelInfo, Schema

ROW_HEIGHT = 35
"""Pixels."""


def table_columns(model: ModelInfo, schema: Schema, level: float) -> dict[str, object]:
    """How each column of `page_frame` is called and drawn, at the level of its ranges."""
    config = st.column_config
    about = f"the model alone: {model.outputs[model.shown]}" if model.task == "binary" else "the model alone"
    right = "the prediction is right" if model.task != "regression" else "the truth is within 20 %"
    named = {
        column.name: config.TextColumn(column.title, width=max(80, min(200, 9 * len(column.title))))
        for column in schema
    }
    return named | {
        "id": config.TextColumn("row", width=75),
        "looked": config.TextColumn("looked at", width=90),
        "verdict": config.TextColumn(
            "verdict", width=185, help="What to do with the decision, and why, is on its card"
        ),
        "prediction": config.TextColumn(
            f"predicted {model.target}" if model.task == "regression" else "prediction",
            width=min(180, 100 + 5 * len(model.target)) if model.task == "regression" else 100,
        ),
        "right": config.ProgressColumn(
            "likely right",
            min_value=0,
            max_value=100,
            format="%.0f in 100",
            width=130,
            help=f"In how many of 100 such cases {right}, faults in the data counted in",
        ),
        "chance": config.TextColumn(
            f"range ({round(100 * level)} %)" if model.task == "regression" else about,
            width=120 if model.task == "regression" else 170,
            help="The truth lay in its range for about that share of past cases"
            if model.task == "regression"
            else "What the model says, before past cases and faults in the data are counted in",
        ),
        "was": config.TextColumn(
            f"actual {model.target}",
            width=min(180, 80 + 5 * len(model.target)),
            help="What came true, by the upload itself",
        ),
        "faults": config.TextColumn(
            "faults",
            width=190,
            help="✖ error, ⚠ warning, ○ remark; and what correcting the one that matters most would change",
        ),
        "reasons": config.ListColumn("main reasons (▲ for the prediction, ▼ against it)", width=560),
    }
