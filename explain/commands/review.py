"""`whysure review`: review a table without a screen."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

from explain.commands import asked

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from explain.models import Package
    from explain.types import Table

log = logging.getLogger("whysure")


def arguments(review: argparse.ArgumentParser) -> None:
    """What can be said to `whysure review`."""
    review.add_argument("table", help="CSV, TSV, Excel, OpenDocument, Parquet, Feather or JSON")
    asked.arguments(review)
    review.add_argument(
        "--out",
        required=True,
        help="folder for decisions and faults (decisions and warnings, as Parquet and CSV) and run.json",
    )
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
    review.add_argument(
        "--weighted", action="store_true", help="let past cases count by how much they are like these rows"
    )
    review.set_defaults(run=review_table)


def review_table(options: argparse.Namespace) -> int:
    """`whysure review TABLE --model NAME-OR-PATH --out DIR`."""
    import explain
    from explain.decisions import runs, verdict

    if not asked.is_possible(options):
        return 2
    home = runs.home_folder(options.home)
    model = asked.model_in(home, options)
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
    from explain.errors import ColumnsError
    from explain.tables import kept, read_table
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
