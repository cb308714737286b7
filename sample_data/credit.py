"""South German Credit: what its codes mean, and its rows in words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

FILE = Path(__file__).resolve().parent / "raw" / "south_german_credit.asc"


@dataclass(frozen=True)
class Coded:
    """A column of the credit data: its name, its label, its unit, or what its codes mean, the `first` one and so on."""

    name: str
    label: str
    unit: str = ""
    words: tuple[str, ...] = ()
    first: int = 1

    def read(self, cells: pd.Series) -> pd.Series:
        """Numbers as floats, codes as words."""
        if not self.words:
            return cells.astype(float)
        return cells.map(dict(enumerate(self.words, start=self.first))).astype(object)


COLUMNS = (
    Coded("checking_account", "Checking account", words=(
        "no account", "below 0 DM", "0 to 200 DM", "200 DM or more")),
    Coded("duration", "Duration", "months"),
    Coded("credit_history", "Credit history", first=0, words=(
        "late in the past", "critical account", "none taken or all paid", "credits paid so far",
        "all paid at this bank")),
    Coded("purpose", "Purpose", first=0, words=(
        "others", "car (new)", "car (used)", "furniture/equipment", "radio/television", "domestic appliances",
        "repairs", "education", "vacation", "retraining", "business")),
    Coded("amount", "Amount", "DM"),
    Coded("savings", "Savings", words=(
        "unknown or none", "below 100 DM", "100 to 500 DM", "500 to 1000 DM", "1000 DM or more")),
    Coded("employment", "Employed for", words=(
        "unemployed", "under 1 year", "1 to 4 years", "4 to 7 years", "7 years or more")),
    Coded("installment_rate", "Instalment rate class", words=(
        "35 % or more", "25 to 35 %", "20 to 25 %", "under 20 %")),
    Coded("personal_status", "Personal status", words=(
        "divorced or separated man", "woman, not single, or single man", "married or widowed man", "single woman")),
    Coded("other_debtors", "Other debtors", words=("none", "co-applicant", "guarantor")),
    Coded("residence_since", "Lives there for", words=(
        "under 1 year", "1 to 4 years", "4 to 7 years", "7 years or more")),
    Coded("property", "Property", words=(
        "unknown or none", "car or other", "building savings or life insurance", "real estate")),
    Coded("age", "Age", "years"),
    Coded("other_plans", "Other instalment plans", words=("bank", "stores", "none")),
    Coded("housing", "Housing", words=("for free", "rent", "own")),
    Coded("existing_credits", "Credits at this bank", words=(
        "one", "two or three", "four or five", "six or more")),
    Coded("job", "Job", words=(
        "unemployed or unskilled non-resident", "unskilled resident", "skilled", "management or self-employed")),
    Coded("dependents", "Dependents", words=("three or more", "up to two")),
    Coded("telephone", "Telephone", words=("none", "registered")),
    Coded("foreign_worker", "Foreign worker", words=("yes", "no")),
)  # fmt: skip
"""In the order of the file."""


def read() -> pd.DataFrame:
    """(1000, 21): the columns, and the `decision`: declined is what happened to applicants judged a bad risk."""
    raw = pd.read_csv(FILE, sep=" ")
    cells = {column.name: column.read(raw[name]) for column, name in zip(COLUMNS, raw.columns[:-1], strict=True)}
    return pd.DataFrame(cells).assign(decision=np.where(raw["credit_risk"] == 0, "declined", "approved"))
