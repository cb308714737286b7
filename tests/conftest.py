"""What the tests share: model packages of every kind, and tables for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from explain.models import load_model

FIXTURES = Path(__file__).parent / "fixtures" / "packages"
KINDS = sorted(path.name for path in FIXTURES.iterdir() if (path / "card.json").exists())
_LOADED = {}


def package(kind):
    """A fixture package, loaded once a test process."""
    if kind not in _LOADED:
        _LOADED[kind] = load_model(FIXTURES / kind)
    return _LOADED[kind]


@pytest.fixture(params=KINDS)
def model(request):
    """Every model kind in turn."""
    return package(request.param)


@pytest.fixture
def boosting():
    """One binary model, for tests where the kind does not matter."""
    return package("histogram_boosting")
