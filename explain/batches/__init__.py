"""Tables beyond memory: files in, decisions out, part by part, the same for any cut and after any interruption."""

from explain.batches.run import Batch, batch

__all__ = ["Batch", "batch"]
