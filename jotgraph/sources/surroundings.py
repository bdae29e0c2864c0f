"""What surrounds one resource now, and may stop its deletion."""

from __future__ import annotations

from dataclasses import dataclass

from jotgraph.errors import CallFailedError
from jotgraph.records import (
    Alias,
    EcrRepository,
    Function,
    Gap,
    Pairs,
    Registry,
    ResourceId,
    Version,
    function_of,
    name_of,
    place_of,
    qualifier_of,
)
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.connections import Connections, is_gone
from jotgraph.sources.ecr.settings import read_settings, repository_tags
from jotgraph.sources.functions.invocations import INVOCATIONS, counted_by
from jotgraph.sources.functions.tags import function_tags


@dataclass(frozen=True)
class AroundRepository:
    """A repository with its settings and those of its registry, and the gaps."""

    repository: EcrRepository
    registries: tuple[Registry, ...]
    gaps: tuple[Gap, ...]


def around_repository(connections: Connections, repository: EcrRepository) -> AroundRepository:
    """Read the settings of a repository and its registry, as a scan does: 3 calls, and 4 about the
    registry."""
    arn = _arn(connections.client(repository.id), "ecr", f"repository/{repository.name}")
    bare = EcrRepository(
        account=repository.account,
        region=repository.region,
        name=repository.name,
        created_at=repository.created_at,
        arn=arn,
    )
    read = read_settings(connections.client(repository.id), (bare,), quick=False)
    return AroundRepository(read.repositories[0], read.registries, read.gaps)


def tags_of_repository(connections: Connections, repository: ResourceId) -> Pairs:
    """The tags of a repository. Raises CallFailedError."""
    client = connections.client(repository)
    return repository_tags(client, _arn(client, "ecr", f"repository/{name_of(repository)}"))


def function_around(connections: Connections, function: ResourceId) -> Function | None:
    """Return a function's name and tags, as ListTags shows them to those who may call it; None when
    it is gone. Raises CallFailedError."""
    client, name = connections.client(function), name_of(function)
    try:
        tags: Pairs = function_tags(client, _arn(client, "lambda", f"function:{name}"))
    except CallFailedError as error:
        if is_gone(error):
            return None
        raise
    account, region = place_of(function)
    return Function(account=account, region=region, name=name, tags=tags, policy="", urls=())


def calls_lately(connections: Connections, callable_: Function | Version | Alias) -> int:
    """Return how often a function, version or alias was called within a day. Raises
    CallFailedError."""
    qualifier = "" if isinstance(callable_, Function) else qualifier_of(callable_.id)
    series = (name_of(function_of(callable_.id)), qualifier, "")
    return counted_by(connections.client(callable_.id), series, INVOCATIONS)


def _arn(client: RegionClient, service: str, rest: str) -> str:
    partition = client.aws.session.get_partition_for_region(client.region)
    return f"arn:{partition}:{service}:{client.region}:{client.account}:{rest}"
