"""The weights in Shapley values of leaves, in closed form and as points of a Gauss rule."""

from __future__ import annotations

from math import factorial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explain.types import Floats


def gauss_rules(players: int) -> Floats:
    """(players + 1, 2, g) points and weights of the Gauss-Legendre rule on [0, 1] that is exact for d players."""
    import numpy as np

    rules = np.zeros((players + 1, 2, max(1, (players + 1) // 2)))
    for d in range(1, players + 1):
        count = (d + 1) // 2
        points, weights = np.polynomial.legendre.leggauss(count)
        rules[d, :, :count] = (points + 1) / 2, weights / 2
    return rules


def laws(players: int) -> Floats:
    """(2, d + 1, d + 1) Shapley weights of a player for p that only the row and q that only the background satisfies.

    The first are those of the row's players, (p-1)! q! / (p+q)!, the second of the background's, p! (q-1)! / (p+q)!.
    """
    import numpy as np

    found = np.zeros((2, players + 1, players + 1))
    for p in range(players + 1):
        for q in range(players + 1 - p):
            if p:
                found[0, p, q] = factorial(p - 1) * factorial(q) / factorial(p + q)
            if q:
                found[1, p, q] = factorial(p) * factorial(q - 1) / factorial(p + q)
    return found


def pair_laws(players: int) -> Floats:
    """(3, d + 1, d + 1) Shapley interaction weights of a pair, by how many of the two only the background satisfies.

    With p players that only the row satisfies and q that only the background does (the pair among them) these are
    (p-2)! q! / (p+q-1)!, -(p-1)! (q-1)! / (p+q-1)! and p! (q-2)! / (p+q-1)!: integrals over [0, 1] of the second
    derivatives of t^p (1-t)^q (Grabisch and Roubens 1999).
    """
    import numpy as np

    found = np.zeros((3, players + 1, players + 1))
    for p in range(players + 1):
        for q in range(players + 1 - p):
            if p + q < 2:
                continue
            whole = factorial(p + q - 1)
            if p >= 2:
                found[0, p, q] = factorial(p - 2) * factorial(q) / whole
            if p and q:
                found[1, p, q] = -factorial(p - 1) * factorial(q - 1) / whole
            if q >= 2:
                found[2, p, q] = factorial(p) * factorial(q - 2) / whole
    return found
