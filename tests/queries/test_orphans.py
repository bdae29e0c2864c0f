"""Verdicts on literal estates: for every rule a match, a near miss and a nothing."""

from __future__ import annotations

import json
import random
from typing import Any

import msgspec
import pytest

from jotgraph.analysis.usage import Options
from jotgraph.analysis.usage.model import CONSUMERS_UNREAD
from jotgraph.analysis.vulnerabilities import Vulnerabilities
from jotgraph.errors import OptionError
from jotgraph.graph import build
from jotgraph.links import Link, infer
from jotgraph.queries.answers.orphans import Judgement, Orphans
from jotgraph.queries.orphans import orphans
from jotgraph.records import (
    ImageType,
    Inventory,
    Kind,
    LocalImage,
    Registry,
)
from tests.factories import (
    ACCOUNT,
    HERE,
    LONG_AGO,
    NOW,
    OTHER_ACCOUNT,
    OTHER_REGION,
    REGION,
    alias,
    attestation_child,
    child,
    container,
    days_ago,
    digest,
    ecr_image,
    ecr_repository,
    function,
    gap,
    inventory,
    local_image,
    log_group,
    registry,
    role,
    scope,
    trigger,
    uri,
    version,
)


def judge(*records: object, options: Options | None = None, **fields: Any) -> dict[str, str]:
    """Short id -> verdict, and for UNKNOWN the codes of its doubts."""
    return shown(orphans(build(inventory(*records, **fields)), options=options))


def shown(answer: Orphans) -> dict[str, str]:
    return {_short(judgement): _said(judgement) for judgement in answer.all()}


def _short(judgement: Judgement) -> str:
    text = (
        judgement.id.replace(f"{ACCOUNT}/{REGION}/", "")
        .replace(f"{ACCOUNT}/", "")
        .replace("sha256:", "")
    )
    return text.replace("0" * 60, "")


def _said(judgement: Judgement) -> str:
    codes = sorted({doubt.code for doubt in judgement.doubts})
    return " ".join([judgement.verdict.value, *codes])


def test_the_moved_tag() -> None:
    """The function runs the digest, and what its tag names now is kept too."""
    assert judge(
        ecr_repository(),
        ecr_image(1),
        ecr_image(2, "v1"),
        ecr_image(3, "v0"),
        ecr_image(4),
        function(runs=1),
        role(),
    ) == {
        "ecr-image:app@0001": "in-use",
        "ecr-image:app@0002": "in-use",
        "ecr-image:app@0003": "orphan",
        "ecr-image:app@0004": "orphan",
        "ecr-repo:app": "in-use",
        "function:pay": "in-use",
        "role:pay-role": "in-use",
    }


def test_witness_goes_from_the_alias_through_the_version() -> None:
    found = orphans(
        build(
            inventory(
                ecr_repository(),
                ecr_image(1),
                ecr_image(2),
                role(),
                role("old"),
                function(runs=1),
                version(7, runs=2, role="old"),
                version(8, runs=1),
                alias("prod", 8, weights=(("7", 0.0),)),
            )
        )
    )
    ways = {judgement.id: judgement.witness for judgement in found.in_use}
    seven = f"version:{ACCOUNT}/{REGION}/pay:7"
    prod = f"alias:{ACCOUNT}/{REGION}/pay:prod"
    assert ways[found_id(2)] == (prod, seven, found_id(2))
    assert ways[f"role:{ACCOUNT}/old"] == (prod, seven, f"role:{ACCOUNT}/old")  # type: ignore[index]  # ids are text
    assert ways[seven] == (prod, seven)  # type: ignore[index]  # ids are text
    assert not found.orphans
    assert not found.unknown


def found_id(n: int, repository: str = "app") -> Any:
    return ecr_image(n, repository=repository).id


def test_a_version_that_nobody_names_is_unknown_and_still_a_use() -> None:
    assert judge(
        ecr_repository(),
        ecr_image(1),
        ecr_image(2),
        function(runs=1),
        version(3, runs=2, role="x"),
        role("x"),
    ) == {
        "ecr-image:app@0001": "in-use",
        "ecr-image:app@0002": "in-use",
        "ecr-repo:app": "in-use",
        "function:pay": "in-use",
        "role:x": "in-use",
        "version:pay:3": "unknown no-caller-known",
    }


def test_a_function_that_does_not_say_what_it_is_may_run_any_image() -> None:
    """PackageType is always in Lambda's answer; a proxy or an older endpoint may drop it."""
    named = judge(ecr_repository(), ecr_image(1), ecr_image(2), function(runs=1, package_type=""))
    assert named["ecr-image:app@0001"] == "in-use"
    bare = function(package_type="", code_sha256="zip=", image_uri=None, resolved_image_uri=None)
    unclear = judge(ecr_repository(), ecr_image(1), bare)
    assert unclear["ecr-image:app@0001"] == "unknown kept-newest runs-unread"
    zipped = judge(ecr_repository(), ecr_image(1), function(runs=None))
    assert zipped["ecr-image:app@0001"] == "orphan"


