"""The bar: when it appears, what it says, and what it never says."""

from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from app.parts import progress
from explain import pipeline
from tests.conftest import package


@pytest.fixture
def said(monkeypatch):
    """What the bar says, in order; "" where its place is cleared."""
    found = []
    bar = SimpleNamespace(progress=lambda share, text: found.append((round(share, 3), text)))
    place = SimpleNamespace(container=nullcontext, empty=lambda: found.append(""))
    monkeypatch.setattr(
        progress, "st", SimpleNamespace(empty=lambda: place, progress=lambda _: bar, button=lambda *_, **__: None)
    )
    return found


@pytest.fixture
def clock():
    return SimpleNamespace(now=0.0)


def run(clock, reports, **options):
    """A bar that is given reports as (seconds, share, doing)."""
    with progress.progress_bar(clock=lambda: clock.now, **options) as tell:
        for seconds, share, doing in reports:
            clock.now = seconds
            tell(share, doing)


def test_what_is_done_at_once_shows_no_bar(said, clock):
    run(clock, [(0.0, 0.0, "Predicting"), (0.3, 0.9, "Predicting"), (0.5, 1.0, "Storing the review")])
    assert said == [""]


def test_where_the_page_before_is_gone_the_first_report_is_seen(said, clock):
    run(clock, [(0.0, 0.0, "Starting the review"), (0.1, 1.0, "Opening the review")], at_once=True)
    assert said == [(0.0, "Starting the review…"), (1.0, "Opening the review…"), ""]


def test_a_time_is_said_of_a_steady_step_and_of_no_other_and_never_at_the_end(said, clock):
    learning = [(at / 10, 0.001 * at, "Learning what goes together") for at in range(15)]
    working = [(2 + at / 10, 0.7 + 0.3 * at / 100, "Working out the reasons") for at in range(101)]
    last = [(13 + at, 1.0, doing) for at, doing in enumerate(["Done", "Storing the review", "Opening the review"] * 3)]
    run(clock, [*learning, *working, *last])
    texts = [item[1] for item in said if item]
    assert "Working out the reasons… about 5 s left" in texts
    assert [text for text in texts if "left" in text and not text.startswith("Working out")] == []
    assert all("left" not in text for text in texts[: texts.index("Working out the reasons…") + 15])
    assert texts[-3:] == ["Done…", "Storing the review…", "Opening the review…"]


def test_the_first_start_is_foretold_by_the_step_it_is_at(said, clock):
    doing = "Preparing the sample: first start only. Learning what goes together"
    run(clock, [(at / 10, 0.1 * at / 200, doing) for at in range(100)])
    assert said[-2] == (0.05, f"{doing}… about 10 s left")


def test_each_step_of_a_review_stays_within_its_own_share():
    model = package("histogram_boosting")
    told, starts = [], dict(zip(pipeline.ENDS, [0.0, *pipeline.ENDS.values()], strict=False))
    pipeline.review(model.reference.frame.head(30), model, lambda share, doing: told.append((share, doing)))
    steps = [(share, doing) for share, doing in told if doing in pipeline.ENDS]
    assert {doing for _, doing in steps} >= {"Predicting", "Working out what faults change"}
    for share, doing in steps:
        assert starts[doing] - 1e-9 <= share <= pipeline.ENDS[doing] + 1e-9, doing
    assert [share for share, _ in told] == sorted(share for share, _ in told)
    assert pipeline.end_of("Preparing the sample: first start only. Predicting") == 0.2
    assert pipeline.end_of("Storing the review") is None
