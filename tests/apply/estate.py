"""A small estate in the sandbox with something to delete of every kind, and what stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox

OLD = datetime.now(UTC) - timedelta(days=200)
MANAGED = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


LOGS = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}],
}


class Estate(msgspec.Struct, frozen=True):
    """Digests of the images, and the trigger."""

    index: str
    child: str
    proof: str
    old: str
    shared: str
    trigger: str


def fill(aws: Sandbox) -> Estate:
    """``app``: a function with a version behind an alias, a trigger, an index with an attestation,
    a role with policies of both sorts. ``other`` shares one image and has a role of its own. Of
    the regions that the account has enabled one is not scanned: a run looks whether anything is
    there."""
    aws.world.regions = frozenset({aws.region, "eu-west-1"})
    seed.repository(aws, "app", created=OLD)
    seed.repository(aws, "common", created=OLD)
    child = seed.image(aws, "app", config=b'{"n":1}', layers=(b"one",), pushed=OLD)
    proof = seed.image(aws, "app", config=b'{"n":2}', layers=(b"two",), pushed=OLD)
    index = seed.index(aws, "app", {child: "linux/amd64"}, "v2", attests={proof: child}, pushed=OLD)
    old = seed.image(aws, "app", "v1", config=b'{"n":3}', layers=(b"three",), pushed=OLD)
    shared = seed.image(aws, "common", "v1", config=b'{"n":4}', pushed=OLD)
    role = seed.role(
        aws,
        "app-role",
        created=OLD,
        attached=(MANAGED,),
        inline={"logs": LOGS},
    )
    other = seed.role(aws, "other-role", created=OLD)
    seed.function(aws, "app", "app:v1", role=role, modified=OLD)
    seed.version(aws, "app", modified=OLD)
    seed.alias(aws, "app", "live", "1")
    seed.function(aws, "app", f"app@{child}", role=role, modified=OLD)
    seed.function(aws, "other", "common:v1", role=other, modified=OLD)
    trigger = seed.trigger(aws, "app:live", "arn:aws:sqs:us-east-1:123456789012:q", modified=OLD)
    return Estate(index=index, child=child, proof=proof, old=old, shared=shared, trigger=trigger)
