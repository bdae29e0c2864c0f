"""The ARN of a role as typed, possibly with ``{account}`` for any account."""

from __future__ import annotations

import re
from collections.abc import Mapping

from jotgraph.errors import OptionError

ANY_ACCOUNT = "{account}"
"""Placeholder for the account in a pattern."""
EXAMPLE = f"arn:aws:iam::{ANY_ACCOUNT}:role/jotgraph"
_ROLE = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):iam::(?P<account>\d{12}|\{account\}):role/[\w+=,.@/-]+"
)


def parsed(arn: str) -> Mapping[str, str]:
    """Return ``partition`` and ``account`` of an ARN or pattern. Raises OptionError for any other
    text."""
    matched = _ROLE.fullmatch(arn)
    if matched is None:
        raise OptionError(f"--role-arn {arn!r} is not the ARN of a role; write {EXAMPLE}")
    return matched.groupdict()
