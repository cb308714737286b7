"""How the command decides who may enter, and what it tells Streamlit."""

import json
import socket
from dataclasses import replace

import pytest

from app import server
from app.access.people import OpenDoor
from app.access.tokens import TokenDoor
from app.server import MAIN, Options, settings
from explain.commands.main import main
from explain.errors import WhysureError

LOCAL = Options(
    host="127.0.0.1", port=8501, home=None, no_browser=True, sign_in=False, open=False, new_tokens=False, name=(),
    quota="", data=(), upload_limit=None, log=False,
)  # fmt: skip


def test_the_app_listens_on_this_machine_only_and_tells_nobody():
    said = settings(MAIN.parent)
    assert said["server.address"] == "127.0.0.1"
    assert said["browser.gatherUsageStats"] is False


@pytest.mark.parametrize(
    ("options", "asks"),
    [
        ({}, False),
        ({"host": "localhost"}, False),
        ({"host": "::1"}, False),
        ({"sign_in": True}, True),
        ({"host": "0.0.0.0"}, True),
        ({"host": "192.168.1.5"}, True),
        ({"host": "reviews.example.org"}, True),
        ({"host": "0.0.0.0", "open": True}, False),
    ],
)
def test_whoever_comes_from_elsewhere_signs_in_unless_the_door_was_left_open(tmp_path, options, asks, caplog):
    door, _ = server._door(replace(LOCAL, **options), tmp_path)
    assert isinstance(door, TokenDoor if asks else OpenDoor)
    assert door.sign_in is asks
    assert (tmp_path / "access.json").exists() is asks
    warned = "--open: nobody is asked to sign in. Whoever reaches 0.0.0.0:8501 sees every review" in caplog.text
    assert warned is options.get("open", False)


def test_the_links_are_shown_once_and_not_in_the_log(tmp_path, capsys, caplog):
    caplog.set_level("INFO")
    elsewhere = replace(LOCAL, host="192.168.1.5")
    door, links = server._door(elsewhere, tmp_path)
    said = capsys.readouterr().out
    assert [link in said for link in links] == [True, True]
    assert links[0].startswith("http://192.168.1.5:8501/?token=")
    assert [door.role(link.partition("=")[2]) for link in links] == ["analyst", "viewer"]
    again, none = server._door(elsewhere, tmp_path)
    assert (none, capsys.readouterr().out) == ([], "")
    assert "People sign in with the links of 20" in caplog.text
    assert "token=" not in caplog.text
    assert again.role(links[0].partition("=")[2]) == "analyst"
    replaced, new = server._door(replace(elsewhere, new_tokens=True), tmp_path)
    assert len(new) == 2
    assert replaced.role(links[0].partition("=")[2]) is None


@pytest.mark.parametrize(
    ("host", "address"),
    [("::1", "http://[::1]:8501/"), ("0.0.0.0", "http://machine:8501/"), ("10.0.0.7", "http://10.0.0.7:8501/")],
)
def test_the_address_is_one_that_can_be_opened(monkeypatch, host, address):
    monkeypatch.setattr("socket.gethostname", lambda: "machine")
    assert server._address(replace(LOCAL, host=host)) == address


def test_what_guards_the_app_is_not_up_to_other_configuration(monkeypatch, tmp_path):
    said = {}
    monkeypatch.setattr("streamlit.web.bootstrap.load_config_options", said.update)
    server._configure(replace(LOCAL, upload_limit=50), tmp_path)
    assert said["server.enableXsrfProtection"] is True
    assert said["server.enableCORS"] is True
    assert said["server.enableAgentApi"] is False
    assert said["server.maxUploadSize"] == 50
    assert said["secrets.files"] == [str(tmp_path / "secrets.toml")]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--quota", "plenty"], "A quota is a size like 20 GB or 500 MB; got 'plenty'."),
        (["--upload-limit", "0"], "--upload-limit is a number of megabytes, like 50; got 0."),
    ],
)
def test_a_server_that_cannot_be_as_asked_does_not_start(tmp_path, monkeypatch, caplog, arguments, sentence):
    monkeypatch.setenv("WHYSURE_HOME", str(tmp_path))
    monkeypatch.setenv("WHYSURE_QUOTA", "")
    monkeypatch.setattr("app.access.current._door", None)
    assert main([*arguments, "--no-browser"]) == 1
    assert caplog.messages[-1] == sentence


@pytest.fixture
def busy():
    """A port that something listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


@pytest.mark.parametrize(("host", "port"), [("192.0.2.1", 8501), ("no such name", 8501), ("127.0.0.1", 70_000)])
def test_where_it_cannot_listen_is_one_sentence(host, port, tmp_path):
    with pytest.raises(WhysureError, match=f"Whysure cannot listen on {host}, port {port}. Either the port is not one"):
        server._port(replace(LOCAL, host=host, port=port), tmp_path)


def test_a_busy_port_that_was_asked_for_is_refused_with_a_free_one_to_type(busy, tmp_path):
    with pytest.raises(WhysureError) as caught:
        server._port(replace(LOCAL, port=busy), tmp_path)
    free = int(str(caught.value).rsplit(" ", 1)[1].rstrip("."))
    assert str(caught.value) == f"Port {busy} is busy. Port {free} is free: say --port {free}."
    assert server._port(replace(LOCAL, port=free), tmp_path) == free > busy


def test_on_a_busy_usual_port_it_opens_on_the_next_free_one_and_says_so(busy, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(server, "PORT", busy)
    free = server._port(replace(LOCAL, port=None), tmp_path)
    assert busy < free <= busy + 100
    assert caplog.messages == [f"Port {busy} is busy; Whysure opens on {free} instead"]


@pytest.mark.parametrize("counted_on", [{"sign_in": True}, {"host": "0.0.0.0"}])
def test_a_port_that_others_count_on_is_not_changed(busy, tmp_path, monkeypatch, counted_on):
    monkeypatch.setattr(server, "PORT", busy)
    with pytest.raises(WhysureError, match=f"Port {busy} is busy. Port .* is free: say --port"):
        server._port(replace(LOCAL, port=None, **counted_on), tmp_path)


def test_no_port_is_free_behind_the_last(tmp_path, monkeypatch):
    monkeypatch.setattr(server, "_is_busy", lambda _, port: port < 9_000)
    with pytest.raises(WhysureError, match="Port 8501 is busy, and so are the next 100. Say another one with --port."):
        server._port(replace(LOCAL, port=None), tmp_path)


def test_a_sign_in_that_is_half_set_up_does_not_start(tmp_path):
    (tmp_path / "secrets.toml").write_text("[auth]\n")
    with pytest.raises(WhysureError, match="lacks redirect_uri, cookie_secret, client_id"):
        server._door(LOCAL, tmp_path)


def test_no_one_can_be_open_and_ask_at_once(capsys):
    with pytest.raises(SystemExit):
        main(["--open", "--sign-in"])
    assert "not allowed with argument" in capsys.readouterr().err


def test_keys_are_json_that_people_can_read(tmp_path):
    server._door(replace(LOCAL, sign_in=True), tmp_path)
    assert set(json.loads((tmp_path / "access.json").read_text())) == {"made", "key", "tokens"}
