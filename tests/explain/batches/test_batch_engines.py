"""What is said where an engine cannot be had; that engines write the same is tested in tests/engines."""

import sys

import pytest

import explain
from explain.commands.main import main
from explain.errors import WhysureError
from tests.conftest import FIXTURES


@pytest.fixture
def rows(tmp_path, boosting):
    path = tmp_path / "rows.parquet"
    boosting.reference.frame.head(60).to_parquet(path)
    return path


@pytest.mark.parametrize(("engine", "library"), [("Ray", "ray"), ("Dask", "distributed"), ("Spark", "pyspark")])
def test_an_engine_that_is_not_installed_says_how_to_install_it(tmp_path, rows, boosting, engine, library, monkeypatch):
    name, engine = engine, engine.lower()
    monkeypatch.setitem(sys.modules, library, None)
    for module in ("", "_session"):
        monkeypatch.delitem(sys.modules, f"explain.batches.engines.{engine}{module}", raising=False)
    with pytest.raises(WhysureError) as caught:
        explain.batch(rows, boosting, tmp_path / "out", engine=engine)
    assert f'{name} is not installed here. Install it with: pip install "whysure[{engine}]"' in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_an_engine_that_nobody_knows_and_an_address_without_one_are_refused(tmp_path, rows, boosting):
    with pytest.raises(WhysureError, match="There is no engine “flink”. Say one of: local, ray, dask, spark"):
        explain.batch(rows, boosting, tmp_path / "out", engine="flink")
    with pytest.raises(WhysureError, match="Only a cluster has an address. Say which runs there: --engine ray, dask"):
        explain.batch(rows, boosting, tmp_path / "out", address="tcp://10.0.0.5:8786")
    assert not (tmp_path / "out").exists()


def test_a_cluster_is_told_whole_paths(tmp_path, rows, boosting, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WhysureError, match="With --address, say whole paths: '/.*/out' where 'out' was said"):
        explain.batch(rows, boosting, "out", engine="dask", address="tcp://10.0.0.5:8786")


def test_the_command_takes_engine_and_address(tmp_path, rows, caplog):
    said = ["batch", str(rows), "--model", str(FIXTURES / "boosting"), "--out", str(tmp_path / "out"), "--workers", "1"]
    assert main([*said, "--address", "10.0.0.5:6379"]) == 1
    assert "Only a cluster has an address" in caplog.text
    assert main([*said, "--engine", "local"]) == 0
