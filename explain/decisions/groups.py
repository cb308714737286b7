"""Columns that people named as one group, shown as one: its share is the sum of its columns' shares."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from explain import words
from explain.types import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explain.decisions.decision import Reason
    from explain.types import Floats, Schema


def groups_of(schema: Schema) -> dict[str, list[int]]:
    """Groups of at least two columns, and the positions of these; in the schema's order."""
    counts = Counter(column.group for column in schema if column.group)
    found: dict[str, list[int]] = {}
    for at, column in enumerate(schema):
        if counts[column.group] > 1:
            found.setdefault(column.group, []).append(at)
    return found


def together(reasons: Sequence[Reason], schema: Schema) -> tuple[Reason, ...]:
    """The reasons of one row with each group as one, strongest first.

    A group's errors are the sums of its columns', which is the most that they can come to.
    """
    names = schema.names
    group_of = {names[at]: group for group, members in groups_of(schema).items() for at in members}
    found: dict[str, Reason] = {}
    counts = Counter(group_of.get(reason.column, "") for reason in reasons)
    for reason in reasons:
        group = group_of.get(reason.column)
        if group is None:
            found[f"column {reason.column}"] = reason
        elif group not in found:
            found[group] = replace(reason, column=group, title=group, value=words.count(counts[group], "column"))
        else:
            found[group] = _joined(found[group], reason)
    return tuple(sorted(found.values(), key=lambda reason: -abs(reason.contribution)))


def blocks(reasons: Sequence[Reason], schema: Schema, *, grouped: bool) -> list[tuple[str, list[str]]]:
    """Columns of one row in blocks, strongest first: those of a group under its title, single ones under "".

    Single columns that follow one another share a block.
    """
    names = schema.names
    members = {group: [names[at] for at in places] for group, places in groups_of(schema).items()} if grouped else {}
    order = [reason.column for reason in reasons]
    found: list[tuple[str, list[str]]] = []
    for reason in together(reasons, schema) if grouped else reasons:
        if reason.column in members:
            found.append((reason.column, sorted(members[reason.column], key=order.index)))
        elif found and not found[-1][0]:
            found[-1][1].append(reason.column)
        else:
            found.append(("", [reason.column]))
    return found


def _joined(group: Reason, reason: Reason) -> Reason:
    worst = [item for item in SEVERITIES if item in {group.severity, reason.severity}]
    return replace(
        group,
        contribution=group.contribution + reason.contribution,
        error=_sum(group.error, reason.error),
        background_error=_sum(group.background_error, reason.background_error),
        severity=worst[0] if worst else None,
    )


def _sum(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other


def parts_of(schema: Schema, *, grouped: bool) -> list[tuple[str, list[int]]]:
    """Titles of single columns and of groups, and the positions of their columns; all single unless `grouped`."""
    groups = groups_of(schema) if grouped else {}
    inside = {at for members in groups.values() for at in members}
    return [*((column.title, [at]) for at, column in enumerate(schema) if at not in inside), *groups.items()]


def totals(values: Floats, parts: Sequence[tuple[str, list[int]]]) -> Floats:
    """Shares (n, p) of columns -> those (n, g) of parts."""
    import numpy as np

    found = np.zeros((len(values), len(parts)))
    for place, (_, members) in enumerate(parts):
        found[:, place] = values[:, members].sum(axis=1)
    return found
