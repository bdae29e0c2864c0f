"""Files of an image that name a revision in, the revisions out: what builds leave behind.

Read are ``.git`` (HEAD, branches, packed-refs), Go's build information, ``git.properties``,
``package.json`` (gitHead), PEP 610's ``direct_url.json``, ``.cargo_vcs_info.json``, and files such
as REVISION that hold nothing but a revision. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from jotgraph.records import FileFact

LARGEST = 1 << 20
"""A text file above it is not looked into."""
_SHA = r"[0-9a-f]{40}(?:[0-9a-f]{24})?"
_FULL = re.compile(_SHA)
_REF = re.compile(r"ref: (refs/heads/[^\s]+)")
_PACKED = re.compile(rf"^({_SHA}) (refs/heads/\S+)$", re.MULTILINE)
_PROPERTY = re.compile(rf"^git\.commit\.id(?:\.full)?\s*[=:]\s*({_SHA})\s*$", re.MULTILINE)
_GO = re.compile(rb"vcs\.revision=([0-9a-f]{40}(?:[0-9a-f]{24})?)(?![0-9a-f])")
_PLAIN = frozenset(
    {"revision", "commit", ".git_sha", "git_sha", ".revision", "git_commit", "version"}
)
_FOREIGN = re.compile(r"(?:^|/)(?:node_modules|vendor|site-packages)/")
"""Where packages of others are: what their files say is about them."""


def fact_of(path: str, data: bytes) -> str:
    """``<kind> <value>`` of one file, or empty. ``data`` is its content, or its beginning where
    it is large. Never raises."""
    directory, _, name = path.rpartition("/")
    if data.startswith(b"\x7fELF"):
        return go_revision(data)
    reader = _reader(directory, name)
    if reader is None or len(data) > LARGEST:
        return ""
    try:
        return reader(data.decode())
    except (ValueError, msgspec.MsgspecError):
        return ""


def go_revision(data: bytes) -> str:
    """``go <revision>`` where a Go binary's build information holds one (runtime/debug)."""
    found = _GO.search(data)
    if not found:
        return ""
    dirty = "-dirty" if b"vcs.modified=true" in data else ""
    return f"go {found[1].decode()}{dirty}"


def _reader(directory: str, name: str) -> Callable[[str], str] | None:
    inside_git = f"/{directory}/".rpartition("/.git/")[1] != ""
    if inside_git:
        if name == "HEAD" and directory.endswith(".git"):
            return _head
        if "/.git/refs/heads/" in f"/{directory}/{name}":
            return _tip
        return _packed if name == "packed-refs" else None
    if name == "direct_url.json":
        return _direct_url
    if _FOREIGN.search(f"{directory}/"):
        return None
    if name.lower() in _PLAIN:
        return _plain
    return {
        "git.properties": _properties,
        "package.json": _package,
        ".cargo_vcs_info.json": _cargo,
    }.get(name)


def _head(text: str) -> str:
    found = _REF.fullmatch(text.strip())
    if found:
        return f"git-ref {found[1]}"
    return f"git {text.strip()}" if _FULL.fullmatch(text.strip()) else ""


def _tip(text: str) -> str:
    return f"git-tip {text.strip()}" if _FULL.fullmatch(text.strip()) else ""


def _packed(text: str) -> str:
    tips = [f"{ref}={sha}" for sha, ref in _PACKED.findall(text)][:50]
    return f"git-packed {' '.join(tips)}" if tips else ""


def _plain(text: str) -> str:
    return f"file {text.strip()}" if _FULL.fullmatch(text.strip().lower()) else ""


def _properties(text: str) -> str:
    found = _PROPERTY.search(text)
    dirty = "-dirty" if re.search(r"^git\.dirty\s*[=:]\s*true", text, re.MULTILINE) else ""
    return f"git.properties {found[1]}{dirty}" if found else ""


def _package(text: str) -> str:
    sha = msgspec.json.decode(text, type=dict[str, Any]).get("gitHead")
    return f"gitHead {sha}" if isinstance(sha, str) and _FULL.fullmatch(sha) else ""


def _direct_url(text: str) -> str:
    told = msgspec.json.decode(text, type=dict[str, Any])
    vcs, url = told.get("vcs_info"), told.get("url")
    sha = vcs.get("commit_id") if isinstance(vcs, dict) else None
    if not isinstance(sha, str) or not _FULL.fullmatch(sha) or not isinstance(url, str):
        return ""
    return f"pep610 {sha} {re.sub('(?<=://)[^/@]*@', '', url)[:500]}"


def _cargo(text: str) -> str:
    git = msgspec.json.decode(text, type=dict[str, Any]).get("git")
    sha = git.get("sha1") if isinstance(git, dict) else None
    return f"cargo {sha}" if isinstance(sha, str) and _FULL.fullmatch(sha) else ""


def facts(told: Mapping[str, str]) -> tuple[FileFact, ...]:
    """Path -> what ``fact_of`` said, of the files one sees, to facts; git's refs are resolved."""
    return tuple(sorted(_facts(told), key=lambda each: (each.path, each.revision)))[:_MOST]


_MOST = 50


def _facts(told: Mapping[str, str]) -> Iterator[FileFact]:
    for path, text in told.items():
        kind, _, value = text.partition(" ")
        if kind == "git-ref":
            root = path.removesuffix("HEAD")
            packed = dict(_pairs(told.get(f"{root}packed-refs", "").split()[1:]))
            tip = told.get(f"{root}{value}", "").partition(" ")[2] or packed.get(value, "")
            if tip:
                yield FileFact(path, "git", tip)
        elif kind not in ("git-tip", "git-packed", ""):
            revision, _, source = value.partition(" ")
            clean = revision.removesuffix("-dirty")
            yield FileFact(path, kind, clean, source, clean != revision)


def _pairs(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    for each in words:
        ref, _, sha = each.partition("=")
        yield ref, sha
