"""What should have been read and was not, and what is referred to and was not found."""

from __future__ import annotations

import msgspec

from jotgraph.records.fields import Fields
from jotgraph.records.ids import ResourceId
from jotgraph.records.kinds import Kind


class Gap(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True, order=True):
    """Something that should have been read and was not. Unread is never absent."""

    service: str
    """``lambda``, ``ecr``, ``iam``, ``docker``, ``git``…"""
    action: str
    """The call that failed or was left out: ``ListFunctions``, ``GET /images/json``…"""
    account: str = ""
    region: str = ""
    resource: str = ""
    """The one resource or repository it is about; empty when it is about all of a place."""
    reason: str
    """One word for scripts: ``credentials denied throttled unreachable error shallow unsupported
    left-out``."""
    detail: str = ""
    """One sentence for people, with what to do about it; for what was left out, what it is."""
    hides: tuple[Kind, ...] = ()
    """Kinds of which whole resources may exist unread."""
    facts: tuple[str, ...] = ()
    """Facts of known resources that were not read: ``deployed-tag policy labels callers``…"""

    option: str = ""
    """What a scan that was not asked to read it needs: ``--usage``, ``--refresh``."""

    @property
    def asked(self) -> bool:
        """Whether the scan tried to read it, and failed."""
        return self.reason != "left-out"

    @property
    def call(self) -> str:
        """What was not read, and where: ``lambda ListFunctions in 111122223333/eu-west-1``."""
        where = "/".join(filter(None, (self.account, self.region, self.resource)))
        return f"{self.service} {self.action}{f' in {where}' if where else ''}"


class Missing(Fields, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="missing"):
    """Something that is referred to and was not found where it should be. Made by the graph,
    never read or stored. ``looked`` tells whether the place it should be in was read whole: only
    then is it known to be absent."""

    resource: ResourceId
    looked: bool = False

    @property
    def id(self) -> ResourceId:
        return self.resource
