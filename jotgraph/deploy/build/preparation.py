"""Prepares a build: the Dockerfile, the build context, and the labels."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from jotgraph.deploy.build.dependencies import dependencies_of, python_version
from jotgraph.deploy.build.generation import SOURCE, DockerfilePlan, base_image, dockerfile_of
from jotgraph.deploy.build.labels import labels_of
from jotgraph.deploy.build.options import BuildOptions
from jotgraph.deploy.build.sent import tar_of
from jotgraph.deploy.validation.context import Context, read_bounded
from jotgraph.deploy.validation.dockerfile import LONGEST, Dockerfile
from jotgraph.deploy.validation.flaws import shown
from jotgraph.deploy.validation.folder import Examined, examine
from jotgraph.errors import BuildError, OptionError
from jotgraph.queries.answers.validation import Flaw, FlawCode, FlawSeverity, Validation
from jotgraph.sources.git.head import Head, head_of

IGNORE = ".dockerignore"
_EPOCH = datetime(1980, 1, 1, tzinfo=UTC)
"""The modification time of files that are in no commit."""
_CHANGED = frozenset(
    {FlawCode.WORK_TREE_DIRTY, FlawCode.WORK_TREE_UNTRACKED, FlawCode.WORK_TREE_UNKNOWN}
)


_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


class InvalidFolderError(BuildError):
    """Raised when ``validate`` finds a problem that prevents an image."""

    def __init__(self, message: str, validation: Validation) -> None:
        self.validation = validation
        super().__init__(message)


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that an engine needs, and the findings about the folder."""

    root: Path
    validation: Validation
    context: Context
    file: Dockerfile
    dockerfile: str
    """Path of the Dockerfile in the build context."""
    text: bytes
    generated: bool
    handler: str
    head: Head | None
    dirty: bool
    labels: Mapping[str, str]
    arguments: Mapping[str, str]
    source: str = ""
    """Path of the folder in the build context; empty for the top."""

    @property
    def moment(self) -> int:
        """The modification time of everything in the build context: seconds since 1970, of the
        commit."""
        return int((self.head.committed_at if self.head else _EPOCH).timestamp())

    def tar(self) -> Iterator[bytes]:
        """Return the build context. Raises SourceError."""
        below = f"{self.source}/" if self.source else ""
        sent = {below + path: path for path in self.context.sizes}
        if self.generated:
            return tar_of(self.root, sent, self.moment, ((self.dockerfile, self.text),))
        if self.dockerfile not in sent:  # the engine takes both away again, where it says so
            sent[self.dockerfile] = self.dockerfile
            sent |= {IGNORE: IGNORE} if (self.root / IGNORE).is_file() else {}
        return tar_of(self.root, sent, self.moment)


def prepare(
    root: Path,
    handler: str,
    options: BuildOptions,
    pinned: Callable[[str], str] = lambda image: image,
) -> Prepared:
    """Examine a folder, generate a Dockerfile where it has none, and compute the labels.

    ``pinned`` adds the digest to an image's name, where it is known. Raises OptionError for what
    cannot be built at all, InvalidFolderError for problems that ``validate`` reports, BuildError
    for what cannot be read.
    """
    text = None if has_dockerfile(root, options) else _generate(root, handler, options, pinned)
    looked = examine(
        root,
        handler,
        dockerfile=options.dockerfile if text is None else "",
        text=text,
        allow_dirty=options.allow_dirty,
    )
    require_right(looked.validation, options)
    head = head_of(root)
    dirty = any(finding.code in _CHANGED for finding in looked.validation.findings)
    name = options.dockerfile or "Dockerfile"
    source = _source_name(head) if text is not None else ""
    return Prepared(
        root=root,
        validation=looked.validation,
        context=looked.context,
        file=_read_file(looked),
        dockerfile=name,
        text=text or _read(root, name),
        generated=text is not None,
        handler=looked.handler,
        head=head,
        dirty=dirty,
        labels=labels_of(head, looked.handler, options.labels, dirty=dirty),
        arguments={**options.arguments, **({SOURCE: source} if source else {})},
        source=source,
    )


