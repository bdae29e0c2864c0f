"""What free text names: a match, a near miss and nothing of each form."""

from __future__ import annotations

import pytest

from jotgraph.records.mentions import mentions, names_in
from tests.factories import (
    ACCOUNT,
    REGION,
    alias,
    digest,
    ecr_repository,
    function,
    log_group,
    role,
    uri,
    version,
)

ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/worker"
APP, WEB = uri("app"), uri("web")
LOGS = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/old"
LAMBDA = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:other:7"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ()),
        (f'{{"role":"{ROLE}"}}', (ROLE,)),
        (f"{ROLE},{ROLE}-2", (ROLE, f"{ROLE}-2")),
        (f"as {ROLE}.", (ROLE, f"{ROLE}.")),
        (f"call {LAMBDA}.", (LAMBDA,)),
        (f"{APP}:v1, {WEB}@{digest(2)}", (f"{APP}:v1", f"{WEB}@{digest(2)}")),
        (f"pinned {digest(3)}", (digest(3),)),
        (digest(3)[:-1], ()),
        ("arn:aws:iam::1234:role/x", ()),
        ("arn:aws:s3:::bucket", ()),
        ("docker.io/library/nginx:1", ()),
        (f'{{"aws:SourceArn":"{LOGS}:*"}}', (LOGS,)),
        ("group=/aws/lambda/old.", ("/aws/lambda/old",)),
        ("/aws/lambda/", ()),
        ("/aws/batch/job", ()),
    ],
)
def test_names_in_a_text(text: str, names: tuple[str, ...]) -> None:
    assert names_in(text) == names


def test_a_record_does_not_name_itself_or_its_function() -> None:
    own = function("pay").id
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:pay"
    policy = f'{{"Statement":[{{"Resource":"{arn}"}}]}}'
    assert list(mentions(function("pay", policy=policy))) == []
    assert list(mentions(version(1, "pay", description=arn))) == []
    assert list(mentions(alias("live", 1, "pay", description=arn))) == []
    (other,) = mentions(function("g", description=arn))
    assert (other.where, other.name, other.resource) == ("description", arn, own)


def test_a_log_group_is_named_by_its_arn_or_by_the_name_that_lambda_gives() -> None:
    there = log_group("/aws/lambda/old", region="eu-north-1").id
    arn = LOGS.replace(REGION, "eu-north-1")
    texts = function(mentions=("/aws/lambda/old",), policy=arn)
    assert [mention.resource for mention in mentions(texts)] == [
        log_group("/aws/lambda/old").id,
        there,
    ]
    assert list(mentions(role(trust="/aws/lambda/old"))) == []  # a role is of no region


def test_every_kind_of_text_is_read() -> None:
    records = (
        function(mentions=(ROLE,), tags=(("runs-as", ROLE),), policy=ROLE, used_before=(ROLE,)),
        ecr_repository(policy=ROLE, tags=(("for", ROLE),)),
        role("outer", trust=ROLE, tags=(("assumes", ROLE),), invokes=(LAMBDA,)),
        version(1, mentions=(digest(4),)),
    )
    assert [[mention.where for mention in mentions(record)] for record in records] == [
        ["environment", "tag runs-as", "configuration in an earlier scan", "resource policy"],
        ["repository policy", "tag for"],
        ["trust policy", "inline policy", "tag assumes"],
        ["environment"],
    ]
