"""Every file of a stranger gets the right verdict at the door, in one sentence, and nobody else notices."""

import time

import pytest

from explain.adding.install import install_package
from explain.errors import WhysureError
from explain.models.sources.open import open_source
from explain.models.sources.recognise import recognise
from explain.tables import read_rows
from tests.explain.adding.hostile import FRAME, MODELS, TABLES

LONGEST = 10.0
"""Seconds a verdict may take, on a busy machine."""


def enter(content, home):
    """As the app and the command do: a package is put into the home folder, any other model opened and written."""
    if recognise(content) == "package":
        install_package(content, home)
    else:
        open_source(content, FRAME).to_onnx(None)


def test_there_are_at_least_eighty():
    assert len(MODELS) + len(TABLES) >= 80


@pytest.mark.parametrize("name", MODELS)
def test_a_hostile_model_is_refused_with_a_sentence(name, tmp_path):
    content, said = MODELS[name]
    began = time.monotonic()
    with pytest.raises(WhysureError, match=said) as caught:
        enter(content, tmp_path)
    assert time.monotonic() - began < LONGEST
    assert str(caught.value)[-1] in ".?"
    assert len(str(caught.value)) < 900


@pytest.mark.parametrize("name", TABLES)
def test_a_hostile_table_is_refused_with_a_sentence(name):
    content, said = TABLES[name]
    began = time.monotonic()
    with pytest.raises(WhysureError, match=said) as caught:
        read_rows(content)
    assert time.monotonic() - began < LONGEST
    assert str(caught.value)[-1] in ".?…"
