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
    """How long events are kept; None: for ever."""
    size: int = 0
    """``storedBytes``."""
    key: str = ""
    """ARN of the KMS key that encrypts it."""
    protected: bool = False
    """``deletionProtectionEnabled``: CloudWatch refuses to delete it."""
    filters: int = 0
    """Metric filters."""
    tags: Pairs | None = None
    """None: not read."""

    @property
    def id(self) -> ResourceId:
        return log_group_id(self.account, self.region, self.name)


def log_group_id(account: str, region: str, name: str) -> ResourceId:
    return regional_id(Kind.LOG_GROUP, account, region, name)