@pytest.mark.parametrize("status", ["InProgress", "Failed"])
def test_what_ran_before_an_update_may_run_on_until_it_is_through(status: str) -> None:
    """Nothing tells which image that was: the old one has lost its tag to the new one."""
    images = (ecr_image(1, "v1"), ecr_image(2), ecr_image(3, repository="b"))
    estate = (ecr_repository(), ecr_repository("b"), *images, ecr_image(4, repository="b"))
    through = judge(*estate, function(last_update_status="Successful"), role("pay-role"))
    assert through["ecr-image:app@0002"] == through["ecr-image:b@0003"] == "orphan"
    halfway = judge(*estate, function(last_update_status=status), role("pay-role"))
    assert halfway["ecr-image:app@0001"] == "in-use"
    assert halfway["ecr-image:app@0002"] == "unknown runs-unread"
    assert halfway["ecr-image:b@0003"] == "unknown runs-unread"
    unread = judge(*estate, function(tag=None), role("pay-role"))
    assert "runs-unread" in unread["ecr-image:app@0002"]
    lent = judge(*estate, function(state=None), role("pay-role"))
    assert lent["ecr-image:app@0002"] == "orphan"
    zipped = judge(*estate, function(runs=None, last_update_status=status), role("pay-role"))
    assert zipped["ecr-image:b@0003"] == "orphan"


@pytest.mark.parametrize("status", ["InProgress", "Failed"])
def test_an_update_that_is_not_through_leaves_its_role_and_log_group_of_before_in_use(
    status: str,
) -> None:
    """An update of the configuration changes both, and calls go to what was before."""
    before = log_group("/aws/lambda/before", tags=())
    other = log_group("/aws/lambda/x", region=OTHER_REGION, tags=())
    places = (HERE, (ACCOUNT, OTHER_REGION))
    estate = (ecr_repository(), ecr_image(1), role("pay-role"), role("before"), before, other)
    for runs in (1, None):
        through = function(runs=runs, last_update_status="Successful")
        settled = judge(*estate, through, places=places)
        assert settled["role:before"] == settled["log-group:/aws/lambda/before"] == "orphan"
        halfway = judge(*estate, function(runs=runs, last_update_status=status), places=places)
        assert halfway["role:before"] == "unknown runs-unread"
        assert halfway["role:pay-role"] == "in-use"
        assert halfway["log-group:/aws/lambda/before"] == "unknown runs-unread"
        assert halfway[f"log-group:{OTHER_REGION}//aws/lambda/x"] == "orphan"


def test_what_an_earlier_scan_read_before_a_failed_update_is_in_use() -> None:
    """Others stay in doubt: between that scan and the update there may have been another."""
    before = (f"{uri('app')}@{digest(2)}", role("before").arn)
    failed = function(last_update_status="Failed", used_before=before)
    estate = (ecr_repository(), ecr_image(1, "v1"), ecr_image(2), ecr_image(3), role("pay-role"))
    found = judge(*estate, failed, role("before"), role("other"))
    assert found["ecr-image:app@0002"] == found["role:before"] == "in-use"
    assert found["ecr-image:app@0003"] == found["role:other"] == "unknown runs-unread"


def test_keep_last_judges_versions() -> None:
    found = judge(
        *(version(n) for n in (9, 10, 11, 12)),
        version(8, invocations=4),
        version(7, invocations=None),
        version(6, last_modified=days_ago(0.5)),
        alias("old", 9),
        function(),
        options=Options(keep_last=1),
    )
    assert {key: verdict for key, verdict in found.items() if key.startswith("version")} == {
        "version:pay:12": "unknown kept-newest",
        "version:pay:11": "orphan",
        "version:pay:10": "orphan",
        "version:pay:9": "in-use",
        "version:pay:8": "in-use",
        "version:pay:7": "unknown invocations-unread",
        "version:pay:6": "unknown age-young",
    }


def test_one_function_that_is_unclear_hides_no_other_that_is_half_updated() -> None:
    """Each is accepted by a name of its own, so that both are listed."""
    unclear = function("odd", role_arn="", code_sha256="", resolved_image_uri=None)
    half = function("half", last_update_status="Failed", role_arn=role("other").arn)
    estate = (ecr_repository(), ecr_image(7), role("idle"), role("other"), unclear, half)
    judged = orphans(build(inventory(*estate)))
    for idle in (ecr_image(7).id, role("idle").id):
        (unknown,) = (unknown for unknown in judged.unknown if unknown.id == idle)
        names = {doubt.name for doubt in unknown.doubts}
        assert {"runs-unread", "update-unread"} <= names, (idle, names)


