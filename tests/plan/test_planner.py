"""Plans on literal estates: what goes, in which order, what blocks, and what is kept."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from jotgraph.analysis.usage import Options
from jotgraph.errors import OptionError
from jotgraph.graph import build
from jotgraph.plan import CascadeOptions, Plan, Protection, digest_of, plan_cleanup, plan_delete
from jotgraph.records import (
    Child,
    Gap,
    ImageType,
    Kind,
    Layer,
    LocalImage,
    ResourceId,
    alias_id,
    ecr_image_id,
    function_id,
    role_id,
    version_id,
)
from tests.estates import (
    LONG_AGO,
    NOW,
    A,
    R,
    alias,
    days_ago,
    digest,
    function,
    image,
    inventory,
    repo,
    role,
    trigger,
    version,
)

F = function_id(A, R, "f")
ROLE = role_id(A, "r")
FUNCTION = function().id


def image_n(n: int, repository: str = "app") -> ResourceId:
    return ecr_image_id(A, R, repository, digest(n))


def delete(records: Iterable[object], *targets: ResourceId, **words: Any) -> Plan:
    return plan_delete(build(inventory(*records)), targets, now=NOW, **words)


def test_a_function_whose_policy_names_its_own_alias_goes_after_it() -> None:
    """And what else the policy's text names goes after the function."""
    policy = json.dumps(
        {"Statement": [{"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"},
         "Resource": f"arn:aws:lambda:{R}:{A}:function:f:live"}]}
    )  # fmt: skip
    made = delete(
        [
            repo(), image(1), function(policy=policy, mentions=(digest(2),)), version(1),
            alias("live", 1), image(2, repository="tools"), repo("tools"), role(),
        ],
        F,
        image_n(2, "tools"),
    )  # fmt: skip
    order = [step.id for step in made.steps]
    after = {step.id: step.after for step in made.steps}
    live = alias_id(A, R, "f", "live")
    assert order.index(live) < order.index(F) < order.index(image_n(2, "tools"))
    assert F not in after[live]
    assert F in after[image_n(2, "tools")]


def cleanup(*records: object, **words: Any) -> Plan:
    return plan_cleanup(build(inventory(*records)), now=NOW, **words)


def ids(plan: Plan) -> list[str]:
    return [_short(each.id) for each in plan.steps]


def blocked(plan: Plan) -> dict[str, str]:
    return {_short(each.id): each.because for each in plan.blocks}


def kept(plan: Plan) -> dict[str, str]:
    return {_short(each.id): each.because for each in plan.kept}


def _short(resource: str) -> str:
    text = resource.replace(f"{A}/{R}/", "").replace(f"{A}/", "").replace("sha256:", "")
    return text.replace("0" * 60, "")


JOT = (
    repo(),
    image(1, "v1"),
    image(2, "v2"),
    function(runs=2, tag="v2"),
    version(1, runs=1, role="old", tag="v1"),
    version(2, runs=2, tag="v2"),
    alias("prod", 2, weights=(("1", 0.1),)),
    trigger("t", "f:prod"),
    role(),
    role("old"),
)


def test_the_whole_jot_goes_in_an_order_that_aws_accepts() -> None:
    plan = delete(JOT, F)
    assert ids(plan) == [
        "trigger:t",
        "alias:f:prod",
        "version:f:1",
        "version:f:2",
        "function:f",
        "ecr-image:app@0001",
        "ecr-image:app@0002",
        "ecr-repo:app",
        "role:old",
        "role:r",
    ]
    assert (plan.blocks, plan.kept, plan.complete) == ((), (), True)
    because = {_short(each.id): each.because for each in plan.steps}
    assert because["function:f"] == "asked for"
    assert because["alias:f:prod"] == f"it depends on function {A}/{R}/f"
    assert because["ecr-image:app@0001"] == f"nothing else uses it once version {A}/{R}/f:1 is gone"


