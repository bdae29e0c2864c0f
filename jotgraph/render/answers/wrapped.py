"""Text that wraps below itself, between words only, so that long names, digests and paths can be
copied."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions
    from rich.text import Text

_WORD = re.compile(r"\S+")
_LEAST = 20
"""The least width of a line, however narrow the terminal."""


class Wrapped(NamedTuple):
    """A text whose lines after the first are indented."""

    text: Text
    hang: int = 0

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> Iterator[Text]:
        for number, line in enumerate(wrapped(self.text, options.max_width, self.hang)):
            if number:
                line.pad_left(self.hang)
            line.no_wrap, line.overflow = True, "ignore"
            yield line


class Command(NamedTuple):
    """A command for a POSIX shell, on several lines that can be pasted."""

    words: str
    indent: int = 4

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> Iterator[Text]:
        from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

        room = max(options.max_width, _LEAST + self.indent) - len(" \\")
        line = " " * (self.indent - 1)
        for word in self.words.split(" "):
            if len(line) + len(word) >= room and line.strip():
                yield Text(f"{line} \\", no_wrap=True, overflow="ignore")
                line = " " * (self.indent + 1)
            line += f" {word}"
        yield Text(line, no_wrap=True, overflow="ignore")


def wrapped(text: Text, width: int, hang: int = 0) -> list[Text]:
    """Return the lines of a text: the first as wide as the terminal, the others narrower by the
    indentation."""
    plain = text.plain
    lines: list[Text] = []
    begin = end = 0
    room = max(width, _LEAST)
    for word in _WORD.finditer(plain):
        if word.end() - begin > room and end > begin:
            lines.append(text[begin:end])
            begin, room = word.start(), max(width - hang, _LEAST)
        end = word.end()
    return [*lines, text[begin:end]]
