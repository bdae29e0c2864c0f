"""What runs images beside Lambda and the local engine, and which services were asked about it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from jotgraph.records.fields import Fields, Pairs, Regional
from jotgraph.records.ids import Place, ResourceId, workload_id

ELSEWHERE = "elsewhere"
"""Account of workloads that a file names, and of which no AWS account was asked."""


class WorkloadState(StrEnum):
    """How near a workload is to running its images."""

    RUNNING = "running"
    """It runs, or a deployment of it stands: an ECS service or task, an endpoint."""
    NEWEST = "newest"
    """Nothing is known to run now, and the next start takes this: the newest revision of its
    name, a build project."""
    ACTIVE = "active"
    """An older revision, or a model that no endpoint need serve: it may be started by name."""


class UsedImage(msgspec.Struct, frozen=True, gc=False, array_like=True, order=True):
    """An image that a workload names."""

    image: str
    """The reference as it is written there, of whatever registry and form."""
    digest: str = ""
    """``sha256:…`` that the service resolved it to; empty when it says none."""


class Workload(Regional, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="workload"):
    """One user of images that a service names: an ECS service or task, a job definition, a model,
    a build project. It is read, and never judged or deleted."""

    service: str
    """``ecs``, ``batch``, ``codebuild``…: the prefix of its IAM actions."""
    type: str
    """``service task task-definition daemon`` of ECS; ``job-definition project model endpoint
    image-version runtime application container-group cluster``."""
    name: str
    """Unique within service and type: ``prod/web`` of a service in a cluster, ``web:41`` of a
    revision."""
    arn: str = ""
    state: WorkloadState = WorkloadState.RUNNING
    images: tuple[UsedImage, ...] = ()
    """Sorted. One reference with two digests is two: a deployment that is being replaced."""
    roles: tuple[str, ...] = ()
    """ARNs of the roles that it assumes or has assumed for it, sorted."""
    tags: Pairs | None = None
    tasks: int = 0
    """How many tasks run or start, of an ECS service, daemon or task definition."""
    changed_at: datetime | None = None
    """When it was deployed, registered or last changed."""
    mentions: tuple[str, ...] = ()
    """Role ARNs, ECR references and digests that its description holds anywhere else, such as in
    a variable of a container. Values themselves are never stored."""

    @property
    def is_cluster(self) -> bool:
        """Whether it is an EKS cluster, of which AWS lists no pods."""
        return (self.service, self.type) == ("eks", "cluster")

    @property
    def id(self) -> ResourceId:
        return workload_id(self.account, self.region, self.service, self.type, self.name)


class CoverageState(StrEnum):
    """What is known of one service in one account and region."""

    READ = "read"
    """All of it was read, and there is something."""
    EMPTY = "empty"
    """All of it was read, and there is nothing."""
    ABSENT = "absent"
    """AWS does not offer it there."""
    DENIED = "denied"
    """A call was refused: what was read may not be all."""
    FAILED = "failed"
    """A call failed otherwise: the same."""
    LEFT_OUT = "left-out"
    """It was not asked for everything, by choice."""
    NOT_ASKED = "not-asked"
    """It was not asked at all. Answers say so; an inventory just says nothing of it."""

    @property
    def whole(self) -> bool:
        """Whether what was not found there is not there."""
        return self in (CoverageState.READ, CoverageState.EMPTY, CoverageState.ABSENT)


class Coverage(Fields, frozen=True, kw_only=True, gc=False, order=True):
    """Whether one service that can run images was asked, in one account and region."""

    account: str
    region: str
    service: str
    """``lambda``, or as in ``Workload``."""
    state: CoverageState
    because: str = ""
    """The first failure, or what was left out; empty when all was read."""

    @property
    def place(self) -> Place:
        return Place(self.account, self.region)

    @property
    def whole(self) -> bool:
        """Whether what was not found there is not there."""
        return self.state.whole


class UsedByFile(msgspec.Struct, frozen=True, kw_only=True, gc=False, order=True):
    """One file of ``--used-by``: where its workloads come from, and how old it is."""

    name: str
    """The file's name, or ``stdin``."""
    cluster: str = ""
    """The EKS cluster that it is of, where the user said so."""
    read_at: datetime
    """When the file was last changed: what it says held then."""
    pods: bool = False
    """Whether it lists pods of a cluster. A list of nothing may be of anything."""
    namespace: str = ""
    """Where all pods are of one namespace, which: it may be a list of that one alone."""
    workloads: int = 0
