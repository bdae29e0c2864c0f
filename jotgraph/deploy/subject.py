"""What identifies a run, without revealing values.

Equal texts are the same run, so they contain everything that decides what is created.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from typing import Any

import msgspec

from jotgraph.sources.environment import machine_key

_DIGITS = 16


def told_apart(options: Any) -> str:
    """Return a keyed hash of options. Variables and build arguments may be secrets, and a plain
    digest of a short one could be guessed."""
    return _keyed((msgspec.json.encode(options, order="sorted"),))


def content_told_apart(pieces: Iterable[bytes]) -> str:
    """Return a keyed hash of files in no commit that are sent to a build."""
    return _keyed(pieces)


def _keyed(pieces: Iterable[bytes]) -> str:
    digest = hmac.new(machine_key(), digestmod="sha256")
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()[:_DIGITS]
