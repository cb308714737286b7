"""Signing in with an organisation's account, through Streamlit's own login and a provider of the test's."""

import json
import re
from html import unescape

import httpx2
import pytest

from app.access import open_id
from app.access.open_id import OpenIdDoor
from app.access.people import Person
from explain.errors import WhysureError
from tests.app.access.provider import CLIENT, SECRET, Provider
from tests.journeys.conftest import Server, free_port

pytestmark = pytest.mark.xdist_group("open_id")  # one server for all of them

HTML = {"accept": "text/html"}
COOKIES = "a cookie secret of the test that is long enough"


def lines(port, provider, lists='analysts = ["Ada@Example.org"]\nviewers = ["*@example.org"]'):
    return (
        f'[auth]\nredirect_uri = "http://127.0.0.1:{port}/oauth2callback"\ncookie_secret = "{COOKIES}"\n'
        f'client_id = "{CLIENT}"\nclient_secret = "{SECRET}"\nserver_metadata_url = "{provider}"\n'
        f"[whysure]\n{lists}\n"
    )


@pytest.fixture(scope="module")
def provider():
    running = Provider()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def server(tmp_path_factory, provider):
    home, port = tmp_path_factory.mktemp("open_id"), free_port()
    (home / "secrets.toml").write_text(lines(port, provider.url))
    running = Server(home, options=["--log"], port=port)
    yield running
    running.stop()
    assert "Traceback" not in running.log


@pytest.fixture
def browser(server):
    with httpx2.Client(base_url=server.url(), follow_redirects=True, timeout=30) as client:
        yield client


def signed_in(browser, provider, address="/library?x=1", **claims):
    """Open an address as someone, and press the button of the sign-in page."""
    provider.who = claims
    page = browser.get(address, headers=HTML)
    assert page.status_code == 401
    link = unescape(re.search(r"href='(/sign-in[^']*)'", page.text)[1])
    return browser.get(link, headers=HTML)


def test_the_provider_leads_back_to_what_was_asked_for(browser, provider, server):
    answer = signed_in(browser, provider, email="ada@example.org", email_verified=True)
    assert answer.status_code == 200
    assert str(answer.url) == server.url("library?x=1")
    assert "<title>Streamlit</title>" in answer.text
    assert browser.put("_stcore/upload_file/a/b").status_code == 403  # past the gate, Streamlit misses its XSRF token
    assert "XSRF" in browser.put("_stcore/upload_file/a/b").text
    assert '"event": "sign-in", "role": "analyst", "name": "ada@example.org"' in server.log
    assert "client_secret" not in server.log


def test_a_whole_domain_looks(browser, provider):
    assert signed_in(browser, provider, email="Bob@example.org").status_code == 200
    assert browser.put("_stcore/upload_file/a/b").text == "Only analysts may bring files."


@pytest.mark.parametrize("email", ["eve@elsewhere.example", "ada@example.org.elsewhere.example"])
def test_who_is_on_no_list_is_told_so_and_may_leave(browser, provider, server, email):
    answer = signed_in(browser, provider, email=email)
    assert answer.status_code == 403
    assert f"You are signed in as {email}" in answer.text
    assert browser.get("_stcore/health").status_code == 401
    assert f'"why": "on no list", "name": "{email}"' in server.log
    assert browser.get("sign-out", headers=HTML).status_code == 401
    assert "Use the account of your organisation." in browser.get("/", headers=HTML).text


@pytest.mark.parametrize("claims", [{}, {"email": ""}, {"email": "ada@example.org", "email_verified": False}])
def test_without_an_address_that_the_provider_vouches_for_nobody_is_let_in(browser, provider, claims):
    answer = signed_in(browser, provider, **claims)
    assert answer.status_code == 401


def test_who_is_taken_off_the_list_is_out_with_the_next_click(tmp_path):
    (tmp_path / "secrets.toml").write_text(lines(8501, "http://provider"))
    door = OpenIdDoor(tmp_path)
    cookies = cookies_of(email="ada@example.org")
    assert door.who(cookies) == Person("analyst", "ada@example.org")
    (tmp_path / "secrets.toml").write_text(lines(8501, "http://provider", 'viewers = ["bob@example.org"]'))
    assert door.who(cookies) is None


def cookies_of(origin="http://127.0.0.1:8501", secret=COOKIES, **claims):
    from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

    said = json.dumps({"origin": origin, "is_logged_in": True, "provider": "default"} | claims)
    return {"_streamlit_user": create_signed_value(secret, "_streamlit_user", said).decode()}


@pytest.mark.parametrize(
    "cookies",
    [
        {},
        {"_streamlit_user": "ada@example.org"},
        cookies_of(email="ada@example.org", secret="another secret"),
        cookies_of(email="ada@example.org", origin="http://elsewhere"),
        cookies_of(email="ada@example.org", is_logged_in=False),
    ],
)
def test_a_cookie_of_someone_elses_making_proves_nobody(tmp_path, cookies):
    (tmp_path / "secrets.toml").write_text(lines(8501, "http://provider"))
    assert OpenIdDoor(tmp_path).who(cookies) is None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("client_secret", "client_sekret"), "lacks client_secret under [auth]"),
        ((COOKIES, "short"), "The cookie_secret in"),
        (("[whysure]", "[other]"), "says how people sign in, and not who may do what"),
        (("[auth]", "[auth"), "cannot be read as TOML"),
    ],
)
def test_what_is_missing_is_said_before_the_server_starts(tmp_path, change, sentence):
    (tmp_path / "secrets.toml").write_text(lines(8501, "http://provider").replace(*change))
    with pytest.raises(WhysureError) as raised:
        OpenIdDoor(tmp_path)
    assert sentence in str(raised.value)


def test_without_the_packages_the_line_that_installs_them_is_given(tmp_path, monkeypatch):
    (tmp_path / "secrets.toml").write_text(lines(8501, "http://provider"))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "authlib" else name)
    with pytest.raises(WhysureError, match=r'needs two more packages: pip install "whysure\[auth\]"'):
        OpenIdDoor(tmp_path)


def test_other_secrets_do_not_switch_it_on(tmp_path):
    assert not open_id.is_set_up(tmp_path)
    (tmp_path / "secrets.toml").write_text("[whysure]\nanalysts = []\n")
    assert not open_id.is_set_up(tmp_path)
