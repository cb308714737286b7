"""From margins to scores, as scikit-learn's models take the last step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain.models.boosters.forest import MOST_OUTPUTS
from explain.models.scikit.cells import CONVERT

if TYPE_CHECKING:
    from explain.models.scikit.cells import Writer
    from explain.models.scikit.thing import Thing


def logistic(writer: Writer, margins: str) -> str:
    """Log-odds (n, 1) of the second of two outcomes -> (n, 2)."""
    return writer.graph.two(writer.graph.add("Sigmoid", margins))


def softmax(writer: Writer, margins: str) -> str:
    """One margin an outcome (n, k) -> (n, k)."""
    return writer.graph.add("Softmax", margins, axis=1)


def likelihoods(writer: Writer, margins: str, outcomes: int) -> str:
    """Log-odds (n, 1) of the second of two outcomes, or one margin each of more, -> (n, k)."""
    return logistic(writer, margins) if outcomes == 2 else softmax(writer, margins)


def shares(writer: Writer, weights: str, outcomes: int) -> str:
    """(n, k) of no sign -> each row by its sum; all the same where that is 0."""
    graph = writer.graph
    total = graph.add("ReduceSum", weights, graph.array([1], "int64"), keepdims=1)
    none = graph.add("Equal", total, graph.number(0.0))
    divided = graph.add("Div", weights, graph.add("Where", none, graph.number(1.0), total))
    return graph.add("Where", none, graph.number(1.0 / outcomes), divided)


def one_against_all(writer: Writer, margins: str, outcomes: int) -> str:
    """A logistic of each margin (n, k), then their shares; of two outcomes there is one margin (n, 1)."""
    if outcomes == 2:
        return logistic(writer, margins)
    return shares(writer, writer.graph.add("Sigmoid", margins), outcomes)


def outcomes_of(thing: Thing) -> int:
    """How many outcomes a classifier tells apart; raises ModelError for one, or several targets."""
    count = len(thing.classes())
    if count > MOST_OUTPUTS:
        raise thing.refused(f"tells {count:,} outcomes apart", f"At most {MOST_OUTPUTS:,} are taken.")
    if count < 2 or any(text.startswith("[") for text in thing.classes()):
        raise thing.refused("tells no outcomes apart, or several targets at once", "Bring a model of one target.")
    return count


def one_target(thing: Thing) -> None:
    """Raise ModelError for a model of several targets."""
    if thing.has("n_outputs_") and thing.get("n_outputs_") != 1:
        raise thing.refused("predicts several targets at once", "Bring a model of one target. " + CONVERT)
