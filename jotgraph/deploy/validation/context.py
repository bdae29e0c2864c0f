"""The build context: the files of a folder without those that ``.dockerignore`` excludes.

Links are not followed. ``.dockerignore`` is read as in ``content.history.dockerignore``.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from posixpath import normpath

import msgspec

from jotgraph.content.history.dockerignore import has_exceptions, ignored
from jotgraph.deploy.validation.dockerfile import Dockerfile, lineage
from jotgraph.deploy.validation.flaws import flaw, shown
from jotgraph.queries.answers.validation import Flaw, FlawCode, FlawSeverity
from jotgraph.records.phrases import counted, listed

LIMIT = 10 * 1024**3
"""The largest uncompressed image with all its layers (Lambda quotas: container image size)."""
MOST_FILES = 200_000
_LONGEST_IGNORE = 1 << 18
_MOST_SOURCES = 200
"""The most copy sources whose sizes are counted: with more the image is no smaller."""


class Context(msgspec.Struct, frozen=True):
    """The files that a build gets, by path in the folder, with their sizes. Pipes, sockets and
    devices are not included."""

    sizes: Mapping[str, int]
    links_out: tuple[str, ...] = ()
    """Links whose target is outside of the folder."""
    unread: tuple[str, ...] = ()
    cut: bool = False
    """Whether there are more files than are examined."""

    @property
    def bytes(self) -> int:
        """Total size."""
        return sum(self.sizes.values())


def read_bounded(root: Path, name: str, limit: int) -> bytes | None:
    """Read a regular file below a folder, without links that leave the folder; None if there is
    none. Raises OSError for a file that cannot be read, is outside, or is too large."""
    path = root / name
    try:
        real = path.resolve(strict=True)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (RuntimeError, ValueError) as error:  # a loop of links, a NUL in the name
        raise OSError("its links are broken") from error
    if not real.is_relative_to(root.resolve()):
        raise OSError("it is outside of the folder")
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with open(os.open(real, flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError("it is no regular file")
        data = file.read(limit + 1)
    if len(data) > limit:
        raise OSError(f"it is larger than {limit:,} bytes")
    return data


def read_context(root: Path, dockerfile: str, *, most: int = MOST_FILES) -> Context:
    """List what a build in ``root`` gets. Of ``.git`` only exceptions in ``.dockerignore`` are
    included: it differs between clones, so no commit would identify an image with it."""
    text, unread = b"", list[str]()
    for name in (f"{dockerfile}.dockerignore", ".dockerignore"):
        try:
            found = read_bounded(root, name, _LONGEST_IGNORE)
        except OSError:
            unread.append(name)
            break
        if found is not None:
            text = found
            break
    text = b"**/.git\n" + text.removeprefix(b"\xef\xbb\xbf")
    leaves_out, whole_folders = ignored(text), not has_exceptions(text)
    sizes: dict[str, int] = {}
    links: list[str] = []
    for path, entry in _walk(root, leaves_out if whole_folders else _nothing, unread):
        if len(sizes) + len(links) >= most:
            return Context(sizes, tuple(links), tuple(unread), cut=True)
        if leaves_out(path):
            continue
        try:
            status = entry.stat(follow_symlinks=False)
            if stat.S_ISLNK(status.st_mode) and _leads_out(path, os.readlink(entry.path)):
                links.append(path)
            if stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode):
                sizes[path] = status.st_size if stat.S_ISREG(status.st_mode) else 0
        except OSError:
            unread.append(path)
    return Context(sizes, tuple(links), tuple(unread))


def _nothing(_path: str) -> bool:
    return False


def _walk(
    root: Path, skipped: Callable[[str], bool], unread: list[str]
) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Everything below a folder except folders, sorted by name."""
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(root / folder) as entries:
                here = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            unread.append(folder or ".")
            continue
        for entry in here:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if not entry.is_dir(follow_symlinks=False):
                yield path, entry
            elif not skipped(path):
                waiting.append(path)


def _leads_out(path: str, target: str) -> bool:
    if target.startswith("/"):
        return True
    return normpath(f"{path}/../{target}").split("/")[0] == ".."


def copied_bytes(file: Dockerfile | None, context: Context) -> int:
    """Return the fewest bytes of the context that the image contains; all without a Dockerfile."""
    if file is None:
        return context.bytes
    taken: set[str] = set()
    looked_at = 0
    for step in (step for stage in lineage(file) for step in stage.steps):
        if step.name == "COPY" and not any(f.startswith(("--from", "--ex")) for f in step.flags):
            *sources, _ = step.exec_form or tuple(step.arguments.split()) or ("",)
            for source in sources[: max(_MOST_SOURCES - looked_at, 0)]:
                taken |= {path for path in context.sizes if _is_below(path, source)}
            looked_at += len(sources)
    return sum(context.sizes[path] for path in taken)


def _is_below(path: str, source: str) -> bool:
    plain = normpath(source.lstrip("/") or ".")
    if "$" in source or "<<" in source:
        return False
    parts = path.split("/")
    depth = len(plain.split("/"))
    return plain == "." or fnmatchcase("/".join(parts[:depth]), plain)


def sizes(file: Dockerfile | None, context: Context) -> Iterator[Flaw]:
    """Yield findings about sizes, and about what could not be examined."""
    copied = copied_bytes(file, context)
    if copied > LIMIT:
        yield flaw(
            FlawCode.IMAGE_TOO_LARGE,
            FlawSeverity.WRONG,
            f"The image holds at least {copied / 1024**3:.1f} GiB of the folder; "
            "Lambda takes images of at most 10 GB, uncompressed.",
            "Leave out what the function does not need: .dockerignore.",
        )
    elif context.bytes > LIMIT:
        yield flaw(
            FlawCode.CONTEXT_TOO_LARGE,
            FlawSeverity.WARNING,
            f"The build context has {context.bytes / 1024**3:.1f} GiB, above the limit for images.",
            "Leave out what the build does not need: .dockerignore.",
        )
    if context.cut or context.unread:
        names = listed([shown(name) for name in context.unread])
        what = f"Not read: {names}." if names else f"There are more than {MOST_FILES:,} files."
        yield flaw(
            FlawCode.CONTEXT_UNKNOWN,
            FlawSeverity.UNKNOWN,
            f"The size of the folder is not known. {what}",
            "Make it readable, or leave it out: .dockerignore.",
            context.unread[0] if context.unread else "",
        )
    yield from _links(context.links_out)


def _links(links: Sequence[str]) -> Iterator[Flaw]:
    if links:
        lead = "leads" if len(links) == 1 else "lead"
        yield flaw(
            FlawCode.LINK_OUTSIDE,
            FlawSeverity.WARNING,
            f"{counted(len(links), 'link')} {lead} out of the folder, and to another file or to "
            f"none in the image: {listed([shown(link) for link in links])}.",
            "Copy what is meant into the folder, or leave the link out: .dockerignore.",
            links[0],
        )
