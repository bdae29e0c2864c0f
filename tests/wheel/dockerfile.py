"""The Dockerfile's instructions, as a test reads them."""

from __future__ import annotations

import re
from typing import NamedTuple

from tests.wheel.installed import ROOT


class Instruction(NamedTuple):
    """One instruction, its continued lines joined as a shell joins them."""

    word: str
    text: str


def instructions() -> list[Instruction]:
    """Every instruction of the Dockerfile, without comments."""
    lines = (ROOT / "Dockerfile").read_text().splitlines(keepends=True)
    text = "".join(line for line in lines if not line.lstrip().startswith("#"))
    found = []
    for line in text.replace("\\\n", "").splitlines():
        if line.strip():
            word, _, rest = line.partition(" ")
            found.append(Instruction(word, rest.strip()))
    return found


def of(word: str) -> list[str]:
    """The texts of all instructions of one sort."""
    return [instruction.text for instruction in instructions() if instruction.word == word]


def copied() -> list[str]:
    """Paths of this repository that go into the image."""
    paths: list[str] = []
    for text in of("COPY"):
        if not text.startswith("--from="):
            *sources, _ = text.split()
            paths += sources
    return paths


def ignored() -> list[str]:
    """The lines of .dockerignore."""
    return [line for line in (ROOT / ".dockerignore").read_text().split() if line]


def pinned(base: str) -> bool:
    """Whether a base image is named by a version, and not by what moves under a name."""
    return bool(re.fullmatch(r"[a-z]+:\d+\.\d+-[a-z-]+", base))
