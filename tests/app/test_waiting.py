"""Work that a page waits for: its value comes back, its sentence is shown, and what was shown meanwhile goes away.

Delays are put in by a clock that a wait moves on, so that three seconds take none.
"""

import ast
from functools import partial
from itertools import combinations, product
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

import app
from app import store
from app.parts import current_run, progress, waiting
from tests.conftest import FIXTURES

pytestmark = pytest.mark.usefixtures("home")

DELAYS = [0, 0.5, 3]
"""Seconds: done at once, just shown, and long."""
LOOK = 1 / 16
"""Seconds between two looks: a number that adds up without rounding."""
BAR = "a bar"


class Slow:
    """A clock, and work that takes the seconds of `delays` one after the other."""

    def __init__(self):
        self.now, self.until, self.delays, self.shown = 0.0, 0.0, [], []
        self._waited_for = None

    def monotonic(self):
        return self.now

    def wait(self, futures, timeout):
        if futures[0] is not self._waited_for:
            self._waited_for, self.until = futures[0], self.now + (self.delays.pop(0) if self.delays else 0)
        done = self.now + LOOK >= self.until
        if done:
            futures[0].exception()
        self.now = self.until if done else self.now + LOOK
        return SimpleNamespace(done={futures[0]} if done else set())

    def work(self, tell):
        """Work that reports while it takes the next delay."""
        delay = self.delays.pop(0)
        for at in range(11):
            tell(at / 10, "Predicting")
            self.now += delay / 10


@pytest.fixture
def slow(monkeypatch):
    found = Slow()
    monkeypatch.setattr(waiting, "wait", found.wait)
    monkeypatch.setattr(waiting, "time", SimpleNamespace(monotonic=found.monotonic))
    slow_bar = partial(progress.progress_bar, clock=found.monotonic)
    monkeypatch.setattr(progress, "slow_bar", slow_bar, raising=False)
    monkeypatch.setattr(current_run, "progress_bar", slow_bar)
    monkeypatch.setattr(waiting, "slow", found, raising=False)
    button = waiting.st.button
    monkeypatch.setattr(
        waiting.st, "button", lambda label, **rest: found.shown.append(rest["key"]) or button(label, **rest)
    )
    return found


def places():
    """What pages say while they wait, read from the calls of `waited`: a new one is tested without being named here."""
    files = sorted(Path(app.__file__).parent.rglob("*.py"))
    nodes = [node for path in files for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    calls = [node for node in nodes if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "waited"]
    return [ast.literal_eval(call.args[0]) for call in calls]


def test_every_place_has_words_of_its_own():
    assert {"Opening the model", "Reading the rows", "Trying the model", "Comparing with the original"} <= {*places()}
    assert len(set(places())) == len(places())


def page(doings):
    import streamlit as st

    from app.parts import progress, waiting

    for doing in doings:
        if doing == "a bar":
            with progress.slow_bar(lambda: None) as tell:
                waiting.slow.work(tell)
            st.write(doing)
        else:
            st.write(waiting.waited(doing, lambda doing=doing: doing))


def delays_of_all(places):
    """Delays for all places in each run, so that any two of them meet with each pair of delays in some run."""
    sums = [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (1, 0, 1), (0, 1, 1), (1, 1, 1), (1, 2, 0), (1, 0, 2)]
    for seed in product(range(3), repeat=3):
        yield [DELAYS[sum(a * b for a, b in zip(seed, weights, strict=True)) % 3] for weights in sums[: len(places)]]


def test_all_places_wait_in_one_run_and_every_pair_of_them_with_every_pair_of_delays(slow):
    doings, met = [*places(), BAR], set()
    for delays in delays_of_all(doings):
        slow.delays, slow.shown = list(delays), []
        shown = AppTest.from_function(page, args=(doings,), default_timeout=20).run()
        assert not shown.exception, delays
        assert [item.value for item in shown.markdown] == doings
        assert not shown.button
        long = [doing for doing, delay in zip(doings, delays, strict=True) if delay > 0]
        assert slow.shown == ["cancel" if doing == BAR else f"cancel {doing}" for doing in long]
        met |= set(combinations(zip(doings, delays, strict=True), 2))
    pairs = len(list(combinations(doings, 2)))
    assert len(met) == pairs * len(DELAYS) ** 2


def failing():
    from app.parts.trouble import guarded
    from app.parts.waiting import waited
    from explain.errors import ModelError

    def broken():
        raise ModelError("It does not fit.")

    guarded(lambda: waited("Failing", broken))


@pytest.mark.parametrize("delay", DELAYS)
def test_what_fails_is_one_sentence_and_the_way_out_goes(slow, delay):
    slow.delays = [delay]
    shown = AppTest.from_function(failing, default_timeout=20).run()
    assert [item.value for item in shown.error] == ["It does not fit\\."]
    assert not shown.button
    assert not shown.exception


def adding():
    from pathlib import Path

    import streamlit as st

    from app import store
    from app.parts.add_columns import columns_step
    from app.parts.add_files import files_step
    from app.parts.add_proof import proof_step

    folder = Path(st.session_state["folder"])
    if store.ADDING not in st.session_state:
        given = store.adding()
        given.file, given.kind = ("1", (folder / "model.onnx").read_bytes(), "model.onnx"), "onnx"
        given.table = ("2", (folder / "reference.parquet").read_bytes(), "reference.parquet")
    found = store.adding()
    [files_step, columns_step, proof_step][found.step - 1](found)


def press(test, label):
    next(item for item in test.button if item.label == label).click().run()
    assert not test.exception
    assert not test.error


@pytest.mark.parametrize(("first", "second"), [(0, 3), (0.5, 0.5), (3, 0.5)])
def test_a_model_is_added_however_long_each_step_takes(slow, home, first, second):
    """Reading the rows and opening the model wait in one run, where one fixed key once crashed the page."""
    test = AppTest.from_function(adding, default_timeout=60)
    test.session_state["folder"] = str(FIXTURES / "histogram_boosting")
    slow.delays = [first, second]
    test.run()
    assert not test.exception
    assert not test.error
    slow.delays = [first]
    press(test, "Continue")
    slow.delays = [second]
    press(test, "Prove it")
    assert test.session_state[store.ADDING].step == 3
    long = [first > 0, second > 0]
    words = ["Reading the rows", "Opening the model", "Trying the model", "Comparing with the original"]
    assert [key for key in slow.shown if key.startswith("cancel ")] == [
        f"cancel {doing}" for doing, was_long in zip(words, [*long, *long], strict=True) if was_long
    ]


def sample():
    import streamlit as st

    from app.parts.current_run import current_run

    st.write(current_run()[0])


@pytest.mark.parametrize("delay", DELAYS)
def test_the_sample_and_a_table_that_was_opened_come_however_long_they_take(slow, home, monkeypatch, delay):
    run = store.first_run()
    monkeypatch.setattr(store, "first_run", lambda tell: slow.work(tell) or run)
    monkeypatch.setattr(store, "review_opened", lambda tell: slow.work(tell) or run)
    went = []
    monkeypatch.setattr("app.link.open_page", lambda name, **query: went.append(query))
    for opened in (False, True):
        monkeypatch.setattr(store, "opened", lambda opened=opened: opened)
        slow.delays, slow.shown = [delay, delay], []
        test = AppTest.from_function(sample, default_timeout=60).run()
        assert not test.exception
        assert [item.value for item in test.markdown] == [run]
        assert not test.button
        assert slow.shown == (["cancel"] if opened else [])
    assert went == [{"run": run}]
