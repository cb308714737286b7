"""A link that opens one decision: to that page alone, on the server's side, until it is revoked."""

import json
import os
import stat

import pytest

from app import deeds, store
from app.access import current
from app.access.links import MOST, Links
from app.access.open_id import OpenIdDoor
from app.access.people import OpenDoor, Person
from app.access.tokens import TokenDoor, keys_of
from explain.errors import ForbiddenError, WhysureError
from tests.app.access.test_access_gate import around
from tests.app.test_screens import drawn, words_of

pytestmark = pytest.mark.usefixtures("home")

ROW = "A-1005"


@pytest.fixture
def links(tmp_path):
    return Links(tmp_path, "k" * 43)


@pytest.fixture
def made(tmp_path):
    keys, tokens = keys_of(tmp_path)
    return TokenDoor(keys, Links(tmp_path, keys.key)), tokens


def test_a_token_is_given_once_and_only_its_hash_is_kept(tmp_path, links):
    token = links.make("0123456789ab", "<b>7</b>")
    found = links.opened_by(token)
    assert (found.run, found.row) == ("0123456789ab", "<b>7</b>")
    assert token not in (tmp_path / "links.json").read_text()
    assert stat.S_IMODE((tmp_path / "links.json").stat().st_mode) == 0o600
    assert [item.name for item in tmp_path.iterdir()] == ["links.json"]
    assert links.called(found.id) == found
    assert len(token) >= 43


@pytest.mark.parametrize("wrong", ["", "x", "ä" * 43, "{hash}", "{id}"])
def test_what_is_no_token_opens_nothing(links, wrong):
    found = links.opened_by(links.make("run", "row"))
    assert links.opened_by(wrong.format(hash=found.hash, id=found.id)) is None


def test_a_revoked_link_is_gone_for_every_process_that_knew_it(tmp_path, links):
    first, second = links.make("run", "1"), links.make("run", "2")
    other = Links(tmp_path, "k" * 43)
    known = other.opened_by(first)
    links.revoke(known.id)
    links.revoke(known.id)
    assert other.opened_by(first) is None
    assert other.called(known.id) is None
    assert [item.row for item in other.listed()] == ["2"]
    assert other.opened_by(second).row == "2"


def test_new_tokens_end_the_links_too(tmp_path):
    token = Links(tmp_path, "k" * 43).make("run", "1")
    renewed = Links(tmp_path, "n" * 43)
    assert (renewed.opened_by(token), renewed.listed()) == (None, ())
    renewed.make("run", "2")
    assert [item.row for item in renewed.listed()] == ["2"]


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"of": "OF", "links": [{}]}', '{"of": "OF", "links": [{"hash": 1}]}']
)
def test_a_broken_file_lets_nobody_in_and_is_one_sentence(tmp_path, links, content):
    token = links.make("run", "1")
    of = json.loads((tmp_path / "links.json").read_text())["of"]
    (tmp_path / "links.json").write_text(content.replace("OF", of))
    os.utime(tmp_path / "links.json", (1, 1))
    assert links.opened_by(token) is None
    for ask in (links.listed, lambda: links.make("run", "2"), lambda: links.revoke("x")):
        with pytest.raises(WhysureError, match="cannot be read. Delete that file to end them all."):
            ask()


def test_there_are_no_links_without_end(links, monkeypatch):
    monkeypatch.setattr("app.access.links.MOST", 2)
    links.make("run", "1")
    links.make("run", "2")
    with pytest.raises(WhysureError, match="There are 2 links to single decisions. Revoke some"):
        links.make("run", "3")
    assert MOST > 2


def test_its_cookie_proves_the_one_decision_until_the_link_is_revoked(made):
    door, _ = made
    link = door.links.opened_by(door.links.make("run", "7"))
    cookies = {door.cookie: door.proof_of(link)}
    assert door.who(cookies) == Person("viewer", only=link)
    door.links.revoke(link.id)
    assert door.who(cookies) is None
    assert TokenDoor(door._keys).who(cookies) is None


def by_link(made, path, token):
    client = around(made[0])
    return client, client.get(path.format(token=token), headers={"accept": "text/html"})


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/decision?run=run&row=7&level=95&token={token}", "/decision?run=run&row=7&level=95"),
        ("/?token={token}", "/decision?run=run&row=7"),
        ("/library?token={token}", "/decision?run=run&row=7"),
        ("/decisions?x=1&token={token}", "/decision?run=run&row=7"),
    ],
)
def test_a_link_leads_to_its_decision_and_loses_the_token(made, path, target):
    client, answer = by_link(made, path, made[0].links.make("run", "7"))
    assert (answer.status_code, answer.headers["location"]) == (303, target)
    assert client.get("/decision").status_code == 200
    for method in ("PUT", "POST", "DELETE"):
        assert client.request(method, "/_stcore/upload_file/a/b").status_code == 403


