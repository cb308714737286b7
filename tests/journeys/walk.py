"""The workbook of a newcomer: the clean sample's rows as an office would send them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import xlsxwriter

from tests.journeys.steps import UPLOADS

if TYPE_CHECKING:
    from pathlib import Path

HOMES = {"rent": "rented", "own": "owned", "for free": "for free (family)"}
ABROAD = {"no": False, "yes": True}
TITLES = ["Credit desk South", "Applications of the week, as exported"]
MERGED = "Customer and loan"
HIDDEN, FORMULA, OPEN = 7, 11, 15
"""Rows, counted from 0: one that is hidden, one whose amount is a formula, and one whose duration has a mark that may
part decimals or thousands."""


def clean_rows(first: int, last: int) -> pd.DataFrame:
    """Some rows of the sample, with 12 months in the open one."""
    rows = pd.read_csv(UPLOADS / "german_credit_clean.csv", keep_default_na=False).iloc[first:last]
    rows = rows.reset_index(drop=True)
    rows.loc[OPEN, "duration"] = 12
    return rows


def messy_workbook(path: Path, rows: pd.DataFrame, twelve: int | str = 12) -> Path:
    """The same rows below a title, with other words, signs, a total and a source; `twelve` is the open one."""
    names = {"installment_rate": "Instalment rate", "amount": "Amount"}
    header = [names.get(name, name) for name in rows.columns]
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Applications")
    for at, text in enumerate(TITLES):
        sheet.write(at, 0, text)
    sheet.merge_range(3, 0, 3, 5, MERGED)
    sheet.write_row(4, 0, header)
    for at, row in enumerate(rows.to_dict("records")):
        row["housing"] = HOMES[row["housing"]]
        row["foreign_worker"] = ABROAD[row["foreign_worker"]]
        line = 5 + at
        for place, (name, cell) in enumerate(row.items()):
            if name == "amount" and at == FORMULA:
                sheet.write_formula(line, place, f"={cell - 100}+100", value=cell)
            elif name == "amount":
                sheet.write_string(line, place, f"DM {cell:,}".replace(",", "'"))
            elif name == "duration" and at == OPEN:
                sheet.write(line, place, twelve)
            else:
                sheet.write(line, place, cell)
    sheet.set_row(5 + HIDDEN, None, None, {"hidden": True})
    end = 5 + len(rows)
    sheet.write(end, 0, "Total")
    amount = header.index("Amount")
    sheet.write_formula(end, amount, "=SUM(1)", value=int(rows["amount"].sum()))
    sheet.write(end + 2, 0, "Source: branch office, exported on Monday")
    book.close()
    return path
