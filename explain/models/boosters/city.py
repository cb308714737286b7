"""CityHash64, version 1: CatBoost knows categories by its lower half alone.

The algorithm is by Geoff Pike and Jyrki Alakuijala (Google, 2011), written anew here from its definition.
"""

from __future__ import annotations

BLOCK = 64
"""Bytes; longer texts are hashed block by block."""
FULL = 2**64 - 1
K0, K1, K2, K3 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F, 0xC949D7C7509E6557
MIX = 0x9DDFEA08EB382D69


def category_hash(text: str) -> int:
    """The signed 32-bit number by which CatBoost knows a category."""
    raw = text.encode()
    sized = {16: _short, 32: _middle, BLOCK: _long}
    low = next((way for most, way in sized.items() if len(raw) <= most), _endless)(raw) & 0xFFFFFFFF
    return low - 2**32 if low >= 2**31 else low


def _word(raw: bytes, at: int, size: int = 8) -> int:
    return int.from_bytes(raw[at : at + size], "little")


def _turn(value: int, by: int) -> int:
    value &= FULL
    return (value >> by | value << (64 - by)) & FULL


def _fold(value: int) -> int:
    value &= FULL
    return value ^ value >> 47


def _pair(u: int, v: int) -> int:
    u, v = u & FULL, v & FULL
    first = _fold((u ^ v) * MIX)
    return _fold((v ^ first) * MIX) * MIX & FULL


def _short(raw: bytes) -> int:
    size = len(raw)
    if size > 8:
        last = _word(raw, size - 8)
        return _pair(_word(raw, 0), _turn(last + size, size)) ^ last
    if size >= 4:
        return _pair(size + (_word(raw, 0, 4) << 3), _word(raw, size - 4, 4))
    if size > 0:
        y = raw[0] + (raw[size >> 1] << 8)
        z = size + (raw[size - 1] << 2)
        return _fold(y * K2 ^ z * K3) * K2 & FULL
    return K2


def _middle(raw: bytes) -> int:
    size = len(raw)
    a, b = _word(raw, 0) * K1, _word(raw, 8)
    c, d = _word(raw, size - 8) * K2, _word(raw, size - 16) * K0
    return _pair(_turn(a - b, 43) + _turn(c, 30) + d, a + _turn(b ^ K3, 20) - c + size)


def _long(raw: bytes) -> int:
    size = len(raw)
    first, second = _half(
        _word(raw, 0) + (size + _word(raw, size - 16)) * K0, _word(raw, 24), _word(raw, 8), _word(raw, 16)
    )
    third, fourth = _half(
        _word(raw, 16) + _word(raw, size - 32), _word(raw, size - 8), _word(raw, size - 24), _word(raw, size - 16)
    )
    folded = _fold((first + fourth) * K2 + (third + second) * K0)
    return _fold(folded * K0 + second) * K2 & FULL


def _half(a: int, z: int, one: int, two: int) -> tuple[int, int]:
    b, c = _turn(a + z, 52), _turn(a, 37)
    a += one
    c += _turn(a, 7)
    a += two
    return a + z, b + _turn(a, 31) + c


def _endless(raw: bytes) -> int:
    """More than a block: the end first, then block by block."""
    size = len(raw)
    x, y, z = _word(raw, 0), _word(raw, size - 16) ^ K1, _word(raw, size - 56) ^ K0
    v, w = _seeded(raw, size - 64, size, y), _seeded(raw, size - 32, size * K1, K0)
    z += _fold(v[1]) * K1
    x, y = _turn(z + x, 39) * K1, _turn(y, 33) * K1
    for at in range(0, (size - 1) // BLOCK * BLOCK, BLOCK):
        x = _turn(x + y + v[0] + _word(raw, at + 16), 37) * K1 ^ w[1]
        y = _turn(y + v[1] + _word(raw, at + 48), 42) * K1 ^ v[0]
        z = _turn(z ^ w[0], 33)
        v, w = _seeded(raw, at, v[1] * K1, x + w[0]), _seeded(raw, at + 32, z + w[1], y)
        x, z = z, x
    return _pair(_pair(v[0], w[0]) + _fold(y) * K1 + z, _pair(v[1], w[1]) + x)


def _seeded(raw: bytes, at: int, a: int, b: int) -> tuple[int, int]:
    """Two hashes of 32 bytes from `at` on."""
    first, second, third, fourth = (_word(raw, at + place) for place in (0, 8, 16, 24))
    a += first
    b = _turn(b + a + fourth, 21)
    whole = a + second + third
    return (whole + fourth) & FULL, (b + _turn(whole, 44) + a) & FULL
