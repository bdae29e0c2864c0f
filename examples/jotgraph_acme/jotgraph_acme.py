"""What jotgraph cannot know of Acme: its builds, and a service that it runs images on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jotgraph.links import Author, Grade, InventoryIndex, Match, Relation, rule
from jotgraph.sources.consumers import Call, Consumer

_DEPLOYED = re.compile(r"acme deploy (?P<sha>[0-9a-f]{40}) by \S+")


@rule(Relation.BUILT_FROM, Grade.SUPPORT, Author.DEPLOYER)
def acme_deployment(index: InventoryIndex) -> Iterator[Match]:
    """The description of the function is as Acme's deployer writes it, with the full revision of a
    commit that was read."""
    for function in index.configurations():
        match = _DEPLOYED.fullmatch(function.description)
        if match and (commit := index.commits.get(match["sha"])):
            yield Match(
                function.id,
                commit.id,
                f"Acme deployed it from {commit.sha}",
                "function description",
            )


LIGHTSAIL = Consumer(
    service="lightsail",
    type="'service'",
    calls=(Call(action="GetContainerServices", found="containerServices", into="service"),),
    name="service.containerServiceName",
    arn="service.arn",
    images="values(service.currentDeployment.containers || `{}`)[].image",
    roles="[service.privateRegistryAccess.ecrImagePullerRole.principalArn]",
    state="'running'",
)
"""Container services of Lightsail, which may pull from ECR (Lightsail API Reference,
GetContainerServices)."""
