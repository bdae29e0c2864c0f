"""The one factory of records for tests: for each a function of its name, which fills the fields
that a complete scan reads; a test tells those that it is about.

``ecr_repository(), ecr_image(1, "v1"), role(), function()`` is a function in order, and
``inventory`` of them a scan of one place of which nothing was left unread.

The functions are written by hand: polyfactory and factory_boy draw each field by itself, and a
function's digest, image, role and ARN have to agree with those of other records.
"""

from __future__ import annotations

from tests.factories.names import (
    ACCOUNT,
    HERE,
    HOST,
    LONG_AGO,
    NOW,
    OTHER_ACCOUNT,
    OTHER_REGION,
    REGION,
    REVISION,
    days_ago,
    digest,
    role_arn,
    sha,
    uri,
)
from tests.factories.parts import (
    attestation_child,
    build_input,
    child,
    file_fact,
    image_scan,
    layer,
    statement,
    touched,
    used_image,
)
from tests.factories.records import (
    LAMBDA_ONLY,
    alias,
    commit,
    container,
    ecr_image,
    ecr_repository,
    function,
    local_image,
    role,
    trigger,
    trust,
    version,
    workload,
)
from tests.factories.scans import (
    asked,
    content_match,
    coverage,
    deployment,
    estate,
    gap,
    git_repository,
    inventory,
    missing,
    registry,
    scope,
    used_by_file,
)

__all__ = [
    "ACCOUNT",
    "HERE",
    "HOST",
    "LAMBDA_ONLY",
    "LONG_AGO",
    "NOW",
    "OTHER_ACCOUNT",
    "OTHER_REGION",
    "REGION",
    "REVISION",
    "alias",
    "asked",
    "attestation_child",
    "build_input",
    "child",
    "commit",
    "container",
    "content_match",
    "coverage",
    "days_ago",
    "deployment",
    "digest",
    "ecr_image",
    "ecr_repository",
    "estate",
    "file_fact",
    "function",
    "gap",
    "git_repository",
    "image_scan",
    "inventory",
    "layer",
    "local_image",
    "missing",
    "registry",
    "role",
    "role_arn",
    "scope",
    "sha",
    "statement",
    "touched",
    "trigger",
    "trust",
    "uri",
    "used_by_file",
    "used_image",
    "version",
    "workload",
]
