"""People and their two roles: viewers look at reviews, analysts also bring tables and models and take them away."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.access.links import Links, OneDecision

Role: TypeAlias = Literal["viewer", "analyst"]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True)
class Person:
    """Someone who was let in; `name` is an e-mail address, or empty where a token says no more than the role.

    `session` tells sign-ins without a name from one another. `only` is the one decision that a link opens, for a viewer
    who is let in to nothing else.
    """

    role: Role
    name: str = ""
    session: str = field(default="", compare=False)
    only: OneDecision | None = None

    @property
    def owner(self) -> str:
        """Whose the things are that only this person is shown; empty where nobody can be told apart."""
        return f"name {self.name}" if self.name else f"session {self.session}" if self.session else ""


class Door(Protocol):
    """How people are told apart; `sign_in` is false where everyone is let in as an analyst.

    `links` are those that open one decision alone, None where a door knows no tokens.
    """

    sign_in: bool
    links: Links | None

    def who(self, cookies: Mapping[str, str], /) -> Person | None:
        """Whoever these cookies prove, if anyone."""


@dataclass(frozen=True)
class OpenDoor:
    """No sign-in: on loopback, or where `--open` was said."""

    sign_in: bool = False
    links: None = None

    def who(self, _cookies: Mapping[str, str], /) -> Person | None:
        """An analyst, whoever it is: all are one person here."""
        return Person("analyst", session="open")
