"""The command `whysure`: open the app, or review a table without a screen."""

from __future__ import annotations

import argparse
import logging
import sys
from typing import TYPE_CHECKING, Any

from explain import __version__
from explain.errors import AskedError, WhysureError
from explain.shown import sentence, visible

if TYPE_CHECKING:
    from pathlib import Path

    from explain.models import Package
    from explain.types import Table

log = logging.getLogger("whysure")


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines())
    logging.basicConfig(handlers=[handler], level=logging.INFO)
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except WhysureError as error:
        return _refused(error)
    except Exception:  # nobody above catches a fault of our own; its traceback is told in full
        log.exception("Whysure met a fault of its own, and stopped. What it was doing, for whoever mends it:")
        return 1


def _refused(error: WhysureError) -> int:
    """Say what a person can act on, without a traceback, and by itself the line to type; returns the exit code."""
    log.error("%s", error)
    if isinstance(error, AskedError):
        log.error("%s", error.line, extra={"whole": True})
    return 1


class Lines(logging.Formatter):
    """Lines for a terminal: what came out of a file in them, a library's error included, cannot steer it."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name that logging gives it
        """The message, on one line, shortened unless it is to be copied as a whole."""
        return visible(record.message) if getattr(record, "whole", False) else sentence(record.message)

    def formatException(self, ei: Any) -> str:  # noqa: ANN401, N802 - as logging has it
        """The lines of a traceback."""
        return "\n".join(map(sentence, super().formatException(ei).splitlines()))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="whysure", description="See why a model decided, and how far to trust it.")
    parser.add_argument("--version", action="version", version=f"whysure {__version__}")
    parser.add_argument("--home", help="folder that keeps reviews (default: WHYSURE_HOME, or your data folder)")
    _server_parser(parser.add_argument_group("the app"))
    parser.set_defaults(run=open_app)
    commands = parser.add_subparsers(title="commands")
    prepare = commands.add_parser("prepare", help="do once what the first start would take longer for")
    prepare.set_defaults(run=prepare_once)
    review = commands.add_parser("review", help="review a table without a screen")
    review.add_argument("table", help="CSV, TSV, Excel, OpenDocument, Parquet, Feather or JSON")
    review.add_argument("--model", required=True, help="name of a model here, or path of a package folder or zip")
    review.add_argument("--out", required=True, help="folder for decisions, warnings (Parquet and CSV) and run.json")
    review.add_argument("--sheet", help="sheet of an Excel file that has several")
    review.add_argument(
        "--columns",
        action="append",
        default=[],
        metavar="A=B,…",
        help="which column of the table is which of the model",
    )
    review.add_argument(
        "--map", action="append", default=[], metavar="COLUMN:A=B,…", help="other words for the categories of a column"
    )
    review.add_argument("--accept-proposals", action="store_true", help="take what is proposed and clear, saying each")
    review.add_argument("--level", type=float, default=0.9, help="level of sets and ranges (default 0.9)")
    review.add_argument("--cohort", default="", metavar="COLUMN", help="judge each group of this column by its own")
    review.add_argument(
        "--weighted", action="store_true", help="let past cases count by how much they are like these rows"
    )
    review.set_defaults(run=review_table)
    _add_parser(commands.add_parser("add", help="bring a model of your own, with a proof that nothing changed"))
    return parser


def _server_parser(app: argparse._ArgumentGroup) -> None:
    app.add_argument("--port", type=int, help="port of the app (default 8501, or the next that is free)")
    app.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on (default 127.0.0.1: this machine only); others sign in",
    )
    app.add_argument("--no-browser", action="store_true", help="do not open a browser window")
    door = app.add_mutually_exclusive_group()
    door.add_argument("--sign-in", action="store_true", help="ask for a sign-in on 127.0.0.1, too: behind a proxy")
    door.add_argument("--open", action="store_true", help="ask nobody to sign in, wherever it listens")
    app.add_argument("--new-tokens", action="store_true", help="make new links to sign in with; the old ones end")
    app.add_argument(
        "--name",
        action="append",
        default=[],
        help="another name of this machine, where nobody signs in; may be repeated",
    )
    app.add_argument("--quota", default="", metavar="SIZE", help="most that the home folder may take, like 20GB")
    app.add_argument("--upload-limit", type=int, metavar="MB", help="largest file that may be uploaded (default 300)")
    app.add_argument("--log", action="store_true", help="log events as JSON lines (always with another --host)")


def _add_parser(add: argparse.ArgumentParser) -> None:
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
    from dataclasses import fields

    from explain import runs
    from explain.adding.command import Request, add

    said: dict[str, Any] = {item.name: getattr(options, item.name) for item in fields(Request)}
    add(Request(**said), runs.home_folder(options.home))
    return 0


def prepare_once(options: argparse.Namespace) -> int:
    """`whysure prepare`: compile the loops of the explanations, get the sample models ready, and review the sample."""
    from explain import runs
    from explain.attributions import compile_loops
    from explain.models import catalog, load_model
    from explain.quality import expected_of

    home = runs.home_folder(options.home)
    compile_loops()
    for sample in catalog.sample_uploads():
        expected_of(load_model(sample.model))
    runs.sample_review(home)
    log.info("Ready; reviews are kept in %s", home)
    return 0


def review_table(options: argparse.Namespace) -> int:
    """`whysure review TABLE --model NAME-OR-PATH --out DIR`."""
    import explain
    from explain import runs, verdict
    from explain.models import catalog

    if not 0 < options.level < 1:
        log.error("--level must lie between 0 and 1, like 0.9; got %s.", options.level)
        return 2
    home = runs.home_folder(options.home)
    model = explain.load_model(catalog.packages(home).get(options.model, options.model))
    if model.info.mark:
        log.warning("%s", model.info.mark)
    table = _table(options, model, home)
    tell = _show_progress if sys.stderr.isatty() else None
    decisions = explain.review(
        table, model, progress=tell, level=options.level, cohort=options.cohort, weighted=options.weighted
    )
    folder = decisions.write(options.out)
    log.info("%s; written to %s", verdict.counted(decisions), folder)
    return 0


def _table(options: argparse.Namespace, model: Package, home: Path) -> Table:
    """The table as it was said to be read, now and for earlier uploads; what was said is kept for the next."""
    from explain import kept
    from explain.errors import ColumnsError
    from explain.tables import read_table
    from explain.tables.said import Said, column_pairs, word_pairs

    columns = column_pairs(options.columns)
    before = kept.said_of(model.card.name, home)
    said = before.and_also(Said(columns, word_pairs(options.map), options.accept_proposals))
    try:
        table = read_table(options.table, model.schema, columns=columns, sheet=options.sheet, said=said)
    except ColumnsError as error:
        pairs = ",".join(f"{column}={name}" for column, name in error.proposals.items())
        how = f" Say yes with --accept-proposals, or: --columns {pairs}" if pairs else ""
        raise ColumnsError(f"{error}{how}", error.missing, error.proposals, error.uploaded) from error
    for note in table.notes:
        log.info("%s", note.text)
    for item in table.proposals:
        pairs = ",".join(f"{text}={other}" for text, other in dict(zip(item.found, item.other, strict=True)).items())
        how = (
            f' Say yes with --accept-proposals, or: --map "{item.column}:{pairs}"' if item.kind == "other words" else ""
        )
        log.warning("%s%s", item.text, how)
    kept.keep(model.card.name, kept.taken(before, said, table), home)
    return table


def _show_progress(share: float, doing: str) -> None:
    end = "\n" if share >= 1 else ""
    sys.stderr.write(f"\r{doing:<28}{share:>5.0%}{end}")
    sys.stderr.flush()


def open_app(options: argparse.Namespace) -> int:
    """Open the app on loopback (or `--host`); runs until interrupted."""
    from dataclasses import fields

    from app.server import Options, serve

    return serve(Options(**{item.name: getattr(options, item.name) for item in fields(Options)}))


if __name__ == "__main__":
    raise SystemExit(main())
