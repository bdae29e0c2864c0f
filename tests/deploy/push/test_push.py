"""Pushing: the repository, the token, the digest that ECR has, and what is refused before it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jotgraph.deploy.push import PackedImage, Pushed, PushOptions, push
from jotgraph.deploy.run import RUN_TAG, Made, running
from jotgraph.errors import ApplyError, NotProvenError, OptionError, RefusedError, UnknownNameError
from jotgraph.records import ecr_image_id, ecr_repo_id
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.store.journal import Journal, find_run
from tests.apply.runs import connect
from tests.deploy.push.small_engine import SmallEngine, packed, small_engine
from tests.deploy.rollout.conftest import identity

HOST = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
REVISION = "1234567890abcdef1234567890abcdef12345678"


@pytest.fixture
def engine(aws_environment: Sandbox) -> Iterator[SmallEngine]:
    with small_engine(aws_environment, packed(revision=REVISION), "app:1") as made:
        yield made


def pushed(
    engine: SmallEngine | None,
    image: str | PackedImage = "app:1",
    repository: str = "team/app",
    options: PushOptions | None = None,
) -> Pushed:
    clients = replace(connect(), docker=engine.client if engine else None)
    subject = {"image": image if isinstance(image, str) else image.digest, "to": repository}
    with running("push", subject, clients, patience=0.3) as run:
        return push(run, clients.docker, image, repository, options)


def repository(aws: Sandbox, name: str = "team/app") -> dict[str, Any]:
    ecr: Any = aws.client("ecr")
    return dict(ecr.describe_repositories(repositoryNames=[name])["repositories"][0])


def lines(run: str) -> list[tuple[str, str, str]]:
    with Journal(find_run(run)) as journal:
        return [
            (entry.what, str(entry.steps[0]) if entry.steps else "", entry.result or entry.call)
            for entry in journal.entries
            if entry.what in ("intent", "made")
        ]


def test_a_push_makes_the_repository_and_proves_the_digest(engine: SmallEngine) -> None:
    push = pushed(engine)
    digest = engine.image.digest
    assert push == Pushed(
        run=push.run,
        image=ecr_image_id("123456789012", "us-east-1", "team/app", digest),
        repository=ecr_repo_id("123456789012", "us-east-1", "team/app"),
        reference=f"{HOST}/team/app@{digest}",
        tag="1234567890ab",
        digest=digest,
        result=Made.CREATED,
        created_repository=True,
    )
    assert lines(push.run) == [
        ("intent", push.repository, "ecr:CreateRepository"),
        ("made", push.repository, "created"),
        ("intent", engine.image.id, "docker:POST /images/{name}/tag"),
        ("intent", push.repository, "docker:POST /images/{name}/push"),
        ("made", push.image, "created"),
        ("made", engine.image.id, "changed"),
    ]
    ecr: Any = engine.aws.client("ecr")
    arn = repository(engine.aws)["repositoryArn"]
    assert ecr.list_tags_for_resource(resourceArn=arn)["tags"] == [
        {"Key": RUN_TAG, "Value": identity(push.run)}
    ]


def test_the_same_push_again_pushes_nothing(engine: SmallEngine) -> None:
    first, second = pushed(engine), pushed(engine)
    assert engine.pushes == 1
    assert (second.result, second.created_repository) == (Made.THERE, False)
    assert second.digest == first.digest
    assert [line for line in lines(second.run) if line[0] == "intent"] == []


def test_the_token_is_nowhere_on_the_disk(engine: SmallEngine, state: Path) -> None:
    pushed(engine)
    ecr: Any = engine.aws.client("ecr")
    token = ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    contents = [path.read_bytes() for path in state.parent.rglob("*") if path.is_file()]
    assert contents
    assert not [content for content in contents if token.encode() in content]
    assert not [path for path in Path.home().rglob("*") if path.name == "config.json"]


def test_settings_of_a_new_repository(engine: SmallEngine) -> None:
    selection = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 9}
    rule = {"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}
    policy = json.dumps({"rules": [rule]})
    options = PushOptions(scan_on_push=True, immutable=True, lifecycle_policy=policy, tag="v1")
    assert pushed(engine, options=options).tag == "v1"
    made = repository(engine.aws)
    assert made["imageTagMutability"] == "IMMUTABLE"
    assert made["imageScanningConfiguration"] == {"scanOnPush": True}
    ecr: Any = engine.aws.client("ecr")
    assert ecr.get_lifecycle_policy(repositoryName="team/app")["lifecyclePolicyText"] == policy


def test_a_repository_that_is_there_keeps_its_settings(engine: SmallEngine) -> None:
    seed.repository(engine.aws, "team/app")
    assert pushed(engine, options=PushOptions(immutable=True)).created_repository is False
    assert repository(engine.aws)["imageTagMutability"] == "MUTABLE"


def test_a_tag_that_moves(engine: SmallEngine) -> None:
    seed.repository(engine.aws, "team/app")
    before = seed.image(engine.aws, "team/app", "v1")
    push = pushed(engine, options=PushOptions(tag="v1"))
    assert (push.moved_from, push.result) == (before, Made.CREATED)
    with Journal(find_run(push.run)) as journal:
        (made,) = [e for e in journal.entries if e.what == "made" and push.image in e.steps]
    assert made.params["before"] == {"tag": before}


def test_an_image_that_gets_another_tag_was_there(engine: SmallEngine) -> None:
    pushed(engine, options=PushOptions(tag="v1"))
    push = pushed(engine, repository="team/app:v2")
    assert (push.tag, push.result, push.moved_from) == ("v2", Made.CHANGED, "")


def test_an_immutable_tag_is_refused_before_the_push(engine: SmallEngine) -> None:
    seed.repository(engine.aws, "team/app", mutability="IMMUTABLE")
    digest = seed.image(engine.aws, "team/app", "v1")
    with pytest.raises(RefusedError) as refused:
        pushed(engine, options=PushOptions(tag="v1"))
    assert str(refused.value) == (
        f"team/app:v1 is {digest[:16]}, another image, and tags of this repository do not move "
        "(immutable): push under another tag (--tag)"
    )
    assert engine.pushes == 0


def test_the_same_image_under_an_immutable_tag_is_there(engine: SmallEngine) -> None:
    pushed(engine, options=PushOptions(immutable=True, tag="v1"))
    assert pushed(engine, options=PushOptions(tag="v1")).result is Made.THERE


def test_an_index_is_explained_before_the_push(engine: SmallEngine) -> None:
    engine.index = True
    with pytest.raises(RefusedError) as refused:
        pushed(engine)
    assert str(refused.value) == (
        "it is an image index, and Lambda refuses an index: build one platform without "
        "attestations: docker buildx build --platform linux/amd64 --provenance=false --sbom=false"
    )
    ecr: Any = engine.aws.client("ecr")
    assert ecr.describe_repositories()["repositories"] == []
    assert pushed(engine, options=PushOptions(allow_index=True)).result is Made.CREATED


def test_what_the_engine_refuses_is_said(engine: SmallEngine) -> None:
    engine.fails = "denied: Your authorization token has expired."
    with pytest.raises(ApplyError, match="the engine: denied: Your authorization token"):
        pushed(engine)
    engine.fails = ""
    push = pushed(engine)
    assert (push.result, push.created_repository) == (Made.CREATED, True)


def test_what_was_pushed_after_a_push_was_refused_is_somebody_elses(engine: SmallEngine) -> None:
    engine.fails = "denied: no permission"
    with pytest.raises(ApplyError, match="no permission"):
        pushed(engine)
    engine.fails = ""
    subject = {"somebody": "else"}
    clients = replace(connect(), docker=engine.client)
    with running("push", subject, clients, patience=0.3) as run:
        assert push(run, clients.docker, "app:1", "team/app", None).result is Made.CREATED
    assert pushed(engine).result is Made.THERE


def test_a_push_whose_answer_was_lost_is_the_runs_own(engine: SmallEngine) -> None:
    engine.fails = "unexpected EOF"
    with pytest.raises(ApplyError, match="EOF"):
        pushed(engine)
    engine.fails = ""
    with running("push", {"by": "the engine"}, replace(connect(), docker=engine.client)) as run:
        push(run, engine.client, "app:1", "team/app", None)
    assert pushed(engine).result is Made.CREATED


def test_another_digest_than_was_pushed_is_no_success(engine: SmallEngine) -> None:
    engine.lies = True
    with pytest.raises(
        NotProvenError, match=f"in ECR team/app:1234567890ab is {engine.image.digest}"
    ):
        pushed(engine)


def test_another_image_under_the_name_by_then_is_no_success(engine: SmallEngine) -> None:
    """The engine pushes what has the name, which another process may have moved."""
    described, foreign = engine.detail(), packed("of somebody else")
    engine.detail = lambda: described  # type: ignore[method-assign]
    engine.image = foreign
    with pytest.raises(NotProvenError, match=f"in ECR team/app:1234567890ab is {foreign.digest}"):
        pushed(engine)


def test_an_image_that_the_engine_has_not(engine: SmallEngine) -> None:
    with pytest.raises(UnknownNameError, match="the engine has no image 'nope:1'; build"):
        pushed(engine, "nope:1")


def test_no_engine(aws_environment: Sandbox) -> None:
    with pytest.raises(ApplyError, match="no Docker engine could be reached"):
        pushed(None)


@pytest.mark.parametrize("name", ["a@sha256:1", f"{HOST.replace('us-east', 'eu-west')}/app"])
def test_a_name_that_is_no_repository_here(engine: SmallEngine, name: str) -> None:
    with pytest.raises(OptionError):
        pushed(engine, repository=name)


def test_bytes_go_to_ecr_without_an_engine(aws_environment: Sandbox) -> None:
    image = packed("bytes")
    push = pushed(None, image)
    assert (push.result, push.digest) == (Made.CREATED, image.digest)
    assert push.tag == image.id.removeprefix("local-image:sha256:")[:12]
    assert pushed(None, image).result is Made.THERE
    calls = [call for event, _, call in lines(push.run) if event == "intent"]
    upload = ["ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload"]
    assert calls == ["ecr:CreateRepository", *upload, *upload, "ecr:PutImage"]


def test_bytes_of_an_index_are_refused(aws_environment: Sandbox) -> None:
    text = b'{"schemaVersion": 2, "manifests": [{"digest": "sha256:1"}]}'
    index = PackedImage(manifest=text, media_type=seed.INDEX, blobs={})
    with pytest.raises(RefusedError, match="Lambda refuses an index"):
        pushed(None, index)


@pytest.mark.parametrize("revision", ["", "abc", f"{REVISION}-dirty"])
def test_the_default_tag(aws_environment: Sandbox, revision: str) -> None:
    image = packed(revision=revision)
    own = image.id.removeprefix("local-image:sha256:")[:12]
    assert pushed(None, image).tag == ("1234567890ab-dirty" if "dirty" in revision else own)


def test_two_functions_of_one_commit_in_one_repository(aws_environment: Sandbox) -> None:
    """The default tag is that of the commit: the second would take it from the first, which would
    be left without any."""
    ecr: Any = aws_environment.client("ecr")
    revision = "1a2b3c4d5e6f" + "0" * 28

    def pushes(text: str, handler: str, tag: str = "") -> str:
        with running("push", {"image": text, "tag": tag}, connect()) as run:
            image = packed(text, revision, handler=handler)
            return push(run, None, image, "app", PushOptions(tag=tag)).digest

    first = pushes("one", "quote.app.handler")
    with pytest.raises(RefusedError) as refused:
        pushes("two", "receipt.app.handler")
    assert str(refused.value) == (
        "app:1a2b3c4d5e6f is the image of quote.app.handler, which would lose its tag to "
        "receipt.app.handler: push under another tag (--tag)"
    )
    pushes("two", "receipt.app.handler", "receipt")
    assert pushes("one", "quote.app.handler") == first
    rebuilt = pushes("one again", "quote.app.handler")
    answer = ecr.describe_images(repositoryName="app", imageIds=[{"imageTag": "1a2b3c4d5e6f"}])
    assert answer["imageDetails"][0]["imageDigest"] == rebuilt, "the same source may move it"
