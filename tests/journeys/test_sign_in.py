"""People sign in: a viewer looks, an analyst acts, and a stranger gets nothing at all."""

import json
import re
import shutil
import subprocess
import sys
import time

import httpx2
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from app.server import MAIN
from tests.journeys.conftest import PATIENCE, Server
from tests.journeys.steps import UPLOADS, settled, upload

CANARY = "Canary-4711"
VIOLATIONS = (
    "document.addEventListener('securitypolicyviolation', e => console.error('refused by policy', e.blockedURI))"
)


@pytest.fixture(scope="module")
def guarded(server, tmp_path_factory):
    """A server that asks people to sign in, with the sample reviewed already."""
    home = tmp_path_factory.mktemp("guarded")
    for name in ("runs", "ready"):
        shutil.copytree(server.home / name, home / name)
    running = Server(home, options=["--sign-in", "--log"])
    yield running
    running.stop()
    assert "Traceback" not in running.log


@pytest.fixture(scope="module")
def tokens(guarded):
    said = (guarded.home / "said").read_text()
    return dict(zip(["analyst", "viewer"], re.findall(r"\?token=(\S+)", said), strict=True))


@pytest.fixture
def visit(browser, guarded):
    """A page of a fresh browser: `visit(path, width=390, dark=True)`; what its policy refuses fails the test."""
    contexts, refused = [], []
    expect.set_options(timeout=PATIENCE)

    def opened(path="", width=1280, *, dark=False):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light", reduced_motion="reduce"
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.add_init_script(VIOLATIONS)
        page.on("console", lambda said: refused.append(said.text) if "policy" in said.text.lower() else None)
        page.goto(guarded.url(path))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert refused == []


