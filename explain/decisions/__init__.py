"""Decisions, the whole reviewed table, and Decision, one row of it; on disk, in words, and what to do with one."""

from explain.decisions.decision import CellWarning, Decision, Reason
from explain.decisions.decisions import Decisions, column_faults, predicted, reasons_of, recorded_column, warnings_of

__all__ = [
    "CellWarning",
    "Decision",
    "Decisions",
    "Reason",
    "column_faults",
    "predicted",
    "reasons_of",
    "recorded_column",
    "warnings_of",
]
