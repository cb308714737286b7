"""Tokens: made once, kept as hashes, good for one role each."""

import json
import stat

import pytest

from app.access import tokens
from app.access.people import Person
from app.access.tokens import TokenDoor, keys_of
from explain.errors import WhysureError


def test_tokens_are_given_once_and_only_their_hashes_are_kept(tmp_path):
    keys, made = keys_of(tmp_path)
    assert set(made) == {"viewer", "analyst"}
    assert len(set(made.values())) == 2
    assert all(len(token) >= 43 for token in made.values())
    kept = (tmp_path / "access.json").read_text()
    assert not any(token in kept for token in made.values())
    assert keys_of(tmp_path) == (keys, {})


def test_the_file_is_its_owners_alone_and_becomes_so_again_when_it_was_not(tmp_path):
    keys_of(tmp_path)
    path = tmp_path / "access.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    keys_of(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [item.name for item in tmp_path.iterdir()] == ["access.json"]


@pytest.mark.parametrize("role", ["viewer", "analyst"])
def test_a_token_stands_for_its_role_and_its_cookie_proves_it(tmp_path, role):
    keys, made = keys_of(tmp_path)
    door = TokenDoor(keys)
    assert door.role(made[role]) == role
    assert door.who({door.cookie: door.proof(role)}) == Person(role)


@pytest.mark.parametrize("wrong", ["", "x", "ä" * 43, "{token}x", "{hash}"])
def test_what_is_no_token_stands_for_nothing(tmp_path, wrong):
    keys, made = keys_of(tmp_path)
    text = wrong.format(token=made["analyst"], hash=keys.tokens["analyst"])
    assert TokenDoor(keys).role(text) is None


def test_new_tokens_end_the_old_ones_and_every_sign_in(tmp_path):
    old, first = keys_of(tmp_path)
    proof = TokenDoor(old).proof("analyst")
    new, second = keys_of(tmp_path, new=True)
    door = TokenDoor(new)
    assert door.role(first["analyst"]) is None
    assert door.role(second["analyst"]) == "analyst"
    assert door.who({door.cookie: proof}) is None


def forged(door, kind):
    made = door.proof("viewer")
    others = TokenDoor(tokens.Keys("", "k" * 43, {"viewer": "", "analyst": ""}))
    return {
        "unsigned": "ImFuYWx5c3Qi",
        "another key": others.proof("analyst"),
        "another role under the viewer's seal": "ImFuYWx5c3Qi." + made.partition(".")[2],
        "no role": door._signer.dumps("owner"),
        "empty": "",
    }[kind]


@pytest.mark.parametrize(
    "kind", ["unsigned", "another key", "another role under the viewer's seal", "no role", "empty"]
)
def test_a_forged_cookie_proves_nobody(tmp_path, kind):
    door = TokenDoor(keys_of(tmp_path)[0])
    assert door.who({door.cookie: forged(door, kind)}) is None


def test_a_sign_in_ends_after_a_week(tmp_path, monkeypatch):
    door = TokenDoor(keys_of(tmp_path)[0])
    cookies = {door.cookie: door.proof("viewer")}
    now = __import__("time").time()
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: now + tokens.LASTS - 10)
    assert door.who(cookies) == Person("viewer")
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: now + tokens.LASTS + 10)
    assert door.who(cookies) is None


@pytest.mark.parametrize(
    "content",
    ["", "not json", "[]", "{}", json.dumps({"made": "", "key": "", "tokens": {"viewer": "", "analyst": ""}})],
)
def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path, content):
    (tmp_path / "access.json").write_text(content)
    with pytest.raises(WhysureError, match=r"cannot be read. Start once with --new-tokens to make new ones."):
        keys_of(tmp_path)
    assert len(keys_of(tmp_path, new=True)[1]) == 2
