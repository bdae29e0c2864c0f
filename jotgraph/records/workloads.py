"""Records of what runs images beside Lambda and the local engine, and which services were read."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from jotgraph.records.fields import Fields, Pairs, Regional
from jotgraph.records.ids import Place, ResourceId, workload_id

ELSEWHERE = "elsewhere"
"""Account of workloads that a file names when no AWS account was read."""


class WorkloadState(StrEnum):
    """Whether a workload runs its images now, next, or only by name."""

    RUNNING = "running"
    """Running now, or deployed to run: an ECS service or task, an endpoint."""
    NEWEST = "newest"
    """Not known to run now, and used by the next start: the newest revision of its name, a build
    project."""
    ACTIVE = "active"
    """Startable by name: an older revision, or a model without an endpoint."""


class UsedImage(msgspec.Struct, frozen=True, gc=False, array_like=True, order=True):
    """An image that a workload names."""

    image: str
    """The reference as written, whatever its registry and form."""
    digest: str = ""
    """``sha256:…`` that the service resolved it to; empty when the service does not report one."""


class Workload(Regional, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="workload"):
    """One user of images that a service lists: an ECS service or task, a job definition, a model, a
    build project. Workloads are read, and never judged or deleted."""

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
    """Sorted. During a deployment one reference can occur with two digests."""
    roles: tuple[str, ...] = ()
    """ARNs of the roles that it, or its service for it, assumes, sorted."""
    tags: Pairs | None = None
    tasks: int = 0
    """Number of tasks that run or start, of an ECS service, daemon or task definition."""
    changed_at: datetime | None = None
    """When it was deployed, registered or last changed."""
    mentions: tuple[str, ...] = ()
    """Role ARNs, ECR references and digests in the rest of its description, such as the variables
    of a container. Values themselves are never stored."""

    @property
    def is_cluster(self) -> bool:
        """Whether it is an EKS cluster, whose pods AWS does not list."""
        return (self.service, self.type) == ("eks", "cluster")

    @property
    def id(self) -> ResourceId:
        return workload_id(self.account, self.region, self.service, self.type, self.name)


class CoverageState(StrEnum):
    """What is known about one service in one account and region."""

    READ = "read"
    """Read completely, and not empty."""
    EMPTY = "empty"
    """Read completely, and empty."""
    ABSENT = "absent"
    """Not offered by AWS in that region."""
    DENIED = "denied"
    """A call was denied, so that the listing may be incomplete."""
    FAILED = "failed"
    """A call failed for another reason, with the same effect."""
    LEFT_OUT = "left-out"
    """Read in part only, by choice."""
    NOT_ASKED = "not-asked"
    """Not asked at all. Answers use it; an inventory has no entry instead."""

    @property
    def whole(self) -> bool:
        """Whether the listing is complete: what is not in it does not exist."""
        return self in _WHOLE


_WHOLE = (CoverageState.READ, CoverageState.EMPTY, CoverageState.ABSENT)


class Coverage(Fields, frozen=True, kw_only=True, gc=False, order=True):
    """Whether one service that can run images was read, in one account and region."""

    account: str
    region: str
    service: str
    """``lambda``, or a service as in ``Workload``."""
    state: CoverageState
    because: str = ""
    """The first failure, or what was left out; empty when all was read."""

    @property
    def place(self) -> Place:
        return Place(self.account, self.region)

    @property
    def whole(self) -> bool:
        """Whether the listing is complete: what is not in it does not exist."""
        return self.state.whole


class UsedByFile(msgspec.Struct, frozen=True, kw_only=True, gc=False, order=True):
    """One ``--used-by`` file: where its workloads come from, and how old it is."""

    name: str
    """The file's name, or ``stdin``."""
    cluster: str = ""
    """The EKS cluster that the user assigned it to; empty where none was given."""
    read_at: datetime
    """When the file was last changed, which is when its content held."""
    pods: bool = False
    """Whether it lists pods. An empty list may be of anything."""
    namespace: str = ""
    """The namespace, when all pods are of the same one: the list may be of that namespace alone."""
    workloads: int = 0
