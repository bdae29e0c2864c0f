"""Read revisions from files of an image: what builds leave behind.

Read are ``.git`` (HEAD, branches, packed-refs), Go's build information, .NET assemblies and their
debug information (Source Link), jars (manifest, git.properties, build-info.properties), what
Python's version tools write (``_version.py``, METADATA, PKG-INFO, pbr.json), PEP 610's
``direct_url.json``, ``package.json`` (gitHead), ``.cargo_vcs_info.json``, Composer's root package,
``.git_archival.txt``, ``version.json`` and the like, and files such as REVISION that hold nothing
but a revision. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from jotgraph.content.revisions import texts
from jotgraph.content.revisions.programs import (
    JAR_BYTES,
    dotnet_revision,
    go_revision,
    is_jar,
    jar_revision,
)
from jotgraph.content.revisions.source_link import PDB_BYTES, source_link
from jotgraph.records import FileFact

LARGEST = 1 << 20
"""A text file above it is not looked into."""
_REF = re.compile(r"ref: (refs/heads/[^\s]+)")
_PACKED = re.compile(r"^([0-9a-f]{40}(?:[0-9a-f]{24})?) (refs/heads/\S+)$", re.MULTILINE)
_FOREIGN = re.compile(r"(?:^|/)(?:node_modules|vendor|gems|registry/src)/")
"""Where packages of others are, by the hundred: what their files say is about them."""
_PACKAGE = re.compile(
    r"(?:^|/)(?:node_modules|vendor|site-packages|dist-packages|extensions|libs?)/"
    r"|\.(?:dist|egg)-info/|(?:^|/)(?:_version|version|__version__)\.py$"
)
"""Where packages are, an image's own among them: their files tell of the image only when
something else ties it to that repository."""
_DOTNET = "dotnet-app"
"""What stands beside the assembly of a .NET application, and of no library."""
_Reader = Callable[[str], str]


def _head(text: str) -> str:
    match = _REF.fullmatch(text.strip())
    if match:
        return f"git-ref {match[1]}"
    return f"git {text.strip()}" if texts.FULL.fullmatch(text.strip()) else ""


def _tip(text: str) -> str:
    return f"git-tip {text.strip()}" if texts.FULL.fullmatch(text.strip()) else ""


def _packed(text: str) -> str:
    tips = [f"{ref}={sha}" for sha, ref in _PACKED.findall(text)][:50]
    return f"git-packed {' '.join(tips)}" if tips else ""


_BY_NAME: Mapping[str, _Reader] = {
    ".cargo_vcs_info.json": texts.cargo,
    ".git_archival.txt": texts.archival,
    "METADATA": texts.metadata,
    "MANIFEST.MF": texts.manifest,
    "PKG-INFO": texts.metadata,
    "__version__.py": texts.python_version,
    "_version.py": texts.python_version,
    "build-info.json": texts.document,
    "build-info.properties": texts.build_info,
    "build.json": texts.document,
    "commit.json": texts.document,
    "direct_url.json": texts.direct_url,
    "git.json": texts.document,
    "git.properties": texts.git_properties,
    "package.json": texts.package_json,
    "pbr.json": texts.pbr,
    "version.json": texts.document,
    "version.py": texts.python_version,
    **dict.fromkeys(("VERSION", "version", ".version", "version.txt"), texts.plain_version),
}
_PLAIN = frozenset(
    {
        ".git_commit", ".git_sha", ".revision", "commit", "commit.txt", "commit_sha",
        "git-commit", "git-revision", "git_commit", "git_hash", "git_revision", "git_sha",
        "revision", "revision.txt", "source_version",
    }
)  # fmt: skip


def fact_of(path: str, data: bytes) -> str:
    """``<kind> <value>`` of one file, or empty. ``data`` is its content, or its beginning where
    it is large. Never raises."""
    directory, _, name = path.rpartition("/")
    if data.startswith(b"\x7fELF"):
        return go_revision(data)
    if _FOREIGN.search(f"{directory}/"):
        return texts.composer(_decoded(data)) if path.endswith(_COMPOSER) else ""
    if name.endswith((".deps.json", ".runtimeconfig.json")):
        return _DOTNET
    if name.endswith(".dll"):
        return (dotnet_revision(data) or source_link(data)) if data.startswith(b"MZ") else ""
    if name.endswith(".pdb"):
        return source_link(data)
    if is_jar(name):
        return jar_revision(data)
    reader = _reader(directory, name)
    return reader(_decoded(data)) if reader is not None and len(data) <= LARGEST else ""


def own_fact(data: bytes) -> str:
    """The same of a file that a team says to hold a revision. Never raises."""
    return texts.own(_decoded(data)) if len(data) <= LARGEST else ""


_COMPOSER = "vendor/composer/installed.php"


def held_whole(path: str) -> int:
    """Bytes up to which a file must be held whole for its fact to be found."""
    if _FOREIGN.search(path):
        return 0
    return JAR_BYTES if is_jar(path) else PDB_BYTES if path.endswith((".pdb", ".dll")) else 0


def _decoded(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return ""


def _reader(directory: str, name: str) -> _Reader | None:
    inside_git = f"/{directory}/".rpartition("/.git/")[1] != ""
    if inside_git:
        if name == "HEAD" and directory.endswith(".git"):
            return _head
        if "/.git/refs/heads/" in f"/{directory}/{name}":
            return _tip
        return _packed if name == "packed-refs" else None
    return _BY_NAME.get(name) or (texts.plain if name.lower() in _PLAIN else None)


def facts(values: Mapping[str, str]) -> tuple[FileFact, ...]:
    """Facts from what ``fact_of`` said of each path that one sees; git's refs are resolved.
    At most 50, those of packages last."""
    ordered = sorted(_facts(values), key=lambda fact: (fact.package, fact.path, fact.revision))
    return tuple(sorted(ordered[:_MOST], key=lambda fact: (fact.path, fact.revision)))


_MOST = 50


def _facts(values: Mapping[str, str]) -> Iterator[FileFact]:
    for path, text in values.items():
        kind, _, value = text.partition(" ")
        package = _PACKAGE.search(path) is not None
        if kind == "git-ref":
            root = path.removesuffix("HEAD")
            packed = dict(_pairs(values.get(f"{root}packed-refs", "").split()[1:]))
            tip = values.get(f"{root}{value}", "").partition(" ")[2] or packed.get(value, "")
            if tip:
                yield FileFact(path, "git", tip, package=package)
        elif kind not in ("git-tip", "git-packed", _DOTNET, texts.LOCAL_FOLDER, ""):
            if kind in ("dotnet", "sourcelink"):
                beside = path.removesuffix(".dll").removesuffix(".pdb")
                ends = (".deps.json", ".runtimeconfig.json")
                package = not any(values.get(f"{beside}{end}") == _DOTNET for end in ends)
            revision, _, source = value.partition(" ")
            clean = revision.removesuffix("-dirty")
            yield FileFact(path, kind, clean, source, clean != revision, package)


def _pairs(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    for word in words:
        ref, _, sha = word.partition("=")
        yield ref, sha