def test_the_form_takes_such_a_token_too_and_a_revoked_one_asks_to_sign_in(made):
    door, _ = made
    token = door.links.make("run", "7")
    client = around(door)
    answer = client.post("/sign-in", data={"token": token, "next": "/library"})
    assert answer.headers["location"] == "/decision?run=run&row=7"
    door.links.revoke(door.links.opened_by(token).id)
    assert client.get("/decision").status_code == 401
    assert client.get(f"/?token={token}").status_code == 401


@pytest.mark.parametrize("role", ["viewer", "analyst"])
def test_whoever_is_signed_in_for_more_stays_so(made, role):
    door, tokens = made
    client = around(door)
    client.get(f"/?token={tokens[role]}")
    before = client.cookies[door.cookie]
    answer = client.get(f"/?token={door.links.make('run', '7')}")
    assert answer.headers["location"] == "/decision?run=run&row=7"
    assert client.cookies[door.cookie] == before


@pytest.fixture
def looking(home, monkeypatch, made):
    """Whoever looks at the pages came by a link to `ROW` of the sample."""
    run = store.first_run()
    link = made[0].links.opened_by(made[0].links.make(run, ROW))
    monkeypatch.setattr(current, "_door", made[0])
    monkeypatch.setattr(current, "person", lambda: Person("viewer", only=link))
    return link


REFUSED = "Your link opens one decision, and nothing else\\. Ask whoever sent it for more\\."


@pytest.mark.parametrize("row", [ROW, None])
def test_the_one_decision_is_drawn_without_ways_to_others(looking, row):
    test = drawn("decision", **({"run": looking.run, "row": row} if row else {}))
    assert not test.exception
    assert not test.error
    assert f"row {ROW}" in words_of(test)
    assert {button.label for button in test.button} & {"Previous", "Next", "Check against today's answer"} == set()
    assert "Link to this decision alone" not in words_of(test)


@pytest.mark.parametrize("screen", ["review", "data", "model", "library"])
@pytest.mark.parametrize("query", [{}, {"row": ROW}])
def test_no_other_page_is_drawn(looking, screen, query):
    test = drawn(screen, run=looking.run, **query)
    assert [item.value for item in test.error] == [REFUSED]
    assert [button.label for button in test.button] == ["Open the decision"]
    text = words_of(test)
    assert "german" not in text.casefold()
    assert "A-10" not in text
    assert not test.dataframe


@pytest.mark.parametrize("query", [{"row": "A-1006"}, {"run": "0123456789ab"}, {"run": "../x", "row": ROW}])
def test_no_other_row_or_review_is_drawn(looking, query):
    test = drawn("decision", **({"run": looking.run} | query))
    assert [item.value for item in test.error] == [REFUSED]
    assert "A-1006" not in words_of(test)


def test_the_library_and_adding_ask_by_themselves(looking):
    with pytest.raises(ForbiddenError, match="Your link opens one decision"):
        store.run("0123456789ab")
    with pytest.raises(ForbiddenError, match="Only analysts may"):
        deeds.make_link(looking.run, ROW)
    with pytest.raises(ForbiddenError, match="Only analysts may revoke links"):
        deeds.revoke_link(looking.id)


def test_an_analyst_makes_a_link_is_shown_it_once_and_revokes_it(home, monkeypatch, made):
    run, door = store.first_run(), made[0]
    monkeypatch.setattr(current, "_door", door)
    monkeypatch.setattr(current, "person", lambda: Person("analyst"))
    test = drawn("decision", run=run, row=ROW)
    next(item for item in test.button if item.key == "make_link").click().run()
    address = words_of(test).partition("data-copy='")[2]
    token = words_of(test).rpartition("token=")[2].partition("&#x27;")[0].partition("'")[0].partition('"')[0]
    assert address
    link = door.links.opened_by(token.rstrip("\\"))
    assert (link.run, link.row) == (run, ROW)
    assert token not in words_of(drawn("decision", run=run, row=ROW))
    library = drawn("library")
    assert f"german\\_credit\\_messy\\.csv, row {ROW.replace('-', chr(92) + '-')}, made " in words_of(library)
    next(item for item in library.button if item.label == "Revoke").click().run()
    assert door.links.listed() == ()
    assert "Links to single decisions" not in words_of(library)


def test_doors_without_tokens_offer_no_links(home, monkeypatch):
    monkeypatch.setattr(current, "_door", OpenDoor())
    test = drawn("decision", run=store.first_run(), row=ROW)
    assert "make_link" not in {button.key for button in test.button}
    with pytest.raises(ForbiddenError, match="Only a server that people sign in to with tokens"):
        deeds.make_link(store.first_run(), ROW)
    assert OpenIdDoor.links is None
