"""What a run is about, in words that give away no value: the same words are the same run, so they
hold everything that decides what is made."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from typing import Any

import msgspec

from jotgraph.sources.environment import machine_key

_DIGITS = 16


def told_apart(options: Any) -> str:
    """What tells options apart, and tells nobody what they are: variables and build arguments may
    be secrets, and a plain digest of a short one could be guessed."""
    return _keyed((msgspec.json.encode(options, order="sorted"),))


def content_told_apart(pieces: Iterable[bytes]) -> str:
    """The same of what is sent to a build, for what is in no commit."""
    return _keyed(pieces)


def _keyed(pieces: Iterable[bytes]) -> str:
    digest = hmac.new(machine_key(), digestmod="sha256")
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()[:_DIGITS]
