"""Rules on references: one AWS resource names another by id, ARN or URI."""

from __future__ import annotations

from collections.abc import Iterator

from jotgraph.links.index import InventoryIndex
from jotgraph.links.model import Grade, Match, Relation, rule
from jotgraph.records import Alias, Function, ResourceId, Version, digest_of, version_id
from jotgraph.records.logs import log_group_id
from jotgraph.records.references import ecr_reference, lambda_target, role_of


@rule(Relation.STORED_IN, Grade.PROOF)
def stored_in(index: InventoryIndex) -> Iterator[Match]:
    """ECR lists the image in the repository."""
    place, repository, statement = None, ResourceId(""), ""
    for image in index.inventory.ecr_images:
        if place != (image.account, image.region, image.repository):  # one after the other
            place, repository = (image.account, image.region, image.repository), image.repository_id
            statement = f"ECR lists it in {image.repository}"
        yield Match(image.id, repository, statement, "ecr DescribeImages")


@rule(Relation.PART_OF, Grade.PROOF)
def version_of(index: InventoryIndex) -> Iterator[Match]:
    """A published version belongs to its function and goes with it."""
    for version in index.inventory.versions:
        yield Match(
            version.id,
            version.function,
            f"Lambda lists it as version {version.number} of {version.name}",
            "lambda ListFunctions FunctionVersion=ALL",
        )


@rule(Relation.PART_OF, Grade.PROOF)
def alias_of(index: InventoryIndex) -> Iterator[Match]:
    """An alias belongs to its function and goes with it."""
    for alias in index.inventory.aliases:
        yield Match(
            alias.id,
            alias.function,
            f"Lambda lists it as an alias of {alias.function_name}",
            "lambda ListAliases",
        )


@rule(Relation.ROUTES_TO, Grade.PROOF)
def routes_to(index: InventoryIndex) -> Iterator[Match]:
    """An alias sends calls to its version, and a share of them to each weighted one. A version
    with the weight 0 is still named by the alias."""
    for alias in index.inventory.aliases:
        rest = 1.0 - sum(weight for _, weight in alias.weights)
        shares = {number: weight for number, weight in alias.weights if number != alias.version}
        for number, share in [(alias.version, rest), *shares.items()]:
            yield Match(
                alias.id,
                _routed(alias, number),
                f"alias {alias.name} sends {_percent(share)} of its calls to {number}",
                "lambda ListAliases",
            )


def _routed(alias: Alias, number: str) -> ResourceId:
    if number == "$LATEST":
        return alias.function
    return version_id(alias.account, alias.region, alias.function_name, number)


def _percent(share: float) -> str:
    if share >= 1:
        return "all"
    return f"{round(share * 100, 2):g} %"


@rule(Relation.LOGS_TO, Grade.PROOF)
def logs_to(index: InventoryIndex) -> Iterator[Match]:
    """A function or version writes to the log group that it names, or to the one that Lambda makes
    for it, ``/aws/lambda/NAME``. Only groups that exist are linked, because Lambda makes a group
    with the first event."""
    groups = {group.id for group in index.inventory.log_groups}
    functions: tuple[Function | Version, ...] = index.inventory.functions
    for configuration in functions + index.inventory.versions:
        name = configuration.logs_to
        group = log_group_id(configuration.account, configuration.region, name)
        if group in groups:
            yield Match(
                configuration.id,
                group,
                f"{configuration.name} logs to {name}",
                "lambda ListFunctions LoggingConfig",
            )


@rule(Relation.ASSUMES, Grade.PROOF)
def assumes_role(index: InventoryIndex) -> Iterator[Match]:
    """A function or version runs with the role of that ARN, path and all. Each version keeps the
    role it was published with; the role's account may be another."""
    for configuration in index.configurations():
        target = role_of(configuration.role_arn)
        if target:
            name = (
                f"version {configuration.number}"
                if isinstance(configuration, Version)
                else "the function"
            )
            yield Match(
                configuration.id,
                target,
                f"{name} runs with {configuration.role_arn}",
                "lambda ListFunctions Role",
            )


@rule(Relation.INVOKES, Grade.PROOF)
def invokes(index: InventoryIndex) -> Iterator[Match]:
    """An event source mapping names the function, version or alias that it calls. A mapping stays
    when its function is deleted: the link may then lead to a missing one."""
    for trigger in index.inventory.triggers:
        target = lambda_target(trigger.function_arn)
        if target:
            state = f" (state {trigger.state})" if trigger.state else ""
            yield Match(
                trigger.id,
                target,
                f"the event source mapping of {trigger.source_arn or 'an unnamed source'} calls "
                f"{trigger.function_arn}{state}",
                "lambda ListEventSourceMappings",
            )


@rule(Relation.FOLLOWS, Grade.PROOF)
def deployed_tag(index: InventoryIndex) -> Iterator[Match]:
    """The function was deployed by a tag (``latest`` if its URI has none), and this image has that
    tag now. Lambda does not follow a tag that moves (UpdateFunctionCode): when this is neither the
    image that runs nor an index that lists it, that is drift. A deployment by digest follows
    nothing; neither does one by a tag that is gone."""
    for configuration in index.configurations():
        reference = ecr_reference(configuration.image_uri)
        if not reference or reference.digest:
            continue
        account, region, repository, tag, _ = reference
        for image in index.ecr.tagged(account, region, repository, tag):
            yield Match(
                configuration.id,
                image,
                f"it was deployed from {repository}:{tag or 'latest'}, "
                f"a tag that now points to {digest_of(image)}",
                "lambda GetFunction ImageUri, ecr DescribeImages",
            )
