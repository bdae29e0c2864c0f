"""Ways of reading less of the same world: a denied call, a hidden place, a fact left out.

Each takes an inventory and returns a smaller one that says so, as the sources would.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, TypeVar

import msgspec

from jotgraph.records import (
    CoverageState,
    EcrImage,
    Function,
    ImageType,
    Inventory,
    Kind,
    Version,
    Workload,
)
from jotgraph.records.kinds import CONSUMERS
from tests.factories import coverage, gap, used_image

replace = msgspec.structs.replace
T = TypeVar("T")
Reduction = Callable[[Random, Inventory], Inventory]


def _gap(whole: Inventory, rng: Random, **fields: Any) -> Inventory:
    """Some sources say what a gap hides, others leave it to the service."""
    if rng.random() < 0.2 and not fields.get("facts"):
        fields.pop("hides", None)
    reason = rng.choice(("denied", "throttled", "left-out"))
    unread = gap(**({"reason": reason, "account": "", "region": ""} | fields))
    return replace(whole, gaps=(*whole.gaps, unread))


def _place(rng: Random, whole: Inventory) -> tuple[str, str]:
    return rng.choice(whole.scope.places) if whole.scope.places else ("", "")


def _without(records: tuple[T, ...], place: tuple[str, str], name: str = "") -> tuple[T, ...]:
    def here(record: Any) -> bool:
        called = getattr(record, "function_name", None) or getattr(record, "repository", None)
        called = called or getattr(record, "name", "")
        return (record.account, record.region) == place and (not name or called == name)

    return tuple(record for record in records if not here(record))


def deny_list_functions(rng: Random, whole: Inventory) -> Inventory:
    place = _place(rng, whole)
    whole = replace(
        whole,
        functions=_without(whole.functions, place),
        versions=_without(whole.versions, place),
        aliases=_without(whole.aliases, place),
    )
    where = {"account": place[0], "region": place[1]}
    hides = (Kind.FUNCTION, Kind.VERSION)
    return _gap(whole, rng, service="lambda", action="ListFunctions", hides=hides, **where)


def lose_some_functions(rng: Random, whole: Inventory) -> Inventory:
    """A page given up in the middle: any subset may be missing."""
    place = _place(rng, whole)

    def kept(record: Any) -> bool:
        return (record.account, record.region) != place or rng.random() < 0.5

    whole = replace(
        whole,
        functions=tuple(function for function in whole.functions if kept(function)),
        versions=tuple(version for version in whole.versions if kept(version)),
    )
    known = {function.id for function in whole.functions}
    whole = replace(
        whole, aliases=tuple(alias for alias in whole.aliases if alias.function in known)
    )
    where = {"account": place[0], "region": place[1]}
    hides = (Kind.FUNCTION, Kind.VERSION)
    return _gap(whole, rng, service="lambda", action="ListFunctions", hides=hides, **where)


def deny_list_aliases(rng: Random, whole: Inventory) -> Inventory:
    place, name = _place(rng, whole), rng.choice(("f", "g"))
    whole = replace(whole, aliases=_without(whole.aliases, place, name))
    where = {"account": place[0], "region": place[1], "resource": name}
    hides = (Kind.ALIAS,)
    return _gap(whole, rng, service="lambda", action="ListAliases", hides=hides, **where)


def deny_triggers(rng: Random, whole: Inventory) -> Inventory:
    place = _place(rng, whole)
    whole = replace(whole, triggers=_without(whole.triggers, place))
    where = {"account": place[0], "region": place[1]}
    hides = (Kind.TRIGGER,)
    action = "ListEventSourceMappings"
    return _gap(whole, rng, service="lambda", action=action, hides=hides, **where)


def _shallow(configuration: Function | Version) -> Any:
    less = replace(configuration, image_uri=None, resolved_image_uri=None, state=None, tags=None)
    return replace(less, last_update_status=None)


def quick(rng: Random, whole: Inventory) -> Inventory:
    """GetFunction left out everywhere."""
    whole = replace(
        whole,
        functions=tuple(_shallow(function) for function in whole.functions),
        versions=tuple(_shallow(version) for version in whole.versions),
    )
    facts = ("deployed-tag", "state", "tags")
    return _gap(whole, rng, service="lambda", action="GetFunction", facts=facts)


def first_answer(rng: Random, whole: Inventory) -> Inventory:
    """What a scan says before the details: of each function GetFunction was asked, or an earlier
    scan knows its two URIs, or neither; no tag of it, no caller and no config was read yet."""

    def known(configuration: Any) -> Any:
        drawn = rng.random()
        if drawn < 0.3:
            return configuration
        if drawn >= 0.5 or configuration.last_update_status == "Failed":  # no scan keeps it
            return _shallow(configuration)
        return replace(configuration, state=None, tags=None, last_update_status=None)

    functions = (
        replace(known(function), policy=None, urls=None, provisioned=None, invocations=None)
        for function in whole.functions
    )
    versions = (replace(known(version), invocations=None) for version in whole.versions)
    images = (
        replace(image, config_read=False, labels=(), env=(), diff_ids=(), statements=())
        for image in whole.ecr_images
    )
    whole = replace(
        whole,
        functions=tuple(functions),
        versions=tuple(versions),
        ecr_images=tuple(images),
        log_groups=(),
    )
    facts = ("deployed-tag", "state", "tags")
    nowhere = {"reason": "not-yet", "account": "", "region": ""}
    later = (
        gap(service="lambda", action="GetFunction", facts=facts, **nowhere),
        gap(service="lambda", action="ListTags", facts=("tags",), **nowhere),
        gap(service="lambda", action="GetPolicy", facts=("callers",), **nowhere),
        gap(service="cloudwatch", action="GetMetricData", facts=("invocations",), **nowhere),
        gap(service="ecr", action="GetDownloadUrlForLayer", facts=("config", "labels"), **nowhere),
        gap(service="logs", action="DescribeLogGroups", hides=(Kind.LOG_GROUP,), **nowhere),
    )  # fmt: skip
    return replace(whole, gaps=(*whole.gaps, *later))


def deny_get_function(rng: Random, whole: Inventory) -> Inventory:
    place, name = _place(rng, whole), rng.choice(("f", "g"))

    def shallow_if_named(configuration: Any) -> Any:
        return (
            _shallow(configuration)
            if (configuration.account, configuration.region, configuration.name) == (*place, name)
            else configuration
        )

    whole = replace(
        whole,
        functions=tuple(shallow_if_named(function) for function in whole.functions),
        versions=tuple(shallow_if_named(version) for version in whole.versions),
    )
    where = {"account": place[0], "region": place[1], "resource": name}
    facts = ("deployed-tag", "state", "tags")
    return _gap(whole, rng, service="lambda", action="GetFunction", facts=facts, **where)


def versions_not_detailed(_rng: Random, whole: Inventory) -> Inventory:
    """A scan asks GetFunction only about ``$LATEST`` and what an alias names: no gap is said."""
    routed = {
        (alias.function, number)
        for alias in whole.aliases
        for number in (alias.version, *(number for number, _ in alias.weights))
    }
    versions = tuple(
        version if (version.function, version.number) in routed else _shallow(version)
        for version in whole.versions
    )
    return replace(whole, versions=versions)


def deny_callers(rng: Random, whole: Inventory) -> Inventory:
    functions = tuple(
        replace(function, policy=None, urls=None, provisioned=None) for function in whole.functions
    )
    whole = replace(whole, functions=functions)
    return _gap(whole, rng, service="lambda", action="GetPolicy", facts=("callers",))


def deny_metrics(rng: Random, whole: Inventory) -> Inventory:
    whole = replace(
        whole,
        functions=tuple(replace(function, invocations=None) for function in whole.functions),
        versions=tuple(replace(version, invocations=None) for version in whole.versions),
    )
    return _gap(whole, rng, service="cloudwatch", action="GetMetricData", facts=("invocations",))


def deny_describe_repositories(rng: Random, whole: Inventory) -> Inventory:
    place = _place(rng, whole)
    whole = replace(
        whole,
        ecr_repositories=_without(whole.ecr_repositories, place),
        ecr_images=_without(whole.ecr_images, place),
    )
    where = {"account": place[0], "region": place[1]}
    hides = (Kind.ECR_REPO, Kind.ECR_IMAGE)
    return _gap(whole, rng, service="ecr", action="DescribeRepositories", hides=hides, **where)


def deny_describe_images(rng: Random, whole: Inventory) -> Inventory:
    """Some or all images of one repository."""
    place, name = _place(rng, whole), rng.choice(("app", "hub/web"))
    share = rng.choice((0.0, 0.5))

    def kept(image: EcrImage) -> bool:
        here = (image.account, image.region, image.repository) == (*place, name)
        return not here or rng.random() < share

    whole = replace(whole, ecr_images=tuple(image for image in whole.ecr_images if kept(image)))
    where = {"account": place[0], "region": place[1], "resource": name}
    hides = (Kind.ECR_IMAGE,)
    return _gap(whole, rng, service="ecr", action="DescribeImages", hides=hides, **where)


def deny_manifests(rng: Random, whole: Inventory) -> Inventory:
    place = _place(rng, whole)

    def bare(image: EcrImage) -> EcrImage:
        if (image.account, image.region) != place:
            return image
        return replace(
            image, manifest_read=False, children=(), layers=(), config_digest=None,
            type=ImageType.UNKNOWN,
        )  # fmt: skip

    whole = replace(whole, ecr_images=tuple(bare(image) for image in whole.ecr_images))
    where = {"account": place[0], "region": place[1]}
    return _gap(whole, rng, service="ecr", action="BatchGetImage", facts=("manifests",), **where)


def deny_repository_details(rng: Random, whole: Inventory) -> Inventory:
    fields: dict[str, Any] = rng.choice(({"policy": None}, {"tags": None}))
    repositories = tuple(replace(repository, **fields) for repository in whole.ecr_repositories)
    whole = replace(whole, ecr_repositories=repositories)
    return _gap(whole, rng, service="ecr", action="GetRepositoryPolicy", facts=tuple(fields))


def deny_registry(rng: Random, whole: Inventory) -> Inventory:
    place = _place(rng, whole)
    whole = replace(whole, registries=_without(whole.registries, place))
    where = {"account": place[0], "region": place[1]}
    return _gap(
        whole, rng, service="ecr", action="DescribeRegistry", facts=("replication",), **where
    )


def deny_registry_policy(rng: Random, whole: Inventory) -> Inventory:
    """The registry's policy, or its pull time exclusions, unread."""
    fact, action = rng.choice(
        (
            ("policy", "GetRegistryPolicy"),
            ("pull_exclusions", "ListPullTimeUpdateExclusions"),
        )
    )
    registries = tuple(replace(registry, **{fact: None}) for registry in whole.registries)
    whole = replace(whole, registries=registries)
    return _gap(whole, rng, service="ecr", action=action, facts=(fact.replace("_", "-"),))


