"""All that can block a deletion when it is planned blocks it still when it is about to happen."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import msgspec
import pytest

import jotgraph
from jotgraph.analysis.health import Code
from jotgraph.analysis.usage import DOUBTS as CODES
from jotgraph.analysis.usage import Options
from jotgraph.apply import Receipt, Status, apply
from jotgraph.clients import Clients
from jotgraph.plan import Plan, Step, fingerprint, plan_cleanup, seal
from jotgraph.plan.again import NOT_AGAIN
from jotgraph.plan.fingerprints import COPIES
from jotgraph.plan.model import ACTIONS, LIFETIME
from jotgraph.plan.stale import stale
from jotgraph.records import Kind, ResourceId, ecr_image_id, kind_of
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources.consumers import CONSUMERS
from tests.apply.between import BLOCKS, DOUBTS, Set
from tests.apply.estate import OLD, Estate
from tests.apply.prepared import Prepared
from tests.apply.runs import applied, connect, planned, scan, statuses
from tests.apply.small_engine import SOUND, engine
from tests.factories import scope
from tests.rig.kept import state
from tests.strength import some
from tests.tally import UNSET, WALKED, tried

NOTHING_ASSUMED = Options(ignore=("role-used",))
"""Nothing set aside but that the role was used long ago: it is deleted by name."""
CHANGES = {
    **{f"block {name}": row for name, row in BLOCKS.items()},
    **{f"doubt {code}": row for code, row in DOUBTS.items()},
}


@pytest.fixture
def plan(estate: Estate, _prepared: Prepared) -> Plan:
    """Of the estate as its scan left it, with no service set aside."""
    return _prepared.planned(NOTHING_ASSUMED)


def test_every_doubt_has_a_row() -> None:
    tried(UNSET, sum(isinstance(row, str) for row in CHANGES.values()))
    assert DOUBTS.keys() == CODES.keys()
    assert NOT_AGAIN.keys() <= CODES.keys()


def test_nothing_happens(plan: Plan) -> None:
    """Without a change everything goes: no row below holds by itself."""
    assert applied(plan).proven


def test_a_zip_package_that_is_half_updated_keeps_roles_and_no_image(
    aws_environment: Sandbox, plan: Plan
) -> None:
    """It never ran an image: the type of a package cannot be changed."""
    aws = aws_environment
    seed.function(aws, "late", role=f"arn:aws:iam::{aws.account}:role/other-role")
    aws.world.lambda_of(aws.account, aws.region).functions["late"].latest["LastUpdateStatus"] = (
        "Failed"
    )
    why = {outcome.id: outcome.because for outcome in applied(plan).outcomes}
    kept = {resource: because for resource, because in why.items() if "an update of" in because}
    assert {kind_of(resource) for resource in kept} == {Kind.ROLE}, kept


SET = [name for name, row in CHANGES.items() if isinstance(row, Set)]
READY = "block function ready"
"""What is seen by no other test of every day: provisioned concurrency is read for this alone."""


@pytest.mark.parametrize(
    "name",
    dict.fromkeys([READY, *some("changes between plan and apply", SET, 7)]),
)
def test_what_comes_up_between_plan_and_apply_keeps_the_resource(
    aws_environment: Sandbox, estate: Estate, plan: Plan, name: str
) -> None:
    aws, row = aws_environment, CHANGES[name]
    assert isinstance(row, Set)
    wanted = row.stays.format(old=estate.old, index=estate.index, trigger=estate.trigger)
    (target,) = [
        step.id
        for step in plan.steps
        if step.id.replace("123456789012/us-east-1/", "").replace("123456789012/", "") == wanted
    ]
    tried(WALKED)
    row.change(aws, estate)
    receipt = applied(plan)
    aws.faults.clear()
    outcome = next(outcome for outcome in receipt.outcomes if outcome.id == target)
    assert target in state(aws)
    assert outcome.status is not Status.DONE
    reasons = [outcome.because for outcome in receipt.outcomes if outcome.status is not Status.DONE]
    assert any(row.words in because for because in reasons), reasons


@pytest.mark.parametrize("image", ["common:v1", "public.ecr.aws/nginx/nginx:1"])
def test_a_task_of_another_image_keeps_nothing(
    aws_environment: Sandbox, plan: Plan, image: str
) -> None:
    seed.task_definition(aws_environment, "late", image)
    seed.ecs_task(aws_environment, "late")
    assert applied(plan).proven


def test_what_may_have_started_it_already_is_in_the_plan(
    aws_environment: Sandbox, estate: Estate
) -> None:
    """An older revision that the plan knows of, by --ignore-doubt; another one is none of it."""
    aws = aws_environment
    options = msgspec.structs.replace(NOTHING_ASSUMED, ignore=("role-used", "may-run"))
    seed.task_definition(aws, "known", f"app@{estate.old}")
    seed.task_definition(aws, "known", "common:v1")
    assert applied(planned("function:app", options=options)).proven


def test_a_service_that_was_set_aside_is_not_asked(
    aws_environment: Sandbox, estate: Estate
) -> None:
    """It was denied when the plan was made, and is denied still."""
    aws = aws_environment
    aws.faults.deny("ecs")
    plan = planned("function:app", options=Options(assume_no=("ecs",), ignore=("role-used",)))
    assert plan.assumed == ("ecs",)
    aws.calls.clear()
    assert applied(plan).proven
    assert not [name for name in aws.calls.tally() if name.startswith("ecs:")]


def test_a_service_that_was_read_and_assumed_is_asked_all_the_same(
    aws_environment: Sandbox, estate: Estate
) -> None:
    aws = aws_environment
    plan = planned("function:app", options=Options(assume_no=("ecs",), ignore=("role-used",)))
    seed.task_definition(aws, "late", f"app@{estate.old}")
    seed.ecs_task(aws, "late")
    outcome = statuses(applied(plan))[f"ecr-image:app@{estate.old}"]
    assert outcome[0] == "refused"
    assert "late" in outcome[1]


def test_the_services_are_read_once_for_all_batches(aws_environment: Sandbox, plan: Plan) -> None:
    """Three batches, a repository and the looks at a role share one reading, which is the scan's:
    12 calls in each enabled region where nothing is, and ListFunctions in those not scanned."""
    aws = aws_environment
    aws.calls.clear()
    assert applied(plan).proven
    tally = aws.calls.tally()
    regions = len(plan.scope.enabled)
    assert regions > 1
    assert tally["ecs:ListClusters"] == tally["batch:DescribeJobDefinitions"] == regions
    elsewhere = {name: count for name, count in tally.items() if name in ELSEWHERE}
    assert sum(elsewhere.values()) == regions * 12


ELSEWHERE = {f"{entry.client or entry.service}:{entry.calls[0].action}" for entry in CONSUMERS}


def published(aws: Sandbox, count: int) -> None:
    """The function ``app`` with so many versions of one image."""
    seed.repository(aws, "app", created=OLD)
    seed.image(aws, "app", "v1", pushed=OLD)
    role = seed.role(aws, "app-role", created=OLD)
    seed.function(aws, "app", "app:v1", role=role, modified=OLD)
    for _ in range(count):
        seed.version(aws, "app", modified=OLD)


def test_a_newer_version_that_went_makes_this_one_of_the_newest(aws_environment: Sandbox) -> None:
    published(aws_environment, 3)
    options = Options(keep_last=2)
    plan = plan_cleanup(
        jotgraph.build(scan()), now=datetime.now(UTC), kinds={Kind.VERSION}, options=options
    )
    assert [step.id.rpartition("/")[2] for step in plan.steps] == ["app:1"]
    aws_environment.client("lambda").delete_function(FunctionName="app", Qualifier="3")
    outcome = statuses(applied(plan))["version:app:1"]
    assert outcome == (
        "refused",
        "in doubt now: among the newest 2 versions of its function (kept by policy) [kept-newest]",
    )


def _local(copy: ResourceId) -> Plan:
    """A plan to delete a local image of which ECR has a copy."""
    now = datetime.now(UTC)
    facts = dict(fingerprint(SOUND)) | {COPIES: copy}
    step = Step(
        id=SOUND.id,
        action=ACTIONS[Kind.LOCAL_IMAGE],
        because="a test",
        fingerprint=tuple(sorted(facts.items())),
    )
    return seal(
        Plan(
            asked="test",
            made_at=now,
            expires_at=now + LIFETIME,
            taken_at=now,
            scope=scope(engine="small"),
            complete=True,
            steps=(step,),
        )
    )


def _applied_here(plan: Plan, *, signed_in: bool, backup: bool) -> Receipt:
    with engine("cut", set()) as client:
        clients = Clients(docker=client, aws=connect().aws if signed_in else ())
        return apply(plan, clients, now=plan.made_at, patience=1, backup=backup)


def test_a_local_image_goes_only_while_its_copy_is_there(aws_environment: Sandbox) -> None:
    aws = aws_environment
    seed.repository(aws, "app")
    there = ecr_image_id("123456789012", "us-east-1", "app", seed.image(aws, "app", "v1"))
    gone = ecr_image_id("123456789012", "us-east-1", "app", "sha256:" + "0" * 64)
    assert _applied_here(_local(there), signed_in=True, backup=False).proven
    for backup in (False, True):
        (outcome,) = _applied_here(_local(gone), signed_in=True, backup=backup).outcomes
        assert (outcome.status, outcome.because) == (
            "refused",
            f"its copy in ECR is gone or archived ({gone})",
        )
    assert _applied_here(_local(gone), signed_in=False, backup=True).proven
    (outcome,) = _applied_here(_local(gone), signed_in=False, backup=False).outcomes
    assert (outcome.status, outcome.because) == (
        "failed",
        "account 123456789012 is not signed in to; pass its --profile",
    )


def test_the_second_look_makes_the_calls_of_its_formula(
    aws_environment: Sandbox, plan: Plan
) -> None:
    """docs/deleting.md: one trigger, alias, version, function and repository, three batches. What
    other looks make of the same calls is taken off."""
    aws = aws_environment
    assert Counter(kind_of(step.id) for step in plan.steps) == {
        Kind.TRIGGER: 1, Kind.ALIAS: 1, Kind.VERSION: 1, Kind.FUNCTION: 1,
        Kind.ECR_IMAGE: 4, Kind.ECR_REPO: 1, Kind.ROLE: 1,
    }  # fmt: skip
    aws.calls.clear()
    assert applied(plan).proven
    tally = aws.calls.tally()
    assert tally["lambda:ListTags"] == 4 * 1 + 1 + 1 + 2 * 1
    assert tally["lambda:ListProvisionedConcurrencyConfigs"] == 1 + 1 + 2 * 1
    assert tally["lambda:GetPolicy"] == 1 + 1 + 2 * 1
    assert tally["cloudwatch:GetMetricData"] == 1 + 1 + 2 * 1
    for setting in SETTINGS:
        assert tally[f"ecr:{setting}"] == 3 + 1, setting


def test_a_resource_is_read_once_before_its_copy(aws_environment: Sandbox, plan: Plan) -> None:
    """Before the copy, for it, after it, of a role once more without its policies, and to see that
    it is gone."""
    aws_environment.calls.clear()
    assert applied(plan, backup=True).proven
    tally = aws_environment.calls.tally()
    assert tally["ecr:DescribeRepositories"] == 4
    assert tally["iam:GetRole"] == tally["iam:ListRolePolicies"] + 1 == 5


SETTINGS = (
    "GetRepositoryPolicy",
    "GetLifecyclePolicy",
    "ListTagsForResource",
    "DescribeRegistry",
    "GetRegistryPolicy",
    "DescribePullThroughCacheRules",
    "ListPullTimeUpdateExclusions",
)


def _cleanup(aws: Sandbox, *codes: Code) -> Plan:
    """What ``cleanup --stale`` plans."""
    graph = jotgraph.build(scan())
    broken = stale(graph, codes)
    assert [resource.rpartition("/")[2] for resource in broken] == ["app"]
    plan = plan_cleanup(
        graph,
        now=datetime.now(UTC),
        also=broken,
        orphaned=False,
        kinds=(),
        options=Options(ignore=("edge",)),
    )
    assert [step.id.rpartition("/")[2] for step in plan.steps] == ["app"], plan.blocks
    return plan


def _broken(aws: Sandbox) -> tuple[str, str]:
    """A function whose image and role are gone; its image's digest, and its role."""
    seed.repository(aws, "app", created=OLD)
    digest = seed.image(aws, "app", "v1", pushed=OLD)
    role = seed.role(aws, "app-role", created=OLD)
    seed.function(aws, "app", "app:v1", role=role, modified=OLD)
    aws.client("ecr").batch_delete_image(repositoryName="app", imageIds=[{"imageDigest": digest}])
    aws.client("iam").delete_role(RoleName="app-role")
    return digest, role


