"""The reasons of a lone row in a process of its own with nothing compiled: how long, from the first import on."""

from __future__ import annotations

import sys
import time

STARTED = time.perf_counter()


def main() -> None:
    """Print the seconds until the package was let in, and those until the reasons were there."""
    from pathlib import Path

    import explain
    from explain.attributions import explain as reasons_of

    package = explain.load_model(Path(sys.argv[1]))
    let_in = time.perf_counter() - STARTED
    reasons_of(package, package.reference.frame.head(1))
    sys.stdout.write(f"{let_in} {time.perf_counter() - STARTED}\n")


if __name__ == "__main__":
    main()