def test_what_others_use_is_kept_because_of_them() -> None:
    plan = delete((*JOT, function("g", runs=2, tag="v2"), repo("other")), F)
    assert ids(plan) == [
        "trigger:t",
        "alias:f:prod",
        "version:f:1",
        "version:f:2",
        "function:f",
        "ecr-image:app@0001",
        "role:old",
    ]
    assert kept(plan) == {
        "ecr-image:app@0002": f"function {A}/{R}/g uses it",
        "ecr-repo:app": f"function {A}/{R}/g uses it",
        "role:r": f"function {A}/{R}/g uses it",
    }
    assert plan.kept[0].by == (function_id(A, R, "g"),)


def test_an_alias_that_also_routes_elsewhere_is_not_taken_along() -> None:
    plan = delete(JOT, version_id(A, R, "f", "1"))
    assert ids(plan) == []
    assert blocked(plan) == {
        "version:f:1": "still used by f:prod",
        "ecr-image:app@0001": "still used by f:1",
        "role:old": "still used by f:1",
    }


def test_without_dependents_they_block() -> None:
    plan = delete(JOT, F, how=CascadeOptions(dependents=False))
    assert "function:f" in blocked(plan)
    assert ids(plan) == []


def test_a_role_does_not_take_its_functions() -> None:
    plan = delete(JOT, ROLE)
    assert ids(plan) == []
    assert blocked(plan) == {"role:r": "still used by f, f:2"}


@pytest.mark.parametrize(
    ("wishes", "stays"),
    [
        (
            CascadeOptions(only=frozenset({Kind.FUNCTION, Kind.VERSION, Kind.ALIAS, Kind.TRIGGER})),
            {"ecr-image:app@0001", "ecr-image:app@0002", "ecr-repo:app", "role:old", "role:r"},
        ),
        (
            CascadeOptions(stop_at=frozenset({Kind.ECR_IMAGE})),
            {"ecr-image:app@0001", "ecr-image:app@0002", "ecr-repo:app"},
        ),
        (CascadeOptions(keep=frozenset({ROLE})), {"role:r"}),
    ],
)
def test_wishes_narrow_it(wishes: CascadeOptions, stays: set[str]) -> None:
    assert set(ids(delete(JOT, F))) - set(ids(delete(JOT, F, how=wishes))) == stays


def test_an_index_goes_before_its_children() -> None:
    records = (
        repo(),
        image(9, type=ImageType.INDEX, children=(Child(digest(1)), Child(digest(2)))),
        image(1),
        image(2),
    )
    plan = delete(records, image_n(1))
    assert ids(plan)[0] == "ecr-image:app@0009"
    assert ids(plan) == [
        "ecr-image:app@0009",
        "ecr-image:app@0001",
        "ecr-image:app@0002",
        "ecr-repo:app",
    ]
    by_id = {each.id: each for each in plan.steps}
    assert by_id[image_n(1)].after == (image_n(9),)


def _two_indexes(*more: object) -> tuple[object, ...]:
    first = image(8, "one", type=ImageType.INDEX, children=(Child(digest(1)), Child(digest(2))))
    second = image(9, "two", type=ImageType.INDEX, children=(Child(digest(2)), Child(digest(3))))
    return (repo(), first, second, image(1), image(2), image(3), *more)


def test_an_index_leaves_what_another_lists_too() -> None:
    plan = delete(_two_indexes(), image_n(8))
    assert ids(plan) == ["ecr-image:app@0008", "ecr-image:app@0001"]
    assert blocked(plan) == {}
    kept = {each.id: each.because for each in plan.kept}
    assert kept[image_n(2)] == "an index that stays lists it too"
    assert image_n(9) not in kept


def test_a_child_goes_with_every_index_that_lists_it() -> None:
    plan = delete(_two_indexes(), image_n(2))
    assert {f"ecr-image:app@000{n}" for n in (1, 2, 3, 8, 9)} <= set(ids(plan))