@pytest.mark.parametrize("code", [Code.BROKEN, Code.ROLE_MISSING])
def test_what_is_broken_still_goes(aws_environment: Sandbox, code: Code) -> None:
    _broken(aws_environment)
    receipt = applied(_cleanup(aws_environment, code))
    assert receipt.proven, statuses(receipt)


def test_what_was_mended_stays(aws_environment: Sandbox) -> None:
    aws = aws_environment
    digest, _ = _broken(aws)
    plan = _cleanup(aws, Code.BROKEN)
    assert seed.image(aws, "app", "v1") == digest
    assert statuses(applied(plan))["function:app"] == (
        "refused",
        "the plan calls it broken, and it is not so now",
    )


def test_what_has_its_role_again_stays(aws_environment: Sandbox) -> None:
    aws = aws_environment
    _broken(aws)
    plan = _cleanup(aws, Code.ROLE_MISSING)
    seed.role(aws, "app-role")
    assert statuses(applied(plan))["function:app"] == (
        "refused",
        "the plan calls it role missing, and it is not so now",
    )


def test_text_that_names_something_else_keeps_nothing(
    aws_environment: Sandbox, estate: Estate
) -> None:
    """Which image the function runs is not read again, and it is no doubt about this one."""
    aws = aws_environment
    names = {"Variables": {"IT": "arn:aws:iam::123456789012:role/somebody-else"}}
    aws.client("lambda").update_function_configuration(FunctionName="other", Environment=names)
    assert applied(planned("function:app", options=NOTHING_ASSUMED)).proven


def test_what_a_run_deletes_itself_moves_no_rank(aws_environment: Sandbox) -> None:
    """Ten versions that go with their function: 10 before 9, for their names sort so."""
    published(aws_environment, 10)
    options = Options(keep_last=2, assume_no=("lambda",), ignore=("role-used",))
    receipt = applied(planned("function:app", options=options))
    assert receipt.proven, statuses(receipt)


def test_images_that_a_run_deletes_itself_move_no_rank(
    aws_environment: Sandbox, estate: Estate
) -> None:
    """The newest goes by name, in the first batch, and those that waited for it are not the newest
    by that."""
    options = Options(keep_images=1, assume_no=("lambda",), ignore=("role-used",))
    receipt = applied(planned("function:app", options=options))
    assert receipt.proven, statuses(receipt)
