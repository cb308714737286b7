"""Clusters for the tests of engines: one of each kind, started once. They need what `make test-engines` installs."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
collect_ignore_glob = [] if all(map(find_spec, ("ray", "distributed", "pyspark"))) else ["test_*.py"]
RAY = """
import ray
print(ray.init(address="local", num_cpus=2, include_dashboard=False).address_info["gcs_address"], flush=True)
input()
"""
DASK = """
from distributed import LocalCluster
if __name__ == "__main__":
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    print(cluster.scheduler_address, flush=True)
    input()
"""


@pytest.fixture(scope="session", autouse=True)
def tests_are_found_by_workers():
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PYTHONPATH", str(ROOT))
        patched.setenv("RAY_USAGE_STATS_ENABLED", "0")
        # a secret of these tests alone: without one said, each cluster of Ray makes its own and lets nobody else in
        patched.setenv("RAY_AUTH_MODE", "token")
        patched.setenv("RAY_AUTH_TOKEN", "a-token-for-the-tests-of-the-engines")
        yield


def running(folder, code):
    """A cluster in a process of its own, which ends when nobody listens any more; gives its address."""
    script = folder / "cluster.py"
    script.write_text(code)
    with subprocess.Popen(
        [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ
    ) as process:
        yield process.stdout.readline().strip()
        process.communicate("\n", timeout=60)


@pytest.fixture(scope="session")
def ray_address(tmp_path_factory):
    yield from running(tmp_path_factory.mktemp("ray"), RAY)


@pytest.fixture(scope="session")
def dask_address(tmp_path_factory):
    yield from running(tmp_path_factory.mktemp("dask"), DASK)


@pytest.fixture
def address(request, engine):
    """Of the cluster of an engine; Spark's runs in a Java of its own."""
    return "local[2,4]" if engine == "spark" else request.getfixturevalue(f"{engine}_address")