def _release(*more: object) -> tuple[object, ...]:
    """An index of two platforms; a function runs the image of one of them."""
    both = (Child(digest(1), "linux/amd64"), Child(digest(2), "linux/arm64"))
    release = image(9, "release", type=ImageType.INDEX, children=both)
    return (repo(), image(1), image(2), release, role(), *more)


def test_a_function_does_not_take_an_index_of_more_than_it_ran() -> None:
    """Nor the child that it ran, which the index lists."""
    own = image(8, "v1", type=ImageType.INDEX, children=(Child(digest(1), "linux/amd64"),))
    by_tag = delete(_release(own, function(runs=1)), FUNCTION)
    assert ids(by_tag) == ["function:f", "ecr-image:app@0008", "role:r"]
    assert {block.id: block.because for block in by_tag.kept} == {
        image_n(1): "an index that stays lists it too",
        repo().id: "it holds 3 images that must be deleted first",
    }
    by_digest = delete(_release(function(runs=1, tag=None)), FUNCTION)
    assert ids(by_digest) == ["function:f", "role:r"]
    assert blocked(by_tag) == blocked(by_digest) == {}


def test_a_function_takes_an_index_of_nothing_but_what_it_ran() -> None:
    described = image(3, type=ImageType.ATTESTATION)
    children = (Child(digest(1), "linux/amd64"), Child(digest(3), "unknown/unknown", digest(1)))
    index = image(8, "v1", type=ImageType.INDEX, children=children)
    records = (repo(), image(1), described, index, function(runs=1, tag=None), role())
    assert ids(delete(records, FUNCTION)) == [
        "function:f",
        "ecr-image:app@0008",
        "ecr-image:app@0003",
        "ecr-image:app@0001",
        "ecr-repo:app",
        "role:r",
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
        repo(),
        role(),
        image(9, "v9", type=ImageType.INDEX, children=(Child(digest(1)), Child(digest(2)))),
        image(1),
        image(2),
        function(runs=2, tag=None),
    )
    plan = delete(records, image_n(1), how=CascadeOptions(dependents=False))
    assert ids(plan) == []
    assert blocked(plan)["ecr-image:app@0001"].startswith("still used by")


def test_protection() -> None:
    tagged = role(tags=(("jotgraph:protect", "2099-01-01"),))
    plan = delete((tagged,), ROLE)
    assert blocked(plan) == {"role:r": "its tag jotgraph:protect protects it until 2099-01-01"}
    over = role(tags=(("jotgraph:protect", "2020-01-01"),))
    assert ids(delete((over,), ROLE)) == ["role:r"]
    assert blocked(delete((role(),), ROLE, protection=Protection(exclude=("r*",)))) == {
        "role:r": "it matches the protected pattern r*"
    }
    nested = role(path="/team/")
    for pattern in ("r*", "team/*", f"{nested.account}/*", "role:*"):
        plan = delete((nested,), nested.id, protection=Protection(exclude=(pattern,)))
        assert ids(plan) == []
    stack = role(tags=(("aws:cloudformation:stack-name", "s"),))
    assert "[managed]" in blocked(delete((stack,), ROLE))["role:r"]


def test_cleanup_takes_orphans_and_what_only_they_held() -> None:
    plan = cleanup(
        repo(),
        image(1, layers=(Layer(digest(11), 70), Layer(digest(10), 30))),
        image(2, "latest", layers=(Layer(digest(10), 30),)),
        repo("old"),
        image(3, repository="old", layers=(Layer(digest(10), 30),)),
    )
    assert ids(plan) == ["ecr-image:app@0001", "ecr-image:old@0003", "ecr-repo:old"]
    assert kept(plan) == {"ecr-repo:app": "it holds 1 image that must be deleted first"}
    assert plan.ecr_bytes == 100  # the layer shared with the kept image stays


