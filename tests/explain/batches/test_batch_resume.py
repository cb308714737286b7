"""Killed at any moment, a batch goes on with the same command: no row is lost, none is doubled."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

import explain
from explain.batches.plan import Options
from explain.batches.run import run
from explain.errors import CancelledError, FullError, NotFoundError, WhysureError
from tests.conftest import FIXTURES

KILLS = int(os.environ.get("WHYSURE_KILLS", "6"))
"""Moments at which the batch is killed: with 50 it takes minutes."""
SCRIPT = """
import sys
import explain
from pathlib import Path
from explain.batches.plan import Options
from explain.batches.run import run
_, source, model, out, workers = sys.argv
run(source, explain.load_model(model), Path(out), Options(rows_per_part=40, judged_whole=100), workers=int(workers))
"""
"""Nothing keeps it from being run again where it is imported, as in the first script that somebody writes."""


def frame_of(model, count):
    frame = model.reference.frame.sample(count, replace=True, random_state=5).reset_index(drop=True)
    return frame.assign(id=[f"C{at}" for at in range(count)])


def files_of(out):
    kept = (path for path in out.rglob("*") if path.is_file() and path.name != ".lock")
    return {str(path.relative_to(out)): path.read_bytes() for path in kept}


@pytest.fixture
def rows(tmp_path, boosting):
    path = tmp_path / "rows.csv"
    frame_of(boosting, 400).to_csv(path, index=False)
    return path


def options(**said):
    return Options(**{"rows_per_part": 100, "judged_whole": 100} | said)


@pytest.mark.parametrize("workers", [1, 2])
def test_killed_at_random_moments_it_ends_with_the_same_files(tmp_path, boosting, workers):
    source, out = tmp_path / "rows.csv", tmp_path / "out"
    frame_of(boosting, 4_000).to_csv(source, index=False)
    (tmp_path / "go.py").write_text(SCRIPT)
    command = [sys.executable, str(tmp_path / "go.py"), str(source), str(FIXTURES / "boosting")]
    started = time.perf_counter()
    subprocess.run([*command, str(tmp_path / "expected"), str(workers)], check=True)
    usual = time.perf_counter() - started
    moments, killed = random.Random(workers), 0
    for _ in range(KILLS):
        process = subprocess.Popen([*command, str(out), str(workers)])
        try:
            process.wait(moments.uniform(0.2, 1.0) * usual)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            killed += 1
        process.wait()
        if (out / "summary.json").exists() and json.loads((out / "manifest.json").read_text())["state"] == "done":
            # killed after it was done: the next call has nothing to do but to tidy up
            subprocess.run([*command, str(out), str(workers)], check=True)
            assert files_of(out) == files_of(tmp_path / "expected")
            shutil.rmtree(out)
    assert killed >= 1
    subprocess.run([*command, str(out), str(workers)], check=True)
    assert files_of(out) == files_of(tmp_path / "expected")


def test_each_part_that_is_done_is_not_done_again(tmp_path, rows, boosting):
    def stop(done, total, doing):
        if doing == "Deciding" and done >= 200:
            raise CancelledError("Cancelled.")

    with pytest.raises(CancelledError):
        run(rows, boosting, tmp_path / "out", options(), workers=1, tell=stop)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out" / "decisions").iterdir()}
    assert len(before) == 2
    states = [part["state"] for part in json.loads((tmp_path / "out" / "manifest.json").read_text())["parts"]]
    assert len(states) == 4
    told = []
    run(rows, boosting, tmp_path / "out", options(), workers=1, tell=lambda done, total, doing: told.append(done))
    assert all(path.stat().st_mtime_ns == at for path, at in before.items())
    found = pd.concat(pd.read_parquet(path) for path in sorted((tmp_path / "out" / "decisions").iterdir()))
    assert found["row_id"].tolist() == [f"C{at}" for at in range(400)]
    assert not (tmp_path / "out" / ".work").exists()


def test_a_batch_that_is_done_is_left_alone(tmp_path, rows, boosting):
    first = explain.batch(rows, boosting, tmp_path / "out", workers=1)
    before = files_of(tmp_path / "out")
    assert explain.batch(rows, boosting, tmp_path / "out", workers=1) == first
    assert files_of(tmp_path / "out") == before


def test_a_changed_input_is_refused_and_a_touched_one_is_not(tmp_path, rows, boosting):
    explain.batch(rows, boosting, tmp_path / "out", workers=1)
    os.utime(rows, (1, 1))
    explain.batch(rows, boosting, tmp_path / "out", workers=1)
    rows.write_text(rows.read_text().replace("C7\n", "C8\n"))
    with pytest.raises(WhysureError, match="The input '.*rows.csv' has changed since this batch was begun. Write to"):
        explain.batch(rows, boosting, tmp_path / "out", workers=1)


def test_another_model_and_other_options_are_refused(tmp_path, rows, boosting):
    explain.batch(rows, boosting, tmp_path / "out", workers=1)
    with pytest.raises(WhysureError, match="was begun with the model “histogram_boosting”. Write to another folder"):
        explain.batch(rows, explain.load_model(FIXTURES / "catboost"), tmp_path / "out", workers=1)
    with pytest.raises(WhysureError, match="was begun with --level 0.9, not 0.8"):
        explain.batch(rows, boosting, tmp_path / "out", workers=1, level=0.8)
    with pytest.raises(NotFoundError, match="is not there any more"):
        explain.batch(shutil.copy(rows, tmp_path / "b.csv"), boosting, tmp_path / "out", workers=1)


def test_a_folder_that_holds_something_else_is_refused(tmp_path, rows, boosting):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "letter.txt").write_text("Dear")
    with pytest.raises(WhysureError, match="holds something else"):
        explain.batch(rows, boosting, tmp_path / "out", workers=1)


def test_an_input_that_vanishes_is_one_sentence_and_the_batch_goes_on_when_it_is_back(tmp_path, boosting):
    source, away = tmp_path / "rows.parquet", tmp_path / "away"
    frame_of(boosting, 400).to_parquet(source)

    def vanish(done, total, doing):
        if doing == "Deciding" and done == 100:
            source.rename(away)

    with pytest.raises(NotFoundError, match="The input '.*rows.parquet' is not there: No such file"):
        run(source, boosting, tmp_path / "out", options(), workers=1, tell=vanish)
    with pytest.raises(NotFoundError, match="There is no file"):
        run(source, boosting, tmp_path / "out", options(), workers=1)
    away.rename(source)
    assert run(source, boosting, tmp_path / "out", options(), workers=1).rows == 400


def test_a_full_disk_is_one_sentence_and_the_batch_goes_on_when_there_is_room(tmp_path, rows, boosting, monkeypatch):
    whole = Path.write_bytes

    def full(path, content):
        if "part-00002.parquet" in path.name:
            whole(path, content[:100])
            raise OSError(28, "No space left on device")
        return whole(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(FullError, match="is full. What is done is kept: make room, and run the same command again"):
        run(rows, boosting, tmp_path / "out", options(), workers=1)
    assert not list((tmp_path / "out").rglob("*part-00002.parquet"))
    monkeypatch.undo()
    assert run(rows, boosting, tmp_path / "out", options(), workers=1).rows == 400


def test_two_batches_do_not_write_to_one_folder_at_once(tmp_path, rows, boosting):
    from explain.batches.lock import locked

    with locked(tmp_path / "out"), pytest.raises(WhysureError, match="Another batch is being written to"):
        run(rows, boosting, tmp_path / "out", options(), workers=1)
