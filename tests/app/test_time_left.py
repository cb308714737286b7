"""The time left of a step: not in its first seconds, not while it changes, and about right when it is said."""

import pytest

from app.parts.time_left import BETWEEN, FIRST, LATEST, SHORTEST, TimeLeft, said


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def told(pace, *, seconds=60.0, every=0.1, start=0.4, end=0.7):
    """(time, said) for a step whose share of its own work at a time is `pace(time)`; None is said by silence."""
    clock = Clock()
    left, found, began = TimeLeft(clock), [], clock.now
    for at in range(int(seconds / every) + 1):
        clock.now = began + at * every
        share = start + (end - start) * min(pace(at * every), 1.0)
        found.append((at * every, left.at(share, "Working out the reasons", end)))
    return found


def test_nothing_is_promised_in_the_first_seconds_and_then_the_truth():
    found = told(lambda time: time / 20, seconds=20)
    assert [left for time, left in found if time < FIRST - 0.01] == [None] * 30
    promised = [(time, left) for time, left in found if left is not None]
    assert promised[0][0] == pytest.approx(FIRST, abs=0.25)
    assert all(left == pytest.approx(20 - time, rel=0.01) for time, left in promised)
    assert promised[-1][1] == pytest.approx(SHORTEST, abs=0.11)


@pytest.mark.parametrize("slow", [2, 5, 20])
def test_a_start_that_is_slow_or_fast_is_not_taken_for_the_pace(slow):
    for pace in (lambda time: max(0.0, time - slow) / 20, lambda time: min(0.3, time / 4) + 0.7 * time / (20 * slow)):
        for time, left in told(pace, seconds=20 + 20 * slow):
            end = next(at / 10 for at in range(10_000) if pace(at / 10) >= 1 - 1e-9)
            if left is not None:
                assert 0.5 < left / max(end - time, SHORTEST) < 2


def test_a_promise_is_taken_back_when_the_work_slows_down():
    found = dict(told(lambda time: time / 20 if time < 8 else 0.4 + (time - 8) / 200, seconds=30))
    before = [left for time, left in found.items() if 6 < time < 8]
    after = [left for time, left in found.items() if 10 < time < 12]
    assert None not in before
    assert after == [None] * len(after)


def test_each_step_is_seen_by_its_own_pace_alone():
    clock = Clock()
    left = TimeLeft(clock)
    for at in range(50):
        clock.now += 0.1
        assert left.at(0.1 * at / 50, "Learning what goes together", None) is None
    first = left.at(0.1, "Predicting", 0.2)
    clock.now += 1.0
    assert (first, left.at(0.11, "Predicting", 0.2)) == (None, None)


@pytest.mark.parametrize("share", [0.7, 1.0])
def test_of_a_step_that_is_at_its_end_and_of_one_that_stands_still_nothing_is_said(share):
    clock = Clock()
    left = TimeLeft(clock)
    for _ in range(100):
        clock.now += 0.1
        assert left.at(share, "Storing the review", 1.0) is None


def test_the_ends_that_were_seen_are_forgotten():
    clock = Clock()
    left = TimeLeft(clock)
    for at in range(20_000):
        clock.now += 0.01
        left.at(at / 20_000, "Predicting", 1.0)
    assert len(left._seen) <= LATEST / BETWEEN + 2


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(2.2, "2 s"), (9.4, "9 s"), (12, "10 s"), (27.6, "30 s"), (89, "90 s"), (90, "2 min"), (200, "3 min")],
)
def test_times_are_said_as_roughly_as_they_are_known(seconds, words):
    assert said(seconds) == words
