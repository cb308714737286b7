"""Mixing after the preparation gives what mixing the raw columns gives."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.in_full import play, shares_of
from explain.attributions import black_box
from explain.attributions.black_box import open_box
from explain.attributions.graph import hoist
from explain.attributions.sampled import every_coalition
from tests.conftest import package
from tests.explain.attributions.brute_force import shapley


def test_every_kind_gives_its_own_scores_through_the_box(model):
    frame = model.reference.frame.head(30)
    box = open_box(model, frame)
    np.testing.assert_allclose(box.score(box.prepare(frame)), model.score(frame), atol=1e-6)


def test_shares_from_the_box_equal_brute_force_over_raw_columns(model):
    past, row = model.reference.frame.head(30), model.reference.frame.iloc[[31]]
    box = open_box(model, past)
    design = every_coalition(4)
    found = shares_of(design, play(box, box.prepare(row)[0], design.coalitions), 30)
    for output in range(len(model.info.outputs)):
        expected, base = shapley(lambda frame, at=output: model.score(frame)[:, at], row, past)
        np.testing.assert_allclose(found.shares[:, output], expected, atol=2e-6 * max(1, abs(base)))


def test_the_preparation_of_a_network_is_run_once_and_its_dummies_belong_to_their_column():
    network = package("network")
    found = hoist(network.onnx, network.schema, 2, network.reference.frame.head(2))
    assert found.owner == [0, 1, 2, 3, 3, 3]
    assert found.prepare(network.reference.frame.head(5)).shape == (5, 6)


def test_without_a_place_to_cut_raw_columns_are_mixed(monkeypatch):
    network = package("network")
    past, row = network.reference.frame.head(12), network.reference.frame.iloc[[20]]
    design = every_coalition(4)
    usual = open_box(network, past)
    monkeypatch.setattr(black_box, "hoist", lambda *_: None)
    raw = open_box(network, past)
    assert raw.owner == [0, 1, 2, 3]
    assert raw.background.dtype == object
    mine, theirs = (play(box, box.prepare(row)[0], design.coalitions) for box in (raw, usual))
    np.testing.assert_allclose(mine, theirs, atol=1e-6)


@pytest.mark.parametrize("most", [1, 700])
def test_mixing_in_small_blocks_gives_the_same(monkeypatch, most):
    network = package("network")
    past = network.reference.frame.head(12)
    box, design = open_box(network, past), every_coalition(4)
    cells = box.prepare(pd.DataFrame(network.reference.frame.iloc[[20]]))[0]
    usual = play(box, cells, design.coalitions)
    monkeypatch.setattr(black_box, "MOST_MIXED", most)
    np.testing.assert_allclose(play(box, cells, design.coalitions), usual, atol=1e-7)
