"""The nouns: frozen data with shapes and units. They import nothing heavy."""

from typing import TYPE_CHECKING

from explain.types.arrays import SEVERITIES, Kind, Severity, Space, Task
from explain.types.cells import Cells, Codes, as_cells, cells_of
from explain.types.column import Column, Schema
from explain.types.confidence import Confidence
from explain.types.explanation import Explanation
from explain.types.model import Cut, Model, ModelInfo
from explain.types.prediction import Prediction
from explain.types.ranges import Judged, Ranges, Residuals, Weights
from explain.types.table import Note, Proposal, Repair, Table
from explain.types.warning import DataWarning

if TYPE_CHECKING:
    from explain.types.arrays import Flags as Flags
    from explain.types.arrays import Floats as Floats
    from explain.types.arrays import Ints as Ints
    from explain.types.arrays import Labels as Labels
    from explain.types.arrays import Progress as Progress

__all__ = [
    "SEVERITIES",
    "Cells",
    "Codes",
    "Column",
    "Confidence",
    "Cut",
    "DataWarning",
    "Explanation",
    "Judged",
    "Kind",
    "Model",
    "ModelInfo",
    "Note",
    "Prediction",
    "Proposal",
    "Ranges",
    "Repair",
    "Residuals",
    "Schema",
    "Severity",
    "Space",
    "Table",
    "Task",
    "Weights",
    "as_cells",
    "cells_of",
]
