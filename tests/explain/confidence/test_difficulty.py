"""The difficulty model: the file against the trees that were grown, and what it does for ranges."""

import numpy as np
import onnx
import onnxruntime as ort
import pandas as pd
import pytest

from explain.confidence import difficulty as module
from explain.confidence.conformal import residuals_of
from explain.confidence.difficulty import difficulty, fit_difficulty, halves
from explain.forests.learn import grown
from explain.models.card import propose_schema

ROWS = 4_000


def cases(seed, rows):
    """Raw columns with blanks and a category, predictions, errors and their true scale, which two columns set."""
    draw = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "age": draw.normal(40, 10, rows),
            "rooms": np.where(draw.random(rows) < 0.1, np.nan, draw.integers(1, 6, rows)),
            "city": pd.Series(draw.choice(["Bern", "Oslo", "Rome", None], rows, p=[0.4, 0.3, 0.2, 0.1]), dtype=object),
        }
    )
    scale = np.exp((frame.age.to_numpy() - 40) / 15) * np.where(frame.city == "Oslo", 3.0, 1.0)
    return frame, draw.normal(10, 3, rows), scale * draw.normal(size=rows), scale


@pytest.fixture(scope="module")
def fitted():
    frame, predicted, errors, _ = cases(1, ROWS)
    return fit_difficulty(frame, propose_schema(frame), predicted, errors)


def watched(monkeypatch):
    """The trees that are grown from here on."""
    seen = []

    def watching(*given, **said):
        found = grown(*given, **said)
        seen.extend(found[0])
        return found

    monkeypatch.setattr(module, "grown", watching)
    return seen


def mean_of(trees, rows):
    """What trees say of (n, f) rows on average, walked one row after the other."""
    said = np.zeros(len(rows))
    for tree in trees:
        for at, row in enumerate(rows):
            node = 0
            while tree.feature[node] >= 0:
                cell = row[tree.feature[node]]
                low = tree.blank_low[node] if np.isnan(cell) else cell <= tree.threshold[node]
                node = tree.low[node] if low else tree.high[node]
            said[at] += tree.answers[tree.low[node], 0] / len(trees)
    return said


def test_the_file_says_what_the_forest_says(monkeypatch):
    frame, predicted, errors, _ = cases(2, 1_500)
    schema = propose_schema(frame)
    seen = watched(monkeypatch)
    content = fit_difficulty(frame, schema, predicted, errors)
    floor = module.FLOOR * np.median(np.abs(errors))
    fresh, new_predicted, _, _ = cases(3, 1_000)
    codes = {"city": module._codes(frame["city"], np.log(np.maximum(np.abs(errors), floor)))}
    for rows, said in ((frame, predicted), (fresh, new_predicted)):
        matrix = module._matrix(rows, schema, said, codes)
        expected = np.maximum(np.exp(mean_of(seen, matrix)), floor)
        np.testing.assert_allclose(difficulty(content, rows, said), expected, rtol=1e-10)


def test_thresholds_send_cells_that_lie_on_them_the_same_way(monkeypatch):
    draw = np.random.default_rng(4)
    # whole numbers and halves: splits fall between neighbours, many cells lie next to one
    frame = pd.DataFrame({"a": draw.integers(0, 9, 1_200) / 2, "b": np.float32(draw.random(1_200)).astype(float)})
    predicted, errors = draw.integers(0, 5, 1_200).astype(float), draw.normal(size=1_200) * (1 + frame.a.to_numpy())
    seen = watched(monkeypatch)
    content = fit_difficulty(frame, propose_schema(frame), predicted, errors)
    nodes = seen[0]
    grid = np.unique(np.float32(nodes.threshold[nodes.feature == 1]).astype(float))
    rows = pd.DataFrame({"a": np.resize(frame.a, len(grid)), "b": grid})
    said = np.resize(predicted, len(grid))
    expected = mean_of(seen, np.column_stack([rows, said]).astype(np.float32))
    floor = module.FLOOR * np.median(np.abs(errors))
    np.testing.assert_allclose(difficulty(content, rows, said), np.maximum(np.exp(expected), floor), rtol=1e-10)


def test_the_file_is_valid_onnx_with_the_raw_columns_and_the_prediction_as_inputs(fitted):
    proto = onnx.load_model_from_string(fitted)
    onnx.checker.check_model(proto, full_check=True)
    kinds = {item.name: item.type for item in ort.InferenceSession(fitted).get_inputs()}
    assert kinds == {
        "age": "tensor(double)",
        "rooms": "tensor(double)",
        "city": "tensor(string)",
        "whysure.predicted": "tensor(double)",
    }


