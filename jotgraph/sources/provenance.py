"""Bytes of an in-toto statement in, what it says of a source repository out. Pure.

SLSA provenance v0.2 and v1 as BuildKit writes it (docs.docker.com/build/metadata/attestations,
SLSA definitions), and v1 as GitHub's attestations do (``resolvedDependencies``). Unsigned: a claim.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from jotgraph.records import Statement

V02 = "https://slsa.dev/provenance/v0.2"
V1 = "https://slsa.dev/provenance/v1"
_BUILDKIT = "https://mobyproject.org/buildkit@v1#metadata"
_REVISION = re.compile(r"(?:[0-9a-f]{40}|[0-9a-f]{64})(?:-dirty)?")
_SECRET = re.compile(r"(?<=://)[^/@\s]*@")


def parse_statement(content: bytes) -> Statement:
    """Read a statement. Raises ValueError for what is none; fields of odd types are left out."""
    found = msgspec.json.decode(content)
    if not isinstance(found, dict) or not isinstance(found.get("predicateType"), str):
        raise ValueError("not an in-toto statement")
    predicate = _object(found.get("predicate"))
    vcs = _vcs(predicate)
    uri, fetched = _fetched(predicate)
    return Statement(
        predicate=found["predicateType"],
        subjects=tuple(sorted(set(_subjects(found.get("subject"))))),
        source=_clean(uri if fetched else _text(vcs.get("source"))),
        revision=fetched or _revision(vcs.get("revision")),
        context="" if fetched else _text(vcs.get("localdir:context")),
        git_context=bool(fetched),
    )


def _vcs(predicate: dict[str, Any]) -> dict[str, Any]:
    """What the client said of its work tree: v0.2 ``metadata``, v1 ``runDetails.metadata``."""
    told = _object(_object(predicate.get("metadata")).get(_BUILDKIT))
    run = _object(_object(predicate.get("runDetails")).get("metadata"))
    later = _object(run.get("buildkit_metadata")) or _object(run.get(_BUILDKIT))
    return _object(told.get("vcs")) or _object(later.get("vcs"))


def _fetched(predicate: dict[str, Any]) -> tuple[str, str]:
    """(URI, commit) of the git context that the builder fetched, or empty."""
    definition = _object(predicate.get("buildDefinition"))
    for source in (
        _object(_object(predicate.get("invocation")).get("configSource")),
        _object(_object(definition.get("externalParameters")).get("configSource")),
        *_listed(definition.get("resolvedDependencies")),
    ):
        digest = _object(source.get("digest"))
        uri = _text(source.get("uri"))
        commit = _revision(digest.get("gitCommit"))
        if not commit and _is_git(uri):
            commit = _revision(digest.get("sha1")) or _revision(digest.get("sha256"))
        if commit:
            return uri, commit
    return "", ""


def _is_git(uri: str) -> bool:
    bare = uri.partition("#")[0].partition("?")[0]
    return uri.startswith(("git+", "git@", "git:", "ssh:")) or bare.endswith(".git")


def _subjects(value: Any) -> Iterator[str]:
    for each in _listed(value):
        digest = _text(_object(each.get("digest")).get("sha256"))
        if digest:
            yield f"sha256:{digest}"


def _clean(uri: str) -> str:
    """Without credentials, the ``git+`` of SPDX locations, and ``@ref``."""
    plain = _SECRET.sub("", uri.removeprefix("git+"))
    return plain.partition("@refs/")[0]


def _revision(value: Any) -> str:
    text = _text(value).lower()
    return text if _REVISION.fullmatch(text) else ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) and len(value) < 2000 else ""


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _listed(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
