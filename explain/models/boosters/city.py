"""CityHash64, version 1, of texts up to 64 bytes: CatBoost knows categories by its lower half alone.

The algorithm is by Geoff Pike and Jyrki Alakuijala (Google, 2011), written anew here from its definition.
"""

from __future__ import annotations

from explain.errors import ModelError

LONGEST = 64
"""Bytes of a category's name; longer texts are hashed in another way, which no table of categories has needed."""
FULL = 2**64 - 1
K0, K1, K2, K3 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F, 0xC949D7C7509E6557
MIX = 0x9DDFEA08EB382D69


def category_hash(text: str) -> int:
    """The signed 32-bit number by which CatBoost knows a category; raises ModelError for a name over 64 bytes."""
    raw = text.encode()
    if len(raw) > LONGEST:
        raise ModelError(
            f"The category '{text[:40]}…' is longer than {LONGEST} bytes, which a CatBoost model cannot be matched to. "
            "Shorten the names of categories and train anew."
        )
    low = (_short(raw) if len(raw) <= 16 else _middle(raw) if len(raw) <= 32 else _long(raw)) & 0xFFFFFFFF
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
