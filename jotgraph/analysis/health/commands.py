"""The commands that findings recommend."""

from __future__ import annotations

import shlex

import msgspec


class Command(msgspec.Struct, frozen=True, gc=False):
    """A command, as it is typed and as it is meant."""

    text: str = ""
    """For a POSIX shell; empty where there is none to recommend."""
    name: str = ""
    """Of a command of jotgraph its first word, as ``scan``; empty for another program's."""
    arguments: tuple[tuple[str, ...], ...] = ()
    """Of a command of jotgraph what follows, unquoted: each name, and each option with its
    value."""

    def __bool__(self) -> bool:
        return bool(self.text)

    def __str__(self) -> str:
        return self.text


NO_COMMAND = Command()


def ours(name: str, *arguments: str | tuple[str, ...]) -> Command:
    """A command of jotgraph; an option that has a value is given together with it."""
    text, parts = f"jotgraph {name}", []
    for part in arguments:  # thousands of findings have one each: joining them costs twice as much
        words = (part,) if isinstance(part, str) else part
        for word in words:
            text += f" {shlex.quote(word)}"
        parts.append(words)
    return Command(text, name, tuple(parts))


def another(*words: str) -> Command:
    """A command of another program."""
    return Command(shlex.join(words))
