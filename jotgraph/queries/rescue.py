"""Images in use that are gone from ECR or archived, and how each can be saved."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from jotgraph.analysis.health import Code, findings
from jotgraph.analysis.provenance import commits_of
from jotgraph.analysis.provenance.lost import is_lost, savers
from jotgraph.graph import ResourceGraph, about, dependents, is_missing, record
from jotgraph.links import Grade, Relation
from jotgraph.queries.answers.rescue import Lost, Rescue, Saved
from jotgraph.records import (
    Alias,
    EcrImage,
    Function,
    Kind,
    LocalImage,
    ResourceId,
    Version,
    digest_of,
    hex_of,
    kind_of,
    name_of,
    place_of,
    repository_name_of,
    version_id,
)
from jotgraph.records.references import reference, registry_host


def rescue(graph: ResourceGraph) -> Rescue:
    """Find the images that run, or that workloads start with, and that are gone or archived. An
    image is gone only from a place that was read completely. Each comes with every remaining copy
    and the commands to recover it."""
    runners = {
        image: tuple(
            user
            for user in dependents(graph, image, Relation.RUNS, Relation.FOLLOWS)
            if _broken(graph, user, image)
        )
        for image in sorted(graph)
        if kind_of(image) is Kind.ECR_IMAGE and is_lost(graph, image)
    }
    return Rescue(
        about(graph), tuple(_lost(graph, image, users) for image, users in runners.items() if users)
    )


def _broken(graph: ResourceGraph, user: ResourceId, image: ResourceId) -> bool:
    """Whether something that runs a lost image is broken by its loss."""
    return any(
        finding.code is Code.BROKEN and finding.about == image for finding in findings(graph, user)
    )


def _lost(graph: ResourceGraph, image: ResourceId, runners: tuple[ResourceId, ...]) -> Lost:
    """A lost image with everything it can be recovered from."""
    state = "gone" if is_missing(graph, image) else "archived"
    saved = (_saved(graph, image, saver, grade) for saver, grade in savers(graph, image).items())
    return Lost(image, state, runners, tuple(saved), commits_of(graph, image).commits[:20])


def _saved(graph: ResourceGraph, image: ResourceId, saver: ResourceId, grade: Grade) -> Saved:
    """How to recover an image from one copy."""
    node, digest = record(graph, saver), digest_of(image)
    if saver == image:
        return _restored(image)
    if isinstance(node, EcrImage):
        names = tuple(f"{node.repository}:{tag}" for tag in node.tags)
        because = f"{node.repository} in {node.account} {node.region} holds the same digest"
        return Saved(saver, names, grade, because, _copied(saver, image))
    assert isinstance(node, LocalImage)
    same_id = node.image_id == digest
    otherwise = () if same_id else tuple(_updated(graph, image))
    because = _because(grade, digest, same_id=same_id)
    return Saved(saver, node.tags, grade, because, _pushed(node, image), otherwise)


def _restored(image: ResourceId) -> Saved:
    account, region = place_of(image)
    command = (
        "aws", "ecr", "update-image-storage-class", "--registry-id", account, "--region", region,
        "--repository-name", repository_name_of(image),
        "--image-id", f"imageDigest={digest_of(image)}",
        "--target-storage-class", "STANDARD",
    )  # fmt: skip
    because = "it is archived, and ECR can restore it"
    return Saved(image, (), Grade.PROOF, because, (shlex.join(command),))


def _because(worth: Grade, digest: str, *, same_id: bool) -> str:
    """Why the digest may change. A containerd store keeps layers as they were compressed, and an
    image's id is its digest. Other stores compress again for a push, which gives the same bytes
    only with the same kind of engine (docs.docker.com/engine/storage/containerd; seen on Docker
    20.10)."""
    if worth is Grade.HINT:
        return "same repository name, so possibly the lost image"
    if same_id:
        return f"the Docker engine has this image, byte for byte ({digest})"
    return (
        "the Docker engine has this image, but compresses its layers again for a push, so the "
        "pushed digest may differ although the files are the same"
    )


def _target(image: ResourceId) -> str:
    name = f"{registry_host(*place_of(image))}/{repository_name_of(image)}"
    return f"{name}:rescued-{hex_of(image)[:12]}"


def _updated(graph: ResourceGraph, image: ResourceId) -> Iterator[str]:
    """Commands that point functions to a pushed image. A published version cannot change, so a new
    one is published and its aliases are moved."""
    numbers: dict[ResourceId, list[str]] = {}
    runners = dependents(graph, image, Relation.RUNS)
    for node in (record(graph, runner) for runner in runners):
        if isinstance(node, Function):
            numbers.setdefault(node.id, [])
        elif isinstance(node, Version):
            numbers.setdefault(node.function, []).append(node.number)
    for function, versions in sorted(numbers.items()):
        (account, region), name = place_of(function), name_of(function)
        where = ("--region", region, "--function-name", f"{account}:{name}")
        update = ("aws", "lambda", "update-function-code", *where, "--image-uri")
        yield shlex.join((*update, _target(image), *(("--publish",) if versions else ())))
        for alias in sorted({name for n in versions for name in _routed(graph, function, n)}):
            command = shlex.join(("aws", "lambda", "update-alias", *where, "--name", alias))
            yield f"{command} --function-version NEW  # the Version in the output of the update"
        own = record(graph, function) if function in graph else None
        if function not in runners and isinstance(own, Function) and own.resolved_image_uri:
            back = shlex.join((*update, own.resolved_image_uri))
            yield f"{back}  # sets $LATEST back to its own image"


def _routed(graph: ResourceGraph, function: ResourceId, number: str) -> Iterator[str]:
    version = version_id(*place_of(function), name_of(function), number)
    for dependent in dependents(graph, version, Relation.ROUTES_TO):
        alias = record(graph, dependent)
        if isinstance(alias, Alias):
            yield alias.name


def _pushed(local: LocalImage, image: ResourceId) -> tuple[str, ...]:
    (account, region), target = place_of(image), _target(image)
    host, name = registry_host(account, region), repository_name_of(image)
    password = shlex.join(("aws", "ecr", "get-login-password", "--region", region))
    login = shlex.join(("docker", "login", "--username", "AWS", "--password-stdin", host))
    return (
        f"{password} | {login}",
        shlex.join(("docker", "tag", local.image_id, target)),
        shlex.join(("docker", "push", target)),
        shlex.join(
            (
                "aws", "ecr", "describe-images", "--registry-id", account, "--region", region,
                "--repository-name", name, "--image-ids", f"imageTag={reference(target).tag}",
                "--query", "imageDetails[0].imageDigest", "--output", "text",
            )
        ),
    )  # fmt: skip


def _copied(other: ResourceId, image: ResourceId) -> tuple[str, ...]:
    location = f"{registry_host(*place_of(other))}/{repository_name_of(other)}"
    source = f"docker://{location}@{digest_of(image)}"
    target = f"docker://{_target(image)}"
    return (shlex.join(("skopeo", "copy", "--all", "--preserve-digests", source, target)),)
