"""What IAM holds: roles."""

from __future__ import annotations

from datetime import datetime

from jotgraph.records.fields import Fields, Pairs
from jotgraph.records.ids import ResourceId, role_id


class Role(Fields, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="role"):
    """One IAM role, from GetAccountAuthorizationDetails."""

    account: str
    name: str
    path: str = "/"
    arn: str = ""
    role_id: str = ""
    """``AROA…``: changes when a role is deleted and created again under the same name."""
    created_at: datetime | None = None
    trust: str = ""
    """Trust policy document, JSON."""
    attached: tuple[str, ...] = ()
    """ARNs of managed policies."""
    inline: Pairs = ()
    """(policy name, sha256 of its document)."""
    invokes: tuple[str, ...] = ()
    """ARNs of functions, versions and aliases that its inline policies name."""
    boundary: str = ""
    instance_profiles: tuple[str, ...] = ()
    tags: Pairs = ()
    last_used_at: datetime | None = None
    """Within the trailing 400 days; appears up to 4 h late (IAM API, RoleLastUsed)."""
    last_used_region: str = ""

    @property
    def id(self) -> ResourceId:
        return role_id(self.account, f"{self.path}{self.name}")
