"""Clean rows are left alone: at most 1 in 100 is warned of, whatever the table."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from sklearn import datasets

from explain.models import load_model
from explain.models.card import propose_schema
from explain.quality import Profile, check
from explain.quality.expected import learn
from explain.quality.profile import numbers_of
from explain.quality.tails import tails_of
from explain.tables import read_table

FRESH = 300
"""Clean rows a table."""
MOST = 0.01
"""Share of them that may be warned of; of so few rows as a test has, three standard errors more."""
COLUMNS = (3, 12, 30)
SOURCES = {
    "normal": lambda draw, n: draw.normal(50, 10, n).round(3),
    "lognormal": lambda draw, n: draw.lognormal(3, 1, n).round(2),
    "exponential": lambda draw, n: draw.exponential(5, n).round(3),
    "heavy": lambda draw, n: (draw.pareto(2.5, n) * 10).round(2),
    "whole": lambda draw, n: draw.integers(18, 80, n).astype(float),
    "counts": lambda draw, n: draw.poisson(3, n).astype(float),
    "category": lambda draw, n: draw.choice(list("abcdef"), n, p=[0.4, 0.25, 0.15, 0.1, 0.06, 0.04]),
}


def simulated(kind, columns, rows, draw):
    names = list(SOURCES) if kind == "mixed" else [kind]
    shared = draw.normal(size=rows)
    frame = {f"{names[at % len(names)]}_{at}": SOURCES[names[at % len(names)]](draw, rows) for at in range(columns)}
    if kind == "mixed":
        frame |= {f"tied_{at}": (10 * shared + draw.normal(0, 3, rows)).round(2) for at in range(2)}
    return pd.DataFrame(frame)


def warned(past, fresh):
    """(n,) which rows have an error or a warning, and which have an error."""
    schema = propose_schema(past, {name: {"kind": "category"} for name in past if past[name].dtype == object})
    profile = Profile(schema, past.reset_index(drop=True))
    marks = np.zeros((2, len(fresh)), dtype=bool)
    for item in check(read_table(fresh.reset_index(drop=True), schema), profile, learn(profile)):
        marks[0, item.rows] |= item.severity != "info"
        marks[1, item.rows] |= item.severity == "error"
    return marks


def allowed(rows, share=MOST):
    """What a share of so many rows may come out as."""
    return share + 3 * np.sqrt(share * (1 - share) / rows)


@cache
def of_simulated(kind, columns):
    """(2, n) which of the clean rows of four tables have an error or a warning, and which an error."""
    marks = []
    for at, rows in enumerate((30, 50, 100, 300)):
        draw = np.random.default_rng(1_000 * at + columns)
        past, fresh = (simulated(kind, columns, count, draw) for count in (rows, FRESH))
        marks.append(warned(past, fresh))
    return np.concatenate(marks, axis=1)


@pytest.mark.parametrize("columns", COLUMNS)
@pytest.mark.parametrize("kind", [*SOURCES, "mixed"])
def test_hardly_a_clean_row_of_a_simulated_table_is_warned_of(kind, columns):
    marks = of_simulated(kind, columns)
    either, error = marks.mean(axis=1)
    assert either <= allowed(marks.shape[1])
    assert error <= allowed(marks.shape[1], MOST / 10)


def test_of_all_simulated_tables_together_far_fewer_are():
    marks = np.concatenate([of_simulated(kind, columns) for kind in [*SOURCES, "mixed"] for columns in COLUMNS], axis=1)
    assert marks[0].mean() <= MOST / 2


@pytest.mark.parametrize("kind", ["normal", "exponential", "heavy", "lognormal"])
def test_many_columns_do_not_add_up(kind):
    draw = np.random.default_rng(5)
    past, fresh = (simulated(kind, 120, count, draw) for count in (1_000, 2_000))
    schema = propose_schema(past)
    marks = np.zeros(len(fresh), dtype=bool)
    for item in check(read_table(fresh, schema), Profile(schema, past)):
        marks[item.rows] |= item.severity != "info"
    assert marks.mean() <= MOST


@pytest.mark.parametrize("name", ["wine", "breast_cancer", "diabetes", "iris", "linnerud"])
@pytest.mark.parametrize("rows", [30, 60, 120])
def test_hardly_a_clean_row_of_a_real_table_is_warned_of(name, rows):
    frame = getattr(datasets, f"load_{name}")(as_frame=True).data
    if len(frame) < 2 * rows:
        rows = len(frame) // 2
    counts = []
    for seed in range(6):
        order = np.random.default_rng(seed).permutation(len(frame))
        counts.append(warned(frame.iloc[order[:rows]], frame.iloc[order[rows:]])[0])
    marks = np.concatenate(counts)
    assert marks.mean() <= allowed(len(marks))


@pytest.mark.parametrize("name", ["german_credit", "diamonds", "penguins"])
@pytest.mark.parametrize("rows", [30, 100, 300])
def test_hardly_a_clean_row_of_a_sample_is_warned_of(name, rows):
    frame = load_model(name).reference.frame
    counts = []
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(len(frame))
        rows = min(rows, len(frame) // 2)
        counts.append(warned(frame.iloc[order[:rows]], frame.iloc[order[rows : rows + FRESH]])[0])
    marks = np.concatenate(counts)
    assert marks.mean() <= allowed(len(marks))


@pytest.mark.parametrize(
    ("past", "cell", "severity"),
    [
        (np.random.default_rng(0).poisson(np.random.default_rng(1).gamma(0.5, 6, 900)), 58, "info"),
        (np.random.default_rng(0).integers(18, 76, 400), 412, "error"),
        (np.random.default_rng(0).integers(18, 76, 400), -3, "error"),
        (np.random.default_rng(0).lognormal(7, 1, 400).round(), -50, "error"),
        (np.random.default_rng(0).normal(100, 10, 400), 190.0, "warning"),
        (np.random.default_rng(0).normal(100, 10, 400), 1000.0, "error"),
        (np.random.default_rng(0).normal(100, 10, 60), 133.0, "info"),
    ],
)
def test_an_error_needs_another_reason_than_the_range(past, cell, severity):
    frame = pd.DataFrame({"x": past.astype(float), "y": np.arange(len(past)) % 7.0})
    found = check(
        read_table(pd.DataFrame({"x": [cell], "y": [3.0]}), propose_schema(frame)),
        Profile(propose_schema(frame), frame),
    )
    assert [item.severity for item in found if item.check == "out of range"] == [severity]


@pytest.mark.parametrize("size", [30, 100, 1_000])
def test_a_value_beyond_a_tail_is_said_to_be_as_rare_as_it_is_or_less(size):
    far = 60.0  # e ** -12 of an exponential distribution of mean 5
    chances = [
        tails_of(np.sort(np.random.default_rng(seed).exponential(5, size)), 0.0)[1][0].chance(np.array([far]))[0]
        for seed in range(50)
    ]
    assert np.median(chances) >= np.exp(-12)
    nearer = [
        tails_of(np.sort(np.random.default_rng(seed).exponential(5, size)), 0.0)[1][0].chance(np.array([11.5]))[0]
        for seed in range(50)
    ]
    assert np.median(nearer) == pytest.approx(0.1, rel=0.6)


def test_a_value_between_two_known_whole_numbers_is_no_gap():
    past = np.sort(np.setdiff1d(np.tile(np.arange(100.0), 5), [50.0]).repeat(5))
    known = numbers_of(past, whole=True)
    assert known.lonely(np.array([50.0, 49.0])).tolist() == [False, False]


@pytest.mark.parametrize(
    ("past", "cell", "severity"),
    [
        (np.repeat([1.0, 2.0, 3.0, 4.0], [70, 120, 80, 230]), 5, "warning"),  # a scale from 1 to 4
        (np.repeat([1.0, 2.0, 3.0, 4.0], [70, 120, 80, 230]), 0, "warning"),
        (np.append(np.random.default_rng(0).exponential(2_000, 4_000).round().clip(0, 9_000), [9_999.0] * 20),
         10_500, "warning"),  # capped
        (np.repeat([0.0, 1.0], [1_800, 20]), 2, "info"),  # rare events that come once: twice is to be expected
        (np.random.default_rng(0).poisson(3, 500).astype(float), 11, "info"),
    ],
)  # fmt: skip
def test_a_value_past_the_end_of_a_scale_is_told_from_one_further_out_in_a_tail(past, cell, severity):
    frame = pd.DataFrame({"x": past, "y": np.arange(len(past)) % 7.0})
    schema = propose_schema(frame)
    found = check(read_table(pd.DataFrame({"x": [float(cell)], "y": [3.0]}), schema), Profile(schema, frame))
    assert [item.severity for item in found if item.check == "out of range"] == [severity]
