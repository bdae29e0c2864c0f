"""A deployment as one handle: its parts, which of them are its own, and what deletes take."""

from __future__ import annotations

from typing import Any

import pytest

import jotgraph
from jotgraph.analysis.usage import Options
from jotgraph.errors import AmbiguousNameError, NameLookupError, UnknownNameError
from jotgraph.graph import ResourceGraph
from jotgraph.plan import CascadeOptions, Plan, plan_delete
from jotgraph.queries.answers.deployment import Deployment
from jotgraph.queries.deployment import asked_for, deployment, resources
from jotgraph.records import Kind, ResourceId
from tests.factories import (
    NOW,
    alias,
    commit,
    content_match,
    digest,
    ecr_image,
    ecr_repository,
    function,
    git_repository,
    inventory,
    local_image,
    role,
    sha,
    trigger,
    version,
)


def shop(*more: Any) -> ResourceGraph:
    """``pay`` with an image, a version, an alias and a trigger of its own, and ``g``, which shares
    its role and its repository."""
    revision = {"org.opencontainers.image.revision": sha(1)}
    return jotgraph.build(
        inventory(
            git_repository(head=1),
            commit(1),
            ecr_repository(),
            ecr_image(1, "v1", config_digest=digest(9)),
            ecr_image(2, "v2"),
            local_image(9, config_digest=digest(9), labels=revision),
            role(),
            function(runs=1),
            version(1, runs=1),
            alias("prod", 1),
            trigger("t", "pay:prod"),
            function("g", runs=2, tag="v2"),
            content_match(local_image(9).id, 1),
            *more,
        )
    )


REPOSITORY, IMAGE, LOCAL = ecr_repository().id, ecr_image(1).id, local_image(9).id
FUNCTION, VERSION, ALIAS = function().id, version(1).id, alias("prod", 1).id
TRIGGER, ROLE, G = trigger("t", "pay:prod").id, role().id, function("g").id
OWN = {LOCAL, IMAGE, FUNCTION, VERSION, ALIAS, TRIGGER}


def planned(graph: ResourceGraph, *asked: Deployment | ResourceId, **how: Any) -> Plan:
    return plan_delete(graph, asked, now=NOW, how=CascadeOptions(**how))


def test_several_users_use_a_shared_part() -> None:
    third = function("h", runs=2, role_arn=role().arn)
    parts = {part.id: part.because for part in deployment(shop(third), "pay").shared}
    assert parts[ROLE] == "g, h use it"


def steps(plan: Plan) -> set[ResourceId]:
    return {step.id for step in plan.steps}


def test_parts_as_work_flows_and_what_is_shared_with_its_users() -> None:
    found = deployment(shop(), "pay")
    assert [part.kind for part in found.parts] == [
        Kind.COMMIT,
        Kind.LOCAL_IMAGE,
        Kind.ECR_REPO,
        Kind.ECR_IMAGE,
        Kind.FUNCTION,
        Kind.VERSION,
        Kind.ALIAS,
        Kind.TRIGGER,
        Kind.ROLE,
    ]
    assert set(found.own) == OWN
    assert {part.id: (part.because, part.by) for part in found.shared} == {
        commit(1).id: ("commits are never deleted", ()),
        REPOSITORY: (f"app@{digest(2)} uses it", (ecr_image(2).id,)),
        ROLE: ("g uses it", (G,)),
    }
    assert (found.name, found.function, found.images) == ("pay", FUNCTION, (IMAGE,))
    assert (found.versions, found.aliases, found.triggers) == ((VERSION,), (ALIAS,), (TRIGGER,))
    assert (found.commits, found.local_images) == ((commit(1).id,), (LOCAL,))
    assert (found.repositories, found.roles) == ((REPOSITORY,), (ROLE,))


def test_a_deletion_takes_the_whole_and_nothing_else() -> None:
    graph = shop()
    plan = planned(graph, deployment(graph, "pay"))
    assert steps(plan) == OWN
    assert plan.blocks == ()
    assert {kept.id: kept.by for kept in plan.kept} == {
        REPOSITORY: (G, ecr_image(2).id),
        ROLE: (G,),
    }


@pytest.mark.parametrize("asked", [False, True])
def test_the_local_image_that_was_pushed_is_kept_unless_it_is_asked_for(asked: bool) -> None:
    """It is the only copy once the image in ECR goes by the same plan."""
    pushed = local_image(9, config_digest=digest(9), repo_digests=(f"app@{digest(1)}",))
    graph = jotgraph.build(
        inventory(
            ecr_repository(),
            ecr_image(1, "v1", config_digest=digest(9)),
            pushed,
            role(),
            function(runs=1),
        )
    )
    options = Options(ignore=("only-copy",) if asked else ())
    plan = plan_delete(graph, deployment(graph, "pay"), now=NOW, options=options)
    assert steps(plan) - {pushed.id} == {REPOSITORY, IMAGE, FUNCTION, ROLE}
    assert (pushed.id in steps(plan)) is asked
    assert [(block.id, block.because) for block in plan.blocks] == (
        []
        if asked
        else [
            (
                pushed.id,
                "the plan deletes its copies: only known copy [only-copy]; --ignore-doubt "
                "only-copy takes it too",
            )
        ]
    )


