"""What text names: image URIs of ECR, ARNs, git remotes, image references."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from jotgraph.records.ids import (
    ResourceId,
    alias_id,
    ecr_image_id,
    function_id,
    role_id,
    version_id,
)

SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
"""A full git revision: SHA-1 or SHA-256."""

LATEST_PUBLISHED = "$LATEST.PUBLISHED"
"""In place of a version's number: what was last published to the capacity provider on which a
function runs (API_PublishVersion, PublishTo)."""

_ECR = re.compile(
    r"(?i:(?:https?://)?(?P<account>\d{12})\.dkr[.-]ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\."
    r"(?:amazonaws\.[a-z.]+|on\.aws|on\.amazonwebservices\.com\.cn|c2s\.ic\.gov|sc2s\.sgov\.gov"
    r"|cloud\.adc-e\.uk|csp\.hci\.ic\.gov))"
    r"(?::\d+)?/(?P<rest>.+)"
)
_LAMBDA = re.compile(
    r"arn:[a-z-]+:lambda:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):function:"
    r"(?P<name>[A-Za-z0-9_-]+)(?::(?P<qualifier>\$LATEST(?:\.PUBLISHED)?|[A-Za-z0-9_-]+))?"
)
_ROLE = re.compile(r"arn:[a-z-]+:iam::(?P<account>\d{12}):role/(?P<rest>.+)")
_REFERRER = re.compile(r"sha256-(?P<hex>[0-9a-f]{64})(?:\.(?P<suffix>\w+))?")
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

    @property
    def path(self) -> str:
        """The name without the registry's host, which has a dot or a port, or is localhost."""
        host, _, rest = self.name.partition("/")
        return rest if rest and ("." in host or ":" in host or host == "localhost") else self.name


class EcrReference(NamedTuple):
    """An image reference whose registry is ECR."""

    account: str
    region: str
    repository: str
    tag: str
    digest: str

    @property
    def image_id(self) -> ResourceId:
        """The image that its digest names; of a reference without one, of no image."""
        return ecr_image_id(self.account, self.region, self.repository, self.digest)


class ReferrerTag(NamedTuple):
    """A tag by which one image says that it is about another."""

    digest: str
    suffix: str
    """What it is: ``sig``, ``att``, ``sbom``; empty for a SOCI index or a list of referrers."""


class Arn(NamedTuple):
    """An ARN taken apart."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @property
    def name(self) -> str:
        """The name of a queue, stream, table or cluster: the last word of the resource; of a
        table's stream the table, of a cluster not its UUID."""
        words = re.split("[:/]", self.resource)
        return words[1] if words[0] in ("table", "cluster") and len(words) > 1 else words[-1]


_REMEMBERED = lru_cache(maxsize=1 << 14)
"""Links, verdicts and findings each take apart the references and ARNs of every function."""


@_REMEMBERED
def reference(text: str) -> Reference:
    """Take ``[host[:port]/]path[:tag][@digest]`` apart."""
    name, _, digest = text.partition("@")
    head, slash, last = name.rpartition("/")
    last, _, tag = last.partition(":")
    return Reference(f"{head}{slash}{last}", tag, digest)


class PartialDigest(NamedTuple):
    """The beginning of a digest, as a person types it."""

    name: str
    """The repository before it, or empty."""
    hex: str
    marked: bool
    """It begins with ``sha256:`` or follows a repository: it is no commit and no container."""


def partial_digest(text: str) -> PartialDigest:
    """Take ``[name@][sha256:]1a2b`` apart."""
    name, _, digest = text.rpartition("@")
    digits = digest.lower().removeprefix("sha256:")
    return PartialDigest(name, digits, bool(name) or digest.startswith("sha256:"))


@_REMEMBERED
def ecr_reference(uri: str | None) -> EcrReference | None:
    """Take an ECR image URI apart; None for any other registry.

    Hosts are ``<account>.dkr.ecr[-fips].<region>.amazonaws.com[.cn]`` and, dual stack,
    ``<account>.dkr-ecr[-fips].<region>.on.aws`` (ECR User Guide, endpoints), in any case; blanks
    around it are not of it.
    """
    match = _ECR.fullmatch((uri or "").strip())
    if not match:
        return None
    name, tag, digest = reference(match["rest"])
    return EcrReference(match["account"], match["region"].lower(), name, tag, digest)


def referrer_tag(tag: str) -> ReferrerTag | None:
    """What a tag says of another image; None for any other tag. cosign (``.sig``, ``.att``,
    ``.sbom``; sigstore/cosign, specs/SIGNATURE_SPEC.md), SOCI and the OCI referrers fallback write
    a digest with ``-`` for ``:``."""
    match = _REFERRER.fullmatch(tag) if tag.startswith("sha256-") else None
    return ReferrerTag(f"sha256:{match['hex']}", match["suffix"] or "") if match else None


def arn_of(text: str) -> Arn | None:
    """Take ``arn:<partition>:<service>:<region>:<account>:<resource>`` apart; None for any other
    text."""
    parts = text.split(":", 5)
    return Arn(*parts[1:]) if len(parts) == 6 and parts[0] == "arn" else None


def task_definition(arn: str) -> tuple[str, int]:
    """Take ``arn:…:task-definition/<family>:<revision>`` apart. Raises ValueError for what has no
    revision."""
    family, _, revision = arn.rpartition("/")[2].rpartition(":")
    return family, int(revision)


def registry_host(account: str, region: str) -> str:
    """The host of an account's ECR registry in a region (ECR User Guide, endpoints)."""
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"{account}.dkr.ecr.{region}.{suffix}"


@_REMEMBERED
def lambda_target(arn: str) -> ResourceId | None:
    """The function, version or alias that a Lambda ARN names; None for any other text."""
    match = _LAMBDA.fullmatch(arn)
    if not match:
        return None
    place = (match["account"], match["region"], match["name"])
    qualifier = match["qualifier"]
    if not qualifier or qualifier == "$LATEST":
        return function_id(*place)
    if qualifier.isdigit() or qualifier == LATEST_PUBLISHED:
        return version_id(*place, qualifier)
    return alias_id(*place, qualifier)


def qualifier_in(arn: str) -> str:
    """The qualifier at the end of a function's ARN; empty where it has none."""
    match = _LAMBDA.fullmatch(arn)
    return (match["qualifier"] or "") if match else ""


def unqualified(arn: str) -> str:
    """The ARN of a function that the ARN of its ``$LATEST`` is about; any other as it is."""
    return arn.removesuffix(":$LATEST")


@_REMEMBERED
def role_of(arn: str) -> ResourceId | None:
    """The role that an ARN names, path and all; None for any other text."""
    match = _ROLE.fullmatch(arn)
    return role_id(match["account"], match["rest"]) if match else None


@lru_cache(maxsize=4096)
def repository_key(url: str) -> str:
    """One spelling for all URLs of a git repository: ``github.com/owner/name`` in lower case.

    Scheme, user, port, ``.git``, query, fragment and a web view (``/tree/main/…``) are dropped;
    hosting services ignore case in names. A ``file://`` URL keeps its path. Anything else: ``""``.
    """
    text = url.strip().split("#")[0].split("?")[0]
    if local := _FILE.fullmatch(text):
        return local["path"].rstrip("/").removesuffix(".git")
    match = _URL.fullmatch(text) or _BARE.fullmatch(text) or _SCP.fullmatch(text)
    if not match:
        return ""
    path = _VIEW.sub("", match["path"].strip("/")).strip("/").removesuffix(".git")
    return f"{match['host']}/{path}".lower() if path else ""
