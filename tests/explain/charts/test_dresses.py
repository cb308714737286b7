"""A clean upload in the dress of another department gives the same predictions, or a mark on each row that differs."""

import gzip
import io
import itertools
import zipfile

import numpy as np
import pandas as pd
import pyarrow.feather
import pytest

from explain.quality import check, profile_of
from explain.tables import read_table
from explain.tables.numbers import is_truth
from tests.conftest import KINDS, package

ROWS = 40


def clean(model):
    """Reference rows without blanks where that can be had, as texts that read back to the last digit."""
    frame = model.reference.frame
    rows = frame.dropna() if len(frame.dropna()) >= ROWS else frame
    rows = rows.head(ROWS).reset_index(drop=True)
    return pd.DataFrame({name: [_text(cell) for cell in rows[name]] for name in rows}), rows


def _text(cell):
    if cell is None or cell != cell:
        return ""
    return str(cell) if isinstance(cell, str) else repr(int(cell)) if float(cell).is_integer() else repr(float(cell))


def numbers(change):
    """A dress of all numbers."""

    def dress(frame, schema):
        return frame.assign(**{
            column.name: [change(cell) if cell else cell for cell in frame[column.name]]
            for column in schema
            if column.kind == "number" and not column.is_date
        })  # fmt: skip

    return dress


def categories(change):
    """A dress of all categories."""

    def dress(frame, schema):
        return frame.assign(**{
            column.name: [change(cell) if cell else cell for cell in frame[column.name]]
            for column in schema
            if column.kind == "category"
        })  # fmt: skip

    return dress


def _english(cell):
    sign, digits = ("-", cell[1:]) if cell.startswith("-") else ("", cell)
    whole, point, rest = digits.partition(".")
    return f"{sign}{int(whole):,}{point}{rest}" if whole.isdigit() else cell


def _german(cell):
    return _english(cell).translate(str.maketrans(",.", ".,"))


def _bookkeeper(cell):
    return f"({cell[1:]})" if cell.startswith("-") else cell


def _truth(frame, schema):
    names = [column.name for column in schema if column.kind == "number" and is_truth(column)]
    return frame.assign(**{name: frame[name].map({"1": "Yes", "0": "No"}).fillna("") for name in names})


CELLS = {
    "as they are": lambda frame, _schema: frame,
    "German numbers": numbers(_german),
    "English thousands": numbers(_english),
    "gaps for thousands": numbers(lambda cell: _english(cell).replace(",", "\u202f")),
    "euros": numbers(lambda cell: f"{cell} €"),
    "dollars": numbers(lambda cell: f"${cell}" if not cell.startswith("-") else f"-${cell[1:]}"),
    "units": numbers(lambda cell: f"{cell} points"),
    "brackets": numbers(_bookkeeper),
    "text marks": numbers(lambda cell: f"'{cell}"),
    "yes and no": _truth,
    "capitals": categories(str.upper),
    "spaces": categories(lambda cell: f"  {cell} "),
    "initials": categories(lambda cell: cell[:1].upper()),
    "words for a blank": lambda frame, _schema: frame.replace("", "n/a"),
    "names in capitals": lambda frame, _schema: frame.rename(columns=str.upper),
    "another order": lambda frame, _schema: frame[frame.columns[::-1]],
    "an id and a remark": lambda frame, _schema: frame.assign(
        customer=[f"K{at}" for at in range(len(frame))], remark="x"
    ),
}


def csv(frame, **options):
    return frame.to_csv(index=False, **options)


def _archive(content):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("export/table.csv", content)
    return buffer.getvalue()


def _written(write):
    buffer = io.BytesIO()
    write(buffer)
    return buffer.getvalue()


FILES = {
    "commas": lambda frame: csv(frame).encode(),
    "semicolons": lambda frame: csv(frame, sep=";").encode(),
    "tabs, UTF-16": lambda frame: csv(frame, sep="\t").encode("utf-16"),
    "UTF-32": lambda frame: csv(frame).encode("utf-32"),
    "titles and totals": lambda frame: (
        "Export of the department\n\n" + csv(frame) + "," * (frame.shape[1] - 1) + "\nSource: the department\n"
    ).encode(),
    "a delimiter at the end": lambda frame: csv(frame).replace("\n", ",\n").replace(",\n", "\n", 1).encode(),
    "pandas' index": lambda frame: frame.to_csv().encode(),
    "gzip": lambda frame: gzip.compress(csv(frame).encode()),
    "ZIP": lambda frame: _archive(csv(frame)),
    "Excel": lambda frame: _written(
        lambda buffer: frame.to_excel(buffer, engine="xlsxwriter", index=False, startrow=2)
    ),
    "Parquet": lambda frame: _written(frame.to_parquet),
    "Feather": lambda frame: _written(lambda buffer: pyarrow.feather.write_feather(frame, buffer)),
    "JSON": lambda frame: frame.to_json().encode(),
    "JSON, split": lambda frame: frame.to_json(orient="split").encode(),
    "web page": lambda frame: frame.to_html(index=False).encode(),
}


APART = {"Excel", "Parquet", "Feather"}


def marked(table, model):
    """(n,) which rows a warning names, by themselves or with their column as a whole."""
    found = np.zeros(len(table), dtype=bool)
    for warning in check(table, profile_of(model)):
        found[warning.rows if len(warning.rows) else slice(None)] = True
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_every_pair_of_dresses_is_seen_through_or_marked_on_each_row_that_differs(kind):
    model = package(kind)
    texts, rows = clean(model)
    right = model.score(rows)
    for at, (cells, file) in enumerate(itertools.product(CELLS, FILES)):
        # a process of their own opens these: each pair is tried with some of the models
        if file in APART and (at + KINDS.index(kind)) % 6:
            continue
        content = FILES[file](CELLS[cells](texts, model.schema))
        table = read_table(content, model.schema)
        assert len(table) == len(rows), (cells, file)
        off = ~np.isclose(model.score(table.frame), right, rtol=1e-6, atol=1e-6, equal_nan=True).all(axis=1)
        silent = off & ~marked(table, model) if off.any() else off
        assert not silent.any(), (cells, file, table.frame[silent].head(3).to_dict("list"))
