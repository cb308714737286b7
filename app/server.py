"""The app as a server: who may enter, the headers, the health addresses, and Streamlit within them."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import socket
import sys
import tomllib
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app import events
from app.access import current, health, open_id
from app.access.gate import Gate
from app.access.headers import Headers
from app.access.hosts import Names, is_everywhere, is_loopback
from app.access.links import Links
from app.access.people import OpenDoor
from app.access.tokens import TokenDoor, keys_of
from explain import __version__
from explain.decisions import room, runs
from explain.errors import WhysureError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from streamlit import App

    from app.access.people import Door

log = logging.getLogger("whysure")

PORT = 8501
DATA = "WHYSURE_DATA"
"""The variable that names the folders whose batches are shown, parted as paths are."""
TRIED = 100
"""Ports after a busy one: more instances than these nobody has running."""
LAST_PORT = 65_535
LOOKED_AT = 0.1
"""Seconds between two looks at whether the server listens."""
_CANNOT = (
    "Whysure cannot listen on {}, port {}. Either the port is not one that you may use, or the address is not one of "
    "this machine. Say others with --port and --host."
)
MAIN = Path(__file__).with_name("main.py")
FIXED = {
    "server.enableXsrfProtection": True,
    "server.enableCORS": True,
    "server.enableAgentApi": False,
    "server.enableStaticServing": False,
    "server.scriptHealthCheckEnabled": False,
    "server.baseUrlPath": "",
    # this server opens the browser itself; otherwise a page could have Streamlit write files beside the app
    "server.headless": True,
}
"""What a configuration of Streamlit elsewhere on this machine must not change."""
OPEN = "--open: nobody is asked to sign in. Whoever reaches %s:%s sees every review, and may change and delete all."
IN_CLEAR = "Without TLS, links and data can be read on their way: docs/access.md shows a proxy that adds it.\n"
KEPT = "People sign in with the links of %s. Lost them? --new-tokens makes new ones, and the old ones end."


@dataclass(frozen=True)
class Options:
    """How the command was started; `upload_limit` in megabytes, None for the usual one, as of the `port`."""

    host: str
    port: int | None
    home: str | None
    no_browser: bool
    sign_in: bool
    open: bool
    new_tokens: bool
    name: tuple[str, ...]
    quota: str
    data: tuple[str, ...]
    upload_limit: int | None
    log: bool


def serve(options: Options) -> int:
    """Open the app; runs until interrupted. Raises WhysureError where it cannot be guarded as asked."""
    if options.home:
        os.environ["WHYSURE_HOME"] = str(Path(options.home).resolve())
    if options.quota:
        os.environ[room.QUOTA] = options.quota
    room.quota()
    if options.data:
        os.environ[DATA] = os.pathsep.join(_folder(item) for item in options.data)
    home = runs.home_folder()
    port = _port(options, home)
    options = replace(options, port=port)
    _configure(options, home)
    door, links = _door(options, home)
    current.use(door)
    if options.log or not is_loopback(options.host):
        events.to_stderr()
    events.say("server started", version=__version__, host=options.host, port=port, sign_in=door.sign_in)

    from streamlit.web.server.starlette.starlette_server import UvicornRunner

    from app import store

    store.warm_up()
    address = _address(options)
    app = _app(options, home, address, "" if options.no_browser else next(iter(links), address))
    UvicornRunner(Headers(Gate(app, door, Names((options.host, *options.name))))).run()
    return 0


def _folder(said: str) -> str:
    """A folder whose batches are shown, whole; raises WhysureError where there is none."""
    if not Path(said).is_dir():
        raise WhysureError(f"There is no folder '{said}'. Say one with batches: --data FOLDER.")
    return str(Path(said).resolve())


def _port(options: Options, home: Path) -> int:
    """The port asked for, or the usual one, or the next free one where nobody counts on that: raises WhysureError
    where the app cannot listen as asked.

    Whoever signs in comes through a proxy, by a link or from a provider, all of which name a port.
    """
    wanted = PORT if options.port is None else options.port
    if not _is_busy(options.host, wanted):
        return wanted
    free = next((port for port in range(wanted + 1, wanted + 1 + TRIED) if not _is_busy(options.host, port)), None)
    if free is None:
        raise WhysureError(f"Port {wanted} is busy, and so are the next {TRIED}. Say another one with --port.")
    counted_on = options.sign_in or not is_loopback(options.host) or open_id.is_set_up(home)
    if options.port is not None or counted_on:
        raise WhysureError(f"Port {wanted} is busy. Port {free} is free: say --port {free}.")
    log.warning("Port %s is busy; Whysure opens on %s instead", wanted, free)
    return free


def _is_busy(host: str, port: int) -> bool:
    """Whether something else listens there; raises WhysureError where nobody can."""
    if port > LAST_PORT:  # the system would take what is left over beyond it
        raise WhysureError(_CANNOT.format(host, port))
    try:
        kind, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(kind) as probe:
            # as the server does: a port that was closed a moment ago is free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, os.name != "nt")
            probe.bind(address)
    except (OSError, OverflowError) as error:
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            return True
        raise WhysureError(_CANNOT.format(host, port)) from error
    return False


def _door(options: Options, home: Path) -> tuple[Door, list[str]]:
    """How people sign in, and the links that were made just now, the analyst's first."""
    local = is_loopback(options.host)
    if options.open:
        if not local or open_id.is_set_up(home):
            log.warning(OPEN, options.host, options.port)
        return OpenDoor(), []
    if open_id.is_set_up(home):
        return open_id.OpenIdDoor(home), []
    if local and not options.sign_in:
        return OpenDoor(), []
    keys, tokens = keys_of(home, new=options.new_tokens)
    links = {role: f"{_address(options)}?token={tokens[role]}" for role in ("analyst", "viewer") if role in tokens}
    if links:
        # not through the log, which never holds a token
        sys.stdout.write(
            "Two tokens were made to sign in with. Their links are shown this once; only hashes are kept.\n"
            f"  analysts (upload, add models, delete):  {links['analyst']}\n"
            f"  viewers (look at reviews):              {links['viewer']}\n"
            + ("" if local or links["analyst"].startswith("https") else IN_CLEAR)
        )
        sys.stdout.flush()
    else:
        log.info(KEPT, keys.made)
    return TokenDoor(keys, Links(home, keys.key)), list(links.values())


