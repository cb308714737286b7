"""A real server with a home of its own, and a real browser."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.journeys.steps import settled

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
PATIENCE = 30_000
"""Milliseconds for anything to appear: a cold first page on a busy machine."""


def pytest_collection_modifyitems(items):
    """Journeys take longest and come first, so that no worker is left alone with them at the end."""
    items.sort(key=lambda item: "journeys" not in str(item.path))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """The command `whysure` as a person would start it."""

    def __init__(self, home, *, headless=True, options=(), port=None, **environment):
        self.home, self.headless, self.environment = home, headless, environment
        self.options = options
        self.port = port or free_port()
        self.start()

    def start(self):
        environment = os.environ | {"WHYSURE_HOME": str(self.home)} | self.environment
        command = [sys.executable, "-P", "-m", "explain.commands", "--port", str(self.port)]
        command += ["--no-browser"] if self.headless else []
        command += self.options
        with (self.home / "log").open("ab") as log, (self.home / "said").open("ab") as said:
            self.process = subprocess.Popen(command, env=environment, cwd=self.home, stdout=said, stderr=log)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2).close()
            except OSError:
                time.sleep(0.2)
            else:
                return
        raise RuntimeError((self.home / "log").read_text())

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=20)

    def restart(self):
        self.stop()
        self.start()

    def url(self, path=""):
        return f"http://127.0.0.1:{self.port}/{path}"

    @property
    def log(self):
        return (self.home / "log").read_text()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    # as `make run` does: compiling takes longer than a page may
    command = [sys.executable, "-P", "-m", "explain.commands", "prepare"]
    subprocess.run(command, env=os.environ | {"WHYSURE_HOME": str(home)}, check=True, timeout=600)
    running = Server(home)
    yield running
    running.stop()
    for sign in ("page failed", "Traceback"):
        assert sign not in running.log, "A page failed behind the scenes; the server's log says why."


@pytest.fixture(scope="session")
def browser():
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail("The browser tests need Chromium: sudo apt-get install chromium")
    with sync_playwright() as tool:
        running = tool.chromium.launch(executable_path=found, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def open_page(browser, server):
    """Open an address of the app: `open_page("model?run=…", width=390, dark=True)`."""
    contexts = []
    expect.set_options(timeout=PATIENCE)

    def opened(path="", width=1280, height=900, *, dark=False):
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(server.url(path))
        settled(page)
        return page

    yield opened
    for context in contexts:
        context.close()
