"""A redacted inventory answers as the original does, and nothing of its names is left."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given

from jotgraph.analysis.health import findings
from jotgraph.analysis.provenance import commits_of
from jotgraph.graph import ResourceGraph, build, of_kind, record
from jotgraph.queries.costs import costs
from jotgraph.queries.difference import difference
from jotgraph.queries.impact import impact
from jotgraph.queries.jots import jots
from jotgraph.queries.lifecycle import lifecycle
from jotgraph.queries.lineage import trace
from jotgraph.queries.orphans import orphans
from jotgraph.queries.rescue import rescue
from jotgraph.queries.staleness import staleness
from jotgraph.queries.summary import summary
from jotgraph.queries.where import where
from jotgraph.records import CONSUMERS, EcrRepository, Inventory, Kind, ResourceId
from jotgraph.render.answers.envelope import plain
from jotgraph.store import load, save
from jotgraph.store.redaction import Redaction, redacted
from tests import factories
from tests.factories import NOW
from tests.functional.estate import DENIED
from tests.functional.estate import estate as small
from tests.render.goldens import DEMO
from tests.scale.estates import estate
from tests.strength import DICE, examples

KEY = b"k" * 32
replace = msgspec.structs.replace
NO_TEXT = frozenset(
    {"subject", "author", "detail", "gaps", "scope", "about", "because", "statement", "looked_at",
     "lag_says", "next", "of", "reason"}
)  # fmt: skip
"""Free text, which is dropped; sentences, whose words may be names elsewhere; and what an answer
repeats of its inventory."""
OURS = frozenset(
    {"code", "states", "severity", "verdict", "kind", "prices", "rule", "state", "unread", "word"}
)
"""Words of this program."""
ONE_OF_SEVERAL = frozenset({"witness", "path"})
"""Of several ways the one that is shown follows the order of names: it is as long."""
LEFT = {
    "jots": frozenset({"image", "dates", "local_images", "local_tags"}),
    "trace": frozenset({"findings"}),
    "costs": frozenset({"unread"}),
    "summary": frozenset({"unread"}),
}
"""Where one digest is in several accounts, of which copy jots and traces tell follows the order,
too; why costs may be more is a sentence."""


def answers(graph: ResourceGraph) -> dict[str, Any]:
    """Every query of an inventory."""
    resources = [resource for resource in graph if not resource.startswith("commit:")]
    return {
        "orphans": orphans(graph),
        "stale": staleness(graph),
        "jots": jots(graph, all_versions=True),
        "rescue": rescue(graph),
        "summary": summary(graph),
        "costs": costs(graph),
        "lifecycle": {
            repository: lifecycle(graph, repository, now=NOW)
            for repository in _with_policies(graph)
        },
        "findings": {resource: findings(graph, resource) for resource in resources},
        "commits": {resource: commits_of(graph, resource).commits for resource in resources},
        "impact": {resource: impact(graph, resource) for resource in resources},
        "trace": {resource: trace(graph, resource) for resource in resources},
        "where": [where(graph, commit) for commit in list(graph) if commit.startswith("commit:")],
    }


def _with_policies(graph: ResourceGraph) -> Iterator[ResourceId]:
    """Repositories of which it was read which lifecycle policy they have, if any."""
    for resource in of_kind(graph, Kind.ECR_REPO):
        node = record(graph, resource)
        if isinstance(node, EcrRepository) and node.lifecycle is not None:
            yield resource


def canonical(value: Any, text_of: Callable[[str], str], left: frozenset[str]) -> Any:
    """An answer without its order, each text as it is told."""
    value = value if isinstance(value, dict | list | str) else _plain(value)
    if isinstance(value, dict):
        value = {
            key: len(field) if key in ONE_OF_SEVERAL else field for key, field in value.items()
        }
        return {
            text_of(key): canonical(field, str if key in OURS else text_of, left)
            for key, field in sorted(value.items())
            if key not in NO_TEXT | left
        }
    if isinstance(value, list):
        return sorted(
            (canonical(item, text_of, left) for item in value),
            key=lambda item: msgspec.json.encode(item, order="sorted"),
        )
    return text_of(value) if isinstance(value, str) else value


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float) else plain(value)


def redacted_answer(redaction: Redaction) -> Callable[[str], str]:
    """A text of an answer in which what the redaction hashed is hashed."""
    words = re.compile(r"[0-9]{12}|[^\W\d_]+")
    return lambda text: words.sub(lambda match: redaction.words.get(match[0], match[0]), text)


def assert_alike(world: Inventory) -> None:
    redaction = Redaction(KEY)
    before = answers(build(world))
    after = answers(build(redaction.of(world)))
    text_of = redacted_answer(redaction)
    for name, answer in before.items():
        left = LEFT.get(name, frozenset[str]())
        assert canonical(after[name], str, left) == canonical(answer, text_of, left), name


def _policy(*rules: tuple[dict[str, Any], dict[str, Any]]) -> str:
    chosen = [
        {"rulePriority": at, "selection": tags | count, "action": {"type": "expire"}}
        for at, (tags, count) in enumerate(rules, 1)
    ]
    return json.dumps({"rules": chosen})


OLD = {"countType": "sinceImagePushed", "countUnit": "days", "countNumber": 14}
MANY = {"countType": "imageCountMoreThan", "countNumber": 2}
POLICIES = (
    None,
    "",
    _policy(({"tagStatus": "untagged"}, OLD)),
    _policy(({"tagStatus": "tagged", "tagPrefixList": ["v"]}, MANY), ({"tagStatus": "any"}, OLD)),
    _policy(({"tagStatus": "tagged", "tagPatternList": ["*live*", "v*"]}, MANY)),
)
"""A pattern of tags is made of whole words: of a part of one the hash is another."""


@examples(3, many=30, shrink=False)
@given(DICE)
def test_every_answer_is_that_of_the_original_with_its_names_hashed(rng: Random) -> None:
    world = estate(rng)
    repositories = tuple(
        replace(repository, lifecycle=rng.choice(POLICIES)) for repository in world.ecr_repositories
    )
    assert_alike(replace(world, ecr_repositories=repositories))


@pytest.mark.parametrize(
    "world", [small(), small(DENIED), load(DEMO)], ids=["small", "denied", "demo"]
)
def test_estates_with_git_and_an_engine_answer_alike(world: Inventory) -> None:
    assert_alike(world)


def test_the_same_key_gives_the_same_hashes_and_another_others() -> None:
    before, after = small(), replace(small(), functions=())
    plain_ = difference(before, after)
    changes = difference(redacted(before, KEY), redacted(after, KEY))
    assert [len(part) for part in (changes.added, changes.removed, changes.changed)] == [
        len(part) for part in (plain_.added, plain_.removed, plain_.changed)
    ]
    assert redacted(before, KEY) == redacted(before, KEY)
    differently = redacted(before, b"another")
    names = {function.name for function in redacted(before, KEY).functions}
    assert names.isdisjoint(function.name for function in differently.functions)


CANARY = "quetzal"
SECRET = "999988887777"


def canaries() -> Inventory:
    """An estate with a word that nobody may see in whatever a person or a team writes."""
    place = {"account": SECRET}
    name = f"{CANARY}-pay"
    arn = f"arn:aws:iam::{SECRET}:role/{CANARY}/runner"
    uri = f"{SECRET}.dkr.ecr.eu-west-1.amazonaws.com/{CANARY}/app:{CANARY}-1"
    tags = (
        (f"{CANARY}-team", f"{CANARY} {CANARY}@example.org"),
        ("jotgraph:before:1", CANARY),
        ("jotgraph:function", f"{CANARY}-pay"),
        ("jotgraph:protect", f"{CANARY} needs it"),
    )
    policy = json.dumps(
        {"Statement": [{"Sid": CANARY, "Effect": "Allow", "Principal": {"AWS": arn},
                        "Action": "ecr:BatchGetImage",
                        "Condition": {"StringEquals": {f"aws:PrincipalTag/{CANARY}": CANARY}}}]}
    )  # fmt: skip
    records: list[Any] = [
        replace(
            factories.commit(1),
            author=f"{CANARY} <{CANARY}@example.org>",
            subject=f"fix {CANARY}",
            repositories=(CANARY,),
        ),
        replace(
            factories.git_repository(),
            key=CANARY,
            path=f"/home/{CANARY}/src",
            remotes=(f"https://github.com/{CANARY.title()}/{CANARY}.git",),
            refs=((f"refs/heads/{CANARY}", factories.sha(1)),),
            head_ref=f"refs/heads/{CANARY}",
        ),
        replace(
            factories.ecr_repository(), name=f"{CANARY}/app", uri=uri, policy=policy, tags=tags,
            arn=arn, lifecycle=policy, **place,
        ),
        replace(
            factories.ecr_image(1), repository=f"{CANARY}/app", tags=(f"{CANARY}-1",),
            labels=(
                ("org.opencontainers.image.source", f"https://git.{CANARY}.io/{CANARY}"),
                (f"io.{CANARY}.owner", CANARY),
            ),
            media_type=f"application/vnd.{CANARY}.manifest+json",
            artifact_media_type=f"application/vnd.{CANARY}.v1",
            statements=(factories.statement(1, predicate=f"https://{CANARY}.io/approved/v1"),),
            env=(("GIT_SHA", f"{CANARY}-dirty"),), command=(f"{CANARY}.app.handler",), **place,
        ),
        replace(
            factories.function("pay"), name=name, arn=arn, role_arn=arn, image_uri=uri, tags=tags,
            description=f"of {CANARY}", handler=f"{CANARY}.handler", env_names=(f"{CANARY}_URL",),
            mentions=(arn, uri), policy=policy, log_group=f"/aws/lambda/{name}", **place,
        ),
        replace(
            factories.alias(CANARY, 1), function_name=name, name=CANARY, description=CANARY,
            **place,
        ),
        replace(
            factories.role(CANARY), path=f"/{CANARY}/", trust=policy, arn=arn, tags=tags,
            inline=((CANARY, "0" * 64),), instance_profiles=(CANARY,), boundary=arn, **place,
        ),
        replace(factories.container(), name=f"/{CANARY}", image_name=uri, labels=tags),
        replace(factories.local_image(1), tags=(uri,), engine=CANARY, labels=tags),
        factories.gap("ecr:DescribeImages", resource=f"{CANARY}/app", detail=f"for {CANARY}"),
    ]  # fmt: skip
    world = factories.inventory(*records, places=())
    names = {"git": (CANARY,), "engine": CANARY, "places": ((SECRET, "eu-west-1"),)}
    scope = factories.scope(accounts=(SECRET,), **names)
    return replace(world, scope=scope)


@pytest.mark.parametrize(
    "text",
    [
        f"acme{SECRET}",
        f"%3A{SECRET}%3Arole",
        f"e{SECRET}",
        f"{SECRET}acme",
        f"x_{SECRET}_y",
        f"{CANARY}:Team",
        f"app-{CANARY}:CostCenter",
        "東京",
        "हिन्दी",
        "١٢٣",
        f"cafe\u0301 {CANARY}",
    ],
)
def test_a_name_is_hashed_whatever_stands_beside_it(text: str) -> None:
    hashed = Redaction(KEY).text(text)
    assert hashed == Redaction(KEY).text(text)
    assert not {SECRET, CANARY, *filter(lambda letter: not letter.isascii(), text)} & {
        *hashed, *re.findall(f"{SECRET}|{CANARY}", hashed),
    }  # fmt: skip


@pytest.mark.parametrize("text", ["ecr:BatchGetImage", "aws:PrincipalOrgID", "deadbeef12", "v12"])
def test_what_is_public_stays(text: str) -> None:
    assert Redaction(KEY).text(text) == text


@pytest.mark.parametrize("service", [*CONSUMERS, "ecr", "iam", "lambda", "s3"])
def test_an_action_of_a_service_is_no_name(service: str) -> None:
    action = f"{service}:Describe{CANARY.capitalize()}"
    assert Redaction(KEY).text(action) == action


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.zst"])
def test_nothing_of_a_name_is_left_anywhere_in_the_file(suffix: str, tmp_path: Path) -> None:
    world = canaries()
    save(world, tmp_path / "plain.jsonl")
    before = (tmp_path / "plain.jsonl").read_text().lower()
    assert before.count(CANARY) > 50
    path = tmp_path / f"redacted{suffix}"
    save(redacted(world, KEY), path)
    save(load(path), tmp_path / "unpacked.jsonl")
    text = (tmp_path / "unpacked.jsonl").read_text().lower()
    assert CANARY not in text
    assert SECRET not in text
    assert factories.sha(1) in text  # SHAs and digests stay


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("latest", "latest"),
        ("v1.2.3-rc1", "v1.2.3-rc1"),
        ("git-1a2b3c4", "git-1a2b3c4"),
        ("refs/heads/main", "refs/heads/main"),
        ("lambda.amazonaws.com", "lambda.amazonaws.com"),
        ("ecs-tasks.amazonaws.com", "ecs-tasks.amazonaws.com"),
        ('"Action":["ecr:BatchGetImage","sts:AssumeRole"]', None),
        ("", ""),
    ],
)
def test_public_words_stay(text: str, left: str | None) -> None:
    assert Redaction(KEY).text(text) == (text if left is None else left)


def test_words_are_hashed_alike_wherever_they_stand() -> None:
    redaction = Redaction(KEY)
    word = redaction.text("checkout")
    assert re.fullmatch("[a-z]{10}", word)
    assert redaction.text("prod-checkout/checkout2") == f"prod-{word}/{word}2"
    account = redaction.text("111122223333")
    assert re.fullmatch("[0-9]{12}", account)
    assert account != "111122223333"
    arn = "arn:aws:lambda:eu-west-1:111122223333:function:checkout:live"
    assert redaction.text(arn) == arn.replace("111122223333", account).replace(
        "checkout", word
    ).replace("live", redaction.text("live"))
    assert redaction.text("https://github.com/Acme/Shop") == redaction.text(
        "https://github.com/acme/shop"
    )
