"""Rules on bytes: digests that name the same manifest, config or layers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jotgraph.links.lookup import Lookup
from jotgraph.links.model import Grade, Match, Relation, rule
from jotgraph.links.names import ecr_reference, reference
from jotgraph.records import (
    Child,
    EcrImage,
    Function,
    Kind,
    LocalImage,
    ResourceId,
    Version,
    ecr_image_id,
    local_image_id,
)

_EMPTY = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
"""The config ``{}`` that all OCI artifacts share (OCI image spec, empty descriptor)."""

_ABOUT = re.compile(r"sha256-([0-9a-f]{64})(\.sig|\.att|\.sbom)?")
_MEANING = {
    ".sig": "cosign signature",
    ".att": "cosign attestation",
    ".sbom": "cosign SBOM",
    "": "SOCI index or referrers list",
}
_NEAREST = 8


def _resolved(each: Function | Version) -> ResourceId | None:
    found = ecr_reference(each.resolved_image_uri)
    if not found or not found.digest:
        return None
    return ecr_image_id(found.account, found.region, found.repository, found.digest)


@rule(Relation.RUNS, Grade.PROOF)
def resolved_digest(lookup: Lookup) -> Iterator[Match]:
    """Lambda says which digest in which repository a function or version runs
    (``Code.ResolvedImageUri`` of GetFunction). The image may be gone: the link then leads to a
    missing one."""
    for each in lookup.configurations():
        target = _resolved(each)
        if target:
            yield Match(
                each.id,
                target,
                f"Lambda resolved its image to {each.resolved_image_uri}",
                "lambda GetFunction ResolvedImageUri",
            )


def _by_code(lookup: Lookup) -> Iterator[tuple[Function | Version, str, list[EcrImage], bool]]:
    """Configurations whose repository Lambda was not asked for: digest, copies in the region,
    and whether there may be others unread."""
    for each in lookup.configurations():
        digest = each.image_digest
        if not digest or _resolved(each):
            continue
        copies = [
            image for image in lookup.ecr_by_digest.get(digest, ()) if image.region == each.region
        ]
        unread = lookup.unread(Kind.ECR_REPO, each.region) or lookup.unread(
            Kind.ECR_IMAGE, each.region
        )
        yield each, digest, copies, unread


@rule(Relation.RUNS, Grade.PROOF)
def code_sha256(lookup: Lookup) -> Iterator[Match]:
    """CodeSha256 of an image function is its manifest digest, and exactly one repository read in
    its region holds that digest, with no repository there left unread. When none does, the link
    leads to an image in the unknown repository ``?``. Lambda pulls only within a region."""
    for each, digest, copies, unread in _by_code(lookup):
        if len(copies) == 1 and not unread:
            yield Match(
                each.id,
                copies[0].id,
                f"its CodeSha256 is the digest {digest}, held by {copies[0].repository} alone "
                f"of the repositories read in {each.region}",
                "lambda ListFunctions CodeSha256",
            )
        elif not copies:
            yield Match(
                each.id,
                ecr_image_id(each.account, each.region, "?", digest),
                f"its CodeSha256 is the digest {digest}, which no repository read in "
                f"{each.region} holds",
                "lambda ListFunctions CodeSha256",
            )


@rule(Relation.RUNS, Grade.SUPPORT)
def code_sha256_ambiguous(lookup: Lookup) -> Iterator[Match]:
    """CodeSha256 is a digest that several repositories of the region hold, or that one holds
    while others could not be read: each copy may be the one that runs."""
    for each, digest, copies, unread in _by_code(lookup):
        if len(copies) > 1 or (copies and unread):
            for copy in copies:
                yield Match(
                    each.id,
                    copy.id,
                    f"its CodeSha256 is the digest {digest}; {copy.repository} is one of "
                    f"{len(copies)} repositories read in {each.region} that hold it"
                    + (", and others there were not read" if unread else ""),
                    "lambda ListFunctions CodeSha256",
                )


@rule(Relation.COPY_OF, Grade.PROOF)
def config_digest(lookup: Lookup) -> Iterator[Match]:
    """The manifest in ECR names the very config of a local image: same layers, same settings,
    same build. Holds whatever the manifest's own digest is (a push may re-compress)."""
    for local in lookup.inventory.local_images:
        for digest in sorted({local.image_id, local.config_digest or ""} - {"", _EMPTY}):
            for image in lookup.ecr_by_config.get(digest, ()):
                yield Match(
                    image.id,
                    local.id,
                    f"its manifest names the config {digest} of the local image",
                    "ecr BatchGetImage config.digest",
                )


