"""Finds instructions that no builder accepts: unknown names, and wrong arguments.

The rules are those of BuildKit's parser (frontend/dockerfile: parser/line_parsers.go and
instructions/parse.go); a live test compares them with both builders of an engine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec


class InstructionFault(NamedTuple):
    """A fault of an instruction."""

    statement: str
    certain: bool = True
    """Whether no builder ever accepts it, rather than no present one."""


_FLAGS: Mapping[str, frozenset[str]] = {
    "FROM": frozenset({"platform"}),
    "RUN": frozenset({"mount", "network", "security", "device"}),
    "COPY": frozenset({"from", "chown", "chmod", "link", "parents", "exclude"}),
    "ADD": frozenset({"chown", "chmod", "link", "keep-git-dir", "checksum", "exclude", "unpack"}),
    "HEALTHCHECK": frozenset({"interval", "timeout", "start-period", "start-interval", "retries"}),
}
_QUOTES = "\"'"
_HERE = re.compile(r"<<-?[\"']?[A-Za-z_]")


def faults(name: str, flags: Sequence[str], arguments: str) -> Iterator[InstructionFault]:
    """Return the faults of an instruction (its name in capitals) whatever it builds on."""
    check = _CHECKS.get(name)
    if check is None:
        yield InstructionFault(f"{name[:40]} is not an instruction.")
        return
    for flag in flags:
        word = flag.removeprefix("--").partition("=")[0]
        if word and word not in _FLAGS.get(name, frozenset()):
            yield InstructionFault(f"{name} has no flag --{word[:40]}.", certain=name not in _FLAGS)
    statement = check(arguments)
    if statement:
        yield InstructionFault(
            statement, certain=name != "RUN"
        )  # the classic builder takes an empty one


def words(text: str) -> list[str]:
    """Split text at blanks outside of quotes and escapes."""
    parts: list[str] = []
    word: list[str] = []
    quote = ""
    escaped = False
    for character in text:
        if escaped or (character == "\\" and quote != "'"):
            escaped = not escaped
        elif quote:
            quote = "" if character == quote else quote
        elif character in _QUOTES:
            quote = character
        elif character.isspace():
            if word:
                parts.append("".join(word))
            word = []
            continue
        word.append(character)
    return [*parts, "".join(word)] if word else parts


def _json(text: str) -> list[str] | None:
    try:
        return msgspec.json.decode(text, type=list[str])
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return None


def _one(name: str) -> Callable[[str], str]:
    return lambda text: "" if text.strip() else f"{name} takes an argument, and has none."


def _pairs(name: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        arguments = words(text)
        if not arguments:
            return f"{name} takes NAME=VALUE, and has nothing."
        if "=" not in arguments[0]:
            return "" if len(arguments) > 1 else f"{name} {arguments[0][:40]} has no value."
        odd = next((word for word in arguments if "=" not in word), None)
        empty = any(word.startswith("=") for word in arguments)
        if empty:
            return f"{name} has a value without a name."
        return f"{name} has {odd[:40]}, which is not NAME=VALUE." if odd else ""

    return check


def _copy(name: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        count = len(_json(text) or text.split())
        few = count < 2 and not (count and _HERE.match(text))
        return f"{name} takes a source and a target, and has {count or 'nothing'}." if few else ""

    return check


def _argument(text: str) -> str:
    arguments = words(text)
    if not arguments:
        return "ARG takes a name, and has nothing."
    return "ARG has a value without a name." if any(w.startswith("=") for w in arguments) else ""


def _shell(text: str) -> str:
    return "" if _json(text) else "SHELL takes a JSON list of words."


def _health(text: str) -> str:
    word, _, rest = text.strip().partition(" ")
    match word.upper():
        case "NONE":
            return "HEALTHCHECK NONE takes no argument." if rest.strip() else ""
        case "CMD":
            return "" if rest.strip() else "HEALTHCHECK CMD takes a command, and has none."
        case _:
            return "HEALTHCHECK takes NONE, or CMD and a command."


def _onbuild(text: str) -> str:
    name = text.strip().partition(" ")[0].upper()
    if not name:
        return "ONBUILD takes an instruction, and has none."
    return f"ONBUILD takes no {name}." if name in ("ONBUILD", "FROM", "MAINTAINER") else ""


def _fits(_text: str) -> str:
    return ""


_CHECKS: Mapping[str, Callable[[str], str]] = {
    "ADD": _copy("ADD"),
    "ARG": _argument,
    "CMD": _fits,
    "COPY": _copy("COPY"),
    "ENTRYPOINT": _fits,
    "ENV": _pairs("ENV"),
    "EXPOSE": _one("EXPOSE"),
    "FROM": _fits,  # with what it names, where stages are made
    "HEALTHCHECK": _health,
    "LABEL": _pairs("LABEL"),
    "MAINTAINER": _one("MAINTAINER"),
    "ONBUILD": _onbuild,
    "RUN": _one("RUN"),
    "SHELL": _shell,
    "STOPSIGNAL": _one("STOPSIGNAL"),
    "USER": _one("USER"),
    "VOLUME": _one("VOLUME"),
    "WORKDIR": _one("WORKDIR"),
}
