"""OpenID Connect through Streamlit's own login: the provider says who someone is, two lists say what they may do.

All of it stands in `secrets.toml` in the home folder: `[auth]` as Streamlit documents it for `st.login`, and beside it

    [whysure]
    analysts = ["ada@example.org"]
    viewers = ["*@example.org"]
"""

from __future__ import annotations

import importlib.util
import tomllib
from typing import TYPE_CHECKING, Any

from app.access.people import Person
from explain.errors import WhysureError
from explain.safety.strange_json import read_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILE = "secrets.toml"
NEEDED = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")
INSTALL = 'pip install "whysure[auth]"'
SHORTEST_SECRET = 32
"""Characters: whoever guesses the secret can sign in as anyone."""


def is_set_up(home: Path) -> bool:
    """Whether the home folder says how people sign in."""
    return (home / FILE).exists() and "auth" in _content(home)


def _content(home: Path) -> dict[str, Any]:
    try:
        return tomllib.loads((home / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WhysureError(f"{home / FILE} cannot be read as TOML. See docs/access.md for its lines.") from error


class OpenIdDoor:
    """Lets in whoever the provider knows and a list names."""

    sign_in = True
    links = None

    def __init__(self, home: Path) -> None:
        """Raises WhysureError where something is missing: a line of the file, or the packages for it."""
        self._home = home
        auth = _content(home)["auth"]
        missing = [name for name in NEEDED if not auth.get(name)]
        if missing:
            raise WhysureError(f"{home / FILE} lacks {', '.join(missing)} under [auth]. See docs/access.md.")
        if len(str(auth["cookie_secret"])) < SHORTEST_SECRET:
            raise WhysureError(
                f"The cookie_secret in {home / FILE} is short enough to be guessed. Make one of at least "
                f"{SHORTEST_SECRET} characters, as docs/access.md shows."
            )
        if any(importlib.util.find_spec(name) is None for name in ("authlib", "httpx")):
            raise WhysureError(f"Signing in with OpenID Connect needs two more packages: {INSTALL}")
        self._secret = str(auth["cookie_secret"])
        self._origin = str(auth["redirect_uri"]).removesuffix("/oauth2callback")
        self._changed = 0.0
        self._lists: dict[str, set[str]] = {}
        if not any(self._listed().values()):
            raise WhysureError(
                f"{home / FILE} says how people sign in, and not who may do what. Add [whysure] with "
                'analysts = ["ada@example.org"] and viewers = ["*@example.org"].'
            )

    def _listed(self) -> dict[str, set[str]]:
        """The lists as they stand now: who is taken off is out with the next click."""
        changed = (self._home / FILE).stat().st_mtime
        if changed != self._changed:
            said = _content(self._home).get("whysure", {})
            self._lists = {
                role: {str(item).casefold() for item in said.get(f"{role}s", [])} for role in ("analyst", "viewer")
            }
            self._changed = changed
        return self._lists

    def known(self, cookies: Mapping[str, str]) -> str:
        """The e-mail address that the provider vouches for; empty where nobody is signed in."""
        from streamlit.auth_util import get_cookie_with_chunks
        from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
        from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

        signed = get_cookie_with_chunks(
            lambda name: decode_signed_value(self._secret, name, cookies.get(name, "")), USER_COOKIE_NAME
        )
        said = read_json(signed) if signed else {}
        vouched = said.get("email_verified", True) not in {False, "false"}
        if not said.get("is_logged_in") or said.get("origin") != self._origin or not vouched:
            return ""
        return str(said.get("email") or "").casefold()

    def who(self, cookies: Mapping[str, str], /) -> Person | None:
        """The person behind the provider's cookie, if a list names them or their whole domain."""
        name = self.known(cookies)
        if not name:
            return None
        keys = {name, f"*@{name.rpartition('@')[2]}"}
        lists = self._listed()
        if keys & lists["analyst"]:
            return Person("analyst", name)
        return Person("viewer", name) if keys & lists["viewer"] else None
