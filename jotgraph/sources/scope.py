"""The scope of a scan, for its inventory."""

from __future__ import annotations

from collections.abc import Iterable

from jotgraph.clients import Clients
from jotgraph.records import Coverage, Scope
from jotgraph.sources.aws.stages import Listings
from jotgraph.sources.local import LocalRead
from jotgraph.sources.options import ScanOptions

NOT_SCANNED = (
    "braket", "cleanroomsml", "ec2", "eks-pods", "elasticbeanstalk", "emr-containers",
    "events", "glue", "greengrass", "imagebuilder", "iotsitewise", "lambda-core", "lambda-microvms",
    "lightsail", "omics", "sagemaker-jobs", "scheduler", "stepfunctions",
)  # fmt: skip
"""What uses images or roles and is not read (from botocore's service models): services, the pods of
clusters, and jobs and pipelines of SageMaker, which name their image when they start."""


def scope_of(
    options: ScanOptions,
    clients: Clients,
    listings: Listings,
    local: LocalRead,
    coverage: Iterable[Coverage],
) -> Scope:
    """Return the scope of the listings."""
    return Scope(
        accounts=listings.accounts,
        unread_accounts=unread_accounts(clients, listings.accounts),
        names=tuple(sorted(clients.names.items())),
        places=tuple((place.account, place.region) for place in listings.places),
        enabled=listings.enabled,
        git=tuple(repository.key for repository in local.git),
        engine=local.engine.name,
        quick=options.quick,
        logs=options.logs,
        tests=True,
        window_days=options.usage_days,
        coverage=tuple(sorted(coverage)),
        used_by=tuple(sorted(read.file for read in options.used_by)),
        evidence=tuple(sorted(options.evidence)),
        not_scanned=NOT_SCANNED,
    )


def unread_accounts(clients: Clients, read: Iterable[str]) -> tuple[str, ...]:
    """Return the accounts that were requested by name and are not read, sorted."""
    asked = {session.account for session in clients.aws if session.account}
    return tuple(sorted(asked.difference(read)))
