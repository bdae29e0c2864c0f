"""Units, which are judged together, and the units that a record names.

A unit is never split: a repository with its images, a function with its versions, aliases and
triggers, a role, a workload, a log group, and the whole local engine. A verdict reads all of its
unit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NewType

from jotgraph.records import (
    Alias,
    Commit,
    Container,
    EcrImage,
    EcrRepository,
    Function,
    Kind,
    LocalImage,
    LogGroup,
    Record,
    ResourceId,
    Role,
    Trigger,
    Version,
    Workload,
    ecr_repo_id,
    function_of,
    kind_of,
    repository_of,
)
from jotgraph.records.logs import log_group_id
from jotgraph.records.mentions import mentions
from jotgraph.records.references import ecr_reference, lambda_target, role_of

Unit = NewType("Unit", str)
"""The id of the repository, function, role, workload or log group, which names the unit."""

ENGINE = Unit("engine")
ANYWHERE = ""
"""Stands for images of every region."""


def unit_named(resource: ResourceId) -> Unit:
    """Return the unit of an id, whether or not it was read."""
    match kind_of(resource):
        case Kind.ECR_IMAGE:
            return Unit(repository_of(resource))
        case Kind.VERSION | Kind.ALIAS:
            return Unit(function_of(resource))
        case Kind.LOCAL_IMAGE | Kind.CONTAINER:
            return ENGINE
        case (
            Kind.COMMIT
            | Kind.ECR_REPO
            | Kind.FUNCTION
            | Kind.TRIGGER
            | Kind.WORKLOAD
            | Kind.ROLE
            | Kind.LOG_GROUP
        ):
            return Unit(resource)


def unit_of(record: Record) -> Unit:
    """Return the unit of a record; a trigger belongs to the function that it calls."""
    match record:
        case EcrImage():
            return Unit(record.repository_id)
        case Version() | Alias():
            return Unit(record.function)
        case Trigger():
            target = lambda_target(record.function_arn)
            return Unit(record.id) if target is None else unit_named(target)
        case LocalImage() | Container():
            return ENGINE
        case Commit() | EcrRepository() | Function() | Workload() | Role() | LogGroup():
            return Unit(record.id)


def units_named(record: Record) -> Iterator[Unit]:
    """Return the units that a record names by ARN, by reference, or by digest with repository, in a
    field or in a text."""
    if isinstance(record, Function | Version):
        yield from _of_references(record.image_uri, record.resolved_image_uri)
        yield from map(Unit, filter(None, [role_of(record.role_arn)]))
        yield Unit(log_group_id(record.account, record.region, record.logs_to))
    if isinstance(record, Workload):
        yield from _of_references(*(used.image for used in record.images))
        yield from map(Unit, filter(None, map(role_of, record.roles)))
    for mention in mentions(record) if isinstance(record, _SPEAKING) else ():
        if mention.resource is not None:
            yield unit_named(mention.resource)
        if mention.image is not None:
            account, region, name, _, _ = mention.image
            yield Unit(ecr_repo_id(account, region, name))


def digests_named(record: Record) -> Iterator[tuple[str, str]]:
    """Return (digest, region) that a record names by digest alone, which may be in any repository
    of the region, or ``ANYWHERE``."""
    if isinstance(record, Function | Version):
        resolved = ecr_reference(record.resolved_image_uri)
        if record.image_digest and not (resolved and resolved.digest):
            yield record.image_digest, record.region
    if isinstance(record, Workload):
        yield from ((digest, ANYWHERE) for digest in ids_named(record))
    for mention in mentions(record) if isinstance(record, _SPEAKING) else ():
        if mention.digest:
            yield mention.digest, ANYWHERE


def ids_named(workload: Workload) -> Iterator[str]:
    """Return the digests that a workload runs without a repository, of a manifest or of a
    configuration."""
    return (used.image for used in workload.images if used.image.startswith("sha256:"))


_SPEAKING = (Function, Version, Alias, EcrRepository, Role, Workload)
"""Record types whose text is searched; images, by far the most, mention nothing relevant."""


def _of_references(*references: str | None) -> Iterator[Unit]:
    for reference in map(ecr_reference, references):
        if reference is not None:
            account, region, name, _, _ = reference
            yield Unit(ecr_repo_id(account, region, name))
