"""Where people sign in: with a token, or with their organisation's account."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Protocol
from urllib.parse import parse_qs, parse_qsl, quote, unquote, urlencode, urlsplit

from starlette.responses import PlainTextResponse, RedirectResponse, Response

from app import events
from app.access import page
from app.access.guesses import Guesses
from app.access.tokens import LASTS

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection, Request

    from app.access.links import OneDecision
    from app.access.open_id import OpenIdDoor
    from app.access.people import Person
    from app.access.tokens import TokenDoor

DECISION = "/decision"
"""The page of one decision (app/main.py)."""
SIGN_IN, SIGN_OUT = "/sign-in", "/sign-out"
PROVIDER = ("/auth/login", "/auth/logout", "/oauth2callback")
"""Streamlit's own addresses for OpenID Connect; open before anyone is signed in, or nobody ever could be."""
NEXT = "whysure_next"
NEXT_LASTS = 600
"""Seconds that signing in with the provider may take."""
LONGEST_FORM = 4_096
"""Bytes of the sign-in form: a token and an address."""
LONGEST_NEXT = 2_000
MOST_GREETED = 1_000
WRONG = "This token is not one of this server. It may have been replaced: ask for a new link."


class Desk(Protocol):
    """What a door asks people for."""

    free: tuple[str, ...]
    """Addresses of the app that signing in needs."""

    async def at(self, request: Request) -> Response | None:
        """The answer where someone signs in or out, None elsewhere."""

    def ask(self, asked: HTTPConnection, target: str, /) -> Response:
        """The page for whoever is not let in; `target` is where they wanted to go."""

    def met(self, person: Person) -> None:
        """Someone is let in."""

    def after(self, asked: HTTPConnection, /) -> Response | None:
        """What has to be done for someone let in before they see the app."""


class TokenDesk:
    """Takes a token, in a form or at the end of a link, and gives a cookie."""

    free = ()

    def __init__(self, door: TokenDoor) -> None:
        self._door = door
        self._guesses = Guesses()

    async def at(self, request: Request) -> Response | None:
        """Signing in and out, and any address with a token in it."""
        path, method = request.url.path, request.method
        if path == SIGN_OUT:
            answer = RedirectResponse("/", 303)
            answer.delete_cookie(self._door.cookie)
            return answer
        if path == SIGN_IN:
            return await self._form(request) if method == "POST" else RedirectResponse("/", 303)
        token = request.query_params.get("token")
        if token is None or method != "GET":
            return None
        kept = [(name, value) for name, value in parse_qsl(request.url.query) if name != "token"]
        return self._try(request, token, safe_target(f"{path}?{urlencode(kept)}" if kept else path))

    async def _form(self, request: Request) -> Response:
        origin = request.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
            return PlainTextResponse("Sign in on the server's own page.", 403)
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > LONGEST_FORM:
                return PlainTextResponse("That is no token.", 413)
        form = parse_qs(body.decode(errors="replace"))
        return self._try(request, form.get("token", [""])[0].strip(), safe_target(form.get("next", ["/"])[0]))

    def _try(self, request: Request, token: str, target: str) -> Response:
        """Sign in with a token and go to `target`, which no longer has the token in it."""
        sender = request.client.host if request.client else ""
        wait = ceil(self._guesses.wait(sender))
        if wait:
            events.say("sign-in refused", why="too many wrong tokens", client=sender)
            answer: Response = page.token_form(target, f"Too many wrong tokens. Try again in {wait} s.", 429)
            answer.headers["Retry-After"] = str(wait)
            return answer
        role = self._door.role(token)
        link = self._door.links.opened_by(token) if role is None and self._door.links else None
        if role is None and link is None:
            self._guesses.wrong(sender)
            events.say("sign-in refused", why="wrong token", client=sender)
            return page.token_form(target, WRONG)
        self._guesses.right(sender)
        if link is not None:
            return self._by_link(request, link, target)
        events.say("sign-in", role=role, client=sender)
        return self._let_in(request, self._door.proof(role), target)

    def _by_link(self, request: Request, link: OneDecision, target: str) -> Response:
        """Lead to the one decision that a link opens; whoever is signed in for more stays so."""
        if not target.startswith(f"{DECISION}?"):
            target = f"{DECISION}?{urlencode({'run': link.run, 'row': link.row})}"
        known = self._door.who(request.cookies)
        if known is not None and known.only is None:
            return RedirectResponse(target, 303, {"Cache-Control": "no-store"})
        events.say("sign-in", role="viewer", link=link.id, client=request.client.host if request.client else "")
        return self._let_in(request, self._door.proof_of(link), target)

    def _let_in(self, request: Request, proof: str, target: str) -> Response:
        answer = RedirectResponse(target, 303, {"Cache-Control": "no-store"})
        secure = request.url.scheme == "https"
        answer.set_cookie(self._door.cookie, proof, LASTS, httponly=True, samesite="lax", secure=secure)
        return answer

    def ask(self, _asked: HTTPConnection, target: str, /) -> Response:
        """The form for a token."""
        return page.token_form(target)

    def met(self, person: Person) -> None:
        """Was logged when the token came."""

    def after(self, _asked: HTTPConnection, /) -> Response | None:
        """Nothing: the form led on by itself."""
        return None


