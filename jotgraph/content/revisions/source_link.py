"""Read the revision that .NET's debug information names by Source Link. Nothing raises.

A portable PDB, beside the assembly or embedded in it, may hold a JSON document that says where the
sources are to be had: at URLs with the commit in them (dotnet/designs, source-link.md). The PDB
is a metadata file of few streams (ECMA-335 II.24.2, Portable PDB v1.0); only its heaps are read.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qs, urlsplit

import msgspec

from jotgraph.content.revisions.texts import FULL, told
from jotgraph.records.json_text import NOT_JSON

PDB_BYTES = 32 << 20
"""A larger PDB is not looked into."""
_MAGIC = b"BSJB"
_EMBEDDED = b"MPDB"
_KIND = bytes.fromhex("560511cc91a0384d9fec25ab9a351a6a")
"""The GUID CC110556-A091-4D38-9FEC-25AB9A351A6A of Source Link, as a heap holds it."""
_DOCUMENT = re.compile(rb'\{\s{0,9}"documents"')
_TRIED = 10
_STREAMS = 16
_LARGEST = 1 << 20
_RAW = re.compile(r"(?P<repository>[^?]+?)(?:/-)?/raw/(?P<sha>[^/?]+)/")
"""GitLab and others: ``https://gitlab.com/team/shop/-/raw/<sha>/*``."""


def source_link(data: bytes) -> str:
    """``sourcelink <revision> <repository>`` of a portable PDB, or of an assembly that embeds one;
    empty where it has none."""
    pdb = _embedded(data) if data.startswith(b"MZ") else data
    if not pdb.startswith(_MAGIC) or len(pdb) > PDB_BYTES:
        return ""
    heaps = dict(_streams(pdb))
    if _KIND not in heaps.get("#GUID", b""):
        return ""
    for urls in _documents(heaps.get("#Blob", b"")):
        if named := _of_root(urls):
            sha, repository = named
            return told("sourcelink", (sha, False), repository)
    return ""


def _embedded(data: bytes) -> bytes:
    """``MPDB``, the size, and the PDB by DEFLATE (PE/COFF specification, debug directory)."""
    at = data.find(_EMBEDDED)
    if at < 0 or at + 8 > len(data):
        return b""
    (size,) = struct.unpack_from("<I", data, at + 4)
    if not 0 < size <= PDB_BYTES:  # zlib takes 0 for no bound
        return b""
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data[at + 8 :], size)
    except zlib.error:
        return b""


def _streams(pdb: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        (length,) = struct.unpack_from("<I", pdb, 12)
        count = struct.unpack_from("<H", pdb, 18 + length)[0]
        at = 20 + length
        for _ in range(min(count, _STREAMS)):
            start, size = struct.unpack_from("<II", pdb, at)
            end = pdb.index(b"\0", at + 8)
            yield pdb[at + 8 : end].decode("latin-1"), pdb[start : start + size]
            at += 8 + (end - at - 8) // 4 * 4 + 4
    except (struct.error, ValueError):
        return


def _documents(heap: bytes) -> Iterator[Mapping[str, str]]:
    """The documents that Source Link may be, each as a blob of the very length that stands before
    it (ECMA-335 II.24.2.4)."""
    for number, match in enumerate(_DOCUMENT.finditer(heap)):
        if number == _TRIED:
            return
        at = match.start()
        for size in _lengths(heap[max(at - 4, 0) : at]):
            document = _json(heap[at : at + size]) if size <= _LARGEST else None
            urls = document.get("documents") if isinstance(document, dict) else None
            if isinstance(urls, dict):
                yield {key: url for key, url in urls.items() if isinstance(url, str)}


def _lengths(before: bytes) -> Iterator[int]:
    if before and before[-1] < 0x80:
        yield before[-1]
    if len(before) > 1 and before[-2] & 0xC0 == 0x80:
        yield int.from_bytes(before[-2:], "big") & 0x3FFF
    if len(before) > 3 and before[-4] & 0xE0 == 0xC0:
        yield int.from_bytes(before[-4:], "big") & 0x1FFF_FFFF


def _json(blob: bytes) -> object:
    try:
        return msgspec.json.decode(blob)
    except (*NOT_JSON, UnicodeError):
        return None


def _of_root(urls: Mapping[str, str]) -> tuple[str, str] | None:
    """What the URL of the directory says that holds all others (which are submodules)."""
    if not urls:
        return None
    root = min(urls, key=lambda key: (len(key), key))
    above = root.removesuffix("*")
    if not root.endswith("*") or any(not key.startswith(above) for key in urls):
        return None
    return _of_url(urls[root])


def _of_url(url: str) -> tuple[str, str] | None:
    """The revision and the repository that a URL of a file server names."""
    try:
        place = urlsplit(url)
        query = parse_qs(place.query, max_num_fields=20)
    except ValueError:
        return None
    host, parts = (place.hostname or "").lower(), place.path.split("/")[1:]
    sha = repository = ""
    if host == "raw.githubusercontent.com" and len(parts) > 3:
        sha, repository = parts[2], f"https://github.com/{parts[0]}/{parts[1]}"
    elif host == "api.bitbucket.org" and parts[:2] == ["2.0", "repositories"] and len(parts) > 6:
        sha, repository = parts[5], f"https://bitbucket.org/{parts[2]}/{parts[3]}"
    elif "/_apis/git/repositories/" in place.path and query.get("versionType") == ["commit"]:
        project, _, rest = place.path.partition("/_apis/git/repositories/")
        sha = query.get("version", [""])[0]
        repository = f"https://{host}{project}/_git/{rest.partition('/')[0]}"
    elif match := _RAW.match(f"https://{host}{place.path}"):
        sha, repository = match["sha"], match["repository"]
    return (sha, repository) if FULL.fullmatch(sha) else None
