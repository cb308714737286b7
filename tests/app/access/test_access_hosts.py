"""Names under which the app answers where nobody signs in."""

import pytest

from app.access.hosts import Names, is_loopback, name_in


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True), ("127.8.8.8", True), ("localhost", True), ("LOCALHOST", True), ("::1", True),
        ("0.0.0.0", False), ("::", False), ("10.0.0.7", False), ("example.org", False), ("", False),
        ("127.0.0.1.example.org", False), ("localhost.example.org", False),
    ],
)  # fmt: skip
def test_loopback_is_this_machine_only(host, local):
    assert is_loopback(host) is local


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("localhost:8501", "localhost"), ("[::1]:8501", "::1"), ("[::1]", "::1"), ("Example.org.", "example.org"),
        ("", ""), ("10.0.0.7", "10.0.0.7"),
    ],
)  # fmt: skip
def test_the_name_is_read_without_its_port(header, name):
    assert name_in(header) == name


@pytest.mark.parametrize(
    ("header", "known"),
    [
        ("127.0.0.1:8501", True), ("localhost:8501", True), ("review.localhost", True), ("[::1]:8501", True),
        ("10.1.2.3", True), ("machine", True), ("machine.lan", True), ("reviews.example.org", True),
        ("attacker.example", False), ("127.0.0.1.attacker.example", False), ("localhost.attacker.example", False),
        ("", False), ("xlocalhost", False),
    ],
)  # fmt: skip
def test_a_name_that_a_stranger_may_own_is_not_answered_to(monkeypatch, header, known):
    monkeypatch.setattr("socket.gethostname", lambda: "machine.lan")
    assert Names(("reviews.example.org",)).knows(header) is known
