"""Reasons from scores alone: what may be left out changes nothing, and what is said of their error holds."""

from dataclasses import replace

import numpy as np
import pytest
import skops.io as sio

import explain
from explain.attributions import control, games, ready
from explain.attributions.choose import sampled_explainer
from explain.attributions.games import fit_of, shares_of
from explain.attributions.graph import hoist
from explain.models.card import propose_schema
from explain.models.predict import predict
from explain.models.sources.pipeline import open_pipeline
from tests.explain.attributions.brute_force import shapley
from tests.explain.models.scikit import zoo, zoo_steps

pytestmark = pytest.mark.usefixtures("quiet")

MADE_OF_MODELS = [
    "two: voting",
    "two: stacking",
    "two: calibrated pipeline",
    "three: calibrated by steps",
    "value: voting",
]
_MADE = {}


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """Packages of the zoo's pipelines by name, each written once."""

    def get(name):
        if name not in _MADE:
            frame, known = zoo.rows()
            source = open_pipeline(sio.dumps(zoo.fit(name)), frame)
            facts = source.facts
            texts = {column: object for column in facts.features if column in zoo_steps.TEXTS}
            features = frame[list(facts.features)].astype(texts)
            schema = propose_schema(features, {column: {"kind": kind} for column, kind in facts.kinds.items()})
            folder = tmp_path_factory.mktemp("made") / "model"
            reference = features[schema.names].assign(outcome=known[name.split(":")[0]])
            explain.write_package(folder, onnx=source.to_onnx(schema), reference=reference, target="outcome")
            _MADE[name] = explain.load_model(folder)
        return _MADE[name]

    return get


@pytest.fixture
def drawing(monkeypatch):
    """Coalitions are drawn however few columns there are."""
    monkeypatch.setattr(games, "MOST_EXACT", 0)
    monkeypatch.setattr(games, "ALL_AT_ONCE", 0)


@pytest.fixture
def members(monkeypatch):
    """Members are taken out of the scores however few reference rows there are."""
    monkeypatch.setattr(control, "ROWS_EACH", 0)
    monkeypatch.setattr(control, "WORTH", 1.0)


@pytest.mark.parametrize("name", MADE_OF_MODELS)
@pytest.mark.usefixtures("drawing")
def test_drawn_reasons_add_up_and_a_lone_row_has_those_of_the_table_to_the_bit(made, name):
    model = made(name)
    explainer = sampled_explainer(model, model.reference.frame)
    assert explainer.method == "sampled"
    frame = model.reference.frame.iloc[[5, 40, 41, 77, 5]]
    found = explainer.explain(frame, predict(model, frame))
    assert found.gap.max() <= 1e-9 * max(1.0, np.abs(found.base).max())
    assert len(np.unique(found.base)) <= len(model.info.outputs)
    np.testing.assert_array_equal(found.values[0], found.values[4])
    for row in range(len(frame)):
        alone = explainer.explain(frame.iloc[[row]], predict(model, frame.iloc[[row]]))
        for field in ("values", "error", "background_error", "base"):
            np.testing.assert_array_equal(getattr(alone, field)[0], getattr(found, field)[row])


@pytest.mark.parametrize("name", MADE_OF_MODELS)
@pytest.mark.usefixtures("members")
def test_all_coalitions_with_all_rows_are_brute_force_whatever_is_taken_apart(made, name):
    model = made(name)
    past, row = model.reference.frame.head(15), model.reference.frame.iloc[[60]]
    explainer = sampled_explainer(model, past)
    assert explainer.games.control is not None
    found = explainer.explain(row, predict(model, row))
    shown = predict(model, row).shown[0]
    expected, base = shapley(lambda frame: model.score(frame)[:, shown], row, past)
    scale = max(1.0, abs(base))
    np.testing.assert_allclose(found.values[0], expected, atol=1e-9 * scale)
    assert found.base[0] == pytest.approx(base, abs=1e-9 * scale)
    assert found.error is None
    assert found.background_error.max() <= 1e-12 * scale


@pytest.mark.parametrize("name", ["two: voting", "three: calibrated by steps"])
@pytest.mark.usefixtures("drawing")
def test_what_is_said_of_the_error_holds_against_brute_force_over_all_reference_rows(made, name, monkeypatch):
    model = made(name)
    past, rows = model.reference.frame.head(150), model.reference.frame.iloc[[170, 180]]
    prediction = predict(model, rows)
    truth = np.stack([
        shapley(lambda frame, at=shown: model.score(frame)[:, at], rows.iloc[[row]], past)[0]
        for row, shown in enumerate(prediction.shown)
    ])  # fmt: skip
    monkeypatch.setattr(games, "TOLERANCE", 1.0)
    off, said = [], []
    for seed in range(40):
        found = sampled_explainer(model, past, seed).explain(rows, prediction)
        off.append(np.square(found.values - truth))
        said.append(found.error**2 + found.background_error**2)
    assert 0.7 < np.sqrt(np.mean(off) / np.mean(said)) < 1.3