def test_cleanup_by_age_and_kind() -> None:
    records = (repo(), image(1), image(2, pushed_at=days_ago(10)), image(3, "latest"))
    assert ids(cleanup(*records, older_than_days=100)) == ["ecr-image:app@0001"]
    assert ids(cleanup(*records, kinds=[Kind.ROLE])) == []


def test_a_gap_that_hides_users_leaves_nothing_to_clean_and_an_incomplete_plan() -> None:
    gap = Gap(
        service="lambda",
        action="ListFunctions",
        account=A,
        region=R,
        reason="denied",
        hides=(Kind.FUNCTION, Kind.VERSION),
    )
    graph = build(inventory(repo(), image(1), gaps=(gap,)))
    assert plan_cleanup(graph, now=NOW).steps == ()
    named = plan_delete(graph, [image_n(1)], now=NOW)
    assert [each.id for each in named.steps] == [image_n(1)]
    assert not named.complete
    assert named.gaps == (gap,)


def test_what_was_not_read_is_not_deleted() -> None:
    plan = delete(
        (function(runs=7, tag="v1"), role()), image_n(7), how=CascadeOptions(dependents=False)
    )
    assert blocked(plan) == {"ecr-image:app@0007": "it was not found, so it is not deleted"}


def test_a_plan_is_sealed_and_the_same_whenever_it_is_made_from_the_same() -> None:
    plan = delete(JOT, F)
    assert plan == delete(tuple(reversed(JOT)), F)
    assert plan.digest == digest_of(plan)
    edited = msgspec.structs.replace(plan, steps=plan.steps[:1])
    assert edited.digest != digest_of(edited)


def test_nothing_is_torn_off_a_function_that_stays() -> None:
    kept_function = function(runs=2, tag="v2", tags=(("jotgraph:protect", ""),))
    records = (*(each for each in JOT if each != function(runs=2, tag="v2")), kept_function)
    plan = delete(records, F)
    assert ids(plan) == []
    stack = function(runs=2, tag="v2", tags=(("aws:cloudformation:stack-name", "s"),))
    records = (*(each for each in JOT if each != function(runs=2, tag="v2")), stack)
    plan = delete(records, F)
    assert ids(plan) == []
    assert blocked(plan)["alias:f:prod"] == "it belongs to f, which is kept"
    assert blocked(plan)["trigger:t"] == "it belongs to f:prod, which is kept"


def test_a_version_goes_with_its_alias_when_no_function_was_to_go() -> None:
    routed = (repo(), role(), image(1), function(runs=1), version(1, runs=1), alias("live", 1))
    plan = delete(routed, version_id(A, R, "f", "1"))
    assert ids(plan) == ["alias:f:live", "version:f:1"]


def test_an_alias_whose_triggers_were_not_read_makes_an_incomplete_plan() -> None:
    gap = Gap(
        service="lambda",
        action="ListEventSourceMappings",
        account=A,
        region=R,
        reason="denied",
        hides=(Kind.TRIGGER,),
    )
    routed = inventory(repo(), role(), image(1), function(), alias("live", "$LATEST"), gaps=(gap,))
    plan = plan_delete(build(routed), [alias("live", "$LATEST").id], now=NOW)
    assert ids(plan) == ["alias:f:live"]
    assert plan.unread == ("lambda:ListEventSourceMappings",)


def test_the_last_copy_of_a_local_image_stays() -> None:
    """Its copy in ECR, nothing's any more, would go by the same plan."""
    mine = LocalImage(image_id=digest(50), config_digest=digest(50), created_at=LONG_AGO, size=7)
    plan = cleanup(repo(), image(1, config_digest=digest(50)), mine)
    assert ids(plan) == ["ecr-image:app@0001", "ecr-repo:app"]
    assert "the plan deletes its copies" in next(iter(blocked(plan).values()))


def test_a_plan_of_an_old_inventory_is_old_and_judges_nothing_older_than_it_was() -> None:
    graph = build(inventory(repo(), image(1, pushed_at=days_ago(0.5))))
    later = NOW + timedelta(days=30)
    plan = plan_cleanup(graph, now=later)
    assert plan.steps == ()
    assert plan.expires_at == NOW + timedelta(hours=1)


