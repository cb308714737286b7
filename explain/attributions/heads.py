"""The deciding part of a model that is explained exactly: trees, or weights; both give shares of margins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from explain.attributions.bit_shap import BitTables, bit_margins, bit_values, walked_margins
from explain.attributions.linear import linear_values
from explain.attributions.tree_pairs import prepare_pairs, tree_pairs
from explain.attributions.tree_shap import tree_values

if TYPE_CHECKING:
    import pandas as pd

    from explain.attributions.graph import Cut
    from explain.attributions.linear import Linear
    from explain.attributions.tree_shap import TreeTables
    from explain.attributions.trees import Trees
    from explain.parallel import Tell
    from explain.types import Cells, Floats


class Head(Protocol):
    """What an exact explainer asks of a model's deciding part."""

    @property
    def base(self) -> Floats:
        """(t,) mean margins of the background."""

    def margins(self, rows: pd.DataFrame | Cells, tell: Tell | None = None, /) -> tuple[Floats, Floats]:
        """(n, p) raw columns -> shares (n, p, t) of each margin, and the margins (n, t)."""

    def totals(self, rows: pd.DataFrame | Cells) -> Floats:
        """The margins (n, t) alone."""

    def pairs(
        self, rows: pd.DataFrame | Cells, background: pd.DataFrame | Cells, tell: Tell | None = None, /
    ) -> Floats:
        """(n, p, p, t) what each pair of columns does to each margin; a column's own part on the diagonal."""


@dataclass(frozen=True)
class TreeHead:
    """Trees behind a preparation, with tables for the compiled loops, or for a few rows without them."""

    cut: Cut
    owner: list[int]
    trees: Trees
    tables: TreeTables | BitTables

    @property
    def base(self) -> Floats:
        """(t,) mean margins."""
        return self.tables.base

    def margins(self, rows: pd.DataFrame | Cells, tell: Tell | None = None, /) -> tuple[Floats, Floats]:
        """As in Head."""
        features = self.cut.prepare(rows)
        if isinstance(self.tables, BitTables):
            return bit_values(self.tables, features), bit_margins(self.tables, features)
        return tree_values(self.tables, features, tell)

    def totals(self, rows: pd.DataFrame | Cells) -> Floats:
        """As in Head: no shares are worked out for them."""
        features = self.cut.prepare(rows)
        if isinstance(self.tables, BitTables):
            return bit_margins(self.tables, features)
        layout = self.tables.layout
        return walked_margins(self.trees, layout.knots, layout.tests, features)

    def pairs(
        self, rows: pd.DataFrame | Cells, background: pd.DataFrame | Cells, tell: Tell | None = None, /
    ) -> Floats:
        """As in Head."""
        ready = prepare_pairs(self.trees, self.owner, self.tables.columns, self.cut.prepare(background))
        return tree_pairs(ready, self.cut.prepare(rows), tell)


@dataclass(frozen=True)
class LinearHead:
    """Weights behind a preparation; `mean` (f,) are the background's mean features, `columns` = p."""

    cut: Cut
    owner: list[int]
    linear: Linear
    mean: Floats
    columns: int

    @property
    def base(self) -> Floats:
        """(t,) mean margins."""
        return self.mean @ self.linear.weights + self.linear.offset

    def margins(self, rows: pd.DataFrame | Cells, _tell: Tell | None = None, /) -> tuple[Floats, Floats]:
        """As in Head."""
        features = self.cut.prepare(rows)
        values = linear_values(self.linear, self.owner, self.columns, features, self.mean)
        return values, features @ self.linear.weights + self.linear.offset

    def totals(self, rows: pd.DataFrame | Cells) -> Floats:
        """As in Head."""
        return self.cut.prepare(rows) @ self.linear.weights + self.linear.offset

    def pairs(
        self, rows: pd.DataFrame | Cells, _background: pd.DataFrame | Cells, _tell: Tell | None = None, /
    ) -> Floats:
        """As in Head: a sum of columns has no pairs."""
        import numpy as np

        values = self.margins(rows)[0]
        found = np.zeros((len(values), self.columns, self.columns, values.shape[2]))
        places = np.arange(self.columns)
        found[:, places, places] = values
        return found
