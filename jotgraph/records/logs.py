"""Records of CloudWatch Logs."""

from __future__ import annotations

from datetime import datetime

from jotgraph.records.fields import Pairs, Regional
from jotgraph.records.ids import ResourceId, regional_id
from jotgraph.records.kinds import Kind


class LogGroup(Regional, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="log-group"):
    """One log group; it outlives the functions that wrote to it."""

    name: str
    arn: str = ""
    created_at: datetime | None = None
    retention_days: int | None = None
    """Retention of events; None means forever."""
    size: int = 0
    """``storedBytes``."""
    key: str = ""
    """ARN of the KMS key that encrypts it."""
    protected: bool = False
    """``deletionProtectionEnabled``: while true, CloudWatch refuses to delete the group."""
    filters: int = 0
    """Number of metric filters."""
    tags: Pairs | None = None
    """None when not read."""

    @property
    def id(self) -> ResourceId:
        return log_group_id(self.account, self.region, self.name)


def log_group_id(account: str, region: str, name: str) -> ResourceId:
    return regional_id(Kind.LOG_GROUP, account, region, name)
