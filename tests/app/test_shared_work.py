"""Work that is asked for twice at once: it is done once, and whoever waits is told how far it is."""

import threading

import pytest

from app import store
from app.shared_work import SharedWork
from explain import pipeline


def test_whoever_comes_meanwhile_is_told_what_the_other_is_told_and_does_it_after():
    shared, begun, told_twice, done = SharedWork(), threading.Event(), threading.Event(), []

    def slow(tell):
        tell(0.5, "Predicting")
        begun.set()
        assert told_twice.wait(10)
        done.append("first")
        return 1

    def watch(share, doing):
        said.append((share, doing))
        if said.count((0.5, "Predicting")) == 2:
            told_twice.set()

    said = []
    other = threading.Thread(target=shared.run, args=(slow, "Opening"))
    other.start()
    assert begun.wait(10)
    assert shared.run(lambda _: done.append("second") or 2, "Opening", watch) == 2
    other.join()
    assert done == ["first", "second"]
    assert said[0] == (0.5, "Predicting")
    assert said[-1] == (0.0, "Opening")


def test_who_goes_away_while_waiting_stops_nobody():
    shared, begun, go_on, done = SharedWork(), threading.Event(), threading.Event(), []

    def slow(_):
        begun.set()
        assert go_on.wait(10)
        done.append("first")

    other = threading.Thread(target=shared.run, args=(slow, "Opening"))
    other.start()
    assert begun.wait(10)
    with pytest.raises(KeyboardInterrupt):
        shared.run(lambda _: None, "Opening", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    go_on.set()
    other.join()
    assert done == ["first"]
    assert shared.run(lambda _: 3, "Opening") == 3


@pytest.mark.parametrize(
    ("reviews", "first"), [(False, "Preparing the sample: first start only"), (True, "Opening the sample")]
)
def test_a_first_start_is_said_to_be_one_before_anything_else_is_known(tmp_path, monkeypatch, reviews, first):
    monkeypatch.setenv("WHYSURE_HOME", str(tmp_path))
    if reviews:
        (tmp_path / "runs").mkdir()
    said = []

    def made(_, tell):
        tell(0.2, "Predicting")
        return "0123456789ab"

    monkeypatch.setattr(pipeline, "sample_review", made)
    assert store.first_run(lambda share, doing: said.append((share, doing))) == "0123456789ab"
    assert said == [(0.0, first), (0.2, "Preparing the sample: first start only. Predicting")]
