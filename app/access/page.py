"""The pages before the app: sign in, or why one may not enter. Plain HTML without scripts, as nobody is let in yet."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from pathlib import Path

from starlette.responses import HTMLResponse

ICON = Path(__file__).resolve().parent.parent / "icon.svg"
# the colours are those of .streamlit/config.toml
STYLE = """
:root { color-scheme: light dark; --page: #f3f5f8; --card: #ffffff; --text: #18222d; --quiet: #4c5a68; --line: #c3ccd6;
  --accent: #3d4eac; --on: #ffffff; --alarm: #9c2f1d; }
@media (prefers-color-scheme: dark) { :root { --page: #10161d; --card: #1a222c; --text: #e8edf2; --quiet: #aab6c2;
  --line: #46535f; --accent: #98a6ff; --on: #10161d; --alarm: #ffb4a2; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: var(--page);
  color: var(--text); font: 16px/1.5 "Source Sans", "Source Sans 3", system-ui, sans-serif; }
main { width: 100%; max-width: 25rem; background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
  padding: 1.75rem 1.75rem 1.5rem; }
header { display: flex; align-items: center; gap: .6rem; margin-bottom: 1.25rem; font-weight: 650; }
header img { width: 2rem; height: 2rem; }
h1 { font-size: 1.3rem; line-height: 1.3; margin: 0 0 .4rem; }
p { margin: 0 0 1rem; overflow-wrap: anywhere; }
.quiet { color: var(--quiet); font-size: .92rem; margin: 1rem 0 0; }
.alarm { border-left: 4px solid var(--alarm); padding: .1rem 0 .1rem .75rem; }
label { display: block; font-weight: 600; margin-bottom: .3rem; }
input { width: 100%; font: inherit; padding: .55rem .7rem; border: 1px solid var(--line); border-radius: .35rem;
  background: var(--page); color: var(--text); }
button, .button { display: block; width: 100%; margin-top: 1rem; font: inherit; font-weight: 600; padding: .6rem;
  border: 0; border-radius: .35rem; background: var(--accent); color: var(--on); text-align: center;
  text-decoration: none; cursor: pointer; }
:is(button, .button, input):focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""This page loads nothing and runs nothing."""
_LOGO = "data:image/svg+xml;base64," + base64.b64encode(ICON.read_bytes()).decode()


def token_form(target: str, wrong: str = "", status: int = 401) -> HTMLResponse:
    """Ask for a token; `target` is where the person wanted to go, `wrong` what was wrong with the last one."""
    body = (
        "<h1>Sign in</h1><p>Open the link that you were given, or paste the token at its end.</p>"
        f"{_alarm(wrong)}<form method='post' action='/sign-in'>"
        f"<input type='hidden' name='next' value='{escape(target, quote=True)}'>"
        "<label for='token'>Token</label>"
        "<input id='token' name='token' type='password' autocomplete='current-password' required autofocus>"
        "<button>Sign in</button></form>"
        "<p class='quiet'>Whoever started Whysure has two links: one to look at reviews, one to make them, too.</p>"
    )
    return _page("Sign in", body, status)


def open_id_link(address: str) -> HTMLResponse:
    """Ask to sign in with the organisation's account."""
    body = (
        "<h1>Sign in</h1><p>Use the account of your organisation.</p>"
        f"<a class='button' href='{escape(address, quote=True)}'>Sign in</a>"
        "<p class='quiet'>You come back to the page that you wanted to see.</p>"
    )
    return _page("Sign in", body, 401)


def stranger(name: str) -> HTMLResponse:
    """Signed in, and on no list."""
    body = (
        f"<h1>Not on the list</h1><p>You are signed in as {escape(name)}, who is listed neither as an analyst nor as a "
        "viewer here.</p><p>Ask whoever runs this server to add the address, or sign in with another account.</p>"
        "<a class='button' href='/sign-out'>Sign out</a>"
    )
    return _page("Not on the list", body, 403)


def refused(heading: str, sentence: str, status: int) -> HTMLResponse:
    """One sentence, and no way on."""
    return _page(heading, f"<h1>{escape(heading)}</h1><p>{escape(sentence)}</p>", status)


def _alarm(sentence: str) -> str:
    return f"<p class='alarm' role='alert'>{escape(sentence)}</p>" if sentence else ""


def _page(title: str, body: str, status: int) -> HTMLResponse:
    return HTMLResponse(
        "<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>{title} · Whysure</title><link rel='icon' href='{_LOGO}'><style>{STYLE}</style></head><body><main>"
        f"<header><img src='{_LOGO}' alt=''>Whysure</header>{body}</main></body></html>",
        status_code=status,
        headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-store"},
    )