def test_a_vote_of_trees_and_weights_leaves_nothing_to_be_wrong_about(made, monkeypatch):
    model = made("value: voting")
    frame = model.reference.frame.head(12)
    prediction = predict(model, frame)
    taken_apart = sampled_explainer(model, model.reference.frame)
    assert len(taken_apart.games.control.members) == 2
    monkeypatch.setattr(control, "WORTH", -1.0)
    as_a_whole = sampled_explainer(model, model.reference.frame)
    assert as_a_whole.games.control is None
    mine, other = (one.explain(frame, prediction) for one in (taken_apart, as_a_whole))
    spread = np.ptp(prediction.scores)
    assert mine.background_error.max() < 1e-9 * spread
    assert other.background_error.max() > 1e-3 * spread
    assert np.abs(mine.values - other.values).max() < 5 * other.background_error.max()
    np.testing.assert_allclose(mine.base, other.base, rtol=1e-12)


@pytest.mark.usefixtures("drawing")
def test_rows_are_played_until_their_largest_share_is_known(made, monkeypatch):
    model = made("two: stacking")
    explainer = sampled_explainer(model, model.reference.frame)
    counted = []
    play = games.Games.left
    monkeypatch.setattr(games.Games, "left", lambda self, cells: counted.append(len(cells)) or play(self, cells))
    frame = model.reference.frame.head(5)
    errors, runs, middle = [], [], None
    for tolerance in (1.0, 0.02, 0.0):
        monkeypatch.setattr(games, "TOLERANCE", tolerance)
        counted.clear()
        found = explainer.explain(frame, predict(model, frame))
        runs.append(sum(counted))
        middle = found if tolerance == 0.02 else middle
        errors.append(np.sqrt(found.error**2 + found.background_error**2))
    assert runs[0] < runs[2] / 5
    assert runs[0] <= runs[1] <= runs[2]
    assert np.mean(errors[2]) < np.mean(errors[0])
    largest = np.abs(middle.values).argmax(axis=1)
    # all drawn rows are in where the error is larger, and it is not the coalitions that leave it
    wide = errors[1][np.arange(5), largest] > 0.02 * explainer.games.past.reach.max()
    assert wide.mean() < 0.5
    assert (middle.error[wide].max(axis=1) < 0.01).all()


def test_a_column_that_the_model_does_not_read_has_no_share(made):
    model = made("two: voting")
    frame = model.reference.frame
    explainer = sampled_explainer(model, frame)
    box = explainer.games.box
    blind = replace(box, score=lambda cells: box.score(np.where(np.array(box.owner) == 0, box.background[0], cells)))
    left = blind.score(box.background)
    past = replace(explainer.games.past, left=left, mean_left=left.mean(axis=0))
    played = replace(explainer.games, box=blind, control=None, past=past)
    found = played.play(box.prepare(frame.iloc[[3]])[0], np.zeros(len(model.schema)), 1)
    assert abs(found.values[0]) < 1e-15
    assert np.abs(found.values).max() > 1e-3


def test_texts_are_read_once_even_where_several_members_prepare_them_each_for_itself(made):
    model = made("two: calibrated pipeline")
    frame = model.reference.frame
    found = hoist(model.onnx, model.schema, 2, frame.head(2))
    cells = found.prepare(frame.head(30))
    assert cells.dtype == np.float64
    assert len(found.between) >= 3
    np.testing.assert_allclose(found.score(cells), model.score(frame.head(30)), atol=1e-12)


@pytest.mark.parametrize("players", [2, 3, 7, 13, 40])
def test_a_sum_of_columns_is_found_without_error(players):
    fit, draw = fit_of(players, 3, drawn=True), np.random.default_rng(players)
    gains, start = draw.normal(size=players), draw.normal(size=4)
    inner = start[:, None] + fit.coalitions @ gains
    # the row's score is one for all games: each has gains of its own that lead there
    found, variance = shares_of(fit, np.full(4, start[0]), float(start[0] + gains.sum()), inner[:1].repeat(4, axis=0))
    np.testing.assert_allclose(found, np.tile(gains, (4, 1)), atol=1e-9)
    np.testing.assert_allclose(variance, 0.0, atol=1e-18)
    assert fit.sampled == (2**players > 3 * (players + 1) + 2)


@pytest.mark.usefixtures("drawing")
def test_members_made_ready_for_a_few_rows_give_the_same_but_for_the_last_digits(made, tmp_path, monkeypatch):
    monkeypatch.setenv("WHYSURE_HOME", str(tmp_path))
    model = made("three: calibrated by steps")
    frame = model.reference.frame.head(3)
    usual = sampled_explainer(model, model.reference.frame).explain(frame, predict(model, frame))
    monkeypatch.setattr(ready, "tables", lambda *_: pytest.fail("compiled loops"))
    few = sampled_explainer(model, model.reference.frame, few=True).explain(frame, predict(model, frame))
    np.testing.assert_allclose(few.values, usual.values, atol=1e-9)
