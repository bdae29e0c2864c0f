"""Permissions to read or act through roles: those of the caller, and the trust policy of each
role."""

from __future__ import annotations

import re
from collections.abc import Iterable

from jotgraph.errors import OptionError
from jotgraph.permissions.model import ANY, Need
from jotgraph.settings.role_arns import ANY_ACCOUNT, parsed

_PRINCIPAL = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:(?:root|(?:role|user)/[\w+=,.@/-]+)")


def caller(role_arns: Iterable[str], *, organization: bool) -> tuple[Need, ...]:
    """Return what the caller needs beside reading its own account. Raises OptionError for an
    invalid ARN of a role."""
    needed = []
    for arn in role_arns:
        parsed(arn)
        pattern = arn.replace(ANY_ACCOUNT, "*")
        needed.append(Need("sts:AssumeRole", pattern, "sign in to each account by its role"))
    if organization:
        because = "know which accounts there are"
        needed.append(Need("organizations:ListAccounts", ANY, because))
    return tuple(needed)


def trust(principal: str, external_id: str = "") -> dict[str, object]:
    """Return the trust policy of the role in each account: who may assume it, with which external
    id. Raises OptionError for an invalid principal."""
    if re.fullmatch(r"\d{12}", principal):
        principal = f"arn:aws:iam::{principal}:root"
    if not _PRINCIPAL.fullmatch(principal):
        raise OptionError(
            f"--trust {principal!r} is no principal; write an account, or the ARN of a role or user"
        )
    statement: dict[str, object] = {
        "Sid": "Caller",
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": "sts:AssumeRole",
    }
    if external_id:
        statement["Condition"] = {"StringEquals": {"sts:ExternalId": external_id}}
    return {"Version": "2012-10-17", "Statement": [statement]}