def _address(options: Options) -> str:
    """Where the app is reached, as far as this machine knows."""
    from streamlit import config as streamlit_config

    host = socket.gethostname() if is_everywhere(options.host) else options.host
    scheme = "https" if streamlit_config.get_option("server.sslCertFile") else "http"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{options.port}/"


def _configure(options: Options, home: Path) -> None:
    """Streamlit's settings: the project's own, those of the command, and those that nobody may change."""
    from streamlit.web import bootstrap

    said: dict[str, Any] = {
        "server.address": options.host,
        "server.port": options.port,
        "secrets.files": [str(home / open_id.FILE)],
    }
    if options.upload_limit is not None:
        if options.upload_limit < 1:
            raise WhysureError(f"--upload-limit is a number of megabytes, like 50; got {options.upload_limit}.")
        said["server.maxUploadSize"] = options.upload_limit
    bootstrap.load_config_options(settings(MAIN.parent) | said | FIXED)


def settings(folder: Path) -> dict[str, object]:
    """The settings of .streamlit/config.toml, which lies beside the app once installed and above it in a checkout."""
    places = [folder / ".streamlit" / "config.toml", folder.parent / ".streamlit" / "config.toml"]
    found = next(place for place in places if place.exists())
    return dict(_flat(tomllib.loads(found.read_text(encoding="utf-8"))))


def _flat(content: dict[str, object], path: str = "") -> Iterator[tuple[str, object]]:
    """Nested sections as dotted names: theme.light.primaryColor."""
    for name, value in content.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value


def _app(options: Options, home: Path, address: str, browser: str) -> App:
    """Streamlit with the health addresses beside it; says `address` and opens `browser`, another, when it listens."""
    from streamlit import App, cli_util

    async def greet() -> None:
        await _listening(options)
        # not through the log, which programs read: this line is for whoever started the command
        sys.stdout.write(f"Whysure is ready at {address}\n")
        sys.stdout.flush()
        if browser:
            await asyncio.to_thread(cli_util.open_browser, browser)

    @asynccontextmanager
    async def started(_: App) -> AsyncIterator[dict[str, Any]]:
        # the server begins to listen only after this has been entered
        greeting = asyncio.create_task(greet())
        yield {}
        greeting.cancel()

    return App(MAIN, routes=health.routes(home), lifespan=started)


async def _listening(options: Options) -> None:
    """Returns when the server takes connections."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(options.host, options.host)  # noqa: S104 - what was asked for
    while True:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(host, options.port)
            writer.close()
            return
        await asyncio.sleep(LOOKED_AT)