def deny_consumer(rng: Random, whole: Inventory) -> Inventory:
    """A service given up in one place: any of its workloads may be missing, and the digests of
    those that are there unresolved."""
    place, service = _place(rng, whole), rng.choice(CONSUMERS)

    def here(workload: Workload) -> bool:
        return workload.place == place and workload.service == service

    def less(workload: Workload) -> Workload:
        if not here(workload) or rng.random() < 0.5:
            return workload
        return replace(workload, images=tuple(used_image(used.image) for used in workload.images))

    kept = (workload for workload in whole.workloads if not here(workload) or rng.random() < 0.5)
    whole = replace(whole, workloads=tuple(less(workload) for workload in kept))
    state = rng.choice((CoverageState.DENIED, CoverageState.FAILED))
    return _covered(whole, place, service, state)


def leave_out_consumer(rng: Random, whole: Inventory) -> Inventory:
    """A service that was not asked, in one place: nothing says so but the scope."""
    place, service = _place(rng, whole), rng.choice(CONSUMERS)
    workloads = tuple(
        workload
        for workload in whole.workloads
        if (workload.place, workload.service) != (place, service)
    )
    state = rng.choice((CoverageState.LEFT_OUT, None))
    return _covered(replace(whole, workloads=workloads), place, service, state)


