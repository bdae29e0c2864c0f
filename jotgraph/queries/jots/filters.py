"""Filters for the rows of the table of deployments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from fnmatch import fnmatchcase
from types import MappingProxyType

import msgspec

from jotgraph.analysis.health import Code
from jotgraph.queries.answers.jots import Jot
from jotgraph.records import Kind, kind_of
from jotgraph.records.references import reference


class Whereabouts(StrEnum):
    """Where the image of a row is."""

    LOCAL = "local"
    """In the local engine."""
    REMOTE = "remote"
    """In a registry."""
    UNDEPLOYED = "undeployed"
    """Nothing runs it."""
    UNPUSHED = "unpushed"
    """In the engine only; no registry that was read has a copy."""


_IS: Mapping[Whereabouts, Callable[[Jot], bool]] = MappingProxyType(
    {
        Whereabouts.LOCAL: lambda jot: bool(jot.local_images),
        Whereabouts.REMOTE: lambda jot: jot.image is not None and Code.BROKEN not in jot.states,
        Whereabouts.UNDEPLOYED: lambda jot: not jot.function,
        Whereabouts.UNPUSHED: lambda jot: bool(jot.local_images) and jot.image is None,
    }
)


class Only(msgspec.Struct, frozen=True, kw_only=True):
    """A filter for rows: all of ``where`` must hold, and one entry of every other list that is not
    empty."""

    where: tuple[Whereabouts, ...] = ()
    states: tuple[Code, ...] = ()
    kinds: tuple[Kind, ...] = ()
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    repositories: tuple[str, ...] = ()
    """Shell patterns for names of image repositories or git repositories."""

    def takes(self, jot: Jot) -> bool:
        """Return whether a row passes."""
        return (
            all(_IS[place](jot) for place in self.where)
            and (not self.states or not set(self.states).isdisjoint(jot.states))
            and (not self.kinds or kind_of(jot.id) in self.kinds)
            and (not self.accounts or jot.account in self.accounts)
            and (not self.regions or jot.region in self.regions)
            and (not self.repositories or self._of_repository(jot))
        )

    def _of_repository(self, jot: Jot) -> bool:
        names = {jot.commit.standing.repository, jot.image.repository if jot.image else ""}
        names.update(reference(tag).path for tag in jot.local_tags)
        return any(
            fnmatchcase(name, pattern) for name in names - {""} for pattern in self.repositories
        )
