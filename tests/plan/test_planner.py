"""Plans on literal estates: what goes, in which order, what blocks, and what is kept."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from jotgraph.analysis.usage import Options
from jotgraph.errors import OptionError
from jotgraph.graph import build
from jotgraph.plan import CascadeOptions, Plan, Protection, plan_cleanup, plan_delete, plan_digest
from jotgraph.plan.protection import foreign_marks
from jotgraph.records import (
    ImageType,
    Kind,
    ResourceId,
    alias_id,
    ecr_image_id,
    function_id,
    name_of,
    role_id,
    version_id,
)
from jotgraph.records.references import LATEST_PUBLISHED
from tests.factories import (
    ACCOUNT,
    LONG_AGO,
    NOW,
    REGION,
    alias,
    attestation_child,
    child,
    days_ago,
    digest,
    ecr_image,
    ecr_repository,
    function,
    gap,
    inventory,
    layer,
    local_image,
    role,
    trigger,
    uri,
    version,
)

F = function_id(ACCOUNT, REGION, "pay")
ROLE = role_id(ACCOUNT, "pay-role")
FUNCTION = function().id


def image_n(n: int, repository: str = "app") -> ResourceId:
    return ecr_image_id(ACCOUNT, REGION, repository, digest(n))


def delete(records: Iterable[object], *targets: ResourceId, **words: Any) -> Plan:
    return plan_delete(build(inventory(*records)), targets, now=NOW, **words)


def test_a_function_stays_with_a_version_that_something_else_names() -> None:
    """To delete it would delete the version, whatever order they are looked at in."""
    named = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:pay:7"
    estate = (function(), version(7), role(), alias("live", 7))
    web = function("web", mentions=(named,))
    for user in (role("caller", invokes=(named,)), web):
        made = delete([*estate, user], F)
        assert made.steps == ()
        because = {name_of(block.id): block.because for block in made.blocks}
        assert because["pay"] == "still used by pay:7"
        assert because["pay:7"] == f"still used by {name_of(user.id)}"
        assert because["pay:live"] == "it belongs to pay, which is kept"


def test_a_function_whose_policy_names_its_own_alias_goes_after_it() -> None:
    """And what else the policy's text names goes after the function."""
    policy = json.dumps(
        {"Statement": [{"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"},
         "Resource": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:pay:live"}]}
    )  # fmt: skip
    made = delete(
        [
            ecr_repository(), ecr_image(1), role(),
            function(policy=policy, mentions=(digest(2),)), version(1), alias("live", 1),
            ecr_image(2, repository="tools"), ecr_repository("tools"),
        ],
        F,
        image_n(2, "tools"),
    )  # fmt: skip
    order = [step.id for step in made.steps]
    after = {step.id: step.after for step in made.steps}
    live = alias_id(ACCOUNT, REGION, "pay", "live")
    assert order.index(live) < order.index(F) < order.index(image_n(2, "tools"))
    assert F not in after[live]
    assert F in after[image_n(2, "tools")]


def cleanup(*records: object, **words: Any) -> Plan:
    return plan_cleanup(build(inventory(*records)), now=NOW, **words)


def ids(plan: Plan) -> list[str]:
    return [_short(step.id) for step in plan.steps]


def blocked(plan: Plan) -> dict[str, str]:
    return {_short(block.id): block.because for block in plan.blocks}


def kept(plan: Plan) -> dict[str, str]:
    return {_short(survivor.id): survivor.because for survivor in plan.kept}


def _short(resource: str) -> str:
    text = (
        resource.replace(f"{ACCOUNT}/{REGION}/", "")
        .replace(f"{ACCOUNT}/", "")
        .replace("sha256:", "")
    )
    return text.replace("0" * 60, "")


def test_what_a_capacity_provider_runs_is_not_deleted() -> None:
    """Nor is its function: jotgraph could not put it back under its name."""
    published = version(LATEST_PUBLISHED, runs=None)
    plan = delete([role(), function(runs=None), published], F)
    assert ids(plan) == []
    assert blocked(plan)["version:pay:$LATEST.PUBLISHED"] == (
        "it is what its capacity provider runs, under no number"
    )
    assert blocked(plan)["function:pay"] == "still used by pay:$LATEST.PUBLISHED"


def test_no_deletion_follows_a_text() -> None:
    """What a variable names is kept by it, and not taken along: nobody knows what it means."""
    other, own = role("other"), role()
    launcher = function(runs=None, mentions=(other.arn, own.arn, f"{uri('tools')}:v1"))
    tools = (ecr_repository("tools"), ecr_image(1, "v1", repository="tools"))
    plan = delete([own, other, launcher, *tools], F)
    assert ids(plan) == ["function:pay", "role:pay-role"]
    assert blocked(plan) == {}


JOT = (
    ecr_repository(),
    ecr_image(1, "v1"),
    ecr_image(2, "v2"),
    function(runs=2, tag="v2"),
    version(1, runs=1, role="old", tag="v1"),
    version(2, runs=2, tag="v2"),
    alias("prod", 2, weights=(("1", 0.1),)),
    trigger("t", "pay:prod"),
    role(),
    role("old"),
)


def test_the_whole_jot_goes_in_an_order_that_aws_accepts() -> None:
    plan = delete(JOT, F)
    assert ids(plan) == [
        "trigger:t",
        "alias:pay:prod",
        "version:pay:1",
        "version:pay:2",
        "function:pay",
        "ecr-image:app@0001",
        "ecr-image:app@0002",
        "ecr-repo:app",
        "role:old",
        "role:pay-role",
    ]
    assert (plan.blocks, plan.kept, plan.complete) == ((), (), True)
    because = {_short(step.id): step.because for step in plan.steps}
    assert because["function:pay"] == "asked for"
    assert because["alias:pay:prod"] == f"it depends on function {ACCOUNT}/{REGION}/pay"
    assert (
        because["ecr-image:app@0001"]
        == f"nothing else uses it once version {ACCOUNT}/{REGION}/pay:1 is gone"
    )


def test_what_others_use_is_kept_because_of_them() -> None:
    plan = delete((*JOT, function("g", runs=2, tag="v2"), ecr_repository("other")), F)
    assert ids(plan) == [
        "trigger:t",
        "alias:pay:prod",
        "version:pay:1",
        "version:pay:2",
        "function:pay",
        "ecr-image:app@0001",
        "role:old",
    ]
    assert kept(plan) == {
        "ecr-image:app@0002": f"function {ACCOUNT}/{REGION}/g uses it",
        "ecr-repo:app": f"function {ACCOUNT}/{REGION}/g uses it",
        "role:pay-role": f"function {ACCOUNT}/{REGION}/g uses it",
    }
    assert plan.kept[0].by == (function_id(ACCOUNT, REGION, "g"),)


def test_an_alias_that_also_routes_elsewhere_is_not_taken_along() -> None:
    plan = delete(JOT, version_id(ACCOUNT, REGION, "pay", "1"))
    assert ids(plan) == []
    assert blocked(plan) == {
        "version:pay:1": "still used by pay:prod",
        "ecr-image:app@0001": "still used by pay:1",
        "role:old": "still used by pay:1",
    }


def test_without_dependents_they_block() -> None:
    plan = delete(JOT, F, how=CascadeOptions(dependents=False))
    assert "function:pay" in blocked(plan)
    assert ids(plan) == []


def test_a_role_does_not_take_its_functions() -> None:
    plan = delete(JOT, ROLE)
    assert ids(plan) == []
    assert blocked(plan) == {"role:pay-role": "still used by pay, pay:2"}


@pytest.mark.parametrize(
    ("wishes", "stays"),
    [
        (
            CascadeOptions(only=frozenset({Kind.FUNCTION, Kind.VERSION, Kind.ALIAS, Kind.TRIGGER})),
            {
                "ecr-image:app@0001",
                "ecr-image:app@0002",
                "ecr-repo:app",
                "role:old",
                "role:pay-role",
            },
        ),
        (
            CascadeOptions(stop_at=frozenset({Kind.ECR_IMAGE})),
            {"ecr-image:app@0001", "ecr-image:app@0002", "ecr-repo:app"},
        ),
        (CascadeOptions(keep=frozenset({ROLE})), {"role:pay-role"}),
    ],
)
def test_wishes_narrow_it(wishes: CascadeOptions, stays: set[str]) -> None:
    assert set(ids(delete(JOT, F))) - set(ids(delete(JOT, F, how=wishes))) == stays


def test_an_index_goes_before_its_children() -> None:
    records = (
        ecr_repository(),
        ecr_image(9, type=ImageType.INDEX, children=(child(1), child(2))),
        ecr_image(1),
        ecr_image(2),
    )
    plan = delete(records, image_n(1))
    assert ids(plan)[0] == "ecr-image:app@0009"
    assert ids(plan) == [
        "ecr-image:app@0009",
        "ecr-image:app@0001",
        "ecr-image:app@0002",
        "ecr-repo:app",
    ]
    by_id = {step.id: step for step in plan.steps}
    assert by_id[image_n(1)].after == (image_n(9),)


def _two_indexes(*records: object) -> tuple[object, ...]:
    first = ecr_image(8, "one", type=ImageType.INDEX, children=(child(1), child(2)))
    second = ecr_image(9, "two", type=ImageType.INDEX, children=(child(2), child(3)))
    return (ecr_repository(), first, second, ecr_image(1), ecr_image(2), ecr_image(3), *records)


def test_an_index_leaves_what_another_lists_too() -> None:
    plan = delete(_two_indexes(), image_n(8))
    assert ids(plan) == ["ecr-image:app@0008", "ecr-image:app@0001"]
    assert blocked(plan) == {}
    kept = {survivor.id: survivor.because for survivor in plan.kept}
    assert kept[image_n(2)] == "an index that stays lists it too"
    assert image_n(9) not in kept


def test_a_child_goes_with_every_index_that_lists_it() -> None:
    plan = delete(_two_indexes(), image_n(2))
    assert {f"ecr-image:app@000{n}" for n in (1, 2, 3, 8, 9)} <= set(ids(plan))


def _release(*records: object) -> tuple[object, ...]:
    """An index of two platforms; a function runs the image of one of them."""
    both = (child(1), child(2, "linux/arm64"))
    release = ecr_image(9, "release", type=ImageType.INDEX, children=both)
    return (ecr_repository(), ecr_image(1), ecr_image(2), release, role(), *records)


def test_a_function_does_not_take_an_index_of_more_than_it_ran() -> None:
    """Nor the child that it ran, which the index lists."""
    own = ecr_image(8, "v1", type=ImageType.INDEX, children=(child(1),))
    by_tag = delete(_release(own, function(runs=1)), FUNCTION)
    assert ids(by_tag) == ["function:pay", "ecr-image:app@0008", "role:pay-role"]
    assert {block.id: block.because for block in by_tag.kept} == {
        image_n(1): "an index that stays lists it too",
        ecr_repository().id: "it holds 3 images that must be deleted first",
    }
    by_digest = delete(_release(function(runs=1, tag=None)), FUNCTION)
    assert ids(by_digest) == ["function:pay", "role:pay-role"]
    assert blocked(by_tag) == blocked(by_digest) == {}


def test_a_function_takes_an_index_of_nothing_but_what_it_ran() -> None:
    described = ecr_image(3, type=ImageType.ATTESTATION)
    children = (child(1), attestation_child(3, 1))
    index = ecr_image(8, "v1", type=ImageType.INDEX, children=children)
    records = (ecr_repository(), ecr_image(1), described, index, function(runs=1, tag=None), role())
    assert ids(delete(records, FUNCTION)) == [
        "function:pay",
        "ecr-image:app@0008",
        "ecr-image:app@0003",
        "ecr-image:app@0001",
        "ecr-repo:app",
        "role:pay-role",
    ]


def test_the_index_that_the_deployed_tag_names_goes_with_all_its_platforms() -> None:
    plan = delete(_release(function(runs=1, tag="release")), FUNCTION)
    assert {f"ecr-image:app@000{n}" for n in (1, 2, 9)} <= set(ids(plan))


def test_an_index_whose_shared_child_runs_is_blocked() -> None:
    plan = delete(_two_indexes(role(), function(runs=2, tag=None)), image_n(8), image_n(9))
    assert not {"ecr-image:app@0008", "ecr-image:app@0009"} & set(ids(plan))
    alone = delete(
        _two_indexes(role(), function(runs=2, tag=None)),
        image_n(8),
        how=CascadeOptions(dependents=False),
    )
    assert ids(alone) == []
    assert blocked(alone)["ecr-image:app@0008"].startswith("still used by")


def test_a_child_of_an_index_in_use_blocks_all_of_it() -> None:
    records = (
        ecr_repository(),
        role(),
        ecr_image(9, "v9", type=ImageType.INDEX, children=(child(1), child(2))),
        ecr_image(1),
        ecr_image(2),
        function(runs=2, tag=None),
    )
    plan = delete(records, image_n(1), how=CascadeOptions(dependents=False))
    assert ids(plan) == []
    assert blocked(plan)["ecr-image:app@0001"].startswith("still used by")


def test_what_no_copy_can_be_kept_of_is_blocked_by_name() -> None:
    archived = ecr_image(2, status="ARCHIVED")
    records = (ecr_repository(), ecr_image(1), archived)
    keeping = Protection(copies=True)
    plan = delete(records, image_n(1), image_n(2), protection=keeping)
    assert ids(plan) == ["ecr-image:app@0001"]
    assert blocked(plan)["ecr-image:app@0002"] == (
        "it is archived, and cannot be pulled, so no copy can be kept: restore it "
        f"first, or delete it without a copy: --without-copy app@{digest(2)[:16]}"
    )
    for protection in (Protection(), replace(keeping, without_copy=frozenset({image_n(2)}))):
        named = delete(records, image_n(1), image_n(2), protection=protection)
        assert len(named.steps) == 3
        assert named.without_copy == tuple(sorted(protection.without_copy))


def test_what_another_machine_holds_stays() -> None:
    mark = (("jotgraph:quarantined", "0123abcd 2026-01-02T03:04:05+00:00"),)
    records = (function(tags=mark), version(1), alias("live", 1), role("s", tags=mark), role())
    graph = build(inventory(ecr_repository(), ecr_image(1), *records))
    because = "in quarantine since 2026-01-02 by run 0123abcd of another machine: "
    protected = {FUNCTION, version(1).id, alias("live", 1).id, role("s").id}
    advice = "release or sweep it there, or here: jotgraph sweep --take-over 0123abcd"
    assert foreign_marks(graph, {("other", FUNCTION)}) == dict.fromkeys(protected, because + advice)
    mine = {("0123abcd", FUNCTION), ("0123abcd", role("s").id)}
    assert foreign_marks(graph, mine) == {}
    assert foreign_marks(build(inventory(role())), ()) == {}


def test_protection() -> None:
    tagged = role(tags=(("jotgraph:protect", "2099-01-01"),))
    plan = delete((tagged,), ROLE)
    assert blocked(plan) == {
        "role:pay-role": "its tag jotgraph:protect protects it until 2099-01-01"
    }
    over = role(tags=(("jotgraph:protect", "2020-01-01"),))
    assert ids(delete((over,), ROLE)) == ["role:pay-role"]
    assert blocked(delete((role(),), ROLE, protection=Protection(exclude=("r*",)))) == {
        "role:pay-role": "it matches the protected pattern r*"
    }
    nested = role(path="/team/")
    for pattern in ("r*", "team/*", f"{nested.account}/*", "role:*"):
        plan = delete((nested,), nested.id, protection=Protection(exclude=(pattern,)))
        assert ids(plan) == []
    tagged_images = ecr_image(1, "v1", "prod-7", repository="team/app")
    for pattern, stays in (
        ("team/app:prod-*", True), ("app:v1", True), ("prod-*", False), ("app:v2", False),
    ):  # fmt: skip
        protection = Protection(exclude=(pattern,))
        plan = delete((tagged_images,), tagged_images.id, protection=protection)
        assert (not ids(plan)) == stays, pattern
    local = local_image(tags=("app:dev", "app:prod"))
    plan = delete((local,), local.id, protection=Protection(exclude=("app:prod",)))
    assert ids(plan) == []
    parts: list[Any] = [
        ecr_repository(), ecr_image(1, "v1"), function(runs=1), version(1, runs=1),
        alias("live", 1), trigger(),
    ]  # fmt: skip
    for part in parts[1:]:
        for pattern, stays in (
            ("app", part.id == image_n(1)), ("pay", part.id != image_n(1)), ("ecr-repo:*", False),
        ):  # fmt: skip
            made = delete(parts, part.id, protection=Protection(exclude=(pattern,)))
            because = {block.id: block.because for block in made.blocks}.get(part.id, "")
            assert because.endswith(f"the protected pattern {pattern}") == stays, part.id
    stack = role(tags=(("aws:cloudformation:stack-name", "s"),))
    assert "[managed]" in blocked(delete((stack,), ROLE))["role:pay-role"]


def test_cleanup_takes_orphans_and_what_only_they_held() -> None:
    plan = cleanup(
        ecr_repository(),
        ecr_image(1, layers=(layer(11, 70), layer(10, 30))),
        ecr_image(2, "latest", layers=(layer(10, 30),)),
        ecr_repository("old"),
        ecr_image(3, repository="old", layers=(layer(10, 30),)),
    )
    assert ids(plan) == ["ecr-image:app@0001", "ecr-image:old@0003", "ecr-repo:old"]
    assert kept(plan) == {"ecr-repo:app": "it holds 1 image that must be deleted first"}
    assert plan.ecr_bytes == 100  # the layer shared with the kept image stays


def test_cleanup_by_age_and_kind() -> None:
    records = (
        ecr_repository(),
        ecr_image(1),
        ecr_image(2, pushed_at=days_ago(10)),
        ecr_image(3, "latest"),
    )
    assert ids(cleanup(*records, older_than_days=100)) == ["ecr-image:app@0001"]
    assert ids(cleanup(*records, kinds=[Kind.ROLE])) == []


def test_a_gap_that_hides_users_leaves_nothing_to_clean_and_an_incomplete_plan() -> None:
    unread = gap("lambda:ListFunctions", Kind.FUNCTION, Kind.VERSION)
    graph = build(inventory(ecr_repository(), ecr_image(1), unread))
    assert plan_cleanup(graph, now=NOW).steps == ()
    named = plan_delete(graph, [image_n(1)], now=NOW)
    assert [step.id for step in named.steps] == [image_n(1)]
    assert not named.complete
    assert named.gaps == (unread,)


def test_what_was_not_read_is_not_deleted() -> None:
    plan = delete(
        (function(runs=7, tag="v1"), role()), image_n(7), how=CascadeOptions(dependents=False)
    )
    assert blocked(plan) == {"ecr-image:app@0007": "it was not found, so it is not deleted"}


def test_a_plan_is_sealed_and_the_same_whenever_it_is_made_from_the_same() -> None:
    plan = delete(JOT, F)
    assert plan == delete(tuple(reversed(JOT)), F)
    assert plan.digest == plan_digest(plan)
    edited = msgspec.structs.replace(plan, steps=plan.steps[:1])
    assert edited.digest != plan_digest(edited)


def test_nothing_is_torn_off_a_function_that_stays() -> None:
    kept_function = function(runs=2, tag="v2", tags=(("jotgraph:protect", ""),))
    records = (*(record for record in JOT if record != function(runs=2, tag="v2")), kept_function)
    plan = delete(records, F)
    assert ids(plan) == []
    stack = function(runs=2, tag="v2", tags=(("aws:cloudformation:stack-name", "s"),))
    records = (*(record for record in JOT if record != function(runs=2, tag="v2")), stack)
    plan = delete(records, F)
    assert ids(plan) == []
    assert blocked(plan)["alias:pay:prod"] == "it belongs to pay, which is kept"
    assert blocked(plan)["trigger:t"] == "it belongs to pay:prod, which is kept"


def test_a_version_goes_with_its_alias_when_no_function_was_to_go() -> None:
    routed = (
        ecr_repository(),
        role(),
        ecr_image(1),
        function(runs=1),
        version(1, runs=1),
        alias("live", 1),
    )
    plan = delete(routed, version_id(ACCOUNT, REGION, "pay", "1"))
    assert ids(plan) == ["alias:pay:live", "version:pay:1"]


def test_an_alias_whose_triggers_were_not_read_makes_an_incomplete_plan() -> None:
    unread = gap("lambda:ListEventSourceMappings", Kind.TRIGGER)
    routed = inventory(
        ecr_repository(), role(), ecr_image(1), function(), alias("live", "$LATEST"), unread
    )
    plan = plan_delete(build(routed), [alias("live", "$LATEST").id], now=NOW)
    assert ids(plan) == ["alias:pay:live"]
    assert plan.unread == ("lambda:ListEventSourceMappings",)


def test_the_last_copy_of_a_local_image_stays() -> None:
    """Its copy in ECR, nothing's any more, would go by the same plan."""
    mine = local_image(50, config_digest=digest(50), created_at=LONG_AGO, size=7)
    plan = cleanup(ecr_repository(), ecr_image(1, config_digest=digest(50)), mine)
    assert ids(plan) == ["ecr-image:app@0001", "ecr-repo:app"]
    assert "the plan deletes its copies" in next(iter(blocked(plan).values()))


def test_a_plan_of_an_old_inventory_is_old_and_judges_nothing_older_than_it_was() -> None:
    graph = build(inventory(ecr_repository(), ecr_image(1, pushed_at=days_ago(0.5))))
    later = NOW + timedelta(days=30)
    plan = plan_cleanup(graph, now=later)
    assert plan.steps == ()
    assert plan.expires_at == NOW + timedelta(hours=1)


def test_what_protects_a_repository_or_function_protects_its_parts() -> None:
    tag = (("jotgraph:protect", NOW.date().isoformat()),)  # the day itself is protected too
    plan = cleanup(ecr_repository(tags=tag), ecr_image(1))
    protection = f"tag jotgraph:protect protects it until {tag[0][1]}"
    assert blocked(plan) == {
        "ecr-image:app@0001": f"its repository's {protection}",
        "ecr-repo:app": f"its {protection}",
    }


def test_tags_that_were_not_read_may_protect_what_was_named_and_its_parts() -> None:
    """Quick scans and narrow policies show no tags."""
    bare = (ecr_repository(), ecr_image(2, "v2"), function(runs=2, tag="v2", tags=None), role())
    plan = delete(bare, F)
    assert (plan.complete, plan.unread) == (False, ("tags-unread",))
    with pytest.raises(OptionError, match="'tags-unread' cannot be ignored"):
        delete(bare, F, options=Options(ignore=("tags-unread",)))
    parts = (*bare, version(1, runs=2, tag="v2"), alias("prod", 1), trigger("t", "pay:prod"))
    reasons = blocked(delete(parts, F))
    for part in ("version:pay:1", "alias:pay:prod", "trigger:t"):
        assert reasons[part].endswith("[tags-unread]")


def test_tags_of_a_repository_that_were_not_read_may_protect_its_images() -> None:
    assert delete((ecr_repository(tags=None), ecr_image(1)), image_n(1)).unread == ("tags-unread",)
    assert (
        "[tags-unread]"
        in blocked(cleanup(ecr_repository(tags=None), ecr_image(1)))["ecr-image:app@0001"]
    )
    assert blocked(cleanup(ecr_repository(tags=()), ecr_image(1))) == {}


def unread(*services: str) -> Any:
    """An estate with an image that nothing runs, where services were not read."""
    whole = inventory(ecr_repository(), ecr_image(1))
    kept = tuple(entry for entry in whole.scope.coverage if entry.service not in services)
    return build(
        msgspec.structs.replace(whole, scope=msgspec.structs.replace(whole.scope, coverage=kept))
    )


def told(plan: Plan) -> tuple[list[ResourceId], bool, tuple[str, ...], tuple[str, ...]]:
    return [step.id for step in plan.steps], plan.complete, plan.undecided, plan.unread


def test_a_service_that_was_not_read_blocks_a_cleanup_and_what_was_named() -> None:
    graph = unread("ecs", "batch")
    for plan in (plan_cleanup(graph, now=NOW), plan_delete(graph, [image_n(1)], now=NOW)):
        assert told(plan) == ([], False, ("batch", "ecs"), ())
        (because,) = [block.because for block in plan.blocks if block.id == image_n(1)]
        assert "[batch-unread]; if nothing of it runs this: --assume-no batch" in because


def test_what_is_assumed_is_kept_in_the_plan_and_sealed() -> None:
    options = Options(assume_no=("ecs", "batch"))
    made = plan_delete(unread("ecs", "batch"), [image_n(1)], now=NOW, options=options)
    assert told(made)[:3] == ([image_n(1), ecr_repository().id], True, ())
    assert made.assumed == ("batch", "ecs")
    assert plan_digest(msgspec.structs.replace(made, assumed=())) != made.digest
    half = plan_cleanup(unread("ecs", "batch"), now=NOW, options=Options(assume_no=("ecs",)))
    assert told(half) == ([], False, ("batch",), ())


def test_a_service_that_was_not_read_is_no_matter_to_what_it_cannot_run() -> None:
    """A plan about functions is complete; one about an image is not, though it is kept anyway."""
    graph = unread("ecs")
    kept = plan_delete(graph, [image_n(1)], now=NOW, protection=Protection(exclude=("app@*",)))
    assert told(kept) == ([], False, ("ecs",), ())
    assert plan_cleanup(graph, now=NOW, kinds=(Kind.FUNCTION,)).complete


@pytest.mark.parametrize(
    ("provisioned", "named", "stays"),
    [
        (("1",), version_id(ACCOUNT, REGION, "pay", "1"), True),
        (("2",), version_id(ACCOUNT, REGION, "pay", "1"), False),
        (("1",), function_id(ACCOUNT, REGION, "pay"), True),
        ((), function_id(ACCOUNT, REGION, "pay"), False),
    ],
)
def test_what_apply_refuses_for_being_kept_ready_is_blocked(
    provisioned: tuple[str, ...], named: ResourceId, stays: bool
) -> None:
    estate = (
        ecr_repository(),
        ecr_image(1),
        function(provisioned=provisioned),
        version(1),
        version(2),
        role("pay-role"),
    )
    plan = delete(estate, named)
    because = {block.id: block.because for block in plan.blocks}.get(named, "")
    assert (because == "it has provisioned concurrency, so it is in use") == stays
    assert (named in {step.id for step in plan.steps}) != stays
