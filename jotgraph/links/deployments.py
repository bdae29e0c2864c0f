"""Rules on functions: revisions in their tags, description, environment and alias names.

They describe the deployment, and may be older or newer than the image that runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from jotgraph.links.index import InventoryIndex
from jotgraph.links.labels import RARE
from jotgraph.links.model import Author, Grade, Match, Relation, rule
from jotgraph.links.revisions import REVISION_LABELS, false_match, revision_value
from jotgraph.records import Carrier, ResourceId, commit_id

_TOKEN = re.compile(r"(?<![0-9a-z])(?:[0-9a-f]{64}|[0-9a-f]{40})(?![0-9a-z])")
_NAMES = frozenset(label.lower() for label in REVISION_LABELS) | {
    "codebuild_resolved_source_version", "commit_hash", "commitid", "commitsha", "githash",
    "github_sha", "gitsha", "git-hash", "git_hash", "sha", "vcs-revision", "version",
}  # fmt: skip
"""Function tags whose value is a revision, in lower case."""


class _Place(NamedTuple):
    """Where a revision was read."""

    of: str
    name: str
    """The exact spot: ``tag GIT_SHA``."""

    @property
    def read_from(self) -> str:
        return f"{self.of} {self.name}"


_DESCRIPTION, _ALIAS_NAME = _Place("function", "description"), _Place("alias", "name")


@rule(Relation.BUILT_FROM, Grade.SUPPORT, Author.DEPLOYER)
def function_tag(index: InventoryIndex) -> Iterator[Match]:
    """A tag of the function holds a full revision that a repository read has; or, if the tag's name
    says that it is a revision (``GIT_SHA``, ``commit``…), an abbreviated one that begins exactly
    one commit and is unlikely to match by chance. Tags belong to the function, not to a version:
    they describe its last deployment."""
    for function in index.inventory.functions:
        for name, value in function.tags or ():
            place = _Place("function", f"tag {name}")
            yield from _full(index, function.id, value, place)
            if name.lower() in _NAMES:
                yield from _short(index, function.id, value, place)


@rule(Relation.BUILT_FROM, Grade.SUPPORT, Author.DEPLOYER)
def function_description(index: InventoryIndex) -> Iterator[Match]:
    """The description of the function or version holds a full revision that a repository read
    has."""
    for configuration in index.configurations():
        yield from _full(index, configuration.id, configuration.description, _DESCRIPTION)


@rule(Relation.BUILT_FROM, Grade.SUPPORT, Author.DEPLOYER)
def function_env(index: InventoryIndex) -> Iterator[Match]:
    """An environment variable of the function or version that CI systems set to the revision
    (``GIT_SHA``, ``DD_GIT_COMMIT_SHA``…) holds a full one that a repository read has, or an
    abbreviated one that begins exactly one commit and is unlikely to match by chance."""
    own = {
        convention.pattern
        for convention in index.inventory.scope.evidence
        if convention.carrier is Carrier.ENV
    }
    for configuration in index.configurations():
        for name, value in configuration.env:
            if name in own:  # a rule of the team's own reads it
                continue
            place = _Place("function", f"environment {name}")
            yield from _full(index, configuration.id, value, place)
            yield from _short(index, configuration.id, value, place)


@rule(Relation.BUILT_FROM, Grade.SUPPORT, Author.DEPLOYER)
def alias_name(index: InventoryIndex) -> Iterator[Match]:
    """The alias is named by a full revision that a repository read has, or by an abbreviated one
    with a letter that begins exactly one commit and is unlikely to match by chance: some deploy
    one alias for each commit."""
    for alias in index.inventory.aliases:
        yield from _full(index, alias.id, alias.name, _ALIAS_NAME)
        if re.search("[a-f]", alias.name):
            yield from _short(index, alias.id, alias.name, _ALIAS_NAME)


@rule(Relation.BUILT_FROM, Grade.SUPPORT, Author.DEPLOYER)
def alias_description(index: InventoryIndex) -> Iterator[Match]:
    """The description of the alias holds a full revision that a repository read has."""
    for alias in index.inventory.aliases:
        yield from _full(index, alias.id, alias.description, _Place("alias", "description"))


def _full(index: InventoryIndex, source: ResourceId, text: str, place: _Place) -> Iterator[Match]:
    for sha in sorted(set(_TOKEN.findall(text.lower()))):
        commit = index.commits.get(sha)
        if commit is not None:
            where = ", ".join(sorted(commit.repositories))
            yield Match(
                source,
                commit.id,
                f"its {place.name} says {sha}, a commit of {where}",
                place.read_from,
            )


def _short(index: InventoryIndex, source: ResourceId, text: str, place: _Place) -> Iterator[Match]:
    value = revision_value(text)
    if value is None or len(value[0]) >= 40 or false_match(index, len(value[0])) >= RARE:
        return
    shas = index.commits_starting(value[0])
    if len(shas) == 1:
        yield Match(
            source,
            commit_id(shas[0]),
            f"its {place.name} says {value[0]}, which begins one commit of {len(index.commits):,}",
            place.read_from,
        )
