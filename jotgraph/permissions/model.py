"""One action that a command needs, and the resources that IAM can name."""

from __future__ import annotations

import msgspec

ANY = "*"
REPOSITORIES = "arn:aws:ecr:*:*:repository/*"
FUNCTIONS = "arn:aws:lambda:*:*:function:*"
TRIGGERS = "arn:aws:lambda:*:*:event-source-mapping:*"
LOG_GROUPS = "arn:aws:logs:*:*:log-group:*"
ROLES = "arn:aws:iam::*:role/*"
PROFILES = "arn:aws:iam::*:instance-profile/*"


class Need(msgspec.Struct, frozen=True, order=True):
    """One action that a command must be allowed."""

    action: str
    resource: str
    because: str
    """The purpose of the call."""
    spares: bool = False
    """Whether more calls of another action here replace it when it is denied."""
