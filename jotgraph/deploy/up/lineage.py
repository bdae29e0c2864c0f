"""What a run made, read back as records: the commit, the image and the function with its role."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from jotgraph.deploy.registry_image import read_image
from jotgraph.deploy.run import Run
from jotgraph.errors import SourceError
from jotgraph.graph import ResourceGraph, build
from jotgraph.records import (
    EcrImage,
    Gap,
    Inventory,
    Kind,
    Record,
    ResourceId,
    Scope,
    kind_of,
)
from jotgraph.records.kinds import KINDS
from jotgraph.sources.cache import Cache
from jotgraph.sources.ecr.images import with_documents
from jotgraph.sources.ecr.reading import KnownByDigest
from jotgraph.sources.git.repository import GitRead, merge_commits, read_git

_REST = (Kind.FUNCTION, Kind.VERSION, Kind.ALIAS, Kind.TRIGGER, Kind.ECR_IMAGE)
"""Facts about possible further resources, which this run did not read."""


def graph_of(run: Run, root: Path, resources: Iterable[ResourceId]) -> ResourceGraph:
    """Return the graph of the resources as they are now, with the history of the folder. What is
    gone is left out. Raises CallFailedError for what cannot be read."""
    account, region = run.place
    gone_or_read = ((resource, _read(run, resource)) for resource in sorted(set(resources)))
    records: dict[Kind, list[Record]] = {}
    for resource, record in gone_or_read:
        if record is not None:
            records.setdefault(kind_of(resource), []).append(record)
    git = _history(root)
    fields = {KINDS[kind].field: tuple(of_kind) for kind, of_kind in records.items()}
    inventory = Inventory(
        taken_at=datetime.now(UTC),
        scope=Scope(
            accounts=(account,),
            places=((account, region),),
            git=tuple(read.repository.key for read in git),
        ),
        gaps=(_unread(account, region),),
        git=tuple(read.repository for read in git),
        commits=merge_commits(git),
        **fields,  # type: ignore[arg-type]  # each kind has a field of its records
    )
    return build(inventory)


def _read(run: Run, resource: ResourceId) -> Record | None:
    """A resource as it is now; an image with the claims of its labels."""
    record = run.session.read(resource)
    return _with_labels(run, record) if isinstance(record, EcrImage) else record


def _with_labels(run: Run, image: EcrImage) -> EcrImage:
    read = read_image(run.connections, image.id)
    reading = KnownByDigest({}, run.connections.threads.stages, Cache())
    reading.manifests[image.digest] = read.manifest
    reading.configs[read.manifest.config_digest or ""] = read.config
    return with_documents(read.record, reading, frozenset())


def _history(root: Path) -> tuple[GitRead, ...]:
    try:
        return (read_git(root, root.resolve().name),)
    except SourceError:
        return ()  # a folder without a repository has no commit


def _unread(account: str, region: str) -> Gap:
    """Gaps for everything else in the account: who else uses a role is not known here."""
    return Gap(
        service="lambda",
        action="ListFunctions",
        account=account,
        region=region,
        reason="left-out",
        detail="only what this run made was read",
        hides=_REST,
        option="jotgraph scan",
    )
