"""Parses a Dockerfile into instructions with their lines, and stages. Pure and bounded.

It supports parser directives, the escape character, continued lines, comments between them and here
documents, as in docs.docker.com/reference/dockerfile. No library on PyPI parses here documents
without a compiler: dockerfile-parse lacks them, dockerfile is built with Go.
``content.history.dockerfile`` reads other facts, of Dockerfiles of any age, without lines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from jotgraph.deploy.validation import instructions

LONGEST = 1 << 18
"""The largest Dockerfile that is read, in bytes."""
_DIRECTIVE = re.compile(r"#\s*(\w+)\s*=\s*(.*?)\s*")
_HERE = re.compile(r"(?:^|(?<=\s))\d*<<(-?)([\"']?)([A-Za-z_][\w.-]*)\2(?=\s|$|[;|&>)])")
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?:(:?[-+])([^{}$]*))?\})")
_NAME = re.compile(r"[a-z][a-z0-9_.-]*")
_PAIR = re.compile(r"(\w+)(?:=(\"[^\"]*\"|'[^']*'|\S*))?")
_LONGEST_VALUE = 4096
_MOST = 2000
"""The most instructions that are read."""


class Instruction(msgspec.Struct, frozen=True):
    """One instruction, with its continued lines joined."""

    line: int
    name: str
    """In capitals."""
    rest: str

    @property
    def flags(self) -> tuple[str, ...]:
        """Return the leading words that begin with ``--``."""
        words = self.rest.split()
        return tuple(words[: len(words) - len(self.arguments.split())])

    @property
    def arguments(self) -> str:
        """Return what follows the flags."""
        return re.sub(r"^(?:--\S+\s*)*", "", self.rest)

    @property
    def exec_form(self) -> tuple[str, ...] | None:
        """Return the words of a JSON list; None for a shell command."""
        try:
            return msgspec.json.decode(self.arguments, type=tuple[str, ...])
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            return None


class BuildStage(msgspec.Struct, frozen=True):
    """One stage, from its ``FROM``."""

    line: int
    written: str
    image: str | None
    """``written`` with the defaults of its variables; None if one has no default."""
    parent: int | None
    """The earlier stage that it continues."""
    name: str
    platform: str
    steps: tuple[Instruction, ...]


class DockerfileFault(msgspec.Struct, frozen=True):
    """A construct that no builder accepts."""

    line: int
    statement: str
    certain: bool = True
    """Whether no builder ever accepts it, rather than no present one."""


class Dockerfile(msgspec.Struct, frozen=True):
    """A parsed Dockerfile."""

    stages: tuple[BuildStage, ...]
    frontend: str
    """The value of its ``syntax`` directive."""
    faults: tuple[DockerfileFault, ...]


def parse(data: bytes) -> Dockerfile:
    """Parse a Dockerfile, whatever its bytes."""
    text = data.decode("utf-8", "replace").removeprefix("\ufeff")
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    directives, start = _directives(lines)
    escape = directives.get("escape", "\\")
    read, faults = _instructions(lines, start, "`" if escape == "`" else "\\")
    stages, more = _stages(read)
    doubtful = min((fault.line for fault in faults), default=len(lines) + 1)
    more += [
        DockerfileFault(step.line, fault.statement, fault.certain)
        for step in read
        if step.line <= doubtful  # a here document without an end may hold the rest
        for fault in instructions.faults(step.name, step.flags, step.arguments)
    ]
    return Dockerfile(stages, directives.get("syntax", ""), (*faults, *more))


def _directives(lines: Sequence[str]) -> tuple[Mapping[str, str], int]:
    directives: dict[str, str] = {}
    for number, line in enumerate(lines):
        match = _DIRECTIVE.fullmatch(line.strip())
        name = match[1].lower() if match else ""
        if match is None or name in directives or name not in ("syntax", "escape", "check"):
            return directives, number
        directives[name] = match[2]
    return directives, len(lines)


def _instructions(
    lines: Sequence[str], start: int, escape: str
) -> tuple[list[Instruction], list[DockerfileFault]]:
    read: list[Instruction] = []
    faults: list[DockerfileFault] = []
    last_at = {line: number for number, line in enumerate(lines)}
    last_bare = {line.lstrip("\t"): number for number, line in enumerate(lines)}
    at = start
    while at < len(lines):
        if len(read) == _MOST:
            faults.append(
                DockerfileFault(at + 1, f"What follows {_MOST:,} instructions is not read.", False)
            )
            break
        if not lines[at].strip() or lines[at].lstrip().startswith("#"):
            at += 1
            continue
        first = at
        text, at = _joined(lines, at, escape)
        name, _, rest = text.strip().partition(" ")
        instruction = Instruction(first + 1, name.upper(), rest.strip())
        if instruction.name in ("RUN", "COPY", "ADD"):
            at, lost = _after_documents(lines, at, instruction.rest, last_at, last_bare)
            faults += [
                DockerfileFault(first + 1, f"The here document {word} does not end.", certain=False)
                for word in lost
            ]
        read.append(instruction)
    return read, faults


def _joined(lines: Sequence[str], at: int, escape: str) -> tuple[str, int]:
    """One instruction as one line, and the start of the next."""
    parts: list[str] = []
    while at < len(lines):
        line = lines[at]
        at += 1
        if parts and (not line.strip() or line.lstrip().startswith("#")):
            continue
        bare = line.rstrip(" \t")
        parts.append(bare.removesuffix(escape).replace("\t", " "))
        if not bare.endswith(escape):
            break
    return "".join(parts), at


def _after_documents(
    lines: Sequence[str],
    at: int,
    text: str,
    last_at: Mapping[str, int],
    last_bare: Mapping[str, int],
) -> tuple[int, list[str]]:
    """The line after the here documents of an instruction, and those without an end. The last
    occurrence of each terminator is known, so that no search is in vain."""
    double = single = seen = 0
    for match in _HERE.finditer(text):
        double += text.count('"', seen, match.start())
        single += text.count("'", seen, match.start())
        seen = match.start()
        if double % 2 or single % 2:
            continue  # in quotes it opens nothing
        if (last_bare if match[1] else last_at).get(match[3], -1) < at:
            return at, [match[3]]
        end = at
        while (
            end < len(lines) and (lines[end].lstrip("\t") if match[1] else lines[end]) != match[3]
        ):
            end += 1
        at = end + 1
    return at, []


def _stages(read: Sequence[Instruction]) -> tuple[tuple[BuildStage, ...], list[DockerfileFault]]:
    starts = [number for number, step in enumerate(read) if step.name == "FROM"]
    if not starts:
        return (), [DockerfileFault(1, "There is no FROM.")]
    faults = [
        DockerfileFault(
            step.line, f"{step.name[:40]} stands before the first FROM, where only ARG may."
        )
        for step in read[: starts[0]]
        if step.name != "ARG"
    ]
    values = defaults(read[: starts[0]])
    stages: list[BuildStage] = []
    for start, end in zip(starts, [*starts[1:], len(read)], strict=True):
        words = read[start].arguments.split()
        if len(words) not in (1, 3) or (len(words) == 3 and words[1].upper() != "AS"):
            faults.append(DockerfileFault(read[start].line, "FROM takes IMAGE, or IMAGE AS NAME."))
            words = words[:1] or [""]
        if len(words) == 3 and not _NAME.fullmatch(words[2].lower()):
            faults.append(
                DockerfileFault(read[start].line, f"{words[2][:40]} cannot be a stage's name.")
            )
        image = expanded(words[0], values)
        names = [stage.name for stage in stages]
        known = image is not None and image.lower() in names and image != ""
        stages.append(
            BuildStage(
                line=read[start].line,
                written=words[0],
                image=image,
                parent=len(names) - 1 - names[::-1].index(str(image).lower()) if known else None,
                name=words[2].lower() if len(words) == 3 else "",
                platform=_flag(read[start], "--platform="),
                steps=tuple(read[start + 1 : end]),
            )
        )
    return tuple(stages), faults


def _flag(step: Instruction, name: str) -> str:
    return next((flag.removeprefix(name) for flag in step.flags if flag.startswith(name)), "")


def defaults(steps: Sequence[Instruction]) -> Mapping[str, str]:
    """Return the defaults that ``ARG`` gives, without ``--build-arg``."""
    values: dict[str, str] = {}
    for step in steps:
        for name, value in _PAIR.findall(step.rest) if step.name == "ARG" else ():
            whole = expanded(value.strip("\"'"), values)
            if whole:
                values[name] = whole
    return values


def expanded(text: str, values: Mapping[str, str]) -> str | None:
    """Replace the variables in a text; None if one has no value."""
    parts: list[str] = []
    end = 0
    for match in _VARIABLE.finditer(text):
        name, how, word = match[1] or match[2], match[3] or "", match[4] or ""
        value = values.get(name)
        if how.endswith("-"):
            value = value or word
        elif how.endswith("+"):
            value = word if value else ""
        if value is None:
            return None
        parts += [text[end : match.start()], value]
        end = match.end()
    whole = "".join((*parts, text[end:]))
    return None if "$" in whole or len(whole) > _LONGEST_VALUE else whole


def lineage(file: Dockerfile) -> tuple[BuildStage, ...]:
    """Return the stages that the last one builds on, the base first."""
    below: list[BuildStage] = []
    at: int | None = len(file.stages) - 1 if file.stages else None
    while at is not None:
        below.append(file.stages[at])
        at = file.stages[at].parent
    return tuple(reversed(below))
