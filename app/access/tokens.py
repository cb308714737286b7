"""Two tokens, one a role: whoever has one may sign in. Only their hashes are kept, with the key that signs cookies."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from itsdangerous import BadSignature, URLSafeTimedSerializer

from app.access.people import ROLES, Person, Role
from explain.errors import WhysureError
from explain.safety.strange_json import read_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.access.links import Links, OneDecision

FILE = "access.json"
TOKEN_BYTES = 32
"""256 bits cannot be guessed, so that a plain hash without salt or stretching keeps them."""
LASTS = 7 * 24 * 3600
"""Seconds from signing in to having to do it again: a working week."""
SALT = "whysure sign-in"
LINK = "link"
"""What stands in a cookie instead of a role, before the id of a link to one decision."""
SESSION_BYTES = 16
"""128 bits tell sign-ins apart; the signature keeps them from being made up."""


@dataclass(frozen=True)
class Keys:
    """What `access.json` holds: when it was made (UTC), the key of the cookies, and the tokens' SHA-256 by role."""

    made: str
    key: str
    tokens: Mapping[str, str]


def keys_of(home: Path, *, new: bool = False) -> tuple[Keys, dict[Role, str]]:
    """The keys of a home folder, and the tokens themselves if they were made just now; `new` replaces earlier ones.

    Raises WhysureError where the file is there and cannot be read.
    """
    path = home / FILE
    if path.exists() and not new:
        return _read(path), {}
    tokens: dict[Role, str] = {role: secrets.token_urlsafe(TOKEN_BYTES) for role in ROLES}
    keys = Keys(
        made=datetime.now(UTC).isoformat(timespec="minutes"),
        key=secrets.token_urlsafe(TOKEN_BYTES),
        tokens={role: _hash(token) for role, token in tokens.items()},
    )
    _write(keys, path)
    return keys, tokens


def _read(path: Path) -> Keys:
    try:
        # copied or unpacked by hand, a file easily comes to be readable for others
        path.chmod(0o600)
        keys = Keys(**read_json(path.read_bytes()))
        sound = len(keys.key) >= TOKEN_BYTES and set(keys.tokens) == set(ROLES)
    except (OSError, ValueError, TypeError) as error:
        raise WhysureError(_UNREADABLE.format(path)) from error
    if not sound:
        raise WhysureError(_UNREADABLE.format(path))
    return keys


_UNREADABLE = "The tokens kept in {} cannot be read. Start once with --new-tokens to make new ones."


def _write(keys: Keys, path: Path) -> None:
    """Whole or not at all; `mkstemp` makes files that their owner alone can read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{FILE}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(asdict(keys), file)
        Path(name).replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class TokenDoor:
    """Lets in whoever has a token; a signed cookie then says which role it was."""

    sign_in = True

    def __init__(self, keys: Keys, links: Links | None = None) -> None:
        self._keys = keys
        self.links = links
        self._signer = URLSafeTimedSerializer(keys.key, salt=SALT)
        # cookies know no ports: two servers on one machine must not sign people out of one another
        self.cookie = f"whysure_{_hash(keys.key)[:8]}"

    def role(self, token: str) -> Role | None:
        """The role that a token stands for; every one is compared, so that time tells nothing."""
        given = _hash(token)
        found = [role for role in ROLES if hmac.compare_digest(given, self._keys.tokens[role])]
        return found[0] if found else None

    def proof(self, role: Role) -> str:
        """The content of the cookie for a role, unlike that of any other sign-in."""
        return self._signer.dumps(f"{role} {secrets.token_hex(SESSION_BYTES)}")

    def proof_of(self, link: OneDecision) -> str:
        """The content of the cookie for whoever came by a link to one decision."""
        return self._signer.dumps(f"{LINK} {link.id}")

    def who(self, cookies: Mapping[str, str], /) -> Person | None:
        """Whoever the signed cookie proves, for a week."""
        try:
            signed = str(self._signer.loads(cookies.get(self.cookie, ""), max_age=LASTS))
        except BadSignature:
            return None
        found, _, session = signed.partition(" ")
        if found == LINK:
            only = self.links.called(session) if self.links else None
            return Person("viewer", only=only) if only else None
        return next((Person(role, session=session) for role in ROLES if role == found), None)