def test_a_version_that_an_inline_policy_names_is_in_use() -> None:
    """Direct calls of a version leave no trace, and whoever may make them may."""
    versions = (version(7), version(8), version(9))
    caller = role("caller", invokes=(f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:pay:7",))
    options = Options(keep_last=1)
    found = judge(*versions, function(), role("pay-role"), caller, options=options)
    assert [found[f"version:pay:{number}"] for number in (7, 8, 9)] == [
        "in-use",
        "orphan",
        "unknown kept-newest",
    ]
    denied = gap("iam:GetAccountAuthorizationDetails", region="", hides=(Kind.ROLE,))
    unread = judge(*versions, function(), denied, options=options)
    assert unread["version:pay:7"] == unread["version:pay:8"] == "unknown gap"
    earlier = gap("iam:GetAccountAuthorizationDetails", region="", facts=("invokes",))
    older = judge(*versions, function(), role("idle"), earlier, options=options)
    assert (older["version:pay:8"], older["role:idle"]) == ("unknown gap", "orphan")


def test_a_rollback_window_keeps_what_was_pushed_pulled_or_published_in_it() -> None:
    estate = (
        ecr_repository(),
        ecr_image(1, pushed_at=days_ago(29)),
        ecr_image(2, pulled_at=days_ago(29)),
        ecr_image(3, pushed_at=days_ago(31), pulled_at=days_ago(31)),
        function(runs=None),
        version(1, runs=None, last_modified=days_ago(29)),
        version(2, runs=None, last_modified=days_ago(31)),
    )
    found = judge(*estate, options=Options(keep_last=0, keep_days=30))
    assert {
        key: verdict for key, verdict in found.items() if key[:7] in ("ecr-ima", "version")
    } == {
        "ecr-image:app@0001": "unknown kept-recent",
        "ecr-image:app@0002": "unknown kept-recent",
        "ecr-image:app@0003": "orphan",
        "version:pay:1": "unknown kept-recent",
        "version:pay:2": "orphan",
    }
    without = judge(*estate, options=Options(keep_last=0))
    assert [verdict for key, verdict in without.items() if key.startswith("ecr-image")] == [
        "orphan"
    ] * 3


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        ({}, "orphan"),
        ({"tags": ("v9",)}, "orphan"),
        ({"tags": ("production",)}, "unknown kept-tag"),
        ({"tags": ("latest", "x")}, "unknown kept-tag"),
        ({"tags": ("mainline",)}, "orphan"),
        ({"pushed_at": days_ago(0.9)}, "unknown age-young"),
        ({"pushed_at": days_ago(-1)}, "unknown age-young"),
        ({"pushed_at": days_ago(1.1)}, "orphan"),
        ({"pushed_at": None}, "unknown age-unknown"),
        ({"pulled_at": days_ago(6)}, "unknown pulled"),
        ({"pulled_at": days_ago(8)}, "orphan"),
        ({"status": "ARCHIVED"}, "orphan"),
        ({"status": "ACTIVATING"}, "unknown restored"),
        ({"restored_at": days_ago(6)}, "unknown restored"),
        ({"restored_at": days_ago(8)}, "orphan"),
        (
            {"manifest_read": False, "media_type": "", "type": ImageType.UNKNOWN},
            "unknown manifest-unread",
        ),
        ({"manifest_read": False}, "orphan"),
        (
            {"type": ImageType.ARTIFACT, "artifact_media_type": "application/vnd.cncf.helm.config"},
            "unknown artifact",
        ),
        ({"type": ImageType.ARTIFACT, "subject": digest(9)}, "unknown artifact"),
        (
            {
                "type": ImageType.UNKNOWN,
                "media_type": "application/vnd.docker.distribution.manifest.v1+prettyjws",
            },
            "unknown artifact",
        ),
        ({"type": ImageType.UNKNOWN}, "orphan"),
    ],
)
def test_doubts_of_an_image(fields: dict[str, Any], verdict: str) -> None:
    tags = fields.pop("tags", ())
    assert judge(ecr_repository(), ecr_image(5, *tags, **fields))["ecr-image:app@0005"] == verdict


def statement(principal: object, **fields: object) -> str:
    return json.dumps({"Statement": {"Effect": "Allow", "Principal": principal, **fields}})


