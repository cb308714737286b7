"""JSON that came from outside: whatever is wrong with it is one kind of error."""

from __future__ import annotations

import json
from typing import Any


def read_json(content: str | bytes) -> Any:  # noqa: ANN401 - JSON may be anything
    """What a text, or its bytes, holds as JSON.

    Raises ValueError for anything else: no text, no JSON (json.JSONDecodeError), whole numbers of thousands of digits,
    and lists within lists without end, for which the parser itself raises RecursionError.
    """
    try:
        return json.loads(content)
    except (RecursionError, MemoryError) as error:
        raise ValueError("it nests without end") from error