class OpenIdDesk:
    """Leads to the provider and back; Streamlit talks to it and gives the cookie."""

    free = PROVIDER

    def __init__(self, door: OpenIdDoor) -> None:
        self._door = door
        self._greeted: dict[str, None] = {}

    async def at(self, request: Request) -> Response | None:
        """On to Streamlit's login; where the person wanted to go is kept meanwhile."""
        if request.url.path == SIGN_OUT:
            return RedirectResponse("/auth/logout", 303)
        if request.url.path != SIGN_IN:
            return None
        from streamlit.auth_util import encode_provider_token

        answer = RedirectResponse(f"/auth/login?{urlencode({'provider': encode_provider_token('default')})}", 303)
        target = safe_target(request.query_params.get("next", "/"))
        answer.set_cookie(NEXT, quote(target), NEXT_LASTS, httponly=True, samesite="lax")
        return answer

    def ask(self, asked: HTTPConnection, target: str, /) -> Response:
        """The way to the provider, or, for someone whom it knows, that they are on no list."""
        name = self._door.known(asked.cookies)
        if not name:
            return page.open_id_link(f"{SIGN_IN}?{urlencode({'next': target})}")
        if self._new(name):
            events.say("sign-in refused", why="on no list", name=name)
        return page.stranger(name)

    def met(self, person: Person) -> None:
        """Log whom the provider let in, once each while the server runs."""
        if self._new(person.name):
            events.say("sign-in", role=person.role, name=person.name)

    def _new(self, name: str) -> bool:
        new = name not in self._greeted
        self._greeted[name] = None
        if len(self._greeted) > MOST_GREETED:
            del self._greeted[next(iter(self._greeted))]
        return new

    def after(self, asked: HTTPConnection, /) -> Response | None:
        """The provider leads everyone to the first page; those who wanted another go on to it, once."""
        if asked.scope["path"] != "/" or NEXT not in asked.cookies:
            return None
        answer = RedirectResponse(safe_target(unquote(asked.cookies[NEXT])), 303)
        answer.delete_cookie(NEXT)
        return answer


def safe_target(address: str) -> str:
    """An address of this server, whatever was asked for: others could lead people away after they signed in."""
    try:
        parts = urlsplit(address[:LONGEST_NEXT].replace("\\", "/"))
    except ValueError:
        return "/"
    if parts.scheme or parts.netloc:
        return "/"
    return "/" + parts.path.lstrip("/") + (f"?{parts.query}" if parts.query else "")
