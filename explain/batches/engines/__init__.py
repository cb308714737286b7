"""Who does the tasks of a batch: processes of this machine, or the workers of Ray, Dask or Spark."""

from explain.batches.engines.engine import Crew, Engine

__all__ = ["Crew", "Engine"]
