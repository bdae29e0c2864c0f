"""Enough digits to tell apart what one answer names."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from jotgraph.records import KINDS, ResourceId, hex_of, kind_of
from jotgraph.records.ids import SHORT, short

if TYPE_CHECKING:
    from rich.text import Text


def digits_for(shown: Iterable[tuple[str, str]]) -> int:
    """How many digits people are shown, of (words, digest) pairs: more than usual where two of
    the same words begin alike."""
    different, digits = {(words, short(digest, 64)) for words, digest in shown}, SHORT
    while len({(words, digest[:digits]) for words, digest in different}) < len(different):
        digits += 1
    return digits


def told_apart(
    named: Callable[[ResourceId], str], listed: Iterable[ResourceId | None]
) -> Callable[[ResourceId], str]:
    """Names of resources with as many digits as those that are listed need."""
    digests = [resource for resource in listed if resource and KINDS[kind_of(resource)].by_prefix]
    digits = digits_for((named(resource), hex_of(resource)) for resource in digests)

    def longer(resource: ResourceId) -> str:
        if not KINDS[kind_of(resource)].by_prefix:
            return named(resource)
        digest = hex_of(resource)
        return named(resource).replace(short(digest), short(digest, digits))

    return named if digits == SHORT else longer


def lengthened(words: Text, digests: Iterable[str], digits: int) -> Text:
    """Words in which digests stand shortened, with so many digits of each."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    if digits > SHORT:
        for digest in digests:
            words = Text(short(digest, digits)).join(words.split(short(digest), allow_blank=True))
    return words