def test_a_viewer_signs_in_after_a_wrong_token_and_looks_only(visit, guarded, tokens):
    page = visit("library")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_label("Token").fill("not a token")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text(re.compile("not one of this server"))
    page.get_by_label("Token").fill(tokens["viewer"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(guarded.url("library"))
    settled(page)
    expect(page.get_by_text("Signed in as a viewer")).to_be_visible()
    expect(page.get_by_role("button", name="Open", exact=True).first).to_be_visible()
    for name in ("Delete", "Add a model", "Open a table", "More"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    page.get_by_role("button", name="Open", exact=True).first.click()
    expect(page.locator(".why-strip")).to_contain_text("rows")
    expect(page.get_by_role("button", name="Open a table")).to_have_count(0)
    page.goto(guarded.url("add"))
    expect(page.get_by_text("Only analysts may add models.")).to_be_visible()
    expect(page.locator("input[type=file]")).to_have_count(0)
    page.goto(guarded.url("library"))
    page.get_by_role("link", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_link_opens_one_decision_alone_until_it_is_revoked(visit, guarded, tokens):
    analyst = visit(f"decision?row=A-1005&token={tokens['analyst']}")
    settled(analyst)
    analyst.get_by_role("button", name="Link to this decision alone").click()
    analyst.get_by_role("button", name="Make a link").click()
    address = analyst.get_by_role("button", name="Copy the new link").get_attribute("data-copy")
    page = visit(address.removeprefix(guarded.url()))
    settled(page)
    assert "token" not in page.url
    expect(page.locator(".why-headline")).to_be_visible()
    expect(page.get_by_text("You look at one decision, by its link.")).to_be_visible()
    for name in ("Library", "Review", "Model"):
        expect(page.get_by_role("link", name=name)).to_have_count(0)
    expect(page.get_by_role("button", name="Next")).to_have_count(0)
    for path in ("library", "", "data", "model", page.url.removeprefix(guarded.url()).replace("A-1005", "A-1006")):
        page.goto(guarded.url(path))
        expect(page.get_by_text("Your link opens one decision, and nothing else.")).to_be_visible()
        expect(page.locator(".why-headline")).to_have_count(0)
    page.get_by_role("button", name="Open the decision").click()
    expect(page.locator(".why-headline")).to_be_visible()
    analyst.get_by_role("button", name="Revoke").click()
    expect(analyst.get_by_role("button", name="Revoke")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def table_with_canaries(folder):
    """A table whose name, columns and cells would be seen in any log."""
    frame = pd.read_csv(UPLOADS / "german_credit_clean.csv", dtype=str)
    frame.loc[3, "purpose"] = f"{CANARY} purpose"
    frame.loc[4, "amount"] = f"{CANARY} amount"
    frame[f"{CANARY} column"] = f"{CANARY} cell"
    frame.to_csv(folder / f"{CANARY}.csv", index=False)
    (folder / f"{CANARY}-other.csv").write_text(f"{CANARY} a,{CANARY} b\n{CANARY},{CANARY}\n")
    (folder / f"{CANARY}-empty.csv").write_text(f"{CANARY} a,{CANARY} b\n")
    return folder / f"{CANARY}.csv"


def test_an_analyst_comes_by_a_link_and_uploads_and_the_log_says_nothing_of_the_data(visit, guarded, tokens, tmp_path):
    page = visit(f"?token={tokens['analyst']}")
    settled(page)
    assert "token" not in page.url
    upload(page, table_with_canaries(tmp_path))
    expect(page.locator(".why-sub")).to_contain_text(f"{CANARY}.csv · 150 rows reviewed")
    page.goto(guarded.url("model"))
    settled(page)
    expect(page.locator(".js-plotly-plot")).to_have_count(3)
    expect(page.get_by_text("WebGL is not supported")).to_have_count(0)
    for name, sentence in {"other.csv": "does not look like a table", "empty.csv": "but no rows below it"}.items():
        page.goto(guarded.url())
        settled(page)
        upload(page, tmp_path / f"{CANARY}-{name}")
        expect(page.get_by_role("dialog").get_by_text(sentence)).to_be_visible()
    page.goto(guarded.url("library"))
    settled(page)
    page.get_by_role("button", name="More").first.click()
    with page.expect_download() as zipped:
        page.get_by_role("button", name="Download as one ZIP").click()
    assert zipped.value.path().read_bytes().startswith(b"PK")
    lines = [json.loads(line) for line in guarded.log.splitlines()]
    finished = next(line for line in lines if line["event"] == "review finished")
    assert (finished["model"], finished["rows"]) == ("german_credit", 150)
    assert finished["with_warnings"] > 0
    assert any(line.get("error") == "TableError" for line in lines)
    assert {"server started", "sign-in", "review started", "refused", "model taken away"} <= {
        line["event"] for line in lines
    }
    for secret in (CANARY, *tokens.values()):
        assert secret not in guarded.log


def addresses():
    """Every address that Streamlit answers to, as its own routes name them: path and methods."""
    code = (
        "import json, sys\nfrom streamlit import App\nfound = []\n"
        f"for route in App({str(MAIN)!r})._build_starlette_app().routes:\n"
        "    found.append([route.path, sorted(getattr(route, 'methods', None) or [])])\n"
        "print(json.dumps(found))"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    return [(re.sub(r"\{[^}]*\}", "x", path) or "/", methods) for path, methods in json.loads(done.stdout)]


def test_a_stranger_gets_nothing_from_any_address_and_a_viewer_changes_nothing(guarded, tokens):
    found = addresses()
    assert {"/_stcore/health", "/media/x", "/_stcore/upload_file/x/x", "/_stcore/stream"} <= {item[0] for item in found}
    with httpx2.Client(base_url=guarded.url()) as stranger, httpx2.Client(base_url=guarded.url()) as viewer:
        viewer.get(f"/?token={tokens['viewer']}")
        for path, methods in found:
            for method in {*methods, "GET", "POST", "PUT", "DELETE"}:
                assert stranger.request(method, path).status_code == 401, (method, path)
                if method in {"POST", "PUT", "DELETE"}:
                    assert viewer.request(method, path).text == "Only analysts may bring files.", (method, path)
        assert viewer.get("/_stcore/health").text == "ok"
        page = stranger.get("/static/js/index.js", headers={"accept": "text/html"})
        assert (page.status_code, "<form" in page.text) == (401, True)
        cookie = next(f"{name}={value}" for name, value in viewer.cookies.items() if name.startswith("whysure_"))
    address = guarded.url("_stcore/stream").replace("http", "ws")
    for headers in ({}, {"Cookie": cookie[:-4] + "AAAA"}):
        with pytest.raises(InvalidStatus, match="403"), connect(address, additional_headers=headers):
            pass
    with connect(address, additional_headers={"Cookie": cookie}) as socket:
        assert socket.response.status_code == 101


def test_the_health_addresses_say_no_more_than_they_must(guarded):
    assert httpx2.get(guarded.url("healthz")).json() == {"status": "ok"}
    ready = httpx2.get(guarded.url("readyz"))
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    assert ready.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_sign_in_page_is_accessible_and_fits(visit, width, dark):
    page = visit("", width, dark=dark)
    found = Axe().run(page)
    assert [item["id"] for item in found.response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_wrong_tokens_are_slowed_down_and_a_moment_later_the_right_one_works(guarded, tokens):
    with httpx2.Client(base_url=guarded.url()) as client:
        answers = [client.get("/?token=wrong") for _ in range(6)]
        assert [answer.status_code for answer in answers][-1] == 429
        time.sleep(int(answers[-1].headers["retry-after"]))
        assert client.get(f"/?token={tokens['viewer']}").status_code == 303
