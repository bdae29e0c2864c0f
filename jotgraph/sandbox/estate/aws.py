"""The AWS side of the example estate."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from jotgraph.sandbox import seed
from jotgraph.sandbox.estate import people, workloads
from jotgraph.sandbox.estate.history import CHANGES, REMOTE, History
from jotgraph.sandbox.estate.images import IN_TOTO, Image, base, build, provenance
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources.cache import sha256_of

ELSEWHERE = "eu-west-1"
PARTNER = "210987654321"
"""An account that the scan does not read."""


class Estate(msgspec.Struct, frozen=True):
    """What was created, as far as the local engine and the tests need it."""

    local: Mapping[str, Image]
    """``repository:tag`` -> image, for ``docker load``; ``""`` is the one without a tag."""
    digests: Mapping[str, str]
    """A name of ours -> the digest in ECR."""
    pods: str
    """What ``kubectl get pods,deployments -A -o json`` prints of the cluster ``shop``."""


class _Push(msgspec.Struct, frozen=True):
    """One image of a function or service: its commit, the time of the push, and its labels."""

    repo: str
    source: str
    """The folder of the repository that it was built from."""
    at: int
    days_ago: float
    tags: tuple[str, ...] = ()
    labelled: bool = True
    edited: bool = False


PUSHES: Mapping[str, _Push] = {
    "checkout-old": _Push("payments/checkout", "checkout", 0, 205),
    "checkout-1.1": _Push("payments/checkout", "checkout", 5, 38, ("1.1.0",)),
    # pushed as `latest`, deployed, and then `latest` moved on: drift, and an untagged live image
    "checkout-live": _Push("payments/checkout", "checkout", 6, 22, ("latest",)),
    "checkout-next": _Push("payments/checkout", "checkout", 9, 1.5, ("latest",)),
    "refunds-1": _Push("payments/refunds", "refunds", 1, 188, ("1.0.0",)),
    "refunds-2": _Push("payments/refunds", "refunds", 3, 95),
    "refunds-3": _Push("payments/refunds", "refunds", 8, 5, ("1.2.0", "latest")),
    "thumbs-1": _Push("media/thumbs", "thumbs", 2, 149, ("1.0.0",)),
    "thumbs-2": _Push("media/thumbs", "thumbs", 5, 39),
    # built from a work tree with an edit that was never committed
    "reports-dirty": _Push("platform/reports", "reports", 4, 60, ("nightly",), edited=True),
    # carries no label at all: only its tag, or its bytes, tell the commit
    "reports-unlabelled": _Push("platform/reports", "reports", 4, 58, labelled=False),
    # an ECS service keeps the digest it was deployed with, while `latest` moves on
    "storefront-1.0": _Push("web/storefront", "storefront", 2, 148, ("1.0.0",)),
    "storefront-live": _Push("web/storefront", "storefront", 6, 20, ("latest",)),
    "storefront-next": _Push("web/storefront", "storefront", 9, 1.2, ("latest",)),
    "migrate": _Push("web/migrate", "migrate", 5, 37, ("1.1.0",)),
    "invoices-1": _Push("payments/invoices", "invoices", 1, 187, ("1.0.0",)),
    "invoices-2": _Push("payments/invoices", "invoices", 5, 36, ("1.1.0",)),
    "gateway-1.0": _Push("platform/gateway", "gateway", 4, 57, ("1.0.0",)),
    "gateway-1.1": _Push("platform/gateway", "gateway", 5, 35, ("1.1.0",)),
}
MOVES = ("checkout-next", "storefront-next")
"""Pushes that move a tag off what was deployed by it."""


def fill(aws: Sandbox, history: History, now: datetime) -> Estate:
    """Make repositories, images, roles, functions, other workloads, triggers and metrics."""
    aws.world.regions = frozenset({aws.region, ELSEWHERE})
    made = {name: _image(history, push, now) for name, push in PUSHES.items()}
    _repositories(aws, now)
    digests = {}

    def push(name: str) -> None:
        wanted = PUSHES[name]
        # some are known by their label alone, and the dirty one has no commit to be named by
        bare = wanted.edited or name in ("checkout-live", "refunds-2", "storefront-live")
        tags = wanted.tags + (() if bare else (history.shas[wanted.at],))
        digests[name] = _push(aws, wanted.repo, made[name], tags, now, wanted.days_ago)

    for name in PUSHES:
        if name not in MOVES:
            push(name)
    digests |= _search(aws, history, now)
    digests |= _legacy(aws, now)
    people.roles(aws, now)
    people.functions(aws, digests, now)
    people.calls(aws, now)
    workloads.roles(aws, now)
    workloads.start(aws, now)
    for name in MOVES:
        push(name)
    _lose(aws, "media/thumbs", digests["thumbs-2"])
    pods = workloads.pods(aws, digests["gateway-1.1"], now)
    return Estate(local=_local(made), digests=digests, pods=pods)


def _image(history: History, push: _Push, now: datetime) -> Image:
    files = history.files(push.source, push.at)
    if push.edited:
        files["app.py"] = files["app.py"].replace(b"rows = event", b"rows = 2 * event")
    labels = {
        "org.opencontainers.image.revision": history.shas[push.at],
        "org.opencontainers.image.source": REMOTE.removesuffix(".git"),
        "org.opencontainers.image.title": push.source,
    }
    created = now - timedelta(days=push.days_ago, minutes=7)
    return build(
        files,
        created=created,
        packages=push.source,
        labels=labels if push.labelled else {},
    )


def _repositories(aws: Sandbox, now: datetime) -> None:
    ages = {"payments/checkout": 211, "payments/refunds": 191, "media/thumbs": 151}
    ages |= {"platform/reports": 62, "platform/legacy": 400, "media/transcode": 320}
    ages |= {"web/storefront": 151, "web/migrate": 151, "payments/invoices": 190}
    ages |= {"platform/gateway": 61}
    for name, days in ages.items():
        team = name.partition("/")[0]
        seed.repository(aws, name, created=now - timedelta(days=days), tags={"team": team})
    for region in (aws.region, ELSEWHERE):
        seed.repository(
            aws,
            "search/api",
            region=region,
            created=now - timedelta(days=150),
            mutability="IMMUTABLE",
            tags={"team": "search"},
        )
    seed.repository(
        aws,
        "platform/shared-tools",
        created=now - timedelta(days=300),
        policy={
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "PartnerPull",
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{PARTNER}:root"},
                    "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                }
            ],
        },
        tags={"team": "platform"},
    )


def _push(
    aws: Sandbox,
    repo: str,
    image: Image,
    tags: tuple[str, ...],
    now: datetime,
    days_ago: float,
    *,
    region: str | None = None,
    archived: bool = False,
) -> str:
    when = now - timedelta(days=days_ago)
    return seed.image(
        aws,
        repo,
        *tags,
        config=image.config,
        layers=image.layers,
        pushed=when,
        archived=archived,
        region=region,
    )


def _search(aws: Sandbox, history: History, now: datetime) -> dict[str, str]:
    """Two multi-architecture releases with attestations; the newer one in two regions."""
    digests = {}
    for name, at, days_ago, region in (
        ("search-old", 2, 148, aws.region),
        ("search", 5, 38.5, aws.region),
        ("search-eu", 5, 38.5, ELSEWHERE),
    ):
        push = _Push("search/api", "search", at, days_ago)
        arm = build(
            history.files("search", at),
            created=now - timedelta(days=days_ago, minutes=7),
            packages="search",
            labels={"org.opencontainers.image.revision": history.shas[at]},
            architecture="arm64",
        )
        children = {}
        for image, platform in ((_image(history, push, now), "linux/amd64"), (arm, "linux/arm64")):
            digest = _push(aws, push.repo, image, (), now, days_ago, region=region)
            children[digest] = platform
            digests[f"{name}-{platform.rpartition('/')[2]}"] = digest
        amd64 = digests[f"{name}-amd64"]
        proof = _attest(aws, push, amd64, history.shas[at], now, region)
        tags = () if name == "search-old" else (CHANGES[at].tag.removeprefix("v"),)
        digests[name] = seed.index(
            aws,
            push.repo,
            children,
            *tags,
            attests={proof: amd64},
            pushed=now - timedelta(days=days_ago),
            region=region,
        )
    return digests


def _attest(aws: Sandbox, push: _Push, subject: str, sha: str, now: datetime, region: str) -> str:
    """Push BuildKit's provenance of an image as its attestation manifest."""
    body = provenance(subject, REMOTE, sha, f"functions/{push.source}")
    config = json.dumps({"architecture": "unknown", "os": "unknown", "config": {}}).encode()
    text = seed.manifest(config, [(sha256_of(body), len(body))], layer_type=IN_TOTO)
    when = now - timedelta(days=push.days_ago)
    return seed.image(
        aws, push.repo, config=config, layers=(body,), text=text, pushed=when, region=region
    )


