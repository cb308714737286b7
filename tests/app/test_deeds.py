"""What changes the home folder is done by analysts alone, and nowhere else."""

import ast
import shutil
from pathlib import Path

import pytest

import app
from app import deeds, store
from app.access import current
from app.access.people import OpenDoor, Person
from explain import pipeline
from explain.adding.install import install_package, zipped
from explain.decisions import runs
from explain.errors import ForbiddenError
from explain.models import load_model
from tests.conftest import FIXTURES


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A home folder with a review and a model of one's own, as everything that can be done needs one."""
    folder = tmp_path_factory.mktemp("filled")
    install_package(zipped(load_model(FIXTURES / "histogram_boosting")), folder)
    pipeline.sample_review(folder)
    return folder


@pytest.fixture
def home(filled, tmp_path, monkeypatch):
    """A copy of it, for one test."""
    folder = shutil.copytree(filled, tmp_path / "home")
    monkeypatch.setenv("WHYSURE_HOME", str(folder))
    return folder


def own(home):
    return next(path.name for path in (home / "models").iterdir())


def review_of(home):
    return runs.listed(home)[0].id


DEEDS = {
    "delete reviews": lambda home: deeds.delete_review(review_of(home)),
    "add models": lambda home: deeds.add_package(zipped(load_model("penguins"))),
    "rename models": lambda home: deeds.rename_model(own(home), "Renamed"),
    "describe models": lambda home: deeds.describe_model(own(home), {"limits": "None known."}),
    "give outcomes words": lambda home: deeds.call_outcomes(own(home), {"yes": "leaves", "no": "stays"}),
    "delete models": lambda home: deeds.delete_model(own(home)),
    "take models away": lambda home: deeds.zipping(load_model("penguins"))(),
    "have tables reviewed": lambda home: store.open_to_review(runs.load(review_of(home), home).table, None),
}


def content(home):
    return {path: path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("doing", DEEDS)
def test_a_viewer_is_refused_and_nothing_changes(home, monkeypatch, doing):
    before = content(home)
    monkeypatch.setattr(current, "person", lambda: Person("viewer"))
    with pytest.raises(ForbiddenError, match=f"Only analysts may {doing}. You are signed in as a viewer"):
        DEEDS[doing](home)
    assert content(home) == before


def test_what_past_rows_say_is_said_in_the_words_that_outcomes_have_now(home):
    assert store.past_rows(own(home)).model.outputs == ("no", "yes")
    deeds.call_outcomes(own(home), {"yes": "leaves", "no": "stays"})
    assert store.past_rows(own(home)).model.outputs == ("stays", "leaves")


@pytest.mark.parametrize("doing", [name for name in DEEDS if name != "have tables reviewed"])
def test_an_analyst_does_it(home, monkeypatch, doing):
    before = content(home)
    monkeypatch.setattr(current, "person", lambda: Person("analyst"))
    result = DEEDS[doing](home)
    assert content(home) != before or isinstance(result, bytes)


def test_a_download_asks_again_when_it_is_made(monkeypatch):
    class Leaving:
        sign_in, role = True, "analyst"

        def who(self, cookies):
            return Person(self.role)

    door = Leaving()
    monkeypatch.setattr(current, "_door", door)
    zipped = deeds.zipping(load_model("penguins"))
    assert zipped().startswith(b"PK")
    door.role = "viewer"
    with pytest.raises(ForbiddenError, match="Only analysts may take models away."):
        zipped()


def test_adding_from_a_draft_asks_first(monkeypatch):
    monkeypatch.setattr(current, "person", lambda: Person("viewer"))
    with pytest.raises(ForbiddenError):
        deeds.add_model(None, None, replacing="", anyway=False)


CHANGES = {"install", "install_package", "rename", "describe", "delete", "zipped"}


def test_no_screen_changes_anything_past_these_functions():
    found = []
    for path in Path(app.__file__).parent.rglob("*.py"):
        if path.name == "deeds.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module in {"explain.adding.install", "explain.decisions.runs"}:
                found += [f"{path.name}: {item.name}" for item in node.names if item.name in CHANGES]
            if isinstance(node, ast.Attribute) and ast.unparse(node) in {"runs.delete", "install.install"}:
                found.append(f"{path.name}: {ast.unparse(node)}")
    assert found == []


def test_without_a_server_of_its_own_the_app_is_for_this_machine_only(monkeypatch):
    monkeypatch.setattr(current, "_door", None)
    monkeypatch.setattr("streamlit.get_option", lambda name: "127.0.0.1")
    assert current.person() == Person("analyst")
    monkeypatch.setattr("streamlit.get_option", lambda name: None)
    with pytest.raises(ForbiddenError, match="Start the app with the command whysure."):
        current.person()
    monkeypatch.setattr(current, "_door", OpenDoor())
    assert current.person() == Person("analyst")
