"""Links that open one decision alone: a token each, of which the home folder keeps a keyed hash, until it is revoked.

The hashes are keyed with the key of the cookies, so that `--new-tokens` ends these links, too.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
import tempfile
import threading
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from explain.errors import WhysureError
from explain.safety.strange_json import read_json

FILE = "links.json"
TOKEN_BYTES = 32
"""256 bits cannot be guessed."""
MOST = 1_000
"""Links at a time: each sign-in with a token is compared with all of them."""
_UNREADABLE = "The links kept in {} cannot be read. Delete that file to end them all."


@dataclass(frozen=True)
class OneDecision:
    """What a link opens: a row of a review; `made` is UTC, ISO 8601, `hash` that of the token."""

    hash: str
    run: str
    row: str
    made: str

    @property
    def id(self) -> str:
        """What the cookie and the pages call the link: 64 bits of the hash, which open nothing."""
        return self.hash[:16]


class Links:
    """The links of a home folder; read again whenever the file has changed, so that a revoked one ends at once."""

    def __init__(self, home: Path, key: str) -> None:
        self._path = home / FILE
        self._key = key.encode()
        self._lock = threading.Lock()
        self._seen: tuple[int, int] | None = None
        self._links: tuple[OneDecision, ...] = ()

    def make(self, run: str, row: str) -> str:
        """A new token for a row of a review; raises WhysureError where there are too many, or the file is broken."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        made = datetime.now(UTC).isoformat(timespec="minutes")
        with self._lock:
            links = self._read()
            if len(links) >= MOST:
                raise WhysureError(f"There are {MOST:,} links to single decisions. Revoke some before making another.")
            self._write((OneDecision(self._hash(token), run, row, made), *links))
        return token

    def opened_by(self, token: str) -> OneDecision | None:
        """What a token opens; every hash is compared, so that time tells nothing."""
        given = self._hash(token)
        found = [item for item in self._safely() if hmac.compare_digest(given, item.hash)]
        return found[0] if found else None

    def called(self, name: str) -> OneDecision | None:
        """The link with an id; None where there is none, or no longer."""
        return next((item for item in self._safely() if item.id == name), None)

    def listed(self) -> tuple[OneDecision, ...]:
        """All links, newest first; raises WhysureError where the file is broken."""
        with self._lock:
            return self._read()

    def revoke(self, name: str) -> None:
        """End a link and every sign-in with it; a second call does nothing."""
        with self._lock:
            self._write(tuple(item for item in self._read() if item.id != name))

    def _safely(self) -> tuple[OneDecision, ...]:
        """The links, none where the file is broken: then nobody comes in by one."""
        try:
            return self.listed()
        except WhysureError:
            return ()

    def _hash(self, token: str) -> str:
        return hmac.new(self._key, token.encode(), hashlib.sha256).hexdigest()

    def _of(self) -> str:
        """Tells keys apart: links that were made with another one are ended."""
        return self._hash("links")[:16]

    def _read(self) -> tuple[OneDecision, ...]:
        try:
            state = self._path.stat()
            seen = state.st_mtime_ns, state.st_ino
            if seen != self._seen:
                found = read_json(self._path.read_bytes())
                self._links = tuple(map(_link, found["links"])) if found["of"] == self._of() else ()
                self._seen = seen
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise WhysureError(_UNREADABLE.format(self._path)) from error
        return self._links

    def _write(self, links: tuple[OneDecision, ...]) -> None:
        """Whole or not at all; `mkstemp` makes files that their owner alone can read."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=f".{FILE}-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump({"of": self._of(), "links": [asdict(item) for item in links]}, file)
            Path(name).replace(self._path)
        except OSError:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise


def _link(found: dict[str, object]) -> OneDecision:
    """Raises TypeError for what `_write` did not write."""
    if not all(isinstance(text, str) for text in found.values()):
        raise TypeError("no texts")
    return OneDecision(**{name: str(text) for name, text in found.items()})
