"""The list over a batch: its filters, their counts and its orders are those of brute force."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explain.batches.listing import URGENT, Kept, counts, select, spread, summary_of
from explain.batches.opened import open_batch
from explain.batches.plan import Options
from explain.batches.run import run
from explain.decisions.verdict import KINDS
from explain.insight.listing import listing_of, summary
from explain.insight.score_bins import score_bins
from tests.explain.batches.test_batch_cuts import rows_of


@pytest.fixture(scope="module", params=["histogram_boosting", "boosting_three", "boosting_value"])
def batch(request, tmp_path_factory):
    from tests.conftest import package

    model, folder = package(request.param), tmp_path_factory.mktemp("batch")
    rows_of(model).to_parquet(folder / "rows.parquet")
    run(folder / "rows.parquet", model, folder / "out", Options(rows_per_part=70), workers=1)
    return open_batch(folder / "out")


def some(size):
    return st.frozensets(st.integers(0, size - 1), max_size=2)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kept=st.builds(Kept, some(len(KINDS)), some(3), some(4), st.none() | st.integers(0, 2)))
def test_filters_and_counts_are_those_of_brute_force(batch, kept):
    bars = score_bins(spread(batch)).row

    def passes(at, *, but=""):
        groups = {"verdicts": kept.verdicts, "outcomes": kept.outcomes, "worst": kept.worst}
        own = all(int(getattr(batch, name)[at]) in said for name, said in groups.items() if said and name != but)
        return own and (kept.bar is None or bars[at] == kept.bar)

    rows = range(len(batch))
    assert select(batch, kept, "upload").tolist() == [at for at in rows if passes(at)]
    found = counts(batch, kept)
    for name in ("verdicts", "outcomes", "worst"):
        places = getattr(batch, name)
        for place, count in enumerate(getattr(found, name).tolist()):
            assert count == sum(places[at] == place and passes(at, but=name) for at in rows)


def test_orders(batch):
    every = Kept()
    highest = batch.scores[select(batch, every, "highest")]
    assert (np.diff(highest[np.isfinite(highest)]) <= 0).all()
    lowest = batch.scores[select(batch, every, "lowest")]
    assert (np.diff(lowest[np.isfinite(lowest)]) >= 0).all()
    assert (np.diff(batch.honest[select(batch, every, "unsure")]) >= 0).all()
    rows = select(batch, every, "attention")
    urgency = [URGENT.index(KINDS[place]) for place in batch.verdicts[rows]]
    assert urgency == sorted(urgency)
    for place in set(urgency):
        own = batch.honest[rows][np.array(urgency) == place]
        assert (np.diff(own) >= 0).all()
    assert sorted(rows.tolist()) == list(range(len(batch)))


def test_the_figures_are_those_of_the_same_rows_as_a_review(batch):
    decisions = batch.decisions(np.arange(len(batch)))
    assert summary_of(batch) == summary(listing_of(decisions))
    assert score_bins(spread(batch)).names == score_bins(decisions).names
    assert score_bins(spread(batch)).row.tolist() == score_bins(decisions).row.tolist()
