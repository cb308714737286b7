"""What happened, one JSON line an event on standard error: sign-ins, reviews, models, errors.

Never a value of a row, a column's name, a file's name or content, a token, or the message of an exception, as those may
quote cells. That holds for the lines of every library, too: of a foreign record only its place and the kind of error
are kept.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import time
import traceback
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    Fact: TypeAlias = str | int | float | bool

log = logging.getLogger("whysure.events")
log.propagate = False
log.addHandler(logging.NullHandler())

OWN = ("app", "explain")
ROOT = Path(__file__).resolve().parent.parent


def say(event: str, **facts: Fact) -> None:
    """Log an event with facts about it; does nothing until `to_stderr` was called."""
    log.info("%s", _line(event, facts))


@contextmanager
def timed(what: str, **facts: Fact) -> Iterator[dict[str, Fact]]:
    """Log that something started, and that it finished, failed or was stopped after so many seconds.

    What is put into the dictionary meanwhile is logged when it finished.
    """
    say(f"{what} started", **facts)
    began, found = time.monotonic(), {}
    try:
        yield found
    except Exception as error:  # whatever it is, it goes on to whoever shows it
        say(f"{what} failed", **facts, seconds=_since(began), **about(error))
        raise
    except BaseException:  # Streamlit steers reruns, Cancel among them, by exceptions of this kind
        say(f"{what} stopped", **facts, seconds=_since(began))
        raise
    say(f"{what} finished", **facts, seconds=_since(began), **found)


def _since(began: float) -> float:
    return round(time.monotonic() - began, 3)


def about(error: BaseException) -> dict[str, Fact]:
    """The kind of an error and the line of ours that it came from; never its message."""
    return {"error": type(error).__name__, "at": _place(error.__traceback__)}


def _place(trace: TracebackType | None) -> str:
    """The innermost line of our own code."""
    frames = traceback.extract_tb(trace)
    for frame in reversed(frames):
        path = Path(frame.filename)
        if path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] in OWN and path != Path(__file__):
            return f"{path.relative_to(ROOT).as_posix()}:{frame.lineno}"
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""


def _line(event: str, facts: dict[str, Fact]) -> str:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return json.dumps({"time": now, "event": event} | facts)


def to_stderr() -> None:
    """Log events from now on, and everything else as events without messages."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    logging.setLogRecordFactory(_record)
    logging.captureWarnings(True)
    sys.excepthook = lambda _, error, __: say("error", **about(error))
    threading.excepthook = lambda said: say("error", **about(said.exc_value)) if said.exc_value else None
    sys.unraisablehook = lambda said: say("error", **about(said.exc_value)) if said.exc_value else None
    _bare_lines()


def _bare_lines() -> None:
    """Of libraries only warnings and errors, without the prefixes that their lines would have."""
    from streamlit import config, logger
    from uvicorn.config import LOGGING_CONFIG

    logging.getLogger().setLevel(logging.WARNING)
    config.set_option("logger.level", "warning")
    config.set_option("logger.messageFormat", "%(message)s")
    logger.set_log_level(logging.WARNING)
    logger.update_formatter()
    for formatter in LOGGING_CONFIG["formatters"].values():
        formatter["fmt"] = "%(message)s"


_plain = logging.LogRecord


def _record(*arguments: object, **options: object) -> logging.LogRecord:
    """A log record as JSON; one from elsewhere loses its message and its traceback."""
    record = _plain(*arguments, **options)
    if record.name == log.name:
        return record
    error = record.exc_info[1] if record.exc_info else None
    facts: dict[str, Fact] = {"level": record.levelname.lower(), "logger": record.name}
    facts["line"] = f"{record.filename}:{record.lineno}"
    record.msg, record.args = _line("error" if error else "log", facts | (about(error) if error else {})), ()
    record.exc_info = record.exc_text = record.stack_info = None
    return record