def test_what_was_pushed_a_minute_ago_goes_by_the_handle_alone() -> None:
    fresh = ecr_image(1, "v1", config_digest=digest(9), pushed_at=NOW)
    graph = jotgraph.build(
        inventory(ecr_repository(), fresh, role(), function(runs=1), ecr_repository("other"))
    )
    everything = {REPOSITORY, IMAGE, FUNCTION, ROLE}
    assert steps(planned(graph, deployment(graph, "pay"))) == everything
    assert steps(planned(graph, FUNCTION)) == {FUNCTION, ROLE}, "the image is too young"


def test_two_deployments_take_what_only_they_share() -> None:
    graph = shop()
    plan = planned(graph, deployment(graph, "pay"), deployment(graph, "g"))
    assert steps(plan) == OWN | {REPOSITORY, ROLE, G, ecr_image(2).id}


@pytest.mark.parametrize(
    ("how", "stays"),
    [
        ({"stop_at": frozenset({Kind.LOCAL_IMAGE})}, {LOCAL}),
        ({"stop_at": frozenset({Kind.ECR_IMAGE})}, {IMAGE, LOCAL}),
        ({"keep": frozenset({IMAGE})}, {IMAGE, LOCAL}),
        ({"only": frozenset({Kind.TRIGGER})}, OWN - {TRIGGER}),
        ({}, set()),
    ],
)
def test_a_section_leaves_the_rest_and_what_that_uses(
    how: dict[str, Any], stays: set[ResourceId]
) -> None:
    graph = shop()
    assert steps(planned(graph, deployment(graph, "pay"), **how)) == OWN - stays


def test_a_version_is_a_deployment_without_its_function() -> None:
    graph = shop(ecr_image(3, "v3"), version(2, runs=3), alias("beta", 2))
    found = deployment(graph, "pay:2")
    assert set(found.own) == {version(2).id, alias("beta", 2).id, ecr_image(3).id}
    assert deployment(graph, "pay:beta").own == found.own
    assert steps(planned(graph, found)) == set(found.own)


def test_a_weighted_alias_is_not_torn_off_with_one_of_its_versions() -> None:
    weighted = alias("both", 1, weights=(("2", 0.1),))
    graph = shop(ecr_image(3, "v3"), version(2, runs=3), weighted)
    assert set(deployment(graph, "pay:2").own) == set()
    assert version(2).id in deployment(graph, "pay").own


@pytest.mark.parametrize("name", [IMAGE, LOCAL, TRIGGER, "pay:1", "pay:prod", "pay", "app:v1"])
def test_whatever_belongs_to_one_function_names_its_deployment(name: str) -> None:
    found = deployment(shop(), name)
    assert {FUNCTION} <= set(found.ids)


def test_what_several_functions_use_names_none() -> None:
    with pytest.raises(AmbiguousNameError, match="matches 2 resources"):
        deployment(shop(), "role:pay-role")


def test_what_no_function_uses_is_no_deployment() -> None:
    with pytest.raises(NameLookupError, match="no function runs or uses free"):
        deployment(shop(ecr_repository("free")), "free")


def test_a_function_that_something_needs_is_blocked_and_keeps_its_parts() -> None:
    caller = function("caller", runs=2, tag="v2", mentions=(function().arn,))
    graph = shop(caller)
    plan = planned(graph, deployment(graph, "pay"))
    assert steps(plan) & {IMAGE, LOCAL, ROLE, FUNCTION} == set()
    assert [block.because for block in plan.blocks if block.id == FUNCTION] == [
        "still used by caller"
    ]


def test_the_handle_of_a_name_and_of_what_is_called_so_itself() -> None:
    graph = shop(function("deployment", runs=2, tag="v2"), alias("pay", "$LATEST", "deployment"))
    assert asked_for(graph, "pay") is None
    assert asked_for(graph, "deployment:pay") is None, "the alias pay of the function deployment"
    handle = asked_for(graph, "deployment:g")
    assert handle is not None
    assert handle.root == G
    assert resources(graph, ("deployment:g", "pay")) == (G, FUNCTION)
    with pytest.raises(UnknownNameError, match="'none'"):
        asked_for(graph, "deployment:none")


def test_the_handle_stands_for_its_root_where_one_resource_is_asked_for() -> None:
    graph = shop()
    handle = jotgraph.deployment(graph, "pay")
    assert isinstance(handle, jotgraph.Deployment)
    assert jotgraph.trace(graph, handle) == jotgraph.trace(graph, FUNCTION)
    assert jotgraph.show(graph, handle) == jotgraph.show(graph, FUNCTION)
    drawn = jotgraph.draw(graph, focus=handle)._repr_svg_()
    assert drawn == jotgraph.draw(graph, focus=[FUNCTION])._repr_svg_()
