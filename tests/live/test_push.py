"""Push by a real engine to a real registry, whose books the sandbox's ECR keeps: the digest is the
one that the registry serves, and the token is in no file."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import jotgraph.clients
from jotgraph.deploy.push import Pushed, PushOptions, push
from jotgraph.deploy.run import Made, running
from jotgraph.sandbox.server import Sandbox
from tests.rig.bridge import copy_to_ecr
from tests.rig.images import compiled, layer_of
from tests.rig.live import REGION, Rig


def pushed(rig: Rig, options: PushOptions) -> Pushed:
    connected = jotgraph.clients.connect(use_docker=False, rates={}, regions=[REGION])
    reached = replace(connected, docker=rig.docker)
    with running("push", {"tag": options.tag}, reached, patience=5) as run:
        return push(run, rig.docker, "hello:dev", "team/app", options)


def test_a_push_is_proven_and_not_repeated(ecr_named: Rig, aws_environment: Sandbox) -> None:
    rig, aws = ecr_named, aws_environment
    rig.put("hello:dev", layer_of({"hello": compiled()}), 'CMD ["/hello"]')

    def arrives(_request: object) -> None:
        """What the engine pushed is in ECR's books from here on."""
        try:
            rig.manifest("team/app", "v1")
        except LookupError:
            return
        aws.faults.clear()
        copy_to_ecr(rig, aws.client("ecr"), "team/app", "v1")

    aws.faults.before("ecr", "DescribeImages", call=arrives)
    push = pushed(rig, PushOptions(tag="v1"))
    assert (push.result, push.created_repository) == (Made.CREATED, True)
    assert push.digest == rig.manifest("team/app", "v1").digest
    again = pushed(rig, PushOptions(tag="v1"))
    assert (again.result, again.digest) == (Made.THERE, push.digest)
    ecr: Any = aws.client("ecr")
    token = ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    secrets = (token.encode(), base64.b64decode(token).partition(b":")[2])
    files = [path for path in Path.home().rglob("*") if path.is_file()]
    contents = [path.read_bytes() for path in files]
    assert contents
    assert not [secret for secret in secrets for content in contents if secret in content]
