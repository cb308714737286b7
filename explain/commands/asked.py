"""What the commands that decide are both asked: with which model, at which level, for which cohort."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from explain.models import Package

log = logging.getLogger("whysure")


def arguments(command: argparse.ArgumentParser) -> None:
    """What can be said to each of them."""
    command.add_argument("--model", required=True, help="name of a model here, or path of a package folder or zip")
    command.add_argument("--level", type=float, default=0.9, help="level of sets and ranges (default 0.9)")
    command.add_argument("--cohort", default="", metavar="COLUMN", help="judge each group of this column by its own")


def is_possible(options: argparse.Namespace) -> bool:
    """Whether a level is one; what it must be is said."""
    if 0 < options.level < 1:
        return True
    log.error("--level must lie between 0 and 1, like 0.9; got %s.", options.level)
    return False


def model_in(home: Path, options: argparse.Namespace) -> Package:
    """The model that is asked for, by its name in the home folder or by its path; its mark is said."""
    from explain.models import catalog, load_model

    model = load_model(catalog.packages(home).get(options.model, options.model))
    if model.info.mark:
        log.warning("%s", model.info.mark)
    return model
