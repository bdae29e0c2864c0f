"""Places, times, digests and ARNs that the records of tests are made of."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TypeAlias

from jotgraph.records.references import registry_host

ACCOUNT, OTHER_ACCOUNT = "111122223333", "444455556666"
REGION, OTHER_REGION = "eu-west-1", "us-west-2"
HERE = (ACCOUNT, REGION)
HOST = registry_host(ACCOUNT, REGION)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=200)
"""Older than every age that a verdict waits for."""

REVISION = "org.opencontainers.image.revision"
"""The label of an image that names its commit."""

Name: TypeAlias = int | str
"""What a test calls an image or commit: a number, which the hex digits of a failure show again; a
word, whose hash they are; or the digits themselves."""

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def digest(name: Name) -> str:
    """``sha256:<hex>`` of an image, config or layer."""
    if isinstance(name, int):
        return f"sha256:{name:064x}"
    return name if _DIGEST.fullmatch(name) else f"sha256:{_hash(name)}"


def code_sha256(name: Name) -> str:
    """What Lambda says of a function that runs an image: its digest in bare hex."""
    return digest(name).removeprefix("sha256:")


def sha(name: Name) -> str:
    """The full revision of a commit. That of a number begins with a letter, so that no abbreviation
    of it is a decimal number, and tells the number in its first eight digits."""
    if isinstance(name, int):
        return f"a{name:07x}" + "c" * 32
    return name if _SHA.fullmatch(name) else _hash(name)[:40]


def _hash(word: str) -> str:
    return sha256(word.encode()).hexdigest()


def days_ago(days: float) -> datetime:
    """A time before the scan."""
    return NOW - timedelta(days=days)


def uri(repository: str = "app", *, account: str = ACCOUNT, region: str = REGION) -> str:
    """A repository as an image reference names it."""
    return f"{registry_host(account, region)}/{repository}"


def role_arn(name: str, *, account: str = ACCOUNT, path: str = "/") -> str:
    return f"arn:aws:iam::{account}:role{path}{name}"


def function_arn(name: str, *, account: str = ACCOUNT, region: str = REGION) -> str:
    """The ARN of a function; of a version or alias with ``name:qualifier``."""
    return f"arn:aws:lambda:{region}:{account}:function:{name}"
