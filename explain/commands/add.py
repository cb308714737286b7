"""`whysure add`: bring a model of one's own."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse


def arguments(add: argparse.ArgumentParser) -> None:
    """What can be said to `whysure add`."""
    add.add_argument("model", help="file of ONNX, XGBoost, LightGBM, CatBoost or skops, an MLflow folder, or a package")
    add.add_argument("--reference", default="", metavar="TABLE", help="rows like those it learned from")
    add.add_argument("--sheet", default="", help="sheet of the reference, if it is an Excel file that has several")
    add.add_argument("--target", default="", metavar="COLUMN", help="column of the reference with the known outcomes")
    add.add_argument("--name", default="", help="what people call the model (default: the file's name)")
    add.add_argument(
        "--outcomes", type=_listed, default=(), metavar="A,B,…", help="the outcomes in the order of the model's scores"
    )
    add.add_argument(
        "--outcome-words", type=_listed, default=(), metavar="A,B,…", help="what people call them, in the same order"
    )
    add.add_argument("--question", default="", help="what the model is asked, like “Will this customer cancel?”")
    add.add_argument(
        "--shown", default="", metavar="OUTCOME", help="outcome that numbers are about (default: the last)"
    )
    add.add_argument(
        "--held-out", default="", metavar="ROWS", help="rows kept from training: all, none, a column, or a file of them"
    )
    add.add_argument("--expected", default="", metavar="COLUMN", help="column with the predictions it should give")
    add.add_argument(
        "--leave-out", type=_listed, default=(), metavar="COLUMN,…", help="columns of the reference that are no inputs"
    )
    add.add_argument(
        "--card", default="", metavar="FILE", help="model card (Markdown) that says use, limits and licence"
    )
    add.add_argument(
        "--output", default="", metavar="NAME", help="output of an ONNX file with the scores, where several could be"
    )
    add.add_argument(
        "--scores", default="", choices=["probabilities", "logits"], help="what the scores of an ONNX file are"
    )
    add.add_argument("--replace", default="", metavar="MODEL", help="become a new version of this model")
    add.add_argument(
        "--unit", action="append", default=[], metavar="COLUMN=UNIT", help="what a column counts in; may be repeated"
    )
    add.add_argument("--blanks", metavar="A,B,…", help="words in the reference that stand for a blank ('' for none)")
    add.add_argument(
        "--decimal", default="", choices=[",", "."], help="decimal mark of the reference, if nothing tells"
    )
    add.add_argument("--anyway", action="store_true", help="serve it, marked, even if it predicts something else")
    add.set_defaults(run=add_model)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def add_model(options: argparse.Namespace) -> int:
    """`whysure add MODEL --reference TABLE`."""
    from explain.adding.request import Request, add
    from explain.decisions import runs

    said: dict[str, Any] = {item.name: getattr(options, item.name) for item in fields(Request)}
    add(Request(**said), runs.home_folder(options.home))
    return 0