def test_what_protects_a_repository_or_function_protects_its_parts() -> None:
    tag = (("jotgraph:protect", NOW.date().isoformat()),)  # the day itself is protected too
    plan = cleanup(repo(tags=tag), image(1))
    said = f"tag jotgraph:protect protects it until {tag[0][1]}"
    assert blocked(plan) == {
        "ecr-image:app@0001": f"its repository's {said}",
        "ecr-repo:app": f"its {said}",
    }


def test_tags_that_were_not_read_may_protect_what_was_named_and_its_parts() -> None:
    """Quick scans and narrow policies show no tags."""
    bare = (repo(), image(2, "v2"), function(runs=2, tag="v2", tags=None), role())
    plan = delete(bare, F)
    assert (plan.complete, plan.unread) == (False, ("tags-unread",))
    with pytest.raises(OptionError, match="'tags-unread' cannot be ignored"):
        delete(bare, F, options=Options(ignore=("tags-unread",)))
    parts = (*bare, version(1, runs=2, tag="v2"), alias("prod", 1), trigger("t", "f:prod"))
    found = blocked(delete(parts, F))
    for part in ("version:f:1", "alias:f:prod", "trigger:t"):
        assert found[part].endswith("[tags-unread]")


def test_tags_of_a_repository_that_were_not_read_may_protect_its_images() -> None:
    assert delete((repo(tags=None), image(1)), image_n(1)).unread == ("tags-unread",)
    assert "[tags-unread]" in blocked(cleanup(repo(tags=None), image(1)))["ecr-image:app@0001"]
    assert blocked(cleanup(repo(tags=()), image(1))) == {}


def unread(*services: str) -> Any:
    """An estate with an image that nothing runs, where services were not read."""
    whole = inventory(repo(), image(1))
    kept = tuple(one for one in whole.scope.coverage if one.service not in services)
    return build(
        msgspec.structs.replace(whole, scope=msgspec.structs.replace(whole.scope, coverage=kept))
    )


def told(plan: Plan) -> tuple[list[ResourceId], bool, tuple[str, ...], tuple[str, ...]]:
    return [step.id for step in plan.steps], plan.complete, plan.undecided, plan.unread


def test_a_service_that_was_not_read_blocks_a_cleanup_and_what_was_named() -> None:
    graph = unread("ecs", "batch")
    for made in (plan_cleanup(graph, now=NOW), plan_delete(graph, [image_n(1)], now=NOW)):
        assert told(made) == ([], False, ("batch", "ecs"), ())
        (because,) = [block.because for block in made.blocks if block.id == image_n(1)]
        assert "[batch-unread]; if nothing of it runs this: --assume-no batch" in because


def test_what_is_assumed_is_kept_in_the_plan_and_sealed() -> None:
    options = Options(assume_no=("ecs", "batch"))
    made = plan_delete(unread("ecs", "batch"), [image_n(1)], now=NOW, options=options)
    assert told(made)[:3] == ([image_n(1), repo().id], True, ())
    assert made.assumed == ("batch", "ecs")
    assert digest_of(msgspec.structs.replace(made, assumed=())) != made.digest
    half = plan_cleanup(unread("ecs", "batch"), now=NOW, options=Options(assume_no=("ecs",)))
    assert told(half) == ([], False, ("batch",), ())


def test_a_service_that_was_not_read_is_no_matter_to_what_it_cannot_run() -> None:
    """A plan about functions is complete; one about an image is not, though it is kept anyway."""
    graph = unread("ecs")
    kept = plan_delete(graph, [image_n(1)], now=NOW, protection=Protection(exclude=("app@*",)))
    assert told(kept) == ([], False, ("ecs",), ())
    assert plan_cleanup(graph, now=NOW, kinds=(Kind.FUNCTION,)).complete