@pytest.mark.parametrize(
    ("policy", "verdict"),
    [
        ("", "orphan"),
        (None, "unknown policy-unread"),
        ("{", "unknown outside-account"),
        (statement("*"), "unknown outside-account"),
        (statement({"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:root"}), "unknown outside-account"),
        (statement({"AWS": [ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root"]}), "orphan"),
        (statement({"AWS": f"arn:aws:iam::{ACCOUNT}:role/ecs"}), "unknown other-principal"),
        (statement({"AWS": f"arn:aws:iam::{ACCOUNT}:role/ci"}, Action="ecr:PutImage"), "orphan"),
        (statement({"Service": "lambda.amazonaws.com"}), "orphan"),
        (
            statement(
                {"Service": "lambda.amazonaws.com"},
                Condition={
                    "StringLike": {
                        "aws:sourceArn": f"arn:aws:lambda:{REGION}:{OTHER_ACCOUNT}:function:*"
                    }
                },
            ),
            "unknown outside-account",
        ),
        (
            statement(
                {"Service": "lambda.amazonaws.com"},
                Condition={"StringEquals": {"aws:SourceOrgID": "o-1"}},
            ),
            "unknown outside-account",
        ),
        (statement({"Service": "codebuild.amazonaws.com"}), "unknown outside-account"),
    ],
)
def test_who_the_repository_lets_in(policy: str | None, verdict: str) -> None:
    assert judge(ecr_repository(policy=policy), ecr_image(5))["ecr-image:app@0005"] == verdict


def test_an_admitted_account_that_was_read_is_no_doubt() -> None:
    policy = statement({"AWS": OTHER_ACCOUNT})
    other = function(runs=1, account=OTHER_ACCOUNT, image_uri=f"{uri('app')}:v1")
    other = msgspec.structs.replace(other, resolved_image_uri=f"{uri('app')}@{digest(1)}")
    places = (HERE, (OTHER_ACCOUNT, REGION))
    estate = (ecr_repository(policy=policy), ecr_image(1), ecr_image(2), other)
    assert judge(*estate, places=places) == {
        "ecr-image:app@0001": "in-use",
        "ecr-image:app@0002": "orphan",
        "ecr-repo:app": "in-use",
        f"function:{OTHER_ACCOUNT}/{REGION}/pay": "in-use",
    }
    unread = gap("lambda:ListFunctions", account=OTHER_ACCOUNT)
    assert judge(*estate, places=places, gaps=(unread,))["ecr-image:app@0002"] == "unknown gap"


def test_registry_rules() -> None:
    def said(*registries: Registry) -> str:
        return judge(
            ecr_repository("hub/app"), ecr_image(5, repository="hub/app"), registries=registries
        )["ecr-image:hub/app@0005"]

    assert said(registry()) == "orphan"
    assert said() == "unknown registry-unread"
    assert said(registry(replication=(f"{ACCOUNT}/{OTHER_REGION}",))) == "unknown replication"
    assert said(registry(pull_through=("hub",))) == "unknown pull-through"
    assert said(registry(pull_through=("hub/",))) == "unknown pull-through"
    assert said(registry(pull_through=("hu",))) == "orphan"


@pytest.mark.parametrize(
    ("rules", "verdict"),
    [
        ({"replication": (f"{ACCOUNT}/{REGION}",)}, "unknown replication"),
        ({"replication_by_prefix": (("ap", f"{ACCOUNT}/{REGION}"),)}, "unknown replication"),
        ({"replication_by_prefix": (("web", f"{ACCOUNT}/{REGION}"),)}, "orphan"),
        ({"replication": (f"{OTHER_ACCOUNT}/{REGION}",)}, "orphan"),
    ],
)
def test_a_repository_that_a_replication_rule_fills(rules: dict[str, Any], verdict: str) -> None:
    """It is made again with the next image, without its policy."""
    places = (HERE, (ACCOUNT, OTHER_REGION))
    source = registry(region=OTHER_REGION, **rules)
    found = judge(ecr_repository(), places=places, registries=(registry(), source))
    assert found["ecr-repo:app"] == verdict
    facts = gap("ecr:DescribeRegistry", facts=("replication",), region=OTHER_REGION)
    unread = judge(ecr_repository(), facts, places=places, registries=(registry(),))
    assert unread["ecr-repo:app"] == "unknown registry-unread"


@pytest.mark.parametrize(
    ("account", "region", "upstream", "policy", "verdict"),
    [
        (OTHER_ACCOUNT, REGION, ("", HERE), OTHER_ACCOUNT, "unknown pull-through"),
        (OTHER_ACCOUNT, REGION, ("app", HERE), OTHER_ACCOUNT, "unknown pull-through"),
        (OTHER_ACCOUNT, REGION, ("ap", HERE), OTHER_ACCOUNT, "orphan"),
        (OTHER_ACCOUNT, REGION, ("", HERE), ACCOUNT, "orphan"),
        (ACCOUNT, OTHER_REGION, ("", HERE), ACCOUNT, "unknown pull-through"),
        (ACCOUNT, OTHER_REGION, ("", (ACCOUNT, OTHER_REGION)), ACCOUNT, "orphan"),
    ],
)
def test_what_another_registry_fetches_by_a_pull_through_rule(
    account: str, region: str, upstream: tuple[str, tuple[str, str]], policy: str, verdict: str
) -> None:
    """What runs there is named by that registry. One that is not let in fetches nothing, and one
    of which the rules were not read may."""
    rule = (upstream[0], "/".join(upstream[1]))
    estate = (ecr_repository(policy=statement({"AWS": policy})), ecr_image(5))
    places = (HERE, (account, region))
    caching = registry(account, region, upstreams=(rule,))
    found = judge(*estate, places=places, registries=(registry(), caching))
    assert found["ecr-image:app@0005"] == verdict
    facts = gap("ecr:DescribeRegistry", facts=("replication",), account=account, region=region)
    unread = judge(*estate, facts, places=places, registries=(registry(),))
    lets_in = account in (ACCOUNT, policy)
    assert unread["ecr-image:app@0005"] == ("unknown registry-unread" if lets_in else "orphan")


@pytest.mark.parametrize(
    ("seconds", "window", "doubts"),
    [(0, 30, set()), (86400, 30, set()), (90 * 86400, 30, {"durable-unread"})],
)
def test_a_durable_execution_may_wait_in_a_version(
    seconds: int, window: int, doubts: set[str]
) -> None:
    """For longer than calls were counted: none need be seen of one that began before."""
    older = version(1, durable_seconds=seconds)
    whole = inventory(function(invocations=9), older, version(2), role(), ecr_repository())
    seen = msgspec.structs.replace(whole.scope, window_days=window)
    judged = orphans(
        build(msgspec.structs.replace(whole, scope=seen)), options=Options(keep_last=1)
    )
    found = next(judgement for judgement in judged.all() if judgement.id == older.id)
    assert {doubt.code for doubt in found.doubts} == doubts
    assert found.verdict.value == ("unknown" if doubts else "orphan")


@pytest.mark.parametrize("name", [uri("app"), f"{uri('app')}:v1", f"{uri('app')}@{digest(9)}"])
def test_a_repository_that_a_text_names_is_needed_without_an_image(name: str) -> None:
    launcher = function(runs=None, mentions=(name,))
    assert judge(ecr_repository(), launcher)["ecr-repo:app"] == "in-use"
    assert judge(ecr_repository("other"), launcher)["ecr-repo:other"] == "orphan"
    itself = ecr_repository(tags=(("home", name),))
    assert judge(itself)["ecr-repo:app"] == "orphan"


def test_a_zip_package_on_a_runtime_of_ones_own_runs_an_image_that_was_not_read() -> None:
    """A customer-managed runtime is made of an image of ECR (API_CreateRuntimeVersion)."""
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:runtime/ours"
    estate = (ecr_repository(), ecr_image(5))
    assert judge(*estate, function(runs=None))["ecr-image:app@0005"] == "orphan"
    custom = judge(*estate, function(runs=None, custom_runtime=arn))
    assert custom["ecr-image:app@0005"] == "unknown kept-newest runs-unread"


@pytest.mark.parametrize(
    ("name", "verdict"), [("us-east-1.web", "unknown edge"), ("web", "orphan")]
)
def test_a_replica_of_lambda_at_edge_is_not_ours_to_delete(name: str, verdict: str) -> None:
    options = Options(idle_functions=True, keep_last=0)
    judged = judge(function(name, runs=None), version(3, name, None), role(), options=options)
    assert judged[f"function:{name}"] == verdict
    assert judged[f"version:{name}:3"] == verdict


def test_a_version_on_a_capacity_provider_may_be_kept_ready() -> None:
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:capacity-provider:fleet"
    older = version(1, capacity_provider=arn)
    found = judge(function(), older, version(2), role(), options=Options(keep_last=1))
    assert found["version:pay:1"] == "unknown provisioned-unread"


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        ({"replication_by_prefix": (("ap", f"{ACCOUNT}/{OTHER_REGION}"),)}, "unknown replication"),
        ({"replication_by_prefix": (("web", f"{ACCOUNT}/{OTHER_REGION}"),)}, "orphan"),
        ({"policy": None}, "unknown policy-unread"),
        (
            {"policy": statement({"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:root"})},
            "unknown outside-account",
        ),
        (
            {
                "policy": statement(
                    {"AWS": OTHER_ACCOUNT}, Action="ecr:ReplicateImage", Resource="*"
                )
            },
            "orphan",
        ),
        ({"pull_exclusions": None}, "unknown pulls-hidden"),
        ({"pull_exclusions": (f"arn:aws:iam::{ACCOUNT}:role/node",)}, "unknown pulls-hidden"),
    ],
)
def test_what_a_registry_is_set_to_do(fields: dict[str, Any], verdict: str) -> None:
    found = judge(ecr_repository(), ecr_image(5), registries=(registry(**fields),))
    assert found["ecr-image:app@0005"] == verdict


def test_index_children_and_attestations_stand_or_fall_together() -> None:
    index = {"media_type": "application/vnd.oci.image.index.v1+json", "type": ImageType.INDEX}
    children = (
        child(1),
        child(2, "linux/arm64"),
        attestation_child(3, 1),
    )
    used = ecr_image(10, "v1", children=children, **index)
    others = (ecr_image(1), ecr_image(2), ecr_image(3, type=ImageType.ATTESTATION))
    signature = ecr_image(4, f"sha256-{10:064x}.sig", type=ImageType.SIGNATURE)
    soci = ecr_image(5, subject=digest(1), type=ImageType.SOCI)
    estate = (ecr_repository(), used, *others, signature, soci)
    everything = {f"ecr-image:app@{n:04x}" for n in (1, 2, 3, 4, 5, 10)}

    # the function runs only the amd64 child, by digest
    by_child = judge(*estate, function(runs=1, image_uri=f"{uri('app')}@{digest(1)}"))
    assert {by_child[image] for image in everything} == {"in-use"}
    unused = judge(*estate)
    assert {unused[image] for image in everything} == {"orphan"}
    young = judge(
        ecr_repository(), used, *others, signature, msgspec.structs.replace(soci, pushed_at=NOW)
    )
    assert {young[image].split()[0] for image in everything} == {"unknown"}
    unread = msgspec.structs.replace(used, manifest_read=False, children=())
    closed = judge(ecr_repository(), unread, *others, signature, soci)
    assert {closed[image] for image in everything} == {"unknown manifest-unread"}


@pytest.mark.parametrize(
    "attached",
    [
        {"tags": (f"sha256-{1:064x}.sig",), "type": ImageType.SIGNATURE},
        {"tags": (f"sha256-{1:064x}.sbom",), "type": ImageType.ARTIFACT},
        {"type": ImageType.ATTESTATION},
    ],
)
def test_what_is_about_an_image_of_another_repository_may_be_fetched_with_it(
    attached: dict[str, Any],
) -> None:
    """cosign keeps signatures in the repository that COSIGN_REPOSITORY names."""
    signature = ecr_image(5, repository="signatures", subject=digest(1), **attached)
    held = (ecr_repository(), ecr_image(1, "v1"), ecr_repository("signatures"), signature)
    apart = judge(*held, function(runs=1))
    assert apart["ecr-image:signatures@0005"] == "unknown artifact"
    beside = msgspec.structs.replace(signature, subject=digest(6), tags=())
    for image, verdict in ((ecr_image(6, repository="signatures"), "orphan"), (None, "unknown")):
        found = judge(*held[:3], beside, *([image] if image else []))
        assert found["ecr-image:signatures@0005"].split()[0] == verdict


def test_same_digest_in_two_repositories_and_two_regions() -> None:
    places = (HERE, (ACCOUNT, OTHER_REGION))
    estate = (
        ecr_repository(),
        ecr_repository("copy"),
        ecr_repository(region=OTHER_REGION),
        ecr_image(1),
        ecr_image(1, repository="copy"),
        ecr_image(1, region=OTHER_REGION),
    )
    assert judge(*estate, function(runs=1), places=places) == {
        "ecr-image:app@0001": "in-use",
        "ecr-image:copy@0001": "orphan",
        f"ecr-image:{OTHER_REGION}/app@0001": "orphan",
        "ecr-repo:app": "in-use",
        "ecr-repo:copy": "unknown not-empty",
        f"ecr-repo:{OTHER_REGION}/app": "unknown not-empty",
        "function:pay": "in-use",
    }
    # which copy it runs was not read: both are kept, and every tag of the region is in doubt; nor
    # was how its last update ended, and what it ran before may be any image there
    quick = judge(
        *estate, ecr_image(2), ecr_image(3, "x"), function(runs=1, tag=None), places=places
    )
    assert quick["ecr-image:app@0001"] == quick["ecr-image:copy@0001"] == "in-use"
    assert quick["ecr-image:app@0002"] == "unknown runs-unread"
    assert quick["ecr-image:app@0003"] == "unknown kept-newest runs-unread tag-unread"
    assert quick[f"ecr-image:{OTHER_REGION}/app@0001"] == "orphan"


def test_repositories() -> None:
    estate = (
        ecr_repository("empty"),
        ecr_repository("new", created_at=days_ago(0.5)),
        ecr_repository("stack", tags=(("aws:cloudformation:stack-name", "web"),)),
        ecr_repository("unread", tags=None),
        ecr_repository("named"),
        function(runs=1, repository="named"),
    )
    assert judge(*estate) == {
        "ecr-repo:empty": "orphan",
        "ecr-repo:named": "in-use",
        "ecr-repo:new": "unknown age-young",
        "ecr-repo:stack": "unknown managed",
        "ecr-repo:unread": "unknown tags-unread",
        "function:pay": "in-use",
    }


def test_triggers() -> None:
    estate = (
        function(),
        alias("prod", "$LATEST"),
        trigger("live", "pay"),
        trigger("by-alias", "pay:prod"),
        trigger("gone-alias", "pay:test"),
        trigger("gone", "g"),
        trigger("young", "g", last_modified=days_ago(0.1)),
        trigger("odd", "", function_arn="?"),
    )
    found = judge(*estate)
    assert {key: verdict for key, verdict in found.items() if key.startswith("trigger")} == {
        "trigger:by-alias": "in-use",
        "trigger:gone": "orphan",
        "trigger:gone-alias": "orphan",
        "trigger:live": "in-use",
        "trigger:odd": "unknown gap",
        "trigger:young": "unknown age-young",
    }
    unread = gap("lambda:ListAliases", Kind.ALIAS, resource="pay")
    found = judge(*estate, gaps=(unread,))
    assert found["trigger:gone-alias"] == "unknown gap"
    assert found["trigger:gone"] == "orphan"


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        ({}, "orphan"),
        ({"trust": statement({"Service": "ec2.amazonaws.com"})}, "unknown role-trust"),
        (
            {"trust": statement({"Service": ["lambda.amazonaws.com", "edgelambda.amazonaws.com"]})},
            "unknown role-trust",
        ),
        ({"trust": ""}, "unknown role-trust"),
        ({"instance_profiles": ("p",)}, "unknown role-instance-profile"),
        ({"path": "/aws-service-role/x/"}, "unknown role-service-linked"),
        ({"created_at": days_ago(29)}, "unknown role-young"),
        ({"created_at": None}, "unknown age-unknown"),
        ({"last_used_at": days_ago(89), "last_used_region": REGION}, "unknown role-used"),
        ({"last_used_at": days_ago(91), "last_used_region": REGION}, "orphan"),
        (  # RunTask and StartBuild take a role that no definition names
            {
                "trust": statement({"Service": "ecs-tasks.amazonaws.com"}),
                "last_used_at": days_ago(399),
                "last_used_region": REGION,
            },
            "unknown role-used",
        ),
        (
            {
                "trust": statement({"Service": "codebuild.amazonaws.com"}),
                "last_used_at": days_ago(401),
                "last_used_region": REGION,
            },
            "orphan",
        ),
        (
            {"last_used_at": days_ago(91), "last_used_region": OTHER_REGION},
            "unknown role-used-elsewhere",
        ),
        ({"tags": (("aws:cloudformation:stack-name", "web"),)}, "unknown managed"),
    ],
)
def test_doubts_of_a_role(fields: dict[str, Any], verdict: str) -> None:
    (found,) = judge(role("x", **fields)).values()
    assert found == verdict


