"""A deployment: one function, version or alias with everything it is made of."""

from __future__ import annotations

import msgspec

from jotgraph.graph import About
from jotgraph.records import Kind, ResourceId, name_of


class Part(msgspec.Struct, frozen=True):
    """One resource of a deployment."""

    id: ResourceId
    kind: Kind
    own: bool
    """Whether only the deployment uses it, so that deleting the deployment deletes it."""
    because: str
    """Why it belongs to the deployment alone, or why it survives."""
    by: tuple[ResourceId, ...] = ()
    """Its users outside of the deployment, sorted."""


class Deployment(msgspec.Struct, frozen=True):
    """The handle of a deployment, which ``plan_delete``, ``trace``, ``show`` and ``draw``
    accept."""

    about: About
    root: ResourceId
    """The function, or the version or alias that was named."""
    parts: tuple[Part, ...]
    """In order of the flow of work, from commit to role; shared parts included."""

    @property
    def name(self) -> str:
        """The display name: ``checkout``, ``checkout:2``."""
        return name_of(self.root)

    @property
    def ids(self) -> tuple[ResourceId, ...]:
        """The ids of all parts."""
        return tuple(part.id for part in self.parts)

    @property
    def own(self) -> tuple[ResourceId, ...]:
        """The parts that deleting the deployment deletes."""
        return tuple(part.id for part in self.parts if part.own)

    @property
    def shared(self) -> tuple[Part, ...]:
        """The parts that survive the deployment, each with the reason."""
        return tuple(part for part in self.parts if not part.own)

    def of(self, kind: Kind) -> tuple[ResourceId, ...]:
        """The parts of one kind."""
        return tuple(part.id for part in self.parts if part.kind is kind)

    @property
    def commits(self) -> tuple[ResourceId, ...]:
        """The commit of each image, as far as it is known."""
        return self.of(Kind.COMMIT)

    @property
    def local_images(self) -> tuple[ResourceId, ...]:
        return self.of(Kind.LOCAL_IMAGE)

    @property
    def repositories(self) -> tuple[ResourceId, ...]:
        return self.of(Kind.ECR_REPO)

    @property
    def images(self) -> tuple[ResourceId, ...]:
        """The images in ECR that it runs."""
        return self.of(Kind.ECR_IMAGE)

    @property
    def function(self) -> ResourceId | None:
        """The function; None for a deployment of something else."""
        return next(iter(self.of(Kind.FUNCTION)), None)

    @property
    def versions(self) -> tuple[ResourceId, ...]:
        return self.of(Kind.VERSION)

    @property
    def aliases(self) -> tuple[ResourceId, ...]:
        return self.of(Kind.ALIAS)

    @property
    def triggers(self) -> tuple[ResourceId, ...]:
        return self.of(Kind.TRIGGER)

    @property
    def roles(self) -> tuple[ResourceId, ...]:
        return self.of(Kind.ROLE)