def _covered(
    whole: Inventory, place: tuple[str, str], service: str, state: CoverageState | None
) -> Inventory:
    """The same, in which a service of a place is covered as told; None is not at all."""
    others = (
        asked for asked in whole.scope.coverage if (asked.place, asked.service) != (place, service)
    )
    here = {"account": place[0], "region": place[1]}
    asked = [] if state is None else [coverage(service, state, **here)]
    every = tuple(sorted((*others, *asked)))
    return replace(whole, scope=replace(whole.scope, coverage=every))


def deny_capacity_providers(rng: Random, whole: Inventory) -> Inventory:
    place = _place(rng, whole)
    kept = (
        workload
        for workload in whole.workloads
        if (workload.place, workload.service) != (place, "lambda")
    )
    whole = replace(whole, workloads=tuple(kept))
    where = {"account": place[0], "region": place[1]}
    hides = (Kind.WORKLOAD,)
    return _gap(whole, rng, service="lambda", action="ListCapacityProviders", hides=hides, **where)


def deny_inspector(rng: Random, whole: Inventory) -> Inventory:
    place = _place(rng, whole)
    kept = (
        workload
        for workload in whole.workloads
        if (workload.place, workload.service) != (place, "inspector")
    )
    images = tuple(
        replace(image, last_in_use_at=None) if image.place == place else image
        for image in whole.ecr_images
    )
    whole = replace(whole, workloads=tuple(kept), ecr_images=images)
    where = {"account": place[0], "region": place[1]}
    return _gap(whole, rng, service="inspector2", action="ListCoverage", facts=("in-use",), **where)


