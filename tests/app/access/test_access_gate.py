"""The guard before every address, around an app that answers to anything."""

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from app.access.desk import safe_target
from app.access.gate import Gate
from app.access.headers import Headers
from app.access.hosts import Names
from app.access.people import OpenDoor
from app.access.tokens import TokenDoor, keys_of

HTML = {"accept": "text/html,application/xhtml+xml"}
METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]


async def answers(request):
    return PlainTextResponse(f"app {request.method} {request.url.path}")


async def talks(socket):
    await socket.accept()
    await socket.send_text("app")
    await socket.close()


def around(door, *names):
    routes = [WebSocketRoute("/_stcore/stream", talks), Route("/{path:path}", answers, methods=METHODS)]
    return TestClient(Headers(Gate(Starlette(routes=routes), door, Names(names))), follow_redirects=False)


@pytest.fixture
def made(tmp_path):
    keys, tokens = keys_of(tmp_path)
    return TokenDoor(keys), tokens


@pytest.fixture
def client(made):
    return around(made[0])


def signed_in(made, role):
    client = around(made[0])
    client.cookies.set(made[0].cookie, made[0].proof(role))
    return client


PATHS = [
    "/", "/decision", "/_stcore/health", "/_stcore/host-config", "/_stcore/metrics", "/_stcore/upload_file/a/b",
    "/_stcore/agent/interact", "/media/abc.csv", "/static/js/index.js", "/component/a/b", "/app/static/x", "/sign-inx",
    "/healthz/", "/healthz/../", "//healthz", "/readyz/x", "/auth/login", "/oauth2callback", "/favicon.png",
]  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_served_before_someone_signed_in(client, path, method):
    answer = client.request(method, f"http://testserver{path}")
    assert answer.status_code == 401
    assert "app" not in answer.text


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_the_health_addresses_need_no_sign_in(client, path):
    assert client.get(path).text == f"app GET {path}"


def test_the_live_connection_is_refused_before_it_is_accepted(client, made):
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/_stcore/stream"):
        pass
    with signed_in(made, "viewer").websocket_connect("/_stcore/stream") as socket:
        assert socket.receive_text() == "app"


def test_who_looks_for_a_page_is_asked_to_sign_in_and_led_back(client, made):
    door, tokens = made
    page = client.get("/decision?run=1&row=%3Cb%3E", headers=HTML)
    assert page.status_code == 401
    assert "value='/decision?run=1&amp;row=%3Cb%3E'" in page.text
    answer = client.post("/sign-in", data={"token": f" {tokens['viewer']}\n", "next": "/decision?run=1&row=%3Cb%3E"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/decision?run=1&row=%3Cb%3E")
    said = answer.headers["set-cookie"]
    assert "HttpOnly" in said
    assert "SameSite=lax" in said
    assert "Secure" not in said
    assert tokens["viewer"] not in said
    assert client.get("/decision").text == "app GET /decision"
    assert door.cookie in client.cookies


def test_a_link_with_a_token_signs_in_and_loses_it(client, made):
    answer = client.get(f"/model?tab=card&token={made[1]['analyst']}&run=a%20b", headers=HTML)
    assert (answer.status_code, answer.headers["location"]) == (303, "/model?tab=card&run=a+b")
    assert client.put("/_stcore/upload_file/a/b").status_code == 200


def test_over_https_the_cookie_never_travels_in_clear(made):
    client = around(made[0])
    answer = client.get(f"https://testserver/?token={made[1]['viewer']}")
    assert "Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize("method", METHODS)
def test_a_viewer_only_looks_whatever_the_address(made, method):
    for path in PATHS:
        answer = signed_in(made, "viewer").request(method, f"http://testserver{path}")
        assert answer.status_code == (200 if method in {"GET", "HEAD", "OPTIONS"} else 403), path
    assert signed_in(made, "analyst").request(method, "/_stcore/upload_file/a/b").status_code == 200


def test_signing_out_takes_the_cookie_back(made):
    client = signed_in(made, "analyst")
    answer = client.get("/sign-out")
    assert answer.headers["location"] == "/"
    assert "Max-Age=0" in answer.headers["set-cookie"]


def test_wrong_tokens_are_told_and_then_made_to_wait(client, made):
    for _ in range(5):
        answer = client.post("/sign-in", data={"token": "wrong", "next": "/library"})
        assert answer.status_code == 401
        assert "This token is not one of this server." in answer.text
        assert "value='/library'" in answer.text
    answer = client.post("/sign-in", data={"token": made[1]["analyst"]})
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "1"
    assert "Too many wrong tokens. Try again in 1 s." in answer.text


@pytest.mark.parametrize(
    ("origin", "status"), [("http://testserver", 303), ("http://evil.example", 403), ("null", 403)]
)
def test_other_sites_cannot_sign_someone_in(client, made, origin, status):
    answer = client.post("/sign-in", data={"token": made[1]["viewer"]}, headers={"origin": origin})
    assert answer.status_code == status


def test_a_form_without_end_is_not_read(client):
    assert client.post("/sign-in", data={"token": "x" * 5_000}).status_code == 413


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("/library", "/library"), ("/a?b=c&d", "/a?b=c&d"), ("", "/"), ("//evil.example/x", "/"),
        ("https://evil.example", "/"),
        ("/\\evil.example", "/"), ("\\\\evil.example", "/"), ("javascript:alert(1)", "/"), ("library", "/library"),
        ("http://[", "/"), ("///evil.example", "/evil.example"), ("/%2f%2fevil.example", "/%2f%2fevil.example"),
    ],
)  # fmt: skip
def test_after_signing_in_nobody_is_led_elsewhere(asked, given):
    assert safe_target(asked) == given


@pytest.mark.parametrize(
    ("host", "status"), [("127.0.0.1:8501", 200), ("localhost", 200), ("given.example", 200), ("evil.example", 421)]
)
def test_without_a_sign_in_unknown_names_are_not_answered_to(host, status):
    client = around(OpenDoor(), "given.example")
    assert client.get("/", headers={"host": host}).status_code == status
    if status == 421:
        with pytest.raises(WebSocketDisconnect), client.websocket_connect("/_stcore/stream", headers={"host": host}):
            pass


@pytest.mark.parametrize(("path", "headers"), [("/", HTML), ("/media/x", {}), ("/healthz", {})])
def test_every_answer_has_the_headers(client, path, headers):
    said = client.get(path, headers=headers).headers
    assert said["x-content-type-options"] == "nosniff"
    assert said["x-frame-options"] == "DENY"
    assert "no-store" in said["cache-control"]
    assert said["referrer-policy"] == "same-origin"
    assert "frame-ancestors 'none'" in said["content-security-policy"]
    assert said["content-security-policy"].startswith("default-src 'none'" if headers else "default-src 'self'")


def test_only_streamlits_own_scripts_may_run(made):
    policy = signed_in(made, "viewer").get("/").headers["content-security-policy"]
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert scripts.startswith("script-src 'self' 'wasm-unsafe-eval' 'sha256-")
    assert "unsafe-inline" not in scripts
    assert "http" not in policy
