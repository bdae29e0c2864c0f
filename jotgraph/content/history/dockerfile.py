"""Finds the Dockerfile of an image by the instructions in its history, and the build's other
inputs. Pure.

History keeps the words of ``COPY``, ``ADD`` and ``RUN`` (BuildKit: ``COPY a /b # buildkit``; the
classic builder: ``COPY dir:<sha256> in /b``, ``/bin/sh -c pip install``), and only those of the
last stage.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from posixpath import normpath

import msgspec

from jotgraph.content.directories import DirectoryMap, join, relative, under

_NAME = re.compile(r"(dockerfile|containerfile)([._-].*)?|.*\.(dockerfile|containerfile)", re.I)
_WORD = re.compile(r"[^\s\"',\[\]]+")


class FileInstruction(msgspec.Struct, frozen=True):
    """A ``COPY``, ``ADD`` or ``RUN`` of a Dockerfile."""

    name: str
    words: tuple[str, ...]
    """The arguments without flags; the last one of a copy is the target, as an absolute path."""
    last: bool
    """Whether it is in the last stage, so that its result is in the image."""


def is_dockerfile(path: str) -> bool:
    """Return whether a file name is that of a Dockerfile."""
    name = path.rpartition("/")[2]
    return _NAME.fullmatch(name) is not None and not name.endswith(".dockerignore")


def instructions(text: bytes) -> tuple[FileInstruction, ...]:
    """Return what a Dockerfile copies from its context and runs; ``COPY --from`` copies from
    elsewhere."""
    read: list[tuple[int, str, tuple[str, ...]]] = []
    stage, workdir = 0, "/"
    for line in _lines(text):
        name, _, rest = line.partition(" ")
        words = tuple(_WORD.findall(rest))
        match name.upper():
            case "FROM":
                stage, workdir = stage + 1, "/"
            case "WORKDIR" if words:
                workdir = _absolute(words[0], workdir)
            case "COPY" | "ADD" as copy if not any(w.startswith("--from=") for w in words):
                paths = tuple(word for word in words if not word.startswith("--"))
                if len(paths) > 1:
                    read.append((stage, copy, (*paths[:-1], _absolute(paths[-1], workdir))))
            case "RUN":
                paths = tuple(word for word in words if not word.startswith("--"))
                read.append((stage, "RUN", paths))
            case _:
                pass
    return tuple(FileInstruction(name, words, at == stage) for at, name, words in read)


def _lines(text: bytes) -> list[str]:
    lines = text.decode("utf-8", "replace").splitlines()
    uncommented = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    return [
        line.strip()
        for line in re.sub(r"\\[ \t]*\n", " ", uncommented).splitlines()
        if line.strip()
    ]


def _absolute(path: str, workdir: str) -> str:
    return normpath(path if path.startswith("/") else f"{workdir}/{path}")


def repeated(steps: Sequence[FileInstruction], history: Sequence[str]) -> int:
    """Return how many instructions of the last stage occur in an image's history."""
    lines = [" ".join(_WORD.findall(line.split(" # buildkit")[0])) for line in history]
    copies = [copied(line) for line in lines if line.startswith(("COPY ", "ADD "))]
    runs = [line for line in lines if not line.startswith(("COPY ", "ADD "))]
    count = 0
    for instruction in steps:
        if instruction.last and instruction.name == "RUN":
            command = " ".join(instruction.words)
            count += bool(command) and any(command in line for line in runs)
        elif instruction.last:
            *sources, target = instruction.words
            count += any(
                _same(target, to) and (of is None or of == tuple(sources)) for of, to in copies
            )
    return count


def copied(line: str) -> tuple[tuple[str, ...] | None, str]:
    """Return (sources, target) of a copy in history; the classic builder does not record
    sources."""
    arguments = line.split(" # buildkit")[0].split()[1:]
    words = [word for word in arguments if not word.startswith("--")]
    if len(words) == 3 and words[1] == "in":
        return None, words[2]
    return tuple(words[:-1]), words[-1] if words else ""


def _same(target: str, written: str) -> bool:
    """Whether two targets are equal: BuildKit records a target as written, even relative or with
    ``$HOME``."""
    return normpath(written) == target or not written.startswith("/")


def chosen(scores: Mapping[str, int], directories: Collection[str], *, history: bool) -> str:
    """Return the Dockerfile with the most instructions in the image's history, or ``""`` when
    unknown. Ties, and images without ``history``, are decided by the nearest one above the
    ``directories`` that the image was copied from."""
    most = max(scores.values(), default=0)
    if history and not most:
        return ""
    best = [path for path, count in scores.items() if count == most]
    if most and len(best) == 1:
        return best[0]
    near = [p for p in best if any(_above(p.rpartition("/")[0], d) for d in directories)]
    deepest = max((path.count("/") for path in near), default=0)
    nearest = [path for path in near if path.count("/") == deepest]
    plain = [p for p in nearest if p.rpartition("/")[2].lower() in ("dockerfile", "containerfile")]
    for candidates in (nearest, plain):
        if len(candidates) == 1:
            return candidates[0]
    return ""


def _above(directory: str, other: str) -> bool:
    return directory == other or under(other, directory)


def context(steps: Sequence[FileInstruction], maps: Sequence[DirectoryMap]) -> str | None:
    """Return the directory that was the build context, from the sources of the last stage's copies.
    None when the maps do not determine one."""
    votes: Counter[str] = Counter()
    for instruction in steps:
        if instruction.last and instruction.name != "RUN":
            *sources, target = instruction.words
            for source in sources:
                for map_ in maps:
                    if _above(target[1:], map_.image):
                        rest = relative(map_.image, target[1:]) if map_.image != target[1:] else ""
                        votes.update(_roots(plain(source), rest, map_.repository))
    best = votes.most_common(2)
    return best[0][0] if best and (len(best) == 1 or best[0][1] > best[1][1]) else None


def _roots(source: str, rest: str, directory: str) -> list[str]:
    """The context in which ``source``, and ``rest`` beneath it, is ``directory``."""
    folder, _, name = source.rpartition("/")
    tries = [join(source, rest)] + ([join(folder, rest)] if set(".*?") & set(name) else [])
    for end in tries:
        if not end:
            return [directory]
        if directory == end or directory.endswith("/" + end):
            return [directory[: -len(end)].rstrip("/")]
    return []


def plain(source: str) -> str:
    """Return a copy's source as a path in the context, ``""`` for all of it."""
    path = normpath(source).lstrip("/")
    return "" if path == "." else path


def compiled(steps: Sequence[FileInstruction], root: str) -> tuple[str, ...]:
    """Return the paths in the repository that earlier stages copy from the context ``root``, and of
    which the image's files were made. ``""`` is all of the repository."""
    sources = [word for instruction in steps if not instruction.last and instruction.name != "RUN"
               for word in instruction.words[:-1]]  # fmt: skip
    fixed = [plain(source) for source in sources if "$" not in source and "://" not in source]
    return tuple(sorted({join(root, source) for source in fixed}))
