"""Text that names things -> what it names: ECR image URIs, ARNs, git remotes, image references."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from jotgraph.records.ids import ResourceId, alias_id, function_id, role_id, version_id

SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
"""A full git revision: SHA-1 or SHA-256."""

_ECR = re.compile(
    r"(?:https?://)?(?P<account>\d{12})\.dkr[.-]ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\."
    r"(?:amazonaws\.[a-z.]+|on\.aws|on\.amazonwebservices\.com\.cn|c2s\.ic\.gov|sc2s\.sgov\.gov"
    r"|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)"
    r"(?::\d+)?/(?P<rest>.+)"
)
_LAMBDA = re.compile(
    r"arn:[a-z-]+:lambda:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):function:"
    r"(?P<name>[A-Za-z0-9_-]+)(?::(?P<qualifier>\$LATEST|[A-Za-z0-9_-]+))?"
)
_ROLE = re.compile(r"arn:[a-z-]+:iam::(?P<account>\d{12}):role/(?P<rest>.+)")
_SCP = re.compile(r"(?:[^@/\s]+@)?(?P<host>[A-Za-z0-9.-]+):(?P<path>(?!//)[^\s]+)")
_URL = re.compile(
    r"(?:git\+)?(?:https?|ssh|git)://(?:[^@/\s]*@)?(?P<host>[^/:\s]+)(?::\d+)?/(?P<path>[^\s]+)"
)
_BARE = re.compile(r"(?P<host>[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)/(?P<path>[^\s]+)")
_FILE = re.compile(r"file://(?P<path>/[^\s]+)")
_VIEW = re.compile(r"/(?:-/)?(?:tree|blob|commit|commits|src)/.*$")


class Reference(NamedTuple):
    """An image reference taken apart; ``tag`` and ``digest`` are empty where it has none."""

    name: str
    tag: str
    digest: str


class EcrReference(NamedTuple):
    """An image reference whose registry is ECR."""

    account: str
    region: str
    repository: str
    tag: str
    digest: str


def reference(text: str) -> Reference:
    """Take ``[host[:port]/]path[:tag][@digest]`` apart."""
    name, _, digest = text.partition("@")
    head, slash, last = name.rpartition("/")
    last, _, tag = last.partition(":")
    return Reference(f"{head}{slash}{last}", tag, digest)


def ecr_reference(uri: str | None) -> EcrReference | None:
    """Take an ECR image URI apart; None for any other registry.

    Hosts are ``<account>.dkr.ecr[-fips].<region>.amazonaws.com[.cn]`` and, dual stack,
    ``<account>.dkr-ecr[-fips].<region>.on.aws`` (ECR User Guide, endpoints).
    """
    found = _ECR.fullmatch(uri or "")
    if not found:
        return None
    name, tag, digest = reference(found["rest"])
    return EcrReference(found["account"], found["region"], name, tag, digest)


def registry_host(account: str, region: str) -> str:
    """The host of an account's ECR registry in a region (ECR User Guide, endpoints)."""
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"{account}.dkr.ecr.{region}.{suffix}"


def lambda_target(arn: str) -> ResourceId | None:
    """The function, version or alias that a Lambda ARN names; None for any other text."""
    found = _LAMBDA.fullmatch(arn)
    if not found:
        return None
    place = (found["account"], found["region"], found["name"])
    qualifier = found["qualifier"]
    if not qualifier or qualifier == "$LATEST":
        return function_id(*place)
    if qualifier.isdigit():
        return version_id(*place, qualifier)
    return alias_id(*place, qualifier)


def role_of(arn: str) -> ResourceId | None:
    """The role that an ARN names, path and all; None for any other text."""
    found = _ROLE.fullmatch(arn)
    return role_id(found["account"], found["rest"]) if found else None


@lru_cache(maxsize=4096)
def repository_key(url: str) -> str:
    """One spelling for all URLs of a git repository: ``github.com/owner/name`` in lower case.

    Scheme, user, port, ``.git``, query, fragment and a web view (``/tree/main/…``) are dropped;
    hosting services ignore case in names. A ``file://`` URL keeps its path. Anything else: ``""``.
    """
    text = url.strip().split("#")[0].split("?")[0]
    if local := _FILE.fullmatch(text):
        return local["path"].rstrip("/").removesuffix(".git")
    found = _URL.fullmatch(text) or _BARE.fullmatch(text) or _SCP.fullmatch(text)
    if not found:
        return ""
    path = _VIEW.sub("", found["path"].strip("/")).strip("/").removesuffix(".git")
    return f"{found['host']}/{path}".lower() if path else ""
