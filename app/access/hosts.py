"""Names under which the app answers where nobody signs in.

A page from elsewhere can give its own name the address of this machine (DNS rebinding) and then read the app as if it
were its own. With a sign-in that gains nothing, as cookies belong to a name; without one, unknown names are refused.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass

LOCAL = "localhost"


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a server that listens there."""
    if host.casefold() == LOCAL:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_everywhere(host: str) -> bool:
    """Whether a server that listens there is reached at each address of this machine, so that this is none of them."""
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def name_in(header: str) -> str:
    """The name in a Host header, without its port: "[::1]:8501" gives "::1"."""
    text = header.strip().casefold()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0].rstrip(".")


@dataclass(frozen=True)
class Names:
    """The names of this machine: its own, and those given with `--name`."""

    given: tuple[str, ...] = ()

    def knows(self, header: str) -> bool:
        """Whether a Host header is one of them; numbers always are, as no stranger can own them."""
        name = name_in(header)
        try:
            ipaddress.ip_address(name)
        except ValueError:
            own = socket.gethostname().casefold()
            known = {LOCAL, own, own.partition(".")[0], *(item.casefold() for item in self.given)}
            return name in known or name.endswith(f".{LOCAL}")
        return True
