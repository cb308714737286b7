"""The headers of every answer: what the browser may load and run, and that nobody frames, sniffs or is told of it."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PARTS = Path(__file__).resolve().parent.parent / "parts"
SCRIPTS = (PARTS / "copy.js", PARTS / "page.js", PARTS / "keys.js")
"""The scripts of our own (app/parts/copy_link.py, page_script.py and help.py)."""
OTHERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Streamlit says how long its own files may be kept; downloads must not stay in a proxy or on a shared computer
    "Cache-Control": "private, no-store",
}


def content_policy() -> str:
    """The content security policy under which Streamlit and Plotly still work.

    Styles are written by script (emotion) and by Plotly as attributes, hence 'unsafe-inline' for them. Of scripts only
    Streamlit's own files run, the one that stands in its page, and our own two, all told by their hashes.
    'wasm-unsafe-eval' is for the WebAssembly of Streamlit's own; Plotly's WebGL pictures would need 'unsafe-eval', as
    they write programs as text, and no picture here is one.
    """
    scripts = " ".join(["'self'", "'wasm-unsafe-eval'", *_inline_scripts()])
    parts = {
        "default-src": "'self'",
        "script-src": scripts,
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "worker-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-src": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in parts.items())


def _inline_scripts() -> list[str]:
    import streamlit

    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    texts = [*re.findall(r"<script>(.*?)</script>", page, re.DOTALL)]
    texts += [path.read_text(encoding="utf-8") for path in SCRIPTS]
    return [f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in texts]


class Headers:
    """Adds the headers to every answer of `app`; one that is there already stays."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._fixed = OTHERS | {"Content-Security-Policy": content_policy()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._fixed.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)