def text_of(root: Path, handler: str, options: BuildOptions, pinned: Callable[[str], str]) -> str:
    """Return the Dockerfile of the folder, or a generated one. Raises OptionError, BuildError and
    InvalidFolderError, but not for uncommitted changes."""
    if has_dockerfile(root, options):
        return _read(root, options.dockerfile or "Dockerfile").decode("utf-8", "replace")
    return _generate(root, handler, options, pinned).decode()


def has_dockerfile(root: Path, options: BuildOptions) -> bool:
    """Return whether a Dockerfile is given or found. Raises OptionError when one is given together
    with a base for a generated one."""
    if options.dockerfile and options.base:
        raise OptionError("--base is for a generated Dockerfile; leave out it or --dockerfile")
    return bool(options.dockerfile) or (not options.base and (root / "Dockerfile").exists())


def require_right(validation: Validation, options: BuildOptions) -> None:
    """Raise InvalidFolderError for problems that prevent an image, or its traceability."""
    wrong = [finding for finding in validation.findings if _stops(finding, options)]
    if wrong:
        first, more = wrong[0], len(wrong) - 1
        where = f"{first.file}:{first.line}: " if first.file and first.line else ""
        others = f" (and {more} more; jotgraph validate lists them)" if more else ""
        message = f"{where}{first.statement} {first.next}{others}"
        raise InvalidFolderError(message, validation)


def _stops(finding: Flaw, options: BuildOptions) -> bool:
    match finding.code:
        case FlawCode.CONTEXT_UNKNOWN:
            return True  # what is sent would not be what was looked at
        case FlawCode.WORK_TREE_UNKNOWN:
            return not options.allow_dirty
        case FlawCode.WORK_TREE_DIRTY | FlawCode.WORK_TREE_UNTRACKED:
            return finding.severity is FlawSeverity.WRONG
        case _:
            return options.validate and finding.severity is FlawSeverity.WRONG


def _generate(
    root: Path, handler: str, options: BuildOptions, pinned: Callable[[str], str]
) -> bytes:
    if not handler:
        raise OptionError(
            f"{shown(str(root), 300)} has no Dockerfile, and one is generated for a handler: "
            "write PATH:module.function"
        )
    looked = examine(root, handler, text=b"", allow_dirty=True)
    require_right(looked.validation, options)
    folder, package = _layout(root, handler, looked.validation.handler_file)
    plan = DockerfilePlan(
        handler,
        pinned(base_image(options.base, options.python or python_version(root, looked.context))),
        dependencies_of(root, looked.context),
        folder,
        package,
    )
    return dockerfile_of(plan).encode()


def _layout(root: Path, handler: str, file: str) -> tuple[str, str]:
    """The part of the folder with the modules, and the package name of the folder itself, from the
    position of the handler's module."""
    path = handler.rpartition(".")[0].replace(".", "/")
    for form in (f"{path}.py", f"{path}/__init__.py"):
        if file == f"src/{form}":
            return "src", ""
        name, _, rest = form.partition("/")
        if rest and file == rest and name == root.resolve().name:
            return "", name
    return "", ""


def _source_name(head: Head | None) -> str:
    """The folder's name in the build context of a generated Dockerfile. It is its path in the
    repository, so that the image's history shows where it is from."""
    name = head.folder.rpartition("/")[2] if head else ""
    return name if _PLAIN.fullmatch(name) else "source"


def _read_file(looked: Examined) -> Dockerfile:
    if looked.file is None or not looked.file.stages:
        raise BuildError("the Dockerfile was not read: jotgraph validate says why")
    return looked.file


def _read(root: Path, name: str) -> bytes:
    try:
        data = read_bounded(root, name, LONGEST)
    except OSError as error:
        raise BuildError(f"{shown(name)} was not read: {shown(str(error))}") from error
    if data is None:
        raise BuildError(f"{shown(name)} is gone")
    return data
