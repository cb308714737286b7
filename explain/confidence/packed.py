"""What a level is compared with, as plain arrays: so that a stored review can move its level, its model gone or not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from explain.types import Judged, Ranges, Residuals, Weights

if TYPE_CHECKING:
    from pathlib import Path

    from explain.types import Confidence, Floats


def past_file(confidence: Confidence) -> bytes:
    """The arrays behind `judged`, `ranges` and `weights` as a file; p-values have columns of `decisions`."""
    import io

    import numpy as np

    content: dict[str, Floats] = {}
    if confidence.judged is not None:
        content |= {"judged": confidence.judged.ordered, "judged.before": confidence.judged.before}
    if confidence.weights is not None:
        content |= {"weights.past": confidence.weights.past, "weights.rows": confidence.weights.rows}
    if confidence.ranges is not None:
        past = confidence.ranges.residuals
        content |= {"edges": past.edges, "difficulty": np.asarray(confidence.ranges.difficulty, dtype=np.float64)}
        if confidence.ranges.reach is not None:
            content |= {"reach.low": confidence.ranges.reach[0], "reach.high": confidence.ranges.reach[1]}
        for at, (ordered, before) in enumerate(zip(past.ordered, past.before, strict=True)):
            content |= {f"errors.{at}": ordered, f"errors.{at}.before": before}
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **content)
    return file.getvalue()


def with_past(confidence: Confidence, path: Path, predicted: Floats) -> Confidence:
    """A confidence with what `past_file` left in a file; without the file its level stays where it is."""
    import numpy as np

    if not path.exists():
        return replace(confidence, p_values=None)
    with np.load(path, allow_pickle=False) as arrays:
        content = {name: arrays[name] for name in arrays.files}
    weights = Weights(content["weights.past"], content["weights.rows"]) if "weights.past" in content else None
    judged = Judged(content["judged"], content["judged.before"]) if "judged" in content else None
    return replace(confidence, judged=judged, weights=weights, ranges=_ranges(content, weights, predicted))


def _ranges(content: dict[str, Floats], weights: Weights | None, predicted: Floats) -> Ranges | None:
    if "edges" not in content:
        return None
    bands = range(len(content["edges"]) + 1)
    past = Residuals(
        content["edges"],
        tuple(content[f"errors.{at}"] for at in bands),
        tuple(content[f"errors.{at}.before"] for at in bands),
    )
    size = content["difficulty"]
    found = past.on(predicted, size if size.ndim else float(size), None if weights is None else weights.rows)
    if "reach.low" not in content:
        return found
    return replace(found, reach=(content["reach.low"], content["reach.high"]))
