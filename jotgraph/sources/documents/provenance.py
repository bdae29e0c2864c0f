"""Parses the source repository in an in-toto statement. Pure.

Supported is SLSA provenance v0.2 and v1 as BuildKit writes it
(docs.docker.com/build/metadata/attestations, SLSA definitions), as GitHub's attestations do
(``resolvedDependencies``), and as generators do that name the source among the ``materials`` of
v0.2. It is a claim, whoever signed it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from jotgraph.records import Statement
from jotgraph.records.references import URL_CREDENTIALS
from jotgraph.sources.documents.json_input import an_object, json_object, objects

V02 = "https://slsa.dev/provenance/v0.2"
V1 = "https://slsa.dev/provenance/v1"
LARGEST = 2 << 20
"""The largest statement: with ``mode=max`` it holds the whole build graph. Lists of packages are
not read."""
_BUILDKIT = "https://mobyproject.org/buildkit@v1#metadata"
_REVISION = re.compile(r"(?:[0-9a-f]{40}|[0-9a-f]{64})(?:-dirty)?")
_REF = re.compile(r"@(?:refs/|[0-9a-f]{40}$)")
Origin = tuple[str, str]
"""(URI of a repository, full revision); empty where it is not given."""
NOTHING: Origin = ("", "")


def parse_statement(content: bytes) -> Statement:
    """Parse a statement. Raises ValueError for anything else; fields of odd types are ignored."""
    document = json_object(content, LARGEST)
    if not isinstance(document.get("predicateType"), str):
        raise ValueError("not an in-toto statement")
    predicate = an_object(document.get("predicate"))
    vcs = _vcs(predicate)
    uri, fetched = _configured(predicate)
    if not fetched and not vcs:
        uri, fetched = _among_materials(predicate)
    return Statement(
        predicate=_text(document["predicateType"]),
        subjects=tuple(sorted(set(_subjects(document.get("subject"))))),
        source=without_secrets(uri if fetched else _text(vcs.get("source"))),
        revision=fetched or revision_of(vcs.get("revision")),
        context="" if fetched else _text(vcs.get("localdir:context")),
        git_context=bool(fetched),
    )


def _vcs(predicate: dict[str, Any]) -> dict[str, Any]:
    """What the client reports about its work tree: v0.2 ``metadata``, v1
    ``runDetails.metadata``."""
    earlier = an_object(an_object(predicate.get("metadata")).get(_BUILDKIT))
    run = an_object(an_object(predicate.get("runDetails")).get("metadata"))
    later = an_object(run.get("buildkit_metadata")) or an_object(run.get(_BUILDKIT))
    return an_object(earlier.get("vcs")) or an_object(later.get("vcs"))


def _configured(predicate: dict[str, Any]) -> Origin:
    """The source that the builder was told to fetch and build, or empty."""
    asked = _asked(predicate)
    for source in (
        an_object(an_object(predicate.get("invocation")).get("configSource")),
        an_object(asked.get("configSource")),
        an_object(asked.get("source")),  # slsa-github-generator, container-based builder
    ):
        uri, commit = _origin(source)
        if commit:
            return uri, commit
    return NOTHING


def _among_materials(predicate: dict[str, Any]) -> Origin:
    """The only commit among all inputs; of several the one of the repository whose workflow ran
    (GitHub). Inputs include what a Dockerfile fetches by itself, which is another repository's
    commit."""
    definition = an_object(predicate.get("buildDefinition"))
    materials = (
        *objects(definition.get("resolvedDependencies")),
        *objects(predicate.get("materials")),
    )
    origins = {origin for material in materials if (origin := _origin(material))[1]}
    workflow = _text(an_object(_asked(predicate).get("workflow")).get("repository"))
    if workflow:
        origins = {
            origin for origin in origins if without_secrets(origin[0]) == workflow
        } or origins
    return next(iter(origins)) if len({commit for _, commit in origins}) == 1 else NOTHING


def _asked(predicate: dict[str, Any]) -> dict[str, Any]:
    definition = an_object(predicate.get("buildDefinition"))
    return an_object(definition.get("externalParameters"))


def _origin(source: dict[str, Any]) -> Origin:
    digest = an_object(source.get("digest"))
    uri = _text(source.get("uri"))
    commit = revision_of(digest.get("gitCommit"))
    if not commit and _is_git(uri):
        commit = revision_of(digest.get("sha1")) or revision_of(digest.get("sha256"))
    return uri, commit


def _is_git(uri: str) -> bool:
    bare = _REF.split(uri.partition("#")[0].partition("?")[0])[0]
    return uri.startswith(("git+", "git@", "git:", "ssh:")) or bare.endswith(".git")


def _subjects(value: Any) -> Iterator[str]:
    for subject in objects(value):
        digest = _text(an_object(subject.get("digest")).get("sha256"))
        if digest:
            yield f"sha256:{digest}"


def without_secrets(uri: str) -> str:
    """Return a URI without credentials, the ``git+`` of SPDX locations, and ``@ref``."""
    return _REF.split(URL_CREDENTIALS.sub("", uri.removeprefix("git+")))[0]


def revision_of(value: Any) -> str:
    """Return a full revision, with ``-dirty`` if present; empty for anything else."""
    text = _text(value).lower()
    return text if _REVISION.fullmatch(text) else ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) and len(value) < 2000 else ""
