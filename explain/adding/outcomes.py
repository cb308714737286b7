"""Which outcome each score of a model is about: as said, as the file says, or as a question with a likely answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain import words
from explain.errors import ModelError
from explain.models.order import Order, likely_order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explain.types import Floats


@dataclass(frozen=True)
class Named:
    """The `outputs` in the order of the scores; `order` is how they fit past rows, None where there are none.

    `asks` is a question that a person has to answer first, "" for none.
    """

    outputs: tuple[str, ...]
    order: Order | None = None
    asks: str = ""


def name_outcomes(scores: Floats, known: Sequence[str | None], said: Sequence[str], in_file: Sequence[str]) -> Named:
    """Names for the scores (m, k) of rows with `known` outcomes (m,): those that a person `said`, or those `in_file`.

    Nothing is taken for granted of an order: where neither says, the one that past rows fit is asked about, and an
    order that they contradict is questioned. Raises ModelError where the names said are too many or too few, come
    twice, or are not those of the past rows.
    """
    count = scores.shape[1]
    if said and len(said) != count:
        raise ModelError(
            f"The model has {words.count(count, 'outcome')}, but {words.count(len(said), 'name')} came: "
            f"{words.listed(list(said))}."
        )
    if len(set(said)) < len(said):
        raise ModelError(f"An outcome was named twice: {words.listed(list(said))}. Each score has its own.")
    met = sorted({name for name in known if name is not None})
    numbered = tuple(str(at) for at in range(count))
    given = tuple(said) or (tuple(in_file) if len(in_file) == count else ())
    # of outcomes that are the numbers 0, 1, … the scores come in that order: libraries take no others
    given = given or (numbered if met and set(met) <= set(numbered) else ())
    if not given and len(met) != count:
        return Named(numbered, asks=_unnamed(count, met))
    outputs = given or tuple(met)
    strange = [name for name in met if name not in outputs]
    if strange:
        question = _strange(outputs, strange[0])
        if said:
            raise ModelError(question)
        return Named(outputs, asks=question)
    if not met:
        return Named(outputs)
    order = likely_order(scores, known, outputs)
    if not given:
        return Named(order.outcomes, order, _open(order))
    return Named(outputs, order, _contradicted(order, outputs) if order.other_fits_better else "")


def _strange(outputs: Sequence[str], name: str) -> str:
    return (
        f"The model's outcomes are {words.listed(list(outputs))}, but past rows hold “{name}”. Name the outcomes as "
        "the past rows do, in the order of the model's scores."
    )


def _unnamed(count: int, met: list[str]) -> str:
    text = f"The model has {words.count(count, 'outcome')} and its file does not name them"
    seen = f"; past rows hold {words.count(len(met), 'outcome')}" if met else ""
    return f"{text}{seen}. Name all of them in the order of the model's scores."


def _open(order: Order) -> str:
    return (
        "The file does not say which score belongs to which outcome. Past rows fit this order best: "
        f"{', '.join(order.outcomes)}. Confirm it, or name the outcomes in the order of the model's scores."
    )


def _contradicted(order: Order, outputs: Sequence[str]) -> str:
    return (
        f"The past rows speak against the order {', '.join(outputs)} (log loss {order.given_loss:.2f} a row): they fit "
        f"{', '.join(order.outcomes)} better ({order.loss:.2f}). Are the outcomes the right way round?"
    )
