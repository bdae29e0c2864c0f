"""A filled embedded AWS, called without sockets, and an examination of it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from jotgraph.clients import Clients
from jotgraph.doctor import examine, machine
from jotgraph.queries.answers.diagnosis import Diagnosis
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources.aws import rate_limit
from jotgraph.sources.aws.rate_limit import TokenBucket
from tests.rig.drawn_once import drawn
from tests.rig.kept import keep
from tests.rig.wire import Wire
from tests.test_permissions import fill

POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "ecr:BatchGetImage",
        }
    ],
}
Examine = Callable[..., Diagnosis]


@pytest.fixture(scope="module")
def _estate() -> Iterator[tuple[Sandbox, Callable[[], None]]]:
    with Sandbox() as sandbox:
        fill_all(sandbox)
        yield sandbox, keep(sandbox)


def fill_all(aws: Sandbox) -> None:
    """Something for every call and for every assumption that reading can check."""
    fill(aws, repositories=2)
    ecr, lambda_ = aws.client("ecr"), aws.client("lambda")
    ecr.set_repository_policy(repositoryName="team/app", policyText=json.dumps(POLICY))
    arn = f"arn:aws:ecr:{aws.region}:{aws.account}:repository/team/app"
    ecr.tag_resource(resourceArn=arn, tags=[{"Key": "team", "Value": "shop"}])
    function = f"arn:aws:lambda:{aws.region}:{aws.account}:function:app"
    lambda_.tag_resource(Resource=function, Tags={"team": "shop"})
    now = datetime.now(UTC)
    scanned = seed.image(
        aws,
        "team/app",
        "scanned",
        config=b'{"scanned": true}',
        pushed=now - timedelta(days=9),
        pulled=now - timedelta(days=3),
    )
    seed.scan(aws, "team/app", scanned, counts={})
    seed.role(aws, "used-role", last_used=now, last_used_region=aws.region)


@pytest.fixture
def aws(_estate: tuple[Sandbox, Callable[[], None]], monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """The filled embedded AWS, as it was at first."""
    sandbox, again = _estate
    again()
    for name, value in sandbox.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(rate_limit, "TokenBucket", lambda *_: TokenBucket(math.inf))
    monkeypatch.setattr(machine, "run_graphviz", drawn)
    return sandbox


@pytest.fixture(scope="module")
def _made() -> dict[str, Clients]:
    return {}


@pytest.fixture
def clients(aws: Sandbox, _made: dict[str, Clients]) -> Clients:
    """Made once: that takes longer than an examination."""
    if not _made:
        _made["one"] = Wire(aws).clients
    return _made["one"]


@pytest.fixture
def examined(clients: Clients) -> Examine:
    """``examined(**options)``."""
    return lambda **options: examine(clients, **options)
