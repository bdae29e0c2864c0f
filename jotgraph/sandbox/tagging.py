"""Resource Groups Tagging: GetResources over repositories, functions and log groups, 100 a page.

Correction to moto 5.2, which leaves ECR out. Other kinds of resource are not listed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from jotgraph.sandbox.wire import Reply, Request, json_reply
from jotgraph.sandbox.world import Handler, World, ecr_backend, logs_backend


def get_resources(world: World, request: Request) -> Reply:
    """Resources that have, or had, tags; by type and by tag (API_GetResources)."""
    types = request.params.get("ResourceTypeFilters") or ["ecr", "lambda", "logs"]
    filters = request.params.get("TagFilters") or []

    def rows() -> list[dict[str, object]]:
        return [
            {"ResourceARN": arn, "Tags": [{"Key": k, "Value": v} for k, v in sorted(tags.items())]}
            for arn, tags in sorted(_tagged(world, request, types))
            if tags and all(_fits(tags, wanted) for wanted in filters)
        ]

    page, token = world.page(
        request,
        rows,
        min(int(request.params.get("ResourcesPerPage") or 100), 100),
        request.params.get("PaginationToken"),
        "PaginationTokenExpiredException",
    )
    return json_reply({"ResourceTagMappingList": list(page), "PaginationToken": token or ""})


def _fits(tags: Mapping[str, str], wanted: Mapping[str, object]) -> bool:
    values = wanted.get("Values") or []
    key = str(wanted.get("Key", ""))
    return key in tags and (not values or tags[key] in list(values))  # type: ignore[call-overload]  # JSON


def _tagged(
    world: World, request: Request, types: Iterable[str]
) -> Iterable[tuple[str, dict[str, str]]]:
    if any(kind in ("ecr", "ecr:repository") for kind in types):
        backend = ecr_backend(request.account, request.region)
        for repository in backend.repositories.values():
            listed = backend.tagger.list_tags_for_resource(repository.arn)["tags"]
            yield repository.arn, {tag["Key"]: tag["Value"] for tag in listed}
    if any(kind in ("logs", "logs:log-group") for kind in types):
        logs = logs_backend(request.account, request.region)
        for group in logs.groups.values():
            arn = str(group.arn).removesuffix(":*")
            yield arn, dict(logs.list_tags_for_resource(arn))
    if any(kind in ("lambda", "lambda:function") for kind in types):
        for function in world.lambda_of(request.account, request.region).functions.values():
            yield function.latest["FunctionArn"], dict(function.tags)


HANDLERS: Mapping[str, Handler] = {"GetResources": get_resources}
