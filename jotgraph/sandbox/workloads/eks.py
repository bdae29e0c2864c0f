"""EKS's clusters. Only the Kubernetes API of a cluster knows what runs in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jotgraph.sandbox.kept import Paging, arn, cut, shelf
from jotgraph.sandbox.wire import AwsError, Reply, Request, json_reply
from jotgraph.sandbox.world import Handler, World

CLUSTERS = "eks/cluster"
PAGES = Paging("clusters", 100, 100)


def create_cluster(world: World, request: Request) -> Reply:
    name, clusters = request.text("name"), shelf(world, request, CLUSTERS)
    if name in clusters:
        raise AwsError("ResourceInUseException", f"Cluster already exists with name: {name}", 409)
    clusters[name] = {
        "name": name,
        "arn": arn(request, "eks", f"cluster/{name}"),
        "createdAt": world.now(),
        "version": request.text("version", "1.33"),
        "roleArn": request.text("roleArn"),
        "resourcesVpcConfig": request.params.get("resourcesVpcConfig") or {},
        "status": "ACTIVE",
        "tags": request.params.get("tags") or {},
    }
    return json_reply({"cluster": clusters[name]})


def list_clusters(world: World, request: Request) -> Reply:
    return cut(world, request, PAGES, lambda: sorted(shelf(world, request, CLUSTERS)))


def _cluster(world: World, request: Request) -> dict[str, Any]:
    name = request.text("name")
    cluster: dict[str, Any] | None = shelf(world, request, CLUSTERS).get(name)
    if cluster is None:
        raise AwsError("ResourceNotFoundException", f"No cluster found for name: {name}.", 404)
    return cluster


def describe_cluster(world: World, request: Request) -> Reply:
    return json_reply({"cluster": _cluster(world, request)})


def delete_cluster(world: World, request: Request) -> Reply:
    cluster = _cluster(world, request)
    del shelf(world, request, CLUSTERS)[cluster["name"]]
    return json_reply({"cluster": {**cluster, "status": "DELETING"}})


HANDLERS: Mapping[str, Handler] = {
    "CreateCluster": create_cluster,
    "DeleteCluster": delete_cluster,
    "DescribeCluster": describe_cluster,
    "ListClusters": list_clusters,
}
