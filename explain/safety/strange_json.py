"""JSON that came from outside: whatever is wrong with it is one kind of error."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

Json: TypeAlias = Any
"""A text, a number, a list, an object …: whoever reads it tells which it is."""


def read_json(content: str | bytes, each: Callable[[dict[str, Json]], object] | None = None) -> Json:
    """What a text, or its bytes, holds as JSON; what `each` makes of an object stands in its place.

    Raises ValueError for anything else: no text, no JSON (json.JSONDecodeError), whole numbers of thousands of digits,
    and lists within lists without end, for which the parser itself raises RecursionError.
    """
    try:
        return json.loads(content, object_hook=each)
    except (RecursionError, MemoryError) as error:
        raise ValueError("it nests without end") from error
