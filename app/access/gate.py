"""The guard before every address: pages, files, uploads, downloads and the live connection alike.

It stands outside of Streamlit, so that nothing of the app is served, and no script runs, for someone not signed in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response

from app import events
from app.access import health, page
from app.access.desk import OpenIdDesk, TokenDesk, safe_target
from app.access.open_id import OpenIdDoor
from app.access.tokens import TokenDoor

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from app.access.desk import Desk
    from app.access.hosts import Names
    from app.access.people import Door

LOOKING = ("GET", "HEAD", "OPTIONS")
"""The methods that change nothing; a viewer has no others."""


class Gate:
    """Lets through to `app` whoever the door knows, and shows the others how to sign in."""

    def __init__(self, app: ASGIApp, door: Door, names: Names) -> None:
        self._app = app
        self._door = door
        self._desk = _desk(door)
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"} or scope["path"] in {health.LIVES, health.READY}:
            await self._app(scope, receive, send)
            return
        answer = await self._answer(scope, receive)
        if answer is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            # before it is accepted: the server answers the handshake with 403
            await send({"type": "websocket.close", "code": 1008})
        else:
            await answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Response | None:
        """What to say instead of the app; None to let someone through."""
        asked, desk = HTTPConnection(scope), self._desk
        if desk is None:
            return self._unknown_name(asked)
        if scope["type"] == "http":
            answer = await desk.at(Request(scope, receive))
            if answer is not None or scope["path"] in desk.free:
                return answer
        person = self._door.who(asked.cookies)
        if person is None:
            return self._sign_in_first(asked, desk)
        desk.met(person)
        if scope["type"] == "http" and person.role == "viewer" and scope["method"] not in LOOKING:
            events.say("refused", role="viewer", method=scope["method"])
            return PlainTextResponse("Only analysts may bring files.", 403)
        return desk.after(asked)

    def _unknown_name(self, asked: HTTPConnection) -> Response | None:
        name = asked.headers.get("host", "")
        if self._names.knows(name):
            return None
        events.say("refused", why="unknown host name")
        sentence = f"Whysure does not answer to the name {name[:100]}. If it is this machine's, start it with --name."
        return page.refused("Unknown name", sentence, 421)

    def _sign_in_first(self, asked: HTTPConnection, desk: Desk) -> Response:
        """The sign-in page for whoever looks for a page, a bare 401 for all else."""
        if asked.scope["type"] == "websocket" or "text/html" not in asked.headers.get("accept", ""):
            return PlainTextResponse("Sign in first.", 401)
        return desk.ask(asked, safe_target(asked.url.path + (f"?{asked.url.query}" if asked.url.query else "")))


def _desk(door: Door) -> Desk | None:
    """Where people sign in at this door; None where they need not."""
    if isinstance(door, TokenDoor):
        return TokenDesk(door)
    return OpenIdDesk(door) if isinstance(door, OpenIdDoor) else None