def test_roles_are_global() -> None:
    """A region that the account has enabled and that was not read may hold the user of a role."""
    known = scope(HERE, enabled=(HERE, (ACCOUNT, OTHER_REGION)))
    assert judge(role("x"), scope=known) == {"role:x": "unknown regions-unread"}
    nothing = scope(HERE, enabled=())
    assert judge(role("x"), scope=nothing) == {"role:x": "unknown regions-unread"}
    ignoring = Options(assume_no=("lambda",))
    assert judge(role("x"), scope=nothing, options=ignoring) == {"role:x": "orphan"}


def test_zip_functions_use_their_roles() -> None:
    assert judge(function("z", None, role="team/x"), role("x", path="/team/"), role("x")) == {
        "function:z": "in-use",
        "role:team/x": "in-use",
        "role:x": "orphan",
    }


def test_a_gap_that_may_hide_functions_puts_images_and_roles_in_doubt() -> None:
    estate = (ecr_repository(), ecr_image(1), role("x"))
    unread = gap("lambda:ListFunctions", reason="throttled")
    assert judge(*estate, gaps=(unread,)) == {
        "ecr-image:app@0001": "unknown gap",
        "ecr-repo:app": "unknown gap not-empty",
        "role:x": "unknown gap",
    }
    # images are pulled only within a region; roles are assumed from all of them
    elsewhere = msgspec.structs.replace(unread, region=OTHER_REGION)
    found = judge(*estate, gaps=(elsewhere,))
    assert found["ecr-image:app@0001"] == "orphan"
    assert found["role:x"] == "unknown gap"