def deny_roles(rng: Random, whole: Inventory) -> Inventory:
    account = _place(rng, whole)[0]
    whole = replace(whole, roles=tuple(role for role in whole.roles if role.account != account))
    return _gap(
        whole,
        rng,
        service="iam",
        action="GetAccountAuthorizationDetails",
        account=account,
        hides=(Kind.ROLE,),
    )


def deny_last_used(rng: Random, whole: Inventory) -> Inventory:
    roles = tuple(replace(role, last_used_at=None, last_used_region="") for role in whole.roles)
    whole = replace(whole, roles=roles)
    return _gap(whole, rng, service="iam", action="GetRole", facts=("last-used",))


def deny_containers(rng: Random, whole: Inventory) -> Inventory:
    kept = tuple(container for container in whole.containers if rng.random() < 0.3)
    whole = replace(whole, containers=kept)
    hides = (Kind.CONTAINER,)
    return _gap(whole, rng, service="docker", action="GET /containers/json", hides=hides)


def lose_local_images(rng: Random, whole: Inventory) -> Inventory:
    kept = tuple(image for image in whole.local_images if rng.random() < 0.5)
    whole = replace(whole, local_images=kept)
    hides = (Kind.LOCAL_IMAGE,)
    return _gap(whole, rng, service="docker", action="GET /images/json", hides=hides)


def hide_region(rng: Random, whole: Inventory) -> Inventory:
    """A place that nobody asked for: the scope says so, and there is no gap."""
    place = _place(rng, whole)
    places = tuple(other for other in whole.scope.places if other != place)
    return replace(
        whole,
        scope=replace(
            whole.scope,
            places=places,
            coverage=tuple(asked for asked in whole.scope.coverage if asked.place != place),
        ),
        registries=_without(whole.registries, place),
        functions=_without(whole.functions, place),
        versions=_without(whole.versions, place),
        aliases=_without(whole.aliases, place),
        triggers=_without(whole.triggers, place),
        workloads=_without(whole.workloads, place),
        ecr_repositories=_without(whole.ecr_repositories, place),
        ecr_images=_without(whole.ecr_images, place),
    )


def hide_account(rng: Random, whole: Inventory) -> Inventory:
    account = _place(rng, whole)[0]
    for place in [place for place in whole.scope.places if place[0] == account]:
        whole = hide_region(_Only(place), whole)
    scope = whole.scope
    return replace(
        whole,
        roles=tuple(role for role in whole.roles if role.account != account),
        scope=replace(
            scope,
            accounts=tuple(other for other in scope.accounts if other != account),
            enabled=tuple(place for place in scope.enabled if place[0] != account),
        ),
    )


class _Only(Random):
    """A draw that always finds one value."""

    def __init__(self, value: Any) -> None:
        super().__init__(0)
        self._value = value

    def choice(self, seq: Any) -> Any:
        return self._value if self._value in seq else seq[0]


def no_region_list(_rng: Random, whole: Inventory) -> Inventory:
    return replace(whole, scope=replace(whole.scope, enabled=()))


def no_engine(_rng: Random, whole: Inventory) -> Inventory:
    return replace(whole, local_images=(), containers=(), scope=replace(whole.scope, engine=""))


def no_git(_rng: Random, whole: Inventory) -> Inventory:
    return replace(whole, commits=(), git=(), content=())


ALL: tuple[Reduction, ...] = (
    deny_list_functions,
    lose_some_functions,
    deny_list_aliases,
    deny_triggers,
    quick,
    first_answer,
    deny_get_function,
    versions_not_detailed,
    deny_callers,
    deny_metrics,
    deny_describe_repositories,
    deny_describe_images,
    deny_manifests,
    deny_repository_details,
    deny_registry,
    deny_registry_policy,
    deny_consumer,
    leave_out_consumer,
    deny_capacity_providers,
    deny_inspector,
    deny_roles,
    deny_last_used,
    deny_containers,
    lose_local_images,
    hide_region,
    hide_account,
    no_region_list,
    no_engine,
    no_git,
)
