"""A batch that is done opens like a review: the same rows, numbers, warnings and verdicts."""

import numpy as np
import pandas as pd
import pytest

import explain
from explain.batches.opened import open_batch
from explain.batches.plan import Options
from explain.batches.run import run
from explain.decisions import verdict
from explain.errors import NotFoundError
from tests.explain.batches.test_batch_cuts import rows_of


@pytest.fixture
def made(tmp_path, model):
    rows = rows_of(model)
    rows.loc[12, "income"] = np.nan
    rows = rows.assign(income=rows["income"].astype(object))
    rows.loc[17, "income"] = "plenty"
    rows.to_csv(tmp_path / "rows.csv", index=False)
    run(tmp_path / "rows.csv", model, tmp_path / "out", Options(rows_per_part=60), workers=1)
    return open_batch(tmp_path / "out"), explain.review(explain.read_table(tmp_path / "rows.csv", model.schema), model)


def test_all_rows_are_there_column_by_column(made):
    batch, review = made
    assert len(batch) == len(review) == 230
    assert np.array_equal(batch.scores, review.shown_scores, equal_nan=True)
    assert np.array_equal(batch.verdicts, verdict.kinds(review))
    assert np.array_equal(batch.worst, review.worst)
    if review.confidence.honest is not None:
        assert np.array_equal(batch.honest, review.confidence.honest, equal_nan=True)
    if review.model.task != "regression":
        assert batch.outcomes.tolist() == np.where(review.answered, review.prediction.chosen, -1).tolist()


def test_rows_of_several_parts_are_decisions_in_the_order_that_they_were_asked_for(made):
    batch, review = made
    rows = np.array([200, 5, 17, 61, 59, 12, 30, 229])
    found = batch.decisions(rows)
    for at, row in enumerate(rows):
        one, other = found[at], review[int(row)]
        assert one.row_id == other.row_id
        assert (one.predicted, one.shown, one.score, one.scores) == (
            other.predicted, other.shown, other.score, other.scores
        )  # fmt: skip
        assert (one.honest, one.grade, one.plausible, one.low, one.high) == (
            other.honest, other.grade, other.plausible, other.low, other.high
        )  # fmt: skip
        assert [(item.column, item.value, item.contribution) for item in one.reasons] == [
            (item.column, item.value, item.contribution) for item in other.reasons
        ]
        told = [(item.column, item.check, item.message, item.repaired) for item in one.warnings]
        assert sorted(map(str, told)) == sorted(
            str((item.column, item.check, item.message, item.repaired)) for item in other.warnings
        )
        assert verdict.verdict(one).title == verdict.verdict(other).title
        assert one.context == other.context


def test_a_row_is_found_by_its_name(made):
    batch, review = made
    for at in (0, 30, 100, 229):
        assert batch.position(review.table.row_ids[at]) == at
    assert batch.position("nobody") is None


def test_what_is_no_batch_or_not_done_is_said(tmp_path, model):
    with pytest.raises(NotFoundError, match="There is no batch in"):
        open_batch(tmp_path)
    rows_of(model).to_parquet(tmp_path / "rows.parquet")

    def stop(done, total, doing):
        if doing == "Deciding":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "rows.parquet", model, tmp_path / "out", Options(), workers=1, tell=stop)
    with pytest.raises(NotFoundError, match="is not done yet"):
        open_batch(tmp_path / "out")


def test_partitioned_parts_open_too(tmp_path, boosting):
    for day in ("2026-01-01", "2026-01-02"):
        (tmp_path / "in" / f"day={day}").mkdir(parents=True)
        rows_of(boosting).head(40).to_parquet(tmp_path / "in" / f"day={day}" / "rows.parquet")
    run(tmp_path / "in", boosting, tmp_path / "out", Options(rows_per_part=30), workers=1)
    batch = open_batch(tmp_path / "out")
    assert len(batch) == 80
    found = batch.decisions(np.array([79, 0]))
    assert [one.context["day"] for one in found] == ["2026-01-02", "2026-01-01"]
    assert pd.Series(batch.scores).notna().all()
