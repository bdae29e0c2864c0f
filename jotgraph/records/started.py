"""What an image starts, by its ENTRYPOINT and CMD: the words of them that are kept."""

from __future__ import annotations

import re
from typing import TypeAlias

Words: TypeAlias = tuple[str, ...]
CUT = "…"
"""Stands for words that are not kept."""
_MOST = 8
_PLAIN = re.compile(r"[\w./:@+-]{1,200}")
"""A path, a module, a handler or a short option: no ``NAME=value``, no line of a shell."""


def kept_words(words: object) -> Words:
    """The words of a command up to the first that may hold a secret; ``…`` stands for the rest.
    What is no list of texts has none."""
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
    """What Lambda calls the handler: CMD, which the runtime client in ENTRYPOINT takes; where that
    is nothing or options, with the program itself."""
    options = not command or command[0].startswith("-")
    return " ".join((*entry_point, *command) if options else command)