def _platform_child(index: EcrImage, local: LocalImage) -> str | None:
    """The digest of the one child of an index that a local image of that index can be."""
    platforms = [each for each in index.children if _runs(each)]
    mine = f"{local.os}/{local.architecture}"
    same = [each for each in platforms if each.platform.startswith(mine)] if local.os else platforms
    return same[0].digest if len(same) == 1 else None


def _runs(child: Child) -> bool:
    return not child.describes and child.platform != "unknown/unknown"


@rule(Relation.COPY_OF, Grade.PROOF)
def repo_digest(lookup: Lookup) -> Iterator[Match]:
    """The engine lists the digest among the image's RepoDigests: it pushed or pulled that
    manifest, or the index that holds it. Podman lists digests of its own making before any push;
    they equal no digest in ECR and so say nothing."""
    for local in lookup.inventory.local_images:
        for digest in sorted({reference(each).digest for each in local.repo_digests} - {""}):
            for image in lookup.ecr_by_digest.get(digest, ()):
                yield Match(
                    image.id,
                    local.id,
                    f"the engine lists {digest} among the image's RepoDigests",
                    "docker RepoDigests",
                )


@rule(Relation.COPY_OF, Grade.STRONG)
def lost_digest(lookup: Lookup) -> Iterator[Match]:
    """A function runs a digest that ECR does not list (any more), and the engine has it: among an
    image's RepoDigests, or as its id in the containerd image store. The local image may be all
    that is left of it."""
    held: dict[str, list[LocalImage]] = {}
    for local in lookup.inventory.local_images:
        for digest in {local.image_id, *(reference(each).digest for each in local.repo_digests)}:
            held.setdefault(digest, []).append(local)
    told: set[tuple[str, str]] = set()
    for each in lookup.configurations():
        runs = ecr_reference(each.resolved_image_uri)
        if runs is None or not runs.digest:
            continue
        image = ecr_image_id(runs.account, runs.region, runs.repository, runs.digest)
        for local in held.get(runs.digest, ()):
            if image not in lookup.by_id and (image, local.id) not in told:
                told.add((image, local.id))
                yield Match(
                    image,
                    local.id,
                    f"a function runs {runs.digest}, which ECR does not list and the engine has",
                    "docker Id and RepoDigests, lambda GetFunction ResolvedImageUri",
                )


@rule(Relation.COPY_OF, Grade.PROOF)
def containerd_digest(lookup: Lookup) -> Iterator[Match]:
    """In the containerd image store the id of a local image *is* its manifest's or index's digest
    (docs.docker.com/engine/storage/containerd). When it is an index that ECR holds too, so is the
    one child of the local image's platform."""
    for local in lookup.inventory.local_images:
        for image in lookup.ecr_by_digest.get(local.image_id, ()):
            yield Match(
                image.id,
                local.id,
                f"the engine's id of the image is the digest {image.digest}",
                "docker Id (containerd image store)",
            )
            child = _platform_child(image, local)
            if child:
                yield Match(
                    ecr_image_id(image.account, image.region, image.repository, child),
                    local.id,
                    f"it is the {local.os}/{local.architecture} image of the index "
                    f"{image.digest}, which is the engine's id of the local image",
                    "docker Id (containerd image store)",
                )


