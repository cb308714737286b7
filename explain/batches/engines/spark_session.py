"""A session of Spark, where this process has none yet."""

from __future__ import annotations

import os
import shutil
import sys

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from explain.errors import WhysureError
from explain.parallel import threads

TRIES = 4
"""How often a task is begun whose worker died, on one machine as on a cluster."""
QUIET = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.log.level": "ERROR"}
HERE = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}


def started(address: str, workers: int | None) -> SparkSession:
    """A session of the master at an address, or of this machine; raises WhysureError where there can be none."""
    if address.startswith("sc://"):
        raise WhysureError("Spark Connect cannot be joined. Expected the URL of a master, like spark://10.0.0.5:7077.")
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        raise WhysureError("Spark needs Java, which is not here. Install it with: apt-get install default-jre-headless")
    said = QUIET | ({"spark.cores.max": str(workers)} if workers else {})
    if not address or address.startswith("local"):
        said |= HERE
        # else its workers run whatever is called python3
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("whysure").master(address or f"local[{workers or threads()},{TRIES}]")
    try:
        return builder.config(map=said).getOrCreate()
    except (PySparkException, Py4JError) as error:
        raise WhysureError(
            f"Spark does not start with '{address or 'local'}': expected the URL of a master, like "
            "spark://10.0.0.5:7077, and Java 17 or newer."
        ) from error
