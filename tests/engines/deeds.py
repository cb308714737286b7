"""Tasks that go wrong, where workers can import them."""

import os

from explain.errors import FullError


def die(_bench):
    os._exit(1)


def fill(_bench):
    raise FullError("The disk of 'out' is full.")
