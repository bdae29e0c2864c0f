"""Whole scans of the embedded AWS: what is read, with which calls, and what each failure leaves."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jotgraph.clients import connect
from jotgraph.errors import OptionError
from jotgraph.records import EcrImage, Gap, ImageType, Inventory, Kind
from jotgraph.sandbox import seed
from jotgraph.sandbox.functions.common import here
from jotgraph.sandbox.server import Sandbox
from jotgraph.sandbox.wire import Request
from jotgraph.sandbox.world import ACCOUNT, REGION
from jotgraph.sources import ScanOptions, collect
from jotgraph.sources.cache import sha256_of
from jotgraph.sources.documents.dsse import IN_TOTO
from jotgraph.sources.documents.provenance import LARGEST
from tests.sources.conftest import KEY, NOTHING_RUNS, Scan
from tests.strength import some

SHA = "a1b2c3d4" * 5


def _small(aws: Sandbox) -> None:
    """One repository with an index, a function with two versions behind an alias, a role."""
    seed.repository(aws, "team/app", tags={"team": "a"}, lifecycle={"rules": []})
    seed.repository(aws, "empty", policy={"Version": "2012-10-17", "Statement": []})
    old = seed.image(aws, "team/app", "v1", config=seed.image_config({"n": "1"}))
    child = seed.image(aws, "team/app", config=seed.image_config({"n": "2"}))
    proof = seed.image(aws, "team/app", config=seed.image_config({"n": "3"}))
    seed.index(aws, "team/app", {child: "linux/amd64"}, "multi", attests={proof: child})
    role = seed.role(aws, "app", path="/service/")
    seed.function(
        aws,
        "f",
        image="team/app:v1",
        role=role,
        env={"GIT_SHA": SHA, "PASSWORD": "hunter2", "COMMIT": "not a revision"},
        tags={"owner": "me"},
    )
    first = seed.version(aws, "f")
    seed.function(aws, "f", image=f"team/app@{child}", role=role)
    second = seed.version(aws, "f")
    seed.alias(aws, "f", "live", first, weights={second: 0.25})
    seed.function(aws, "zip", role=role)
    seed.trigger(aws, "zip", "arn:aws:sqs:us-east-1:123456789012:q")
    assert old != child


def _reasons(inventory: Inventory) -> list[tuple[str, str, str, str]]:
    return [
        (gap.service, gap.action, gap.resource, gap.reason)
        for gap in inventory.gaps
        if gap.reason != "left-out"
    ]


def test_everything_is_read(aws: Sandbox, scan: Scan) -> None:
    _small(aws)
    found = scan()
    assert found.scope.places == (("123456789012", "us-east-1"),)
    assert [r.name for r in found.ecr_repositories] == ["empty", "team/app"]
    empty, app = found.ecr_repositories
    assert (empty.policy, empty.lifecycle, empty.tags) == (
        '{"Statement":[],"Version":"2012-10-17"}',
        "",
        (),
    )
    assert (app.policy, app.lifecycle, app.tags) == ("", '{"rules":[]}', (("team", "a"),))
    types = sorted((image.type, image.tags, image.manifest_read) for image in found.ecr_images)
    assert types == [
        (ImageType.ATTESTATION, (), True),
        (ImageType.IMAGE, (), True),
        (ImageType.IMAGE, ("v1",), False),
        (ImageType.INDEX, ("multi",), True),
    ]
    function, zipped = found.functions
    assert (function.name, function.package_type, zipped.package_type) == ("f", "Image", "Zip")
    assert function.tags == (("owner", "me"),)
    assert [v.number for v in found.versions] == ["1", "2"]
    assert found.versions[0].image_uri == seed.uri(aws, "team/app:v1")
    (alias,) = found.aliases
    assert (alias.version, alias.weights) == ("1", (("2", 0.25),))
    assert len(found.triggers) == 1
    assert ("123456789012", "us-east-1") in found.scope.enabled
    (role,) = found.roles
    assert (role.id, role.path) == ("role:123456789012/service/app", "/service/")
    assert _reasons(found) == []


def test_values_of_the_environment_are_not_kept(aws: Sandbox, scan: Scan) -> None:
    _small(aws)
    first = scan().versions[0]
    assert first.env == (("GIT_SHA", SHA),)
    assert first.env_names == ("COMMIT", "GIT_SHA", "PASSWORD")
    assert len(first.env_hash) == 64
    assert "hunter2" not in repr(scan())


def test_calls_of_a_quick_scan_are_the_floor(aws: Sandbox, scan: Scan) -> None:
    _small(aws)
    scan(quick=True)
    tally = aws.calls.tally()
    assert {call: count for call, count in tally.items() if call not in NOTHING_RUNS} == {
        "ecr:BatchGetImage": 2,  # the index, then its children
        "ecr:DescribeImages": 2,
        "ecr:DescribeRepositories": 1,
        "iam:GetAccountAuthorizationDetails": 1,
        "lambda:ListAliases": 1,
        "lambda:ListCapacityProviders": 1,
        "lambda:ListEventSourceMappings": 1,
        "lambda:ListFunctions": 1,
        "sts:GetCallerIdentity": 1,
    }
    assert {call: tally[call] for call in NOTHING_RUNS} == dict.fromkeys(NOTHING_RUNS, 1)


def test_a_second_scan_knows_what_the_first_knew(aws: Sandbox, scan: Scan) -> None:
    _small(aws)
    first = scan()
    aws.calls.clear()
    second = scan(first)
    assert (aws.calls.count("GetFunction"), aws.calls.count("BatchGetImage")) == (3, 0)
    assert (second.functions, second.versions) == (first.functions, first.versions)


def test_without_refresh_only_what_may_have_changed_is_asked(aws: Sandbox, scan: Scan) -> None:
    _small(aws)
    first = scan()
    assert aws.calls.count("GetFunction") == 3
    aws.calls.clear()
    second = scan(first, refresh=False)
    assert (aws.calls.count("GetFunction"), aws.calls.count("BatchGetImage")) == (0, 0)
    uris = [(function.image_uri, function.resolved_image_uri) for function in second.functions]
    assert uris == [
        (function.image_uri, function.resolved_image_uri) for function in first.functions
    ]
    assert {function.state for function in second.functions} == {None}
    assert [function.tags for function in second.functions] == [(("owner", "me"),), ()]
    told = [gap for gap in second.gaps if gap.action == "GetFunction"]
    assert [(gap.reason, gap.facts) for gap in told] == [("left-out", ("state",))]
    aws.calls.clear()
    third = scan(second, refresh=False)
    assert (aws.calls.count("GetFunction"), third.functions) == (0, second.functions)


def test_what_changes_without_a_new_revision_is_read_again(aws: Sandbox, scan: Scan) -> None:
    """Lambda makes a function inactive, somebody tags or throttles it: the revision stays."""
    _small(aws)
    first = scan()
    functions = aws.client("lambda")
    place = Request("lambda", "", aws.region, aws.account, "", {})
    latest = here(aws.world, place).functions["f"].latest
    latest["State"], latest["StateReasonCode"] = "Inactive", "Idle"
    functions.tag_resource(Resource=first.functions[0].arn, Tags={"owner": "you"})
    functions.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=0)
    assert scan(first, refresh=False).functions[0].state is None, "not read, not said"
    function = scan(first).functions[0]
    assert function.revision == first.functions[0].revision
    assert (function.state, function.state_reason) == ("Inactive", "Idle")
    assert function.tags == (("owner", "you"),)
    assert function.concurrency == 0


def test_a_quick_scan_does_not_repeat_what_an_earlier_one_saw(aws: Sandbox, scan: Scan) -> None:
    _small(aws)
    first = scan()
    second = scan(first, quick=True)
    uris = [(function.image_uri, function.resolved_image_uri) for function in second.functions]
    assert uris == [
        (function.image_uri, function.resolved_image_uri) for function in first.functions
    ]
    assert {(function.state, function.tags) for function in second.functions} == {(None, None)}


def test_a_new_revision_is_asked_about_again(aws: Sandbox, scan: Scan) -> None:
    _small(aws)
    first = scan()
    seed.function(aws, "f", image="team/app:v1")
    second = scan(first)
    assert second.functions[0].image_uri == seed.uri(aws, "team/app:v1")


def test_a_function_that_was_not_settled_is_asked_about_again(aws: Sandbox, scan: Scan) -> None:
    seed.repository(aws, "app")
    seed.image(aws, "app", "v1")
    seed.function(aws, "f", image="app:v1", state="Failed", reason="ImageDeleted")
    first = scan()
    assert first.functions[0].state_reason == "ImageDeleted"
    scan(first)
    assert aws.calls.count("GetFunction") == 2


def test_a_version_of_no_alias_is_asked_about_when_its_digest_is_ambiguous(
    aws: Sandbox, scan: Scan
) -> None:
    seed.repository(aws, "a")
    seed.repository(aws, "b")
    config = seed.image_config({"n": "1"})
    for name in ("a", "b"):
        seed.image(aws, name, "v1", config=config)
    seed.function(aws, "f", image="b:v1")
    seed.version(aws, "f")
    first = scan()
    (version,) = first.versions
    assert version.resolved_image_uri is not None
    assert version.resolved_image_uri.startswith(seed.uri(aws, "b@sha256:"))
    aws.calls.clear()
    (again,) = scan(first, refresh=False).versions
    assert again.resolved_image_uri == version.resolved_image_uri
    assert aws.calls.count("GetFunction") == 0


def test_images_are_listed_before_any_manifest_is_read(aws: Sandbox, scan: Scan) -> None:
    _small(aws)
    scan()
    names = [call.action for call in aws.calls]
    last_listing = max(i for i, name in enumerate(names) if name == "DescribeImages")
    assert names.index("BatchGetImage") > last_listing


def test_archived_images_are_seen(aws: Sandbox, scan: Scan) -> None:
    seed.repository(aws, "app")
    seed.image(aws, "app", "old", archived=True)
    assert [image.status for image in scan().ecr_images] == ["ARCHIVED"]


def test_an_alias_that_a_trigger_names_is_read_without_versions(aws: Sandbox, scan: Scan) -> None:
    seed.function(aws, "f")
    seed.alias(aws, "f", "live", "$LATEST")
    found = scan()
    assert found.aliases == ()
    (gap,) = [gap for gap in found.gaps if gap.action == "ListAliases"]
    assert (gap.reason, gap.facts) == ("left-out", ("aliases-of-latest",))
    seed.trigger(aws, "f:live", "arn:aws:sqs:us-east-1:123456789012:q")
    assert [alias.name for alias in scan().aliases] == ["live"]


def test_labels_are_read_where_there_is_a_commit_to_link_to(
    aws: Sandbox, scan: Scan, one_commit: str
) -> None:
    seed.repository(aws, "app")
    created = datetime(2026, 5, 1, tzinfo=UTC)
    config = seed.image_config(
        {"org.opencontainers.image.revision": SHA},
        env=["PATH=/bin", f"GIT_SHA={SHA}", "TOKEN=secret"],
        diff_ids=["sha256:" + "0" * 64],
        created=created,
    )
    for name in ("v1", "v2"):
        seed.image(aws, "app", name, config=config if name == "v1" else b'{"unused":1}')
    seed.function(aws, "f", image="app:v1")
    found = scan(git=(one_commit,))
    read = {image.tags[0]: image for image in found.ecr_images}
    assert not read["v2"].config_read
    assert read["v1"].labels == (("org.opencontainers.image.revision", SHA),)
    assert read["v1"].env == (("GIT_SHA", SHA),)
    assert (read["v1"].created_at, read["v1"].architecture) == (created, "amd64")
    aws.calls.clear()
    assert scan(found, git=(one_commit,)).ecr_images == found.ecr_images
    assert aws.calls.count("GetDownloadUrlForLayer") == aws.calls.count("BatchGetImage") == 0


@pytest.mark.parametrize("repository", [True, False])
def test_labels_of_images_that_nothing_runs_are_read_on_demand(
    aws: Sandbox, scan: Scan, one_commit: str, repository: bool
) -> None:
    git = (one_commit,) if repository else ()
    seed.repository(aws, "app")
    for name in ("v1", "v2"):
        config = seed.image_config({"org.opencontainers.image.revision": SHA, "n": name})
        seed.image(aws, "app", name, config=config)
    seed.function(aws, "f", image="app:v1")
    usual = [image.tags for image in scan(git=git).ecr_images if image.config_read]
    assert usual == ([("v1",)] if repository else [])
    every = scan(git=git, all_labels=True).ecr_images
    assert [(image.tags, image.config_read) for image in every if image.tags] == [
        (image.tags, True) for image in every if image.tags
    ]
    assert {dict(image.labels)["n"] for image in every} == {"v1", "v2"}


def test_a_damaged_file_of_the_cache_is_not_believed(
    aws: Sandbox, scan: Scan, tmp_path: Path
) -> None:
    """An index that lost its children in the cache would make orphans of them."""
    _small(aws)
    first = scan()
    (index,) = [image for image in first.ecr_images if image.children]
    name = index.digest.removeprefix("sha256:")
    kept = tmp_path / "cache" / "manifests" / name[:2] / name
    kept.write_bytes(b'{"schemaVersion":2,"manifests":[]}')
    aws.calls.clear()
    (again,) = [image for image in scan().ecr_images if image.id == index.id]
    assert again.children == index.children
    assert aws.calls.count("BatchGetImage") == 1


@pytest.mark.parametrize(
    "damage", [b'{"labels":', b'{"labels":5,"subjects":5}', b"\xff\xfe", b"[" * 100_000]
)
def test_a_torn_file_of_the_cache_is_read_again(
    aws: Sandbox, scan: Scan, one_commit: str, tmp_path: Path, damage: bytes
) -> None:
    seed.repository(aws, "shop")
    config = seed.image_config({"org.opencontainers.image.revision": SHA})
    child = seed.image(aws, "shop", config=config)
    provenance = {"predicateType": "https://slsa.dev/provenance/v1", "predicate": {}}
    layers = (json.dumps(provenance | {"subject": [{"digest": {"sha256": child[7:]}}]}).encode(),)
    listed = [(sha256_of(layer), len(layer)) for layer in layers]
    text = seed.manifest(config, listed, layer_type=IN_TOTO)
    proof = seed.image(aws, "shop", config=config, layers=layers, text=text)
    seed.index(aws, "shop", {child: "linux/amd64"}, "multi", attests={proof: child})
    seed.function(aws, "f", image=f"shop@{child}")
    scan(git=(one_commit,))
    whole = scan(git=(one_commit,))
    assert any(image.statements for image in whole.ecr_images)
    assert any(image.labels for image in whole.ecr_images)
    kept = [file for file in (tmp_path / "cache").rglob("*") if file.is_file()]
    assert {"configs-2", "manifests", "pulls", "statements-3"} <= {
        file.relative_to(tmp_path / "cache").parts[0] for file in kept
    }
    for file in kept:
        file.write_bytes(damage)
    again = scan(git=(one_commit,))
    assert again.gaps == whole.gaps
    assert [_without_times(image) for image in again.ecr_images] == [
        _without_times(image) for image in whole.ecr_images
    ]


def _without_times(image: EcrImage) -> EcrImage:
    """An image but for when it was pulled: to read a manifest again is a pull."""
    return msgspec.structs.replace(image, pulled_at=None, read_at=None)


def test_labels_of_what_a_tag_names_now_are_read_whatever_the_host(
    aws: Sandbox, scan: Scan, one_commit: str
) -> None:
    """A registry answers to several names: dual stack, FIPS, and any of them is deployed from."""
    seed.repository(aws, "app")
    old = seed.image(aws, "app", "v1", config=seed.image_config({"n": "1"}))
    seed.function(aws, "f", image="app:v1")
    new = seed.image(aws, "app", "v1", config=seed.image_config({"n": "2"}))
    place = Request("lambda", "", aws.region, aws.account, "", {})
    code = here(aws.world, place).functions["f"].latest
    text = json.dumps(code).replace(".dkr.ecr.us-east-1.amazonaws.com", ".dkr-ecr.us-east-1.on.aws")
    code.update(json.loads(text))
    found = scan(git=(one_commit,))
    assert (found.functions[0].image_uri or "").startswith(
        f"{aws.account}.dkr-ecr.us-east-1.on.aws"
    )
    assert {image.digest for image in found.ecr_images if image.config_read} == {old, new}


def test_a_quick_scan_says_that_labels_are_left_out(
    aws: Sandbox, scan: Scan, one_commit: str
) -> None:
    seed.repository(aws, "app")
    seed.image(aws, "app", "v1")
    seed.function(aws, "f", image="app:v1")
    gaps = [g for g in scan(git=(one_commit,), quick=True).gaps if "labels" in g.facts]
    assert [gap.reason for gap in gaps] == ["left-out"]
    assert aws.calls.count("BatchGetImage") == 0


def test_usage_is_read_on_request(aws: Sandbox, scan: Scan) -> None:
    now = datetime.now(UTC)
    seed.function(aws, "f")
    seed.version(aws, "f")
    seed.alias(aws, "f", "live", "1")
    seed.metric(aws, "f", [(now, 7)])
    seed.metric(aws, "f", [(now, 5)], qualifier="live")
    aws.client("lambda").add_permission(
        FunctionName="f",
        StatementId="s",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        Qualifier="live",
    )
    found = scan(usage_days=30)
    (function,) = found.functions
    assert (function.invocations, function.urls) == (7, ())
    assert json.loads(function.policy or "{}")["Statement"][0]["Sid"] == "s"
    assert found.aliases[0].invocations == 5
    assert found.gaps == ()


def test_whoever_asks_for_callers_gets_every_alias_and_version(aws: Sandbox, scan: Scan) -> None:
    """S3 may call an alias of ``$LATEST``, API Gateway a version by its number."""
    seed.function(aws, "f")
    seed.function(aws, "g")
    seed.version(aws, "g")
    seed.alias(aws, "f", "live", "$LATEST")
    for name, qualifier in (("f", "live"), ("g", "1")):
        aws.client("lambda").add_permission(
            FunctionName=name,
            StatementId=qualifier,
            Action="lambda:InvokeFunction",
            Principal="s3.amazonaws.com",
            Qualifier=qualifier,
        )
    found = scan(usage_days=30)
    assert [alias.name for alias in found.aliases] == ["live"]
    named = [
        json.loads(function.policy or "{}")["Statement"][0]["Sid"] for function in found.functions
    ]
    assert named == ["live", "1"]


def test_what_is_kept_ready_is_read_where_there_is_something_to_keep(
    aws: Sandbox, scan: Scan
) -> None:
    layer = "arn:aws:lambda:us-east-1:123456789012:layer:tools:1"
    for name in ("bare", "ready", "cold"):
        seed.function(aws, name)
    for name in ("ready", "cold"):
        seed.version(aws, name)
    seed.alias(aws, "ready", "live", "1")
    for qualifier in ("1", "live"):
        aws.client("lambda").put_provisioned_concurrency_config(
            FunctionName="ready", Qualifier=qualifier, ProvisionedConcurrentExecutions=1
        )
    aws.client("lambda").update_function_configuration(FunctionName="bare", Layers=[layer])
    assert {function.provisioned for function in scan().functions} == {None}
    aws.calls.clear()
    found = {function.name: function for function in scan(usage_days=1).functions}
    assert {name: function.provisioned for name, function in found.items()} == {
        "bare": (),
        "ready": ("1", "live"),
        "cold": (),
    }
    assert aws.calls.count("ListProvisionedConcurrencyConfigs") == 2
    assert found["bare"].layers == (layer,)


def test_calls_through_an_alias_are_calls_of_its_versions(aws: Sandbox, scan: Scan) -> None:
    """Of one with a single target they are its target's; of a weighted one as the series by
    executed version say; where these say nothing, nobody knows which of them was called."""
    now = datetime.now(UTC)
    for name in ("one", "told", "untold", "idle"):
        seed.function(aws, name)
        seed.version(aws, name)
        seed.version(aws, name)
        weights = {} if name == "one" else {"1": 0.1}
        seed.alias(aws, name, "live", "2", weights=weights)
        if name != "idle":
            seed.metric(aws, name, [(now, 5)])
            seed.metric(aws, name, [(now, 5)], qualifier="live")
    seed.metric(aws, "told", [(now, 5)], qualifier="live", executed="2")
    versions = {
        (version.name, version.number): version.invocations
        for version in scan(usage_days=30).versions
    }
    assert versions == {
        ("one", "1"): 0,
        ("one", "2"): 5,
        ("told", "1"): 0,
        ("told", "2"): 5,
        ("untold", "1"): None,
        ("untold", "2"): None,
        ("idle", "1"): 0,
        ("idle", "2"): 0,
    }


def test_usage_that_is_not_asked_for_is_a_gap(aws: Sandbox, scan: Scan) -> None:
    seed.function(aws, "f")
    assert [(gap.reason, gap.facts) for gap in scan().gaps if gap.action != "ListAliases"] == [
        ("left-out", ("invocations",)),
        ("left-out", ("callers",)),
    ]


GIVEN_UP: list[tuple[str, str, tuple[Kind, ...]]] = [
    ("lambda", "ListFunctions", (Kind.FUNCTION, Kind.VERSION, Kind.ALIAS)),
    ("lambda", "ListEventSourceMappings", (Kind.TRIGGER,)),
    ("lambda", "ListCapacityProviders", (Kind.WORKLOAD,)),
    ("lambda", "ListAliases", (Kind.ALIAS,)),
    ("ecr", "DescribeRepositories", (Kind.ECR_REPO, Kind.ECR_IMAGE)),
    ("ecr", "DescribeImages", (Kind.ECR_IMAGE,)),
    ("iam", "GetAccountAuthorizationDetails", (Kind.ROLE,)),
    ("lambda", "GetFunction", ()),
    ("ecr", "BatchGetImage", ()),
    ("ecr", "GetRepositoryPolicy", ()),
    ("ecr", "GetLifecyclePolicy", ()),
    ("ecr", "DescribeRegistry", ()),
    ("ecr", "DescribePullThroughCacheRules", ()),
    ("ecr", "GetRegistryPolicy", ()),
    ("ecr", "ListPullTimeUpdateExclusions", ()),
]
"""Calls, and what is hidden where one is given up."""
FAULTS = ("throttle", "deny", "error", "reset", "truncate")


@pytest.mark.parametrize(
    ("service", "action", "hides", "fault"),
    some(
        "faults of calls that are given up",
        [(*call, fault) for call in GIVEN_UP for fault in FAULTS],
        4,  # fewer than there are faults, and no divisor: each call is tried, and each fault
    ),
)
def test_every_call_that_is_given_up_is_a_gap(
    aws: Sandbox, scan: Scan, service: str, action: str, hides: tuple[Kind, ...], fault: str
) -> None:
    _small(aws)
    getattr(aws.faults, fault)(service, action)
    found = scan()
    reason = {"throttle": "throttled", "deny": "denied", "reset": "unreachable"}.get(fault)
    gaps = [gap for gap in found.gaps if gap.reason != "left-out"]
    assert gaps
    assert {(gap.service, gap.action) for gap in gaps} == {(service, action)}
    assert {gap.reason for gap in gaps} <= ({reason} if reason else {"error", "unreachable"})
    assert {gap.hides for gap in gaps} == {hides}
    assert all(hides or gap.facts for gap in gaps)
    assert all(";" in gap.detail for gap in gaps)
    others = {"lambda": found.roles, "ecr": found.roles, "iam": found.functions}
    assert others[service], "the scan goes on"


def test_regions_that_are_not_known_are_a_gap(aws: Sandbox, scan: Scan) -> None:
    aws.faults.reset("ec2")
    found = scan()
    assert found.scope.enabled == ()
    assert [(g.service, g.reason, g.facts) for g in found.gaps] == [
        ("ec2", "unreachable", ("regions",))
    ]


def test_tags_are_asked_one_by_one_where_the_tagging_api_is_denied(
    aws: Sandbox, scan: Scan
) -> None:
    _small(aws)
    aws.faults.deny("tagging")
    found = scan()
    assert _reasons(found) == []
    assert found.ecr_repositories[1].tags == (("team", "a"),)


@pytest.mark.usefixtures("no_waiting")
def test_a_throttle_that_passes_loses_nothing(aws: Sandbox, scan: Scan) -> None:
    _small(aws)
    whole = scan()
    aws.faults.throttle("lambda", times=4)
    again = scan(attempts=3, rounds=2)
    assert _reasons(again) == []
    assert (again.functions, again.versions, again.aliases, again.triggers) == (
        whole.functions,
        whole.versions,
        whole.aliases,
        whole.triggers,
    )


def test_a_page_lost_half_way_keeps_what_came_before(aws: Sandbox, scan: Scan) -> None:
    for number in range(60):
        seed.function(aws, f"f{number:02}")
    aws.faults.deny("lambda", "ListFunctions", nth=2)
    found = scan()
    assert len(found.functions) == 50
    assert _reasons(found) == [("lambda", "ListFunctions", "", "denied")]


def test_a_storm_of_denials_is_told_once_and_not_called_for_ever(aws: Sandbox, scan: Scan) -> None:
    seed.repository(aws, "app")
    seed.image(aws, "app", "v1")
    for number in range(200):
        seed.function(aws, f"f{number:03}", image="app:v1")
    aws.faults.throttle("lambda", "GetFunction")
    found = scan()
    (gap,) = [gap for gap in found.gaps if gap.action == "GetFunction"]
    assert (gap.reason, gap.resource) == ("throttled", "")
    assert gap.detail.startswith("200 resources; ")
    assert aws.calls.count("GetFunction") < 20


def test_a_region_that_cannot_be_reached_leaves_the_others(aws: Sandbox, scan: Scan) -> None:
    seed.function(aws, "here")
    aws.faults.reset(region="eu-west-1")
    found = scan(regions=("us-east-1", "eu-west-1"))
    assert [f.name for f in found.functions] == ["here"]
    bad = {(gap.region, gap.reason) for gap in found.gaps if gap.reason != "left-out"}
    assert bad == {("eu-west-1", "unreachable")}
    assert len(found.scope.places) == 2


def test_no_answer_at_all_is_a_gap_for_each_service(
    scan: Scan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    found = scan()
    assert [(gap.service, gap.reason) for gap in found.gaps] == [
        ("ecr", "unreachable"),
        ("iam", "unreachable"),
        ("lambda", "unreachable"),
    ]
    assert found.scope.places == ()


def test_no_credentials_are_a_gap_for_each_service_with_advice(
    scan: Scan, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    found = scan()
    assert [(gap.service, gap.reason) for gap in found.gaps] == [
        ("ecr", "credentials"),
        ("iam", "credentials"),
        ("lambda", "credentials"),
    ]
    assert all("--profile" in gap.detail for gap in found.gaps)


def test_expired_credentials_are_a_gap_with_advice(aws: Sandbox, scan: Scan) -> None:
    aws.faults.error("sts", code="ExpiredToken", message="The token is expired", status=403)
    assert {gap.reason for gap in scan().gaps} == {"credentials"}


def test_a_page_of_html_is_an_error(aws: Sandbox, scan: Scan) -> None:
    aws.faults.error("lambda", "ListFunctions", code="500", message="<html>", status=500)
    (gap,) = [gap for gap in scan().gaps if gap.reason != "left-out"]
    assert (gap.action, gap.reason) == ("ListFunctions", "error")
    assert "without an AWS error" in gap.detail


def test_an_unknown_profile_is_a_usage_error() -> None:
    with pytest.raises(OptionError, match="no AWS profile 'nowhere'"):
        connect(profiles=("nowhere",), use_docker=False)


def test_no_region_is_a_usage_error() -> None:
    with pytest.raises(OptionError, match="--region"):
        connect(use_docker=False)


def test_two_sessions_of_one_account_read_it_once(aws_environment: Sandbox) -> None:
    seed.function(aws_environment, "f")
    one = connect(use_docker=False, rates={})
    twice = connect(use_docker=False, rates={})
    both = type(one)(aws=(*one.aws, *twice.aws))
    found = collect(ScanOptions(env_key=KEY), both)
    assert len(found.functions) == 1
    assert aws_environment.calls.count("ListFunctions") == 1
    assert aws_environment.calls.count("GetCallerIdentity") == 2


def test_progress_is_told(aws_environment: Sandbox) -> None:
    seed.function(aws_environment, "f")
    told: list[tuple[str, int, int | None]] = []
    collect(
        ScanOptions(env_key=KEY, quick=True),
        connect(use_docker=False, rates={}),
        progress=lambda what, done, total: told.append((what, done, total)),
    )
    assert ("lambda ListFunctions us-east-1", 1, None) in told


def test_a_path_that_is_no_repository_is_a_gap(
    aws: Sandbox, scan: Scan, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("nothing")
    found = scan(git=(str(path),))
    assert [gap for gap in found.gaps if gap.service == "git"] == [
        Gap(
            service="git",
            action="open",
            resource=path.name,
            reason="error",
            detail=f"{path} is not in a git repository; pass --git a clone, or run git init there",
            hides=(Kind.COMMIT,),
        )
    ]


def test_a_statement_that_is_too_large_to_read_is_a_gap(
    aws_environment: Sandbox, one_commit: str, tmp_path: Path
) -> None:
    seed.repository(aws_environment, "shop")
    config, layers = seed.image_config({"n": "1"}), (b"said",)
    child = seed.image(aws_environment, "shop", config=config)
    for size, tag in ((LARGEST + 1, "large"), (4, "broken")):
        text = seed.manifest(config, [(sha256_of(b"said"), size)], layer_type=IN_TOTO)
        proof = seed.image(aws_environment, "shop", config=config, layers=layers, text=text)
        seed.index(aws_environment, "shop", {child: "linux/amd64"}, tag, attests={proof: child})
    clients = connect(git=[one_commit], use_docker=False, rates={})
    found = collect(ScanOptions(env_key=KEY, cache=tmp_path / "cache"), clients)
    gaps = [gap for gap in found.gaps if gap.facts == ("provenance",)]
    assert [(gap.resource, gap.reason) for gap in gaps] == [("shop", "unsupported")] * 2
    assert sorted("above" in gap.detail for gap in gaps) == [False, True]


def test_the_registry_is_read_with_its_policy_filters_and_exclusions(
    aws: Sandbox, scan: Scan
) -> None:
    ecr = aws.client("ecr")
    statement = {
        "Sid": "copy",
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::210987654321:root"},
        "Action": ["ecr:ReplicateImage"],
        "Resource": ["arn:aws:ecr:us-east-1:123456789012:repository/*"],
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    ecr.put_registry_policy(policyText=policy)
    target = {"region": "eu-west-1", "registryId": "123456789012"}
    filters = [{"filter": "prod-", "filterType": "PREFIX_MATCH"}]
    ecr.put_replication_configuration(
        replicationConfiguration={
            "rules": [{"destinations": [target], "repositoryFilters": filters}]
        }
    )
    role = "arn:aws:iam::123456789012:role/scan"
    ecr.register_pull_time_update_exclusion(principalArn=role)
    (registry,) = scan().registries
    assert json.loads(registry.policy or "") == json.loads(policy)
    assert registry.replication == ()
    assert registry.copies_to("prod-web") == ("123456789012/eu-west-1",)
    assert registry.copies_to("web") == ()
    assert registry.pull_exclusions == (role,)


def test_of_inline_policies_only_what_they_may_call_is_read(aws: Sandbox, scan: Scan) -> None:
    function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:pay"
    bill = function.replace("pay", "bill")
    others = (f"{function}-?*", f"{function.removesuffix('ay')}?y:7", f"{function}?:8")
    resources = [
        f"{function}:7",
        f"{function}:*",
        f"{bill}*",
        f"arn:aws:iam::{ACCOUNT}:role/passed",
    ]
    statement = {"Effect": "Allow", "Action": ["lambda:Invoke*"], "Resource": resources}
    wild = {**statement, "Resource": [*others, "*"]}
    policies: dict[str, dict[str, Any]] = {"a": {"Statement": [statement, wild]}, "b": {}}
    seed.role(aws, "caller", inline=policies)
    (role,) = scan().roles
    assert role.invokes == (bill, function, f"{function}:7")
