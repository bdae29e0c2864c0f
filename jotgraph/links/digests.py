"""Rules on digests: what runs an image, and what a manifest says of others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache, partial

from jotgraph.links.index import InventoryIndex
from jotgraph.links.model import Grade, Match, Relation, rule
from jotgraph.records import (
    Function,
    Kind,
    ResourceId,
    Version,
    ecr_image_id,
    local_image_id,
    repository_name_of,
)
from jotgraph.records.ids import short
from jotgraph.records.references import ecr_reference, referrer_tag

_MEANING = {
    "sig": "cosign signature",
    "att": "cosign attestation",
    "sbom": "cosign SBOM",
    "": "SOCI index or referrers list",
}


def _resolved(configuration: Function | Version) -> ResourceId | None:
    reference = ecr_reference(configuration.resolved_image_uri)
    if not reference or not reference.digest:
        return None
    return reference.image_id


@rule(Relation.RUNS, Grade.PROOF)
def resolved_digest(index: InventoryIndex) -> Iterator[Match]:
    """Lambda says which digest in which repository a function or version runs
    (``Code.ResolvedImageUri`` of GetFunction). The image may be gone: the link then leads to a
    missing one."""
    for configuration in index.configurations():
        target = _resolved(configuration)
        if target and configuration.runs_what_it_says:
            yield Match(
                configuration.id,
                target,
                f"Lambda resolved its image to {configuration.resolved_image_uri}",
                "lambda GetFunction ResolvedImageUri",
            )


def _by_code(
    index: InventoryIndex,
) -> Iterator[tuple[Function | Version, str, Sequence[ResourceId], bool]]:
    """Yield configurations whose repository Lambda was not asked for. Each comes with its digest,
    the copies in its region, and whether there may be unread copies."""
    hidden = cache(partial(_hidden, index))
    for configuration in index.configurations():
        digest = configuration.image_digest
        if not digest or _resolved(configuration) or not configuration.runs_what_it_says:
            continue
        copies = index.ecr.copies(digest, configuration.region)
        yield configuration, digest, copies, hidden(configuration.region)


def _hidden(index: InventoryIndex, region: str) -> bool:
    """Whether a region may hold a repository or image that was not read."""
    return index.unread(Kind.ECR_REPO, region) or index.unread(Kind.ECR_IMAGE, region)


@rule(Relation.RUNS, Grade.PROOF)
def code_sha256(index: InventoryIndex) -> Iterator[Match]:
    """CodeSha256 of an image function is its manifest digest, and exactly one repository read in
    its region holds that digest, with no repository there left unread. When none does, the link
    leads to an image in the unknown repository ``?``. Lambda pulls only within a region."""
    for configuration, digest, copies, unread in _by_code(index):
        if len(copies) == 1 and not unread:
            yield Match(
                configuration.id,
                copies[0],
                f"its CodeSha256 is the digest {digest}, held by "
                f"{repository_name_of(copies[0])} alone "
                f"of the repositories read in {configuration.region}",
                "lambda ListFunctions CodeSha256",
            )
        elif not copies:
            yield Match(
                configuration.id,
                ecr_image_id(configuration.account, configuration.region, "?", digest),
                f"its CodeSha256 is the digest {digest}, which no repository read in "
                f"{configuration.region} holds",
                "lambda ListFunctions CodeSha256",
            )


@rule(Relation.RUNS, Grade.SUPPORT)
def code_sha256_ambiguous(index: InventoryIndex) -> Iterator[Match]:
    """CodeSha256 is a digest that several repositories of the region hold, or that one holds
    while others could not be read: each copy may be the one that runs."""
    for configuration, digest, copies, unread in _by_code(index):
        if len(copies) > 1 or (copies and unread):
            for copy in copies:
                yield Match(
                    configuration.id,
                    copy,
                    f"its CodeSha256 is the digest {digest}; {repository_name_of(copy)} is one of "
                    f"{len(copies)} repositories read in {configuration.region} that hold it"
                    + (", and others there were not read" if unread else ""),
                    "lambda ListFunctions CodeSha256",
                )


@rule(Relation.RUNS, Grade.SUPPORT)
def unsettled_update(index: InventoryIndex) -> Iterator[Match]:
    """The last update of a function failed or is in progress: the image that it was updated to may
    run next, and the image before it still runs, which Lambda does not name."""
    for function in index.inventory.functions:
        digest = function.image_digest
        if not digest or function.runs_what_it_says:
            continue
        target = _resolved(function)
        for image in [target] if target else index.ecr.copies(digest, function.region):
            yield Match(
                function.id,
                image,
                f"it was updated to {digest}, an update that is {function.last_update_status}",
                "lambda GetFunction LastUpdateStatus",
            )


@rule(Relation.CONTAINS, Grade.PROOF)
def index_child(index: InventoryIndex) -> Iterator[Match]:
    """An image index lists the digest. ECR refuses to delete a listed image while its index is
    there (ImageReferencedByManifestList)."""
    for image in index.ecr.referring.values():
        for child in image.children:
            what = f"its {child.platform} image" if child.runs else "an attestation"
            yield Match(
                image.id,
                ecr_image_id(image.account, image.region, image.repository, child.digest),
                f"the index lists {child.digest} as {what}",
                "ecr BatchGetImage manifests[]",
            )


@rule(Relation.DESCRIBES, Grade.PROOF)
def attestation_subject(index: InventoryIndex) -> Iterator[Match]:
    """The index entry of a BuildKit attestation names the image it is about
    (``vnd.docker.reference.digest``)."""
    for image in index.ecr.referring.values():
        for child in image.children:
            if child.describes:
                yield Match(
                    ecr_image_id(image.account, image.region, image.repository, child.digest),
                    ecr_image_id(image.account, image.region, image.repository, child.describes),
                    f"the index {image.digest} says the attestation is about {child.describes}",
                    "annotation vnd.docker.reference.digest",
                )


@rule(Relation.DESCRIBES, Grade.PROOF)
def referrer_subject(index: InventoryIndex) -> Iterator[Match]:
    """The manifest names its subject (OCI referrers; ``subjectManifestDigest`` of
    DescribeImages)."""
    for image in index.ecr.referring.values():
        if image.subject:
            yield Match(
                image.id,
                ecr_image_id(image.account, image.region, image.repository, image.subject),
                f"its manifest names {image.subject} as its subject",
                "ecr DescribeImages subjectManifestDigest",
            )


@rule(Relation.DESCRIBES, Grade.SUPPORT)
def signature_tag(index: InventoryIndex) -> Iterator[Match]:
    """The tag is a digest with ``-`` for ``:``, as cosign (``.sig``, ``.att``, ``.sbom``), SOCI
    and the OCI referrers fallback write it. A tag is only a name: it may be moved."""
    for image in index.ecr.referring.values():
        for tag in image.tags:
            about = referrer_tag(tag)
            if about and about.suffix in _MEANING and about.digest != image.digest:
                yield Match(
                    image.id,
                    ecr_image_id(*image.place, image.repository, about.digest),
                    f"its tag says it is the {_MEANING[about.suffix]} of {about.digest}",
                    f"tag {tag}",
                )


@rule(Relation.USES, Grade.PROOF)
def container_image(index: InventoryIndex) -> Iterator[Match]:
    """The engine says which image a container was made from."""
    for container in index.inventory.containers:
        if container.image_id:
            yield Match(
                container.id,
                local_image_id(container.image_id),
                f"container {container.name or short(container.container_id)} was made from it",
                "docker ImageID",
            )