def test_a_place_outside_the_scope_is_in_doubt() -> None:
    unread = " ".join(sorted(CONSUMERS_UNREAD - {"sagemaker-unread"}))
    assert judge(ecr_repository(), ecr_image(1), role("x"), scope=scope()) == {
        "ecr-image:app@0001": f"unknown {unread} gap sagemaker-unread",
        "ecr-repo:app": f"unknown {unread} gap not-empty sagemaker-unread",
        "role:x": "unknown regions-unread",
    }


def local(n: int, *tags: str, **fields: Any) -> LocalImage:
    base: dict[str, Any] = {"created_at": LONG_AGO, "size": 100, "config_digest": digest(n)}
    return local_image(n, *tags, **base | fields)


def test_local_images_and_containers() -> None:
    estate = (
        ecr_repository(),
        ecr_image(1, config_digest=digest(101)),
        local(101),  # has a copy in ECR
        local(102),  # has none
        local(103),  # a stopped container was made from it
        local(104, parent=digest(105)),  # a copy in ECR, and it needs its parent
        ecr_image(4, config_digest=digest(104)),
        local(105),
        local(106, "app:latest", repo_digests=(f"{uri('app')}@{digest(1)}",)),
        container("c1", 103, state="exited", created_at=LONG_AGO),
        container("c2", 110, state="running", created_at=LONG_AGO),
        container("c3", 110, state="", created_at=LONG_AGO),
        container(
            "c4",
            110,
            state="exited",
            created_at=LONG_AGO,
            labels=(("com.docker.compose.project", "web"),),
        ),
    )
    found = judge(*estate)
    assert {key: verdict for key, verdict in found.items() if not key.startswith("ecr")} == {
        "container:c1": "orphan",
        "container:c2": "in-use",
        "container:c3": "unknown container-new",
        "container:c4": "unknown managed",
        "local-image:0065": "orphan",
        "local-image:0066": "unknown only-copy",
        "local-image:0067": "in-use",
        "local-image:0068": "orphan",
        "local-image:0069": "unknown only-copy",
        "local-image:006a": "unknown kept-tag",
    }


