"""Realistic faults put into clean uploads, from a fixed seed; each is written down in uploads/faults.json."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

SEED = 11


@dataclass
class Spoiler:
    """Puts faults into a frame of texts; every cell is spoiled at most once."""

    frame: pd.DataFrame
    file: str
    id_column: str
    draw: np.random.Generator = field(default_factory=lambda: np.random.default_rng(SEED))
    faults: list[dict[str, str]] = field(default_factory=list)
    _used: set[tuple[int, str]] = field(default_factory=set)

    def spoil(self, column: str, fault: str, count: int, change: Callable[[str], Any]) -> None:
        """Change `count` randomly drawn, not yet spoiled cells of `column`."""
        free = [
            row
            for row in range(len(self.frame))
            if (row, column) not in self._used and self.frame[column].iat[row] != ""
        ]
        for row in sorted(self.draw.choice(free, count, replace=False)):
            at = self.frame.columns.get_loc(column)
            self.frame.iat[row, at] = str(change(self.frame.iat[row, at]))
            self._used.add((int(row), column))
            self.faults.append(
                {
                    "file": self.file,
                    "row_id": str(self.frame[self.id_column].iat[row]),
                    "column": column,
                    "fault": fault,
                }
            )


def german_decimal(text: str) -> str:
    """1169 -> '1.169,00', as a German spreadsheet writes it."""
    whole, _, rest = f"{float(text):,.2f}".partition(".")
    return whole.replace(",", ".") + "," + rest


def german_credit(frame: pd.DataFrame) -> Spoiler:
    """Faults of a loan office: slips of the keyboard, two systems, a colleague's spreadsheet."""
    spoiler = Spoiler(frame, "german_credit_messy.csv", "application_id")
    spoiler.spoil("age", "out of range", 1, lambda _: 412)
    spoiler.spoil("age", "out of range", 1, lambda _: -3)
    spoiler.spoil("age", "out of range", 2, lambda _: 0)
    spoiler.spoil("amount", "times 1000", 3, lambda text: int(text) * 1000)
    spoiler.spoil("duration", "text in number", 3, lambda text: f"{text} months")
    spoiler.spoil("duration", "missing", 3, lambda _: "n/a")
    spoiler.spoil("checking_account", "case", 3, str.upper)
    spoiler.spoil(
        "credit_history", "typo", 3, lambda text: text.replace("credit", "cerdit", 1).replace("paid", "payd", 1)
    )
    spoiler.spoil("savings", "missing", 4, lambda _: "")
    spoiler.spoil("purpose", "new category", 3, lambda _: "crypto mining")
    spoiler.spoil("housing", "typo", 3, lambda text: {"own": "owm", "rent": "rennt", "for free": "for fre"}[text])
    spoiler.spoil("job", "case", 2, str.title)
    frame["amount"] = [german_decimal(text) for text in frame["amount"]]
    frame.insert(
        3,
        "Filiale",
        np.where(np.arange(len(frame)) % 3 == 0, "München", np.where(np.arange(len(frame)) % 3 == 1, "Köln", "Zürich")),
    )
    renamed = {
        "credit_history": "Credit History",
        "amount": "AMOUNT",
        "installment_rate": "instalment_rate",
        "age": " age ",
    }
    spoiler.frame = frame.rename(columns=renamed)
    return spoiler


def diamonds(frame: pd.DataFrame) -> Spoiler:
    """Faults of a dealer's list: points for carats, sizes left out as 0, other grading words."""
    spoiler = Spoiler(frame, "diamonds_messy.csv", "stone_id")
    spoiler.spoil("carat", "times 100", 5, lambda text: round(float(text) * 100))
    spoiler.spoil("x", "zero size", 4, lambda _: 0)
    spoiler.spoil("depth", "times 10", 4, lambda text: round(float(text) * 10, 1))
    spoiler.spoil("cut", "new category", 3, lambda _: "Super Ideal")
    spoiler.spoil("cut", "case", 5, str.lower)
    spoiler.spoil("color", "case", 6, str.lower)
    spoiler.spoil("clarity", "typo", 4, lambda text: text + ".")
    spoiler.spoil("table", "missing", 5, lambda _: "")
    spoiler.spoil("carat", "unit", 3, lambda text: f"{text} ct")
    return spoiler


def penguins(frame: pd.DataFrame) -> Spoiler:
    """Faults of a field notebook: centimetres for millimetres, short words, a new island."""
    spoiler = Spoiler(frame, "penguins_messy.tsv", "tag_id")
    spoiler.spoil("bill_length_mm", "centimetres", 4, lambda text: round(float(text) / 10, 2))
    spoiler.spoil("body_mass_g", "kilograms", 4, lambda text: float(text) / 1000)
    spoiler.spoil("island", "new category", 3, lambda _: "Petermann")
    spoiler.spoil("island", "typo", 3, lambda text: text[:-1])
    spoiler.spoil("sex", "case", 5, str.upper)
    spoiler.spoil("sex", "typo", 3, lambda text: text.replace("male", "mael"))
    spoiler.spoil("flipper_length_mm", "missing", 4, lambda _: "NA")
    spoiler.spoil("bill_depth_mm", "text in number", 2, lambda _: "see photo")
    return spoiler
