"""Workloads of the example estate that run images outside Lambda: ECS, Batch and an EKS cluster."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox

CLUSTER = "shop"
"""The EKS cluster. What runs in it is said by a file alone: see ``pods``."""
_STARTS_TASKS = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
_NODES = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"


def roles(aws: Sandbox, now: datetime) -> None:
    """A role for each container, one that starts tasks, one of the cluster, and one that nothing
    uses."""
    for name, service, days, used in (
        ("storefront", "ecs-tasks", 150, 0.1),
        ("invoices", "ecs-tasks", 189, 1),
        ("task-execution", "ecs-tasks", 190, 0.1),
        ("newsletter", "ecs-tasks", 280, None),
        ("cluster", "eks", 60, 0.1),
    ):
        policies = {"task-execution": [_STARTS_TASKS], "cluster": [_NODES]}
        seed.role(
            aws,
            name,
            path="/service/",
            trust=_trust(service),
            attached=policies.get(name, ()),
            created=now - timedelta(days=days),
            last_used=None if used is None else now - timedelta(days=used),
            last_used_region=None if used is None else aws.region,
        )


def start(aws: Sandbox, now: datetime) -> None:
    """Register, deploy and run, in the order in which it happened."""
    storefront, invoices = _arn(aws, "storefront"), _arn(aws, "invoices")
    starting = _arn(aws, "task-execution")

    def define(family: str, image: str, role: str) -> None:
        seed.task_definition(aws, family, image, role=role, execution_role=starting)

    with seed.at(aws, now - timedelta(days=147)):
        define("storefront", "web/storefront:1.0.0", storefront)
    with seed.at(aws, now - timedelta(days=60)):
        seed.kubernetes_cluster(aws, CLUSTER, role=_arn(aws, "cluster"))
    with seed.at(aws, now - timedelta(days=37)):
        define("migrate", "web/migrate:1.1.0", storefront)
    with seed.at(aws, now - timedelta(days=36)):
        seed.job_definition(aws, "invoices", "payments/invoices:1.1.0", role=invoices)
    with seed.at(aws, now - timedelta(days=20)):
        define("storefront", "web/storefront:latest", storefront)
        seed.ecs_service(aws, "storefront", "storefront", cluster="web", count=2)
    with seed.at(aws, now - timedelta(hours=3)):
        # Batch runs a job as a task of a cluster and a definition that it makes itself
        define("invoices", "payments/invoices:1.1.0", invoices)
        seed.ecs_task(aws, "invoices", cluster="AWSBatch")


def pods(aws: Sandbox, digest: str, now: datetime) -> str:
    """What kubectl prints of the cluster's pods and deployments: a gateway, and the names service
    that every cluster of EKS runs, of a registry that is not the account's."""
    image = seed.uri(aws, "platform/gateway:1.1.0")
    spec = {"containers": [{"name": "gateway", "image": image}]}
    resolved = seed.uri(aws, f"platform/gateway@{digest}")
    ran = {"name": "gateway", "image": image, "imageID": resolved, "ready": True}
    labels, ready = {"app": "gateway"}, {"phase": "Running", "containerStatuses": [ran]}
    template = {"metadata": {"labels": labels}, "spec": spec}
    items = [
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": _metadata("gateway", labels, now - timedelta(days=35)),
            "spec": {"replicas": 1, "selector": {"matchLabels": labels}, "template": template},
            "status": {"replicas": 1, "readyReplicas": 1},
        },
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": _metadata("gateway-7d9f6c5b48-rm2vz", labels, now - timedelta(days=9)),
            "spec": spec,
            "status": ready,
        },
        _of_cluster(now),
    ]
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": items}, indent=2) + "\n"


def _of_cluster(now: datetime) -> dict[str, Any]:
    image = "public.ecr.aws/eks-distro/coredns/coredns:v1.11.4-eks-1-32-8"
    created = now - timedelta(days=60)
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": _metadata("coredns-5d78c9869d-x2x7k", {"k8s-app": "kube-dns"}, created)
        | {"namespace": "kube-system"},
        "spec": {"containers": [{"name": "coredns", "image": image}]},
        "status": {"phase": "Running"},
    }


def _metadata(name: str, labels: Mapping[str, str], created: datetime) -> dict[str, Any]:
    stamp = f"{created:%Y-%m-%dT%H:%M:%SZ}"
    return {"name": name, "namespace": "edge", "labels": labels, "creationTimestamp": stamp}


def _trust(service: str) -> dict[str, Any]:
    principal = {"Service": f"{service}.amazonaws.com"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _arn(aws: Sandbox, role: str) -> str:
    return f"arn:aws:iam::{aws.account}:role/service/{role}"
