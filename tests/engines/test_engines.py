"""Any engine writes what `local` writes, to the byte, and goes on where another ended."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

import explain
from explain.batches.engines import Crew, Engine
from explain.batches.plan import Options, Plan
from explain.batches.run import run
from explain.errors import CancelledError, FullError, WhysureError
from tests.conftest import FIXTURES, package
from tests.engines.deeds import die, fill, which
from tests.explain.batches.test_batch_cuts import rows_of

# what Ray, Dask and Spark warn of is theirs to mend
pytestmark = pytest.mark.filterwarnings("default")
ENGINES = ["ray", "dask", "spark"]
FILES = 2 * 6 + 1 + 1 + 4
"""Of a batch of six parts: decisions and warnings of each, those about columns, lines rejected, and four that tell."""
SIZES = [50_000, 100]
"""Rows up to which the table of 230 is judged whole: it is, and it is not."""
SCRIPT = """
import sys
import explain
_, source, model, out = sys.argv
explain.batch([source], explain.load_model(model), out, engine="dask", workers=2, rows_per_part=60)
"""
"""Nothing keeps it from being run again where it is imported, as in the first script that somebody writes."""


def files_of(out):
    kept = (path for path in out.rglob("*") if path.is_file() and path.name != ".lock")
    return {str(path.relative_to(out)): path.read_bytes() for path in kept}


def children():
    return {child.pid: child.name() for child in psutil.Process().children(recursive=True)}


def options(judged_whole=100):
    return Options(rows_per_part=60, judged_whole=judged_whole)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("inputs")
    rows = rows_of(package("histogram_boosting"))
    rows.iloc[:90].to_parquet(folder / "a.parquet", row_group_size=40)
    rows.iloc[90:160].to_csv(folder / "b.csv", index=False)
    (folder / "c.csv").write_text(rows.iloc[160:].to_csv(index=False) + "1,2\n")
    return [folder / name for name in ("a.parquet", "b.csv", "c.csv")]


@pytest.fixture(scope="module")
def by_local(inputs, tmp_path_factory):
    """What `local` writes, by how many rows are judged whole."""
    found = {}
    for size in SIZES:
        out = tmp_path_factory.mktemp("local") / "out"
        run(inputs, package("histogram_boosting"), out, options(size), workers=1)
        found[size] = files_of(out)
    assert all(len(files) == FILES for files in found.values())
    return found


@pytest.mark.parametrize("judged_whole", SIZES)
@pytest.mark.parametrize("engine", ENGINES)
def test_workers_of_a_cluster_write_the_same_bytes(tmp_path, inputs, by_local, engine, address, judged_whole):
    boosting = package("histogram_boosting")
    done = run(inputs, boosting, tmp_path / "out", options(judged_whole), engine=Engine(engine, address))
    assert (done.rows, done.rejected) == (230, 1)
    assert files_of(tmp_path / "out") == by_local[judged_whole]


@pytest.mark.parametrize("engine", ENGINES)
def test_processes_of_this_machine_write_the_same_bytes_and_are_gone_after(boosting, inputs, engine, monkeypatch):
    monkeypatch.chdir(inputs[0].parent)
    names = [path.name for path in inputs]
    before = children()
    for out, said in {"local": {"workers": 1}, engine: {"workers": 2, "engine": engine}}.items():
        explain.batch(names, boosting, out, rows_per_part=60, **said)
    assert files_of(Path(engine)) == files_of(Path("local"))
    assert len(files_of(Path(engine))) == FILES
    # the Java of a session that ended waits for the next one
    assert {name for pid, name in children().items() if pid not in before} <= {"java"}


@pytest.mark.parametrize(("engine", "then"), [("ray", "dask"), ("dask", "spark"), ("spark", "local")])
def test_what_one_engine_left_another_goes_on_with(tmp_path, inputs, by_local, engine, then, request):
    boosting = package("histogram_boosting")

    def stop(done, total, doing):
        if doing == "Deciding" and done >= 60:
            raise CancelledError("Cancelled.")

    out, at = tmp_path / "out", request.getfixturevalue("address")
    with pytest.raises(CancelledError, match="Cancelled"):
        run(inputs, boosting, out, options(), engine=Engine(engine, at), tell=stop)
    before = {path: path.stat().st_mtime_ns for path in (out / "decisions").glob("part-*")}
    assert before
    address = request.getfixturevalue("dask_address") if then == "dask" else ""
    assert run(inputs, boosting, out, options(), workers=2, engine=Engine(then, address)).rows == 230
    assert all(path.stat().st_mtime_ns == at for path, at in before.items())
    assert files_of(out) == by_local[100]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_bench_is_made_once_a_worker_and_not_once_a_task(tmp_path, boosting, engine, address):
    benches = set()
    with Crew(Engine(engine, address), None) as crew:
        crew.work_on([which] * 24, Plan(boosting, (), (), options(), tmp_path), None, benches.add)
    assert 1 <= len(benches) <= 2


@pytest.mark.parametrize("engine", ENGINES)
def test_a_worker_that_dies_again_and_again_is_one_sentence_and_so_is_what_a_task_met(tmp_path, boosting, engine):
    plan = Plan(boosting, (), (), options(), tmp_path)
    with Crew(Engine(engine), 1) as crew:
        with pytest.raises(FullError, match="The disk of 'out' is full"):
            crew.work_on([fill] * 3, plan, None, print)
        with pytest.raises(
            WhysureError, match="A process of the batch was ended from outside, perhaps for want of mem"
        ):
            crew.work_on([die] * 2, plan, None, print)


def test_workers_of_dask_do_not_run_the_script_that_called(tmp_path, inputs):
    (tmp_path / "go.py").write_text(SCRIPT)
    command = [sys.executable, str(tmp_path / "go.py"), str(inputs[0]), str(FIXTURES / "histogram_boosting")]
    subprocess.run([*command, str(tmp_path / "out")], check=True, timeout=120)
    assert (tmp_path / "out" / "summary.json").exists()


@pytest.mark.parametrize(("engine", "address"), [("dask", "tcp://127.0.0.1:9"), ("spark", "sc://127.0.0.1")])
def test_where_nobody_answers_a_sentence_says_what_was_expected(
    tmp_path, boosting, inputs, engine, address, monkeypatch
):
    monkeypatch.setattr("explain.batches.engines.dask.PATIENCE", 2)
    with pytest.raises(WhysureError, match="Expected (an address like tcp|the URL of a master)"):
        run(inputs, boosting, tmp_path / "out", options(), engine=Engine(engine, address))
