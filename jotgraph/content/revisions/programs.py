"""Read the revision that a program, or an archive of programs, names. Nothing raises.

Go's build information, the version resource of a .NET assembly, and the few files of a jar that
builds write revisions to: never unpacked to disk, never more than a bound of it inflated, jars
within a jar (dependencies) left alone.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from jotgraph.content.revisions import texts

JAR_BYTES = 64 << 20
"""A larger jar is not looked into."""
_ENTRIES = 60_000
_MEMBER = 1 << 20
_CENTRAL = b"PK\x01\x02"
_GO = re.compile(
    rb"\nbuild\tvcs\.revision=([0-9a-f]{40}(?:[0-9a-f]{24})?)"
    rb"(?:\nbuild\tvcs\.time=[^\n]{1,40})?\nbuild\tvcs\.modified=(true|false)\n"
)
"""Lines of the build information, as ``go build`` writes them one after the other: what is cut off
before it says whether the work tree was changed is no match."""
_PRODUCT = re.compile(
    "ProductVersion\0".encode("utf-16-le") + rb"(?:\0\0)?((?:[\x20-\x7e]\0){1,200})"
)
_READERS = {
    "META-INF/MANIFEST.MF": texts.manifest,
    "META-INF/build-info.properties": texts.build_info,
    "BOOT-INF/classes/META-INF/build-info.properties": texts.build_info,
    "WEB-INF/classes/META-INF/build-info.properties": texts.build_info,
    "BOOT-INF/classes/git.properties": texts.git_properties,
    "WEB-INF/classes/git.properties": texts.git_properties,
    "META-INF/git.properties": texts.git_properties,
    "git.properties": texts.git_properties,
}


def is_jar(name: str) -> bool:
    return name.endswith((".jar", ".war"))


def has_few_members(data: bytes) -> bool:
    """Whether bytes may be a jar whose directory zipfile builds in bounded memory."""
    # Each entry of that directory begins with this mark.
    small = data.startswith(b"PK") and len(data) <= JAR_BYTES
    return small and data.count(_CENTRAL) <= _ENTRIES


def go_revision(data: bytes) -> str:
    """``go <revision>`` where a Go binary's build information holds one (runtime/debug)."""
    match = _GO.search(data)
    if not match:
        return ""
    dirty = "-dirty" if match[2] == b"true" else ""
    return f"go {match[1].decode()}{dirty}"


def dotnet_revision(data: bytes) -> str:
    """``dotnet <revision>`` where an assembly's ProductVersion, which is its informational version,
    ends in one: the SDK adds ``+<revision>`` (learn.microsoft.com, source link)."""
    match = _PRODUCT.search(data)
    revision = texts.as_revision(match[1].decode("utf-16-le"), short=False) if match else None
    return texts.told("dotnet", revision)


def jar_revision(data: bytes) -> str:
    """What the first of a jar's own files says: those of git plugins before the manifest."""
    if not has_few_members(data):
        return ""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {
                member.filename: member
                for member in archive.infolist()
                if member.filename in _READERS
            }
            for name in reversed(_READERS):
                revision = _READERS[name](_text(archive, members[name])) if name in members else ""
                if revision:
                    return revision
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, NotImplementedError):
        return ""
    except RuntimeError:  # an encrypted member
        return ""
    return ""


def _text(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> str:
    # zipfile bounds what it inflates for DEFLATE only.
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return ""
    with archive.open(member) as file:
        data = file.read(_MEMBER + 1)
    return data.decode() if len(data) <= _MEMBER else ""
