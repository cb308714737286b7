"""A file of any usual kind or a data frame -> Table, matched to a model's columns."""

from explain.tables.limits import LIMITS, Limits
from explain.tables.match import Match, match_columns
from explain.tables.read import read_raw
from explain.tables.table import empty_table, read_table
from explain.tables.typed import Rows, read_rows

__all__ = ["LIMITS", "Limits", "Match", "Rows", "empty_table", "match_columns", "read_raw", "read_rows", "read_table"]
