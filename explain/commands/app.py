"""`whysure`: open the app."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def arguments(app: argparse._ArgumentGroup) -> None:
    """What can be said to `whysure` itself."""
    app.add_argument("--port", type=int, help="port of the app (default 8501, or the next that is free)")
    app.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on (default 127.0.0.1: this machine only); others sign in",
    )
    app.add_argument("--no-browser", action="store_true", help="do not open a browser window")
    door = app.add_mutually_exclusive_group()
    door.add_argument("--sign-in", action="store_true", help="ask for a sign-in on 127.0.0.1, too: behind a proxy")
    door.add_argument("--open", action="store_true", help="ask nobody to sign in, wherever it listens")
    app.add_argument("--new-tokens", action="store_true", help="make new links to sign in with; the old ones end")
    app.add_argument(
        "--name",
        action="append",
        default=[],
        help="another name of this machine, where nobody signs in; may be repeated",
    )
    app.add_argument("--quota", default="", metavar="SIZE", help="most that the home folder may take, like 20GB")
    app.add_argument(
        "--data", action="append", default=[], metavar="FOLDER",
        help="folder of this machine whose batches the app shows; may be repeated",
    )  # fmt: skip
    app.add_argument("--upload-limit", type=int, metavar="MB", help="largest file that may be uploaded (default 300)")
    app.add_argument("--log", action="store_true", help="log events as JSON lines (always with another --host)")


def open_app(options: argparse.Namespace) -> int:
    """Open the app on loopback (or `--host`); runs until interrupted."""
    from app.server import Options, serve

    return serve(Options(**{item.name: getattr(options, item.name) for item in fields(Options)}))
