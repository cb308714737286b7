"""What the button to copy a link holds, and what is said of who can open it."""

import base64
import hashlib

import pytest

from app.access.headers import content_policy
from app.parts import copy_link


def written(monkeypatch, address):
    """The HTML of a button for an address, and that of the script beside it."""
    found = []
    monkeypatch.setattr(copy_link.st, "html", lambda body, **options: found.append((body, options)))
    copy_link.copy_button("Copy link", address)
    return found


@pytest.mark.parametrize(
    ("address", "here_only"),
    [
        ("http://127.0.0.1:8501/decision", True),
        ("http://localhost:8501/decision", True),
        ("http://[::1]:8501/decision", True),
        ("http://machine:8501/decision", False),
        ("http://192.168.1.5:8501/decision", False),
        ("https://reviews.example.org/decision", False),
    ],
)
def test_an_address_of_this_machine_alone_is_said_to_be_one(monkeypatch, address, here_only):
    button, _ = written(monkeypatch, address)
    assert ("nobody else can open it" in button[0]) is here_only


def test_an_address_cannot_leave_the_attribute_that_holds_it(monkeypatch):
    button, script = written(monkeypatch, "http://a/?row='><script>alert(1)</script>")
    assert "data-copy='http://a/?row=&#x27;&gt;&lt;script&gt;alert(1)&lt;/script&gt;'" in button[0]
    assert button[1] == {"width": "content"}
    assert script[1]["unsafe_allow_javascript"] is True


def test_the_script_is_the_one_that_the_policy_lets_run_and_holds_nothing_from_outside(monkeypatch):
    first, second = (written(monkeypatch, address)[1][0] for address in ("http://a/", "http://b/"))
    assert first == second
    text = first.removeprefix("<script>").removesuffix("</script>")
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in content_policy()
    assert "</" not in text