@rule(Relation.COPY_OF, Grade.SUPPORT)
def same_layers(lookup: Lookup) -> Iterator[Match]:
    """The uncompressed layers are equal, in order, and the configs differ: the same files, not
    necessarily the same build (a label or a setting may differ, or a tool rewrote the config).
    Of many such local images the eight nearest in time of creation are linked."""
    for images in lookup.images_by_layers.values():
        locals_ = [each for each in images if isinstance(each, LocalImage)]
        if not locals_:
            continue
        for image in images:
            if isinstance(image, LocalImage):
                continue
            others = [
                each
                for each in locals_
                if not {image.config_digest, image.digest}
                & {each.image_id, each.config_digest or ""}
            ]
            for local in sorted(others, key=lambda each: (_apart(image, each), each.id))[:_NEAREST]:
                yield Match(
                    image.id,
                    local.id,
                    f"its {len(image.diff_ids)} layers are those of the local image, under "
                    "another config",
                    "rootfs.diff_ids of both configs",
                )


def _apart(image: EcrImage, local: LocalImage) -> float:
    if image.created_at is None or local.created_at is None:
        return float("inf")
    return abs((image.created_at - local.created_at).total_seconds())


@rule(Relation.CONTAINS, Grade.PROOF)
def index_child(lookup: Lookup) -> Iterator[Match]:
    """An image index lists the digest. ECR refuses to delete a listed image while its index is
    there (ImageReferencedByManifestList)."""
    for image in lookup.inventory.ecr_images:
        for child in image.children:
            what = f"its {child.platform} image" if _runs(child) else "an attestation"
            yield Match(
                image.id,
                ecr_image_id(image.account, image.region, image.repository, child.digest),
                f"the index lists {child.digest} as {what}",
                "ecr BatchGetImage manifests[]",
            )


@rule(Relation.DESCRIBES, Grade.PROOF)
def attestation_subject(lookup: Lookup) -> Iterator[Match]:
    """The index entry of a BuildKit attestation names the image it is about
    (``vnd.docker.reference.digest``)."""
    for image in lookup.inventory.ecr_images:
        for child in image.children:
            if child.describes:
                yield Match(
                    ecr_image_id(image.account, image.region, image.repository, child.digest),
                    ecr_image_id(image.account, image.region, image.repository, child.describes),
                    f"the index {image.digest} says the attestation is about {child.describes}",
                    "annotation vnd.docker.reference.digest",
                )


@rule(Relation.DESCRIBES, Grade.PROOF)
def referrer_subject(lookup: Lookup) -> Iterator[Match]:
    """The manifest names its subject (OCI referrers; ``subjectManifestDigest`` of
    DescribeImages)."""
    for image in lookup.inventory.ecr_images:
        if image.subject:
            yield Match(
                image.id,
                ecr_image_id(image.account, image.region, image.repository, image.subject),
                f"its manifest names {image.subject} as its subject",
                "ecr DescribeImages subjectManifestDigest",
            )


@rule(Relation.DESCRIBES, Grade.SUPPORT)
def signature_tag(lookup: Lookup) -> Iterator[Match]:
    """The tag is a digest with ``-`` for ``:``, as cosign (``.sig``, ``.att``, ``.sbom``), SOCI
    and the OCI referrers fallback write it. A tag is only a name: it may be moved."""
    for image in lookup.inventory.ecr_images:
        for tag in image.tags:
            found = _ABOUT.fullmatch(tag) if tag.startswith("sha256-") else None
            if not found:
                continue
            digest = f"sha256:{found[1]}"
            if digest != image.digest:
                yield Match(
                    image.id,
                    ecr_image_id(image.account, image.region, image.repository, digest),
                    f"its tag says it is the {_MEANING[found[2] or '']} of {digest}",
                    f"tag {tag}",
                )


@rule(Relation.USES, Grade.PROOF)
def container_image(lookup: Lookup) -> Iterator[Match]:
    """The engine says which image a container was made from."""
    for container in lookup.inventory.containers:
        if container.image_id:
            yield Match(
                container.id,
                local_image_id(container.image_id),
                f"container {container.name or container.container_id[:12]} was made from it",
                "docker ImageID",
            )