def _legacy(aws: Sandbox, now: datetime) -> dict[str, str]:
    """Images that nothing uses now, an archived image, and one that a partner account may pull."""
    digests = {}
    for name, repo, tags, days_ago, archived in (
        ("importer-1", "platform/legacy", ("importer-2023.4",), 390, False),
        ("importer-2", "platform/legacy", (), 371, False),
        ("importer-archived", "platform/legacy", ("importer-2023.1",), 399, True),
        ("tools", "platform/shared-tools", ("2.0",), 210, False),
    ):
        files = {"app.py": f"# {name}: from a repository that is gone\n".encode() * 40}
        image = build(files, created=now - timedelta(days=days_ago, hours=1), packages=name)
        digests[name] = _push(aws, repo, image, tags, now, days_ago, archived=archived)
    return digests


def _lose(aws: Sandbox, repo: str, digest: str) -> None:
    """Delete an image that a function runs, as a cleanup by tag does."""
    aws.client("ecr").batch_delete_image(repositoryName=repo, imageIds=[{"imageDigest": digest}])
    aws.age_functions()


def _local(made: Mapping[str, Image]) -> dict[str, Image]:
    """The images on the engineers' own machine; one of them is gone from ECR."""
    names = {
        "payments/checkout:latest": "checkout-next",
        "payments/refunds:1.2.0": "refunds-3",
        "media/thumbs:prod": "thumbs-2",
        "platform/reports:nightly": "reports-dirty",
    }
    tagged = {name: made[key] for name, key in names.items()}
    return tagged | {"example-lambda-base:2024.03": base(), "": made["checkout-live"]}
