"""Take README's pictures anew: `make pictures`, or with a folder as argument."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.journeys.conftest import BROWSERS, FLAGS, Server
from tests.journeys.steps import settled

PICTURES = {
    "review": ("?row=A-1005", 1280, 1200, "light"),
    "decision": ("decision?row=A-1005", 1280, 1350, "light"),
    "model": ("model", 1280, 900, "dark"),
    "phone": ("decision?row=A-1005", 390, 844, "dark"),
}


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/pictures")
    folder.mkdir(parents=True, exist_ok=True)
    server = Server(Path(tempfile.mkdtemp()))
    found = next(path for name in BROWSERS if (path := shutil.which(name)))
    try:
        with sync_playwright() as tool:
            browser = tool.chromium.launch(executable_path=found, args=FLAGS)
            for name, (path, width, height, scheme) in PICTURES.items():
                page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
                page.goto(server.url(path))
                settled(page)
                page.locator(".js-plotly-plot").first.wait_for()
                page.wait_for_timeout(2_000)
                page.screenshot(path=folder / f"{name}.png")
    finally:
        server.stop()


if __name__ == "__main__":
    main()
