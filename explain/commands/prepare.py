"""`whysure prepare`: what the first start would take longer for, done once."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

log = logging.getLogger("whysure")


def prepare_once(options: argparse.Namespace) -> int:
    """`whysure prepare`: compile the loops of the explanations, get the sample models ready, and review the sample."""
    from explain.attributions import compile_loops
    from explain.decisions import runs
    from explain.models import catalog, load_model
    from explain.pipeline import sample_review
    from explain.quality import expected_of

    home = runs.home_folder(options.home)
    compile_loops()
    for sample in catalog.sample_uploads():
        expected_of(load_model(sample.model))
    sample_review(home)
    log.info("Ready; reviews are kept in %s", home)
    return 0