def test_difficulty_finds_where_errors_are_large(fitted):
    frame, predicted, _, scale = cases(5, 3_000)
    found = difficulty(fitted, frame, predicted)
    assert np.corrcoef(np.log(found), np.log(scale))[0, 1] > 0.93


def test_blank_and_unknown_cells_get_an_answer(fitted):
    frame, predicted, _, _ = cases(6, 3)
    frame["city"] = ["Paris", None, ""]
    frame["rooms"] = np.nan
    found = difficulty(fitted, frame, predicted)
    assert np.isfinite(found).all()
    blank = frame.assign(city=[None] * 3)
    np.testing.assert_array_equal(found, difficulty(fitted, blank, predicted))


@pytest.mark.parametrize("errors", [np.zeros(1_000), np.where(np.arange(1_000) < 700, 0.0, 5.0)])
def test_difficulty_is_positive_even_where_the_model_is_always_right(errors):
    frame, predicted, _, _ = cases(7, 1_000)
    found = difficulty(fit_difficulty(frame, propose_schema(frame), predicted, errors), frame, predicted)
    assert (found > 0).all()
    assert np.isfinite(np.ones(1_000) / found).all()


def test_a_column_without_any_category_is_taken():
    frame, predicted, errors, _ = cases(8, 1_000)
    frame["city"] = pd.Series([None] * 1_000, dtype=object)
    schema = propose_schema(frame, {"city": {"kind": "category"}})
    assert (difficulty(fit_difficulty(frame, schema, predicted, errors), frame, predicted) > 0).all()


def test_the_same_rows_and_seed_give_the_same_file():
    frame, predicted, errors, _ = cases(9, 1_000)
    schema = propose_schema(frame)
    first = fit_difficulty(frame, schema, predicted, errors)
    assert fit_difficulty(frame, schema, predicted, errors) == first
    assert fit_difficulty(frame, schema, predicted, errors, seed=1) != first


def test_permuting_rows_permutes_difficulties_and_no_rows_give_none(fitted):
    frame, predicted, _, _ = cases(10, 200)
    order = np.random.default_rng(0).permutation(200)
    found = difficulty(fitted, frame, predicted)
    np.testing.assert_array_equal(difficulty(fitted, frame.iloc[order], predicted[order]), found[order])
    assert difficulty(fitted, frame.head(0), predicted[:0]).shape == (0,)


@pytest.mark.parametrize("rows", [0, 1, 7, 1_000])
def test_half_of_the_rows_fit_and_the_others_calibrate(rows):
    fits = halves(rows)
    assert fits.sum() == rows // 2
    np.testing.assert_array_equal(fits, halves(rows))
    assert rows < 1_000 or (fits != halves(rows, seed=1)).any()


def test_ranges_keep_their_promise_and_score_better_than_bands():
    covered, scores, banded = [], [], []
    for seed in range(6):
        frame, predicted, errors, _ = cases(100 + seed, ROWS + 4_000)
        truth, past, fresh = predicted + errors, slice(0, ROWS), slice(ROWS, None)
        fits = np.zeros(len(frame), dtype=bool)
        fits[:ROWS] = halves(ROWS, seed)
        calibrates = ~fits & (np.arange(len(frame)) < ROWS)
        content = fit_difficulty(frame[fits], propose_schema(frame), predicted[fits], errors[fits], seed)
        size = difficulty(content, frame, predicted)
        found = residuals_of(predicted[calibrates], truth[calibrates], size[calibrates])
        low, high = found.on(predicted[fresh], size[fresh]).intervals(0.9)
        covered.append(((truth[fresh] >= low) & (truth[fresh] <= high)).mean())
        scores.append(interval_score(low, high, truth[fresh]))
        ends = residuals_of(predicted[past], truth[past]).on(predicted[fresh]).intervals(0.9)
        banded.append(interval_score(*ends, truth[fresh]))
    assert np.mean(covered) == pytest.approx(0.9, abs=0.012)
    assert np.mean(scores) < 0.75 * np.mean(banded)


def interval_score(low, high, truth, alpha=0.1):
    """Winkler's (1972): width, and 2 / alpha times what lies outside; the best ranges have the least."""
    missed = np.maximum(low - truth, 0) + np.maximum(truth - high, 0)
    return (high - low + 2 / alpha * missed).mean()