def test_the_local_copy_of_what_production_runs_is_precious() -> None:
    found = judge(
        ecr_repository(),
        local(9, repo_digests=(f"{uri('app')}@{digest(1)}",)),
        function(runs=1),
    )
    assert found["local-image:0009"] == "unknown copy-needed"


def test_idle_functions_only_when_asked() -> None:
    estate = (
        function("idle"),
        function("busy", invocations=3),
        function("url", urls=("",)),
        function("let-in", policy="{}"),
        function("unread", invocations=None, urls=None),
        function("stack", tags=(("aws:cloudformation:stack-name", "web"),)),
        function("triggered"),
        trigger("t", "triggered"),
    )
    assert set(judge(*estate).values()) == {"in-use"}
    found = judge(*estate, options=Options(idle_functions=True))
    assert found == {
        "function:busy": "in-use",
        "function:idle": "orphan",
        "function:let-in": "in-use",
        "function:stack": "unknown managed",
        "function:triggered": "in-use",
        "function:unread": "unknown invocations-unread policy-unread",
        "function:url": "in-use",
        "trigger:t": "in-use",
    }


def test_a_function_is_as_used_as_its_aliases_and_versions() -> None:
    """Deleting a function deletes them too."""
    found = judge(
        function("named"),
        version(1, "named"),
        alias("live", 1, "named"),
        function("doubtful"),
        version(1, "doubtful"),
        function("called"),
        version(1, "called", invocations=2),
        function("plain"),
        options=Options(idle_functions=True),
    )
    assert found == {
        "alias:named:live": "in-use",
        "function:called": "in-use",
        "function:doubtful": "unknown in-doubt",
        "function:named": "in-use",
        "function:plain": "orphan",
        "version:called:1": "in-use",
        "version:doubtful:1": "unknown no-caller-known",
        "version:named:1": "in-use",
    }


