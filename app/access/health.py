"""Two addresses for those who watch the server: does the process live, and can it do its work.

They need no sign-in, so they say nothing about data, and never why something failed.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse
from starlette.routing import Route

from explain.decisions.room import LEAST_FREE
from explain.errors import WhysureError
from explain.models.card import read_card
from explain.models.catalog import sample_uploads
from explain.models.package import samples_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from starlette.requests import Request

LIVES, READY = "/healthz", "/readyz"
KEPT = 5.0
"""Seconds for which an answer is kept: whoever asks more often makes no work."""


class Readiness:
    """Whether the home folder can be written to, the catalog read, and the disk has room."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._lock = threading.Lock()
        self._until = 0.0
        self._found: dict[str, bool] = {}

    def checks(self) -> dict[str, bool]:
        """Each check by name; the answer is some seconds old at most."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._found = {
                    "home_writable": _works(self._write),
                    "catalog_readable": _works(self._read_catalog),
                    "disk_space": _works(lambda: shutil.disk_usage(self._home).free > LEAST_FREE),
                }
                self._until = time.monotonic() + KEPT
            return self._found

    def _write(self) -> bool:
        self._home.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._home, prefix=".ready-") as file:
            file.write(b"1")
        return True

    def _read_catalog(self) -> bool:
        """Whether models can be listed, and those that come along read; one broken model of many stops nobody."""
        if (self._home / "models").exists():
            list((self._home / "models").iterdir())
        folder = samples_folder()
        return all(read_card((folder / item.model / "card.json").read_text("utf-8")) for item in sample_uploads())


def _works(check: Callable[[], bool]) -> bool:
    try:
        return bool(check())
    except (OSError, ValueError, WhysureError):
        return False


def routes(home: Path) -> list[Route]:
    """`/healthz` and `/readyz`."""
    readiness = Readiness(home)

    async def lives(_: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})

    async def ready(_: Request) -> JSONResponse:
        checks = await run_in_threadpool(readiness.checks)
        good = all(checks.values())
        return JSONResponse(
            {"status": "ready" if good else "not ready", "checks": checks},
            status_code=200 if good else 503,
            headers={"Cache-Control": "no-store"},
        )

    return [Route(LIVES, lives), Route(READY, ready)]
