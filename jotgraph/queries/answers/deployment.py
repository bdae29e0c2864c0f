"""A deployment: one function, version or alias with everything that it was made of."""

from __future__ import annotations

import msgspec

from jotgraph.graph import About
from jotgraph.records import Kind, ResourceId, name_of


class Part(msgspec.Struct, frozen=True):
    """One resource of a deployment."""

    id: ResourceId
    kind: Kind
    own: bool
    """Nothing but the deployment uses it: a deletion of the deployment takes it."""
    because: str
    """Why it is the deployment's own, or why it survives the deployment."""
    by: tuple[ResourceId, ...] = ()
    """What else uses it, sorted."""


class Deployment(msgspec.Struct, frozen=True):
    """The handle of a deployment: ``plan_delete``, ``trace``, ``show`` and ``draw`` take it."""

    about: About
    root: ResourceId
    """The function, or the version or alias that was named."""
    parts: tuple[Part, ...]
    """As work flows, from commit to role, what is shared too."""

    @property
    def name(self) -> str:
        """Its name for people: ``checkout``, ``checkout:2``."""
        return name_of(self.root)

    @property
    def ids(self) -> tuple[ResourceId, ...]:
        """Every part."""
        return tuple(part.id for part in self.parts)

    @property
    def own(self) -> tuple[ResourceId, ...]:
        """What a deletion of the whole takes."""
        return tuple(part.id for part in self.parts if part.own)

    @property
    def shared(self) -> tuple[Part, ...]:
        """What survives the deployment, each with the reason."""
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
        """What runs, in ECR."""
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
