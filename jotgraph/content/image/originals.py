"""Read the files that other files of an image hold as they were: the sources in a source map, the
resources in a jar. Nothing raises; what is read and unpacked is bounded.

A bundler that writes ``sourcesContent`` puts in the very text it read (ECMA-426); ``jar`` and its
like pack resources as they are. Paths of sources are those of the machine that bundled, so they are
taken from where the map lies, and no higher than the image's root.
"""

from __future__ import annotations

import base64
import binascii
import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator

import msgspec

from jotgraph.content.revisions.programs import JAR_BYTES, has_few_members, is_jar
from jotgraph.records.json_text import NOT_JSON

MAP_BYTES = 64 << 20
"""A larger source map is not looked into."""
SOURCES = "[source map]"
"""The directory, beside all others of the image, that sources are told in."""
_MOST = 5_000
_PATH = 1_000
_FOREIGN = re.compile(r"(?:^|/)(?:node_modules|bower_components|vendor|gems)/")
"""Where packages of others are in an image."""
_PACKAGES = re.compile(r"(?:^|/)(?:node_modules|bower_components)/")
"""Where they are among sources; what is in other folders may be committed."""
_SCRIPTS = (".js", ".mjs", ".cjs", ".jsx")
_HOLDERS = (*_SCRIPTS, ".map", ".jar", ".war")
_INLINE = re.compile(
    rb"[\r\n]//[#@] sourceMappingURL=data:application/json;(?:charset=utf-8;)?base64,"
    rb"([A-Za-z0-9+/=]{1,67108864})\s{0,9}$"
)
_MARK = b"sourceMappingURL=data:"
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_BUNDLER = re.compile(r"webpack:.*?(?:/(?=\.\.?/))")
"""webpack's own namespace, before the path of a file of the project. What has no such path is its
runtime, or a module from elsewhere."""
_RESOURCES = 500
_RESOURCE = 256 << 10
_TOGETHER = 8 << 20
_NO_RESOURCE = re.compile(r"\.(?:class|jar|war|kotlin_module|SF|RSA|DSA)$|(?:^|/)MANIFEST\.MF$")

Original = tuple[str, bytes]
"""Path and content of a file."""


class _Plain(msgspec.Struct):
    sources: list[str | None] = []
    sourcesContent: list[str | None] | None = None  # noqa: N815 -- as the format spells it
    sourceRoot: str | None = None  # noqa: N815


class _Section(msgspec.Struct):
    map: _Plain | None = None
    """A section names no map of sections; one that it names by a URL is not fetched."""


class _Map(_Plain):
    sections: list[_Section] = []


def may_hold(path: str) -> int:
    """Bytes up to which a file is looked into; 0 for one that holds no other."""
    if _FOREIGN.search(path):
        return 0
    if path.endswith(".map"):
        return MAP_BYTES
    return JAR_BYTES if is_jar(path) else 0


def originals(path: str, data: bytes) -> Iterator[Original]:
    """The files that one file of the image holds, at most 5,000; those of others are left out.
    Each path is one beside the image's own: ``[source map]/src/a.ts``, ``app.jar!/a.txt``."""
    if not path.endswith(_HOLDERS):  # nearly every one
        return
    if path.endswith(_SCRIPTS) and _MARK not in data:
        return
    if _FOREIGN.search(path) or len(data) > max(may_hold(path), MAP_BYTES):
        return
    if path.endswith(".map"):
        yield from _sources(path, data)
    elif is_jar(path):
        for name, content in _resources(data):
            yield f"{path}!/{name}", content
    elif match := _INLINE.search(data):
        try:
            yield from _sources(path, base64.b64decode(match[1], validate=True))
        except binascii.Error:
            return


def _sources(path: str, data: bytes) -> Iterator[Original]:
    # Against inclusion by a script, a map may begin with a line that no script can begin with.
    text = data.partition(b"\n")[2] if data.startswith(b")]}'") else data
    try:
        top = msgspec.json.decode(text, type=_Map)
    except NOT_JSON:
        return
    originals: dict[str, bytes | None] = {}
    for part in (top, *(section.map for section in top.sections if section.map is not None)):
        for source, content in zip(part.sources, part.sourcesContent or (), strict=False):
            name = _name(path, part.sourceRoot or "", source or "")
            if not name or content is None:
                continue
            whole = content.encode("utf-8", "surrogatepass")
            # Told twice and differently: one is what a loader made of it.
            originals[name] = whole if originals.get(name, whole) == whole else None
            if len(originals) == _MOST:
                break
    for name, original in originals.items():
        if original is not None:
            yield f"{SOURCES}/{name}", original


def _name(path: str, root: str, source: str) -> str:
    """Where a source lies as seen from the map; empty for one of others, or of the bundler."""
    source = source.replace("\\", "/")
    if root and not source.startswith("/") and not _SCHEME.match(source):
        source = f"{root.rstrip('/')}/{source}"
    if len(source) > _PATH or "?" in source or "\0" in source or "\n" in source:
        return ""
    if source.startswith("webpack:"):
        clean, count = _BUNDLER.subn("", source, count=1)
        source = clean if count else ""
    elif scheme := _SCHEME.match(source):
        source = source[scheme.end() :]
    if not source or _PACKAGES.search(source):
        return ""
    joined = posixpath.join("/", posixpath.dirname(path), source)
    return posixpath.normpath(joined).strip("/")


def _resources(data: bytes) -> Iterator[Original]:
    if not has_few_members(data):
        return
    left, count = _TOGETHER, 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.infolist():
                name = posixpath.normpath(member.filename)
                if not 0 < member.file_size <= _RESOURCE or _NO_RESOURCE.search(name):
                    continue
                if name.startswith(("/", "..")) or "\n" in name or len(name) > _PATH:
                    continue
                # zipfile bounds what it inflates for DEFLATE only.
                if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    continue
                left -= member.file_size
                count += 1
                if left < 0 or count > _RESOURCES:
                    return
                with archive.open(member) as file:
                    yield name, file.read(_RESOURCE + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, NotImplementedError):
        return
    except RuntimeError:  # an encrypted member
        return
