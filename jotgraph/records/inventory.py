"""All that one scan read: where it looked, the records and the gaps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TypeAlias, get_args

import msgspec

from jotgraph.records.content import ContentMatch
from jotgraph.records.conventions import Convention
from jotgraph.records.docker import Container, LocalImage
from jotgraph.records.ecr import EcrImage, EcrRepository, Registry
from jotgraph.records.gaps import Gap, Missing
from jotgraph.records.git import Commit, GitRepository
from jotgraph.records.iam import Role
from jotgraph.records.kinds import KINDS, Kind
from jotgraph.records.lambda_ import Alias, Function, Trigger, Version
from jotgraph.records.logs import LogGroup
from jotgraph.records.testing import ImageTest
from jotgraph.records.workloads import Coverage, UsedByFile, Workload

Record: TypeAlias = (
    Commit
    | LocalImage
    | Container
    | EcrRepository
    | EcrImage
    | Function
    | Version
    | Alias
    | Trigger
    | Workload
    | Role
    | LogGroup
)

Node: TypeAlias = Record | Missing

RECORDS: Mapping[Kind, type[Record]] = MappingProxyType(
    {Kind(record.__struct_config__.tag): record for record in get_args(Record)}
)
"""The record class of each kind, by the class's tag."""


class Scope(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Where a scan looked."""

    accounts: tuple[str, ...] = ()
    """Accounts that were signed in to."""
    unread_accounts: tuple[str, ...] = ()
    """Accounts that were requested and could not be signed in to: what runs there is unknown."""
    names: tuple[tuple[str, str], ...] = ()
    """(account, name) of the accounts whose name is known, sorted."""
    places: tuple[tuple[str, str], ...] = ()
    """(account, region) pairs read for ECR and Lambda."""
    enabled: tuple[tuple[str, str], ...] = ()
    """Enabled (account, region) pairs, from EC2 DescribeRegions. An account without any pair was
    not asked, so that anything may run in its other regions."""
    git: tuple[str, ...] = ()
    """Keys of the git repositories."""
    engine: str = ""
    """Name of the Docker engine, or empty when none was read."""
    content: bool = False
    quick: bool = False
    logs: bool = False
    """Whether log groups were read (``--logs``)."""
    tests: bool = False
    """Whether test results stored on this machine were read."""
    window_days: int = 0
    """Days of invocations read; 0 when none were."""
    coverage: tuple[Coverage, ...] = ()
    """State of every service that can run images, by place, sorted. A service that is missing for a
    place was not asked there."""
    used_by: tuple[UsedByFile, ...] = ()
    """The ``--used-by`` files that name workloads which AWS cannot list."""
    evidence: tuple[Convention, ...] = ()
    """The team's conventions for revisions, sorted."""
    not_scanned: tuple[str, ...] = ()
    """Known users of images and roles that no scan covers: ``ec2``, ``glue``, ``kubernetes``…"""


class Inventory(msgspec.Struct, frozen=True, kw_only=True):
    """All records of one scan, with its scope, its time and its gaps."""

    taken_at: datetime
    scope: Scope = Scope()
    gaps: tuple[Gap, ...] = ()
    git: tuple[GitRepository, ...] = ()
    registries: tuple[Registry, ...] = ()
    commits: tuple[Commit, ...] = ()
    local_images: tuple[LocalImage, ...] = ()
    containers: tuple[Container, ...] = ()
    ecr_repositories: tuple[EcrRepository, ...] = ()
    ecr_images: tuple[EcrImage, ...] = ()
    functions: tuple[Function, ...] = ()
    versions: tuple[Version, ...] = ()
    aliases: tuple[Alias, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    workloads: tuple[Workload, ...] = ()
    roles: tuple[Role, ...] = ()
    log_groups: tuple[LogGroup, ...] = ()
    content: tuple[ContentMatch, ...] = ()
    tests: tuple[ImageTest, ...] = ()
    """Results of ``test`` and ``invoke`` on any image, oldest first."""

    def records(self) -> Iterator[Record]:
        """Every resource, kind by kind in the order of Kind."""
        for kind in KINDS:
            yield from self.of_kind(kind)

    def of_kind(self, kind: Kind) -> tuple[Record, ...]:
        """The records of one kind."""
        records: tuple[Record, ...] = getattr(self, KINDS[kind].field)
        return records
