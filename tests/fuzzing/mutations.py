"""Well-formed bytes, spoiled: cut, doubled, spliced, flipped, nested, with odd numbers in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from random import Random

ODD = (
    b"", b"\0", b"\n", b"\r\n", b"\xff\xfe", b"\xed\xa0\x80", "\u202e".encode(), b"\x1b[2J",
    b"null", b"true", b"{}", b"[]", b"[" * 300, b"{\"a\":" * 300, b"-1", b"1e999",
    b"99999999999999999999999999", b"\"\\ud800\"", b"../../etc/passwd", b"%s%n",
    b"=cmd|' /C calc'!A0",
    b"NaN", b"\x1f\x8b", b"(\xb5/\xfd", b"PK\x05\x06", b"9" * 5000,
)  # fmt: skip
"""Pieces that parsers trip over."""


def mutated(seeds: Sequence[bytes], number: int, seed: int = 0) -> Iterator[bytes]:
    """So many inputs made from the seeds; the same for the same ``seed``."""
    rng = Random(seed)
    for _ in range(number):
        data = rng.choice(seeds)
        for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
            data = _once(data, seeds, rng)
        yield data


def _once(data: bytes, seeds: Sequence[bytes], rng: Random) -> bytes:
    start, end = sorted(rng.randrange(len(data) + 1) for _ in range(2))
    match rng.randrange(8):
        case 0:  # cut off
            return data[:start]
        case 1:  # a part left out
            return data[:start] + data[end:]
        case 2:  # a part twice
            return data[:end] + data[start:end] + data[end:]
        case 3:  # bits turned
            place = bytearray(data)
            for at in [rng.randrange(len(data)) for _ in range(min(4, len(data)))]:
                place[at] ^= 1 << rng.randrange(8)
            return bytes(place)
        case 4:  # something odd put in
            return data[:start] + rng.choice(ODD) + data[start:]
        case 5:  # a part taken by something odd
            return data[:start] + rng.choice(ODD) + data[min(end, start + 40) :]
        case 6:  # the beginning of one, the end of another
            other = rng.choice(seeds)
            return data[:start] + other[rng.randrange(len(other) + 1) :]
        case _:  # a value of JSON taken by another
            return _value(data, rng)


def _value(data: bytes, rng: Random) -> bytes:
    marks = [match.start() for match in re.finditer(b"[:,]", data)]
    if not marks:
        return data[::-1]
    at = rng.choice(marks) + 1
    end = min(
        (data.find(mark, at) for mark in (b",", b"}", b"]") if data.find(mark, at) > 0), default=at
    )
    return data[:at] + rng.choice(ODD) + data[end:]
