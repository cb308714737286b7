"""What the tests share: model packages of every kind, and tables for them."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from hypothesis import settings

from explain.models import load_model

# the same cases every time; others are searched for with: pytest --hypothesis-profile=search
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None)
settings.load_profile("repeatable")

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
def quiet():
    """Without what libraries warn of: what they will change."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.fixture
def boosting():
    """One binary model, for tests where the kind does not matter."""
    return package("histogram_boosting")
