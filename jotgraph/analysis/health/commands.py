"""Commands that findings recommend."""

from __future__ import annotations

import shlex

import msgspec


class Command(msgspec.Struct, frozen=True, gc=False):
    """A recommended command, as shell text and in parts."""

    text: str = ""
    """Text for a POSIX shell; empty when nothing is recommended."""
    name: str = ""
    """The subcommand of jotgraph, such as ``scan``; empty for another program."""
    arguments: tuple[tuple[str, ...], ...] = ()
    """The arguments of the subcommand, unquoted: names, and options with their values."""

    def __bool__(self) -> bool:
        return bool(self.text)

    def __str__(self) -> str:
        return self.text


NO_COMMAND = Command()


def ours(name: str, *arguments: str | tuple[str, ...]) -> Command:
    """Return a command of jotgraph; an option that takes a value is passed together with it."""
    text, parts = f"jotgraph {name}", []
    for part in arguments:  # thousands of findings have one each: joining them costs twice as much
        words = (part,) if isinstance(part, str) else part
        for word in words:
            text += f" {shlex.quote(word)}"
        parts.append(words)
    return Command(text, name, tuple(parts))


def another(*words: str) -> Command:
    """Return a command of another program."""
    return Command(shlex.join(words))
