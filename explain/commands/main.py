"""The command `whysure`: open the app, or review a table without a screen."""

from __future__ import annotations

import argparse
import logging
from typing import Any

from explain import __version__
from explain.commands import add, app, batch, prepare, review
from explain.errors import AskedError, WhysureError
from explain.shown import sentence, visible

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
    app.arguments(parser.add_argument_group("the app"))
    parser.set_defaults(run=app.open_app)
    commands = parser.add_subparsers(title="commands")
    once = commands.add_parser("prepare", help="do once what the first start would take longer for")
    once.set_defaults(run=prepare.prepare_once)
    review.arguments(commands.add_parser("review", help="review a table without a screen"))
    batch.arguments(commands.add_parser("batch", help="decide tables beyond memory, part by part"))
    add.arguments(commands.add_parser("add", help="bring a model of your own, with a proof that nothing changed"))
    return parser
