"""Conventions: where a team's own builds record the revision, as configured and stored with a
scan."""

from __future__ import annotations

from enum import StrEnum

import msgspec

REVISION_VARIABLES = frozenset(
    {
        "GIT_SHA", "GIT_COMMIT", "GIT_COMMIT_SHA", "GIT_REVISION", "GIT_HASH", "GIT_REF_SHA",
        "COMMIT", "COMMIT_SHA", "COMMIT_HASH", "COMMIT_ID", "REVISION", "VCS_REF", "VCS_REVISION",
        "SOURCE_COMMIT", "SOURCE_VERSION", "SOURCE_REVISION", "BUILD_SHA", "BUILD_COMMIT",
        "CI_COMMIT_SHA", "CI_COMMIT_SHORT_SHA", "GITHUB_SHA", "BITBUCKET_COMMIT", "CIRCLE_SHA1",
        "BUILDKITE_COMMIT", "TRAVIS_COMMIT", "CODEBUILD_RESOLVED_SOURCE_VERSION",
        "DRONE_COMMIT_SHA", "VERCEL_GIT_COMMIT_SHA", "HEROKU_SLUG_COMMIT", "APP_REVISION",
        "APP_COMMIT", "DD_GIT_COMMIT_SHA", "DD_VERSION", "SENTRY_RELEASE", "RESPONDER_COMMIT",
        "RESPONDER_TREE_HASH",
    }
)  # fmt: skip
"""Variables that builders and monitors put revisions in."""

ATTRIBUTES_VARIABLE = "OTEL_RESOURCE_ATTRIBUTES"
"""OpenTelemetry's, which holds ``vcs.*`` attributes among others."""


class Carrier(StrEnum):
    """What carries the revision."""

    LABEL = "label"
    """A label or annotation of an image, by its name."""
    TAG = "tag"
    """A tag of an image: a regular expression with a group ``revision``."""
    ENV = "env"
    """A variable in the environment of a function or an image, by its name."""
    FILE = "file"
    """A file of an image or package, by its path."""


class Convention(msgspec.Struct, frozen=True, kw_only=True, gc=False, order=True):
    """One place where a team's builds record revisions. It becomes a linking rule of the same
    name."""

    name: str
    carrier: Carrier
    pattern: str
    """The name of the label, or the expression."""
    file: str
    """The file of settings that says so."""


REVISION_LABEL = "org.opencontainers.image.revision"
"""Label with the revision that an image was built from (OCI image spec, annotations)."""
TREE_LABEL = "jotgraph.tree"
"""Label of an image that ``build`` made: git's id of the tree of the folder it was built from."""
FOLDER_LABEL = "jotgraph.folder"
"""That folder, from the top of its repository on; ``.`` for the top."""
HANDLER_LABEL = "jotgraph.handler"
"""The handler that the image starts, ``module.function``."""
DIRTY = "-dirty"
"""Suffix of a revision or tree when the work tree had uncommitted changes."""