@pytest.mark.parametrize(
    ("resource", "verdict"),
    [
        (f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:pay:1", "in-use"),
        (f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:pay", "orphan"),
        (f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:pay:11", "orphan"),
    ],
)
def test_a_version_that_a_policy_names_is_in_use(resource: str, verdict: str) -> None:
    """API Gateway may call a version by its number, once a year."""
    policy = json.dumps({"Statement": [{"Effect": "Allow", "Resource": resource}]})
    estate = (function(policy=policy), version(1), version(2))
    assert judge(*estate, options=Options(keep_last=1))["version:pay:1"] == verdict


def test_a_version_is_in_doubt_where_the_policy_was_not_read() -> None:
    found = judge(function(policy=None), version(1), options=Options(keep_last=0))
    assert found["version:pay:1"] == "unknown policy-unread"


@pytest.mark.parametrize(
    ("provisioned", "verdict"),
    [
        (("1",), "in-use"),
        (("2", "live"), "orphan"),
        ((), "orphan"),
        (None, "unknown provisioned-unread"),
    ],
)
def test_a_version_that_is_kept_ready_is_in_use(
    provisioned: tuple[str, ...] | None, verdict: str
) -> None:
    """Provisioned concurrency is paid for, to answer calls that come once in a while."""
    estate = (function(provisioned=provisioned), version(1), version(2))
    assert judge(*estate, options=Options(keep_last=1))["version:pay:1"] == verdict


def test_layers_under_a_zip_package_are_no_use_of_an_image() -> None:
    """A layer of Lambda is an archive, whatever its name."""
    layer = f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:app:1"
    found = judge(ecr_repository(), ecr_image(1, "v1"), function(runs=None, layers=(layer,)))
    assert found["ecr-image:app@0001"] == "orphan"


def test_only_the_kinds_asked_for() -> None:
    found = orphans(build(inventory(ecr_repository(), ecr_image(1), role("x"))), kinds=[Kind.ROLE])
    assert shown(found) == {"role:x": "orphan"}
    assert found.freed.ecr == 0


def test_options_that_name_no_doubt() -> None:
    graph = build(inventory())
    with pytest.raises(OptionError, match="did you mean 'pulled'"):
        orphans(graph, options=Options(ignore=("pullled",)))
    with pytest.raises(OptionError, match="cannot be ignored"):
        orphans(graph, options=Options(ignore=("gap",)))


def test_an_orphan_says_where_was_looked() -> None:
    world = build(inventory(ecr_repository(), ecr_image(5), function(runs=1)))
    (found,) = orphans(world, options=Options(keep_images=0)).orphans
    assert found == Judgement(
        ecr_image(5).id,
        Kind.ECR_IMAGE,
        found.verdict,
        "no function, version, workload, index, signature or attestation references it",
        looked_at=(
            f"1 function and 0 versions of {ACCOUNT} in {REGION}",
            "tags, index children and referrers among 1 image",
            "repository policy, replication and pull-through rules, recent pulls",
        ),
        bytes=0,
        age_days=200.0,
        vulnerabilities=Vulnerabilities(unknown="no scan of it is known"),
    )


def test_the_same_answer_in_any_order_and_without_any_link() -> None:
    estate: Inventory = inventory(
        ecr_repository(),
        *(ecr_image(n, f"t{n}") for n in range(1, 9)),
        role(),
        role("old"),
        function(runs=1, tag="t5"),
        version(1, runs=2, role="old", tag="t6"),
        alias("prod", 1),
        trigger("t", "pay:prod"),
    )
    expected = orphans(build(estate))
    shuffled = msgspec.structs.replace(
        estate, ecr_images=tuple(random.Random(7).sample(estate.ecr_images, 8))
    )
    assert orphans(build(shuffled)) == expected
    assert len(expected.orphans) == 4
    # a link that no rule found protects all the same: the records are read a second time
    links: list[Link] = []
    assert shown(orphans(build(estate, links))) == shown(expected)
    every = list(infer(estate))
    assert shown(orphans(build(estate, every[::2]))) == shown(expected)


def test_what_a_text_names_is_in_use() -> None:
    """A role, image or version named in an environment, a tag or a policy has a user."""
    arn = f"arn:aws:iam::{ACCOUNT}:role/worker"
    launcher = function("launcher", runs=None, mentions=(arn, digest(2)))
    found = judge(
        ecr_repository(), ecr_image(1), ecr_image(2), role("worker"), role("idle"), launcher
    )
    assert {key: verdict for key, verdict in found.items() if key[:4] in ("role", "ecr-")} == {
        "ecr-image:app@0001": "orphan",
        "ecr-image:app@0002": "in-use",
        "ecr-repo:app": "in-use",
        "role:idle": "orphan",
        "role:worker": "in-use",
    }


def test_a_version_whose_arn_a_function_holds_is_called() -> None:
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:pay:1"
    caller = function("caller", runs=None, mentions=(arn,))
    found = judge(version(1), version(2), function(), caller, options=Options(keep_last=0))
    assert (found["version:pay:1"], found["version:pay:2"]) == ("in-use", "orphan")
