"""What an image starts: the words of its ENTRYPOINT and CMD that are safe to store."""

from __future__ import annotations

import re
from typing import TypeAlias

Words: TypeAlias = tuple[str, ...]
CUT = "…"
"""Stands for the words that are left out."""
_MOST = 8
_PLAIN = re.compile(r"[\w./:@+-]{1,200}")
"""Words that are stored: a path, a module, a handler or a short option; no ``NAME=value``, no shell
line."""


def kept_words(words: object) -> Words:
    """Return the words of a command up to the first that may hold a secret, then ``…``. The result
    is empty for anything but a list of texts."""
    if not isinstance(words, list):
        return ()
    kept: list[str] = []
    for word in words:
        if not isinstance(word, str) or not _PLAIN.fullmatch(word) or len(kept) == _MOST:
            return (*kept, CUT)
        kept.append(word)
        if word.startswith("--"):  # the next word may be its value
            return (*kept, CUT) if len(kept) < len(words) else tuple(kept)
    return tuple(kept)


def handler_words(entry_point: Words, command: Words) -> str:
    """Return the words that Lambda takes as the handler. That is CMD, which the runtime client in
    ENTRYPOINT receives; where CMD is missing or holds options only, ENTRYPOINT is included."""
    options = not command or command[0].startswith("-")
    return " ".join((*entry_point, *command) if options else command)
