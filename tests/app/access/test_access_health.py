"""Whether the server lives, and whether it can do its work; never why not."""

import shutil
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.access import health


def asked(home, path="/readyz"):
    answer = TestClient(Starlette(routes=health.routes(home))).get(path)
    return answer.status_code, answer.json()


def test_the_process_lives(tmp_path):
    assert asked(tmp_path, "/healthz") == (200, {"status": "ok"})


def test_a_fresh_home_folder_is_ready(tmp_path):
    good = {"home_writable": True, "catalog_readable": True, "disk_space": True}
    assert asked(tmp_path / "new") == (200, {"status": "ready", "checks": good})
    assert list((tmp_path / "new").iterdir()) == []


def no_folder(home, _):
    home.rmdir()
    home.write_text("a file where the folder should be")


def no_models(home, _):
    (home / "models").write_text("secret_name")


def full_disk(_, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000))


@pytest.mark.parametrize(
    ("harm", "check"), [(no_folder, "home_writable"), (no_models, "catalog_readable"), (full_disk, "disk_space")]
)
def test_what_is_wrong_is_named_and_nothing_more(tmp_path, monkeypatch, harm, check):
    home = tmp_path / "home"
    home.mkdir()
    harm(home, monkeypatch)
    status, said = asked(home)
    assert (status, said["status"]) == (503, "not ready")
    assert said["checks"][check] is False
    assert "secret_name" not in str(said)


def test_whoever_asks_often_makes_no_work(tmp_path):
    readiness = health.Readiness(tmp_path)
    assert readiness.checks() is readiness.checks()
