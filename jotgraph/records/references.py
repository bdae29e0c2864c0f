"""Parsing of names in text: ECR image URIs, ARNs, git remotes, image references."""

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
FULL_DIGITS = (40, 64)
"""The numbers of hex digits of a full revision."""
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
"""A whole image digest."""
HEX_DIGEST = re.compile(r"[0-9a-f]{64}")
"""The hex digits of one."""
URL_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]*@")
"""User and password in a URL."""

LATEST_PUBLISHED = "$LATEST.PUBLISHED"
"""Qualifier in place of a version number: the latest version published to the function's capacity
provider (API_PublishVersion, PublishTo)."""

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
    """A parsed image reference; ``tag`` and ``digest`` are empty where it has none."""

    name: str
    tag: str
    digest: str

    @property
    def path(self) -> str:
        """The name without the registry's host. The first part is a host when it has a dot or a
        port, or is localhost."""
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
        """The id of the image that the digest names. A reference without a digest names none."""
        return ecr_image_id(self.account, self.region, self.repository, self.digest)


class ReferrerTag(NamedTuple):
    """A tag of the form that attaches one image to another."""

    digest: str
    suffix: str
    """The suffix: ``sig``, ``att``, ``sbom``; empty for a SOCI index or a list of referrers."""


class Arn(NamedTuple):
    """A parsed ARN."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @property
    def name(self) -> str:
        """The last word of the resource: the name of a queue, stream, table or cluster. For a
        table's stream it is the table, for a cluster the name without its UUID."""
        words = re.split("[:/]", self.resource)
        return words[1] if words[0] in ("table", "cluster") and len(words) > 1 else words[-1]


_REMEMBERED = lru_cache(maxsize=1 << 14)
"""Size of the caches: links, verdicts and findings each parse the references and ARNs of every
function."""


@_REMEMBERED
def reference(text: str) -> Reference:
    """Parse ``[host[:port]/]path[:tag][@digest]``."""
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
    """Whether it begins with ``sha256:`` or follows a repository, so that it is no commit and no
    container."""


def partial_digest(text: str) -> PartialDigest:
    """Parse ``[name@][sha256:]1a2b``; None for any other text."""
    name, _, digest = text.rpartition("@")
    digits = digest.lower().removeprefix("sha256:")
    return PartialDigest(name, digits, bool(name) or digest.startswith("sha256:"))


@_REMEMBERED
def ecr_reference(uri: str | None) -> EcrReference | None:
    """Parse an ECR image URI; None for any other registry.

    Hosts are ``<account>.dkr.ecr[-fips].<region>.amazonaws.com[.cn]`` and, dual stack,
    ``<account>.dkr-ecr[-fips].<region>.on.aws`` (ECR User Guide, endpoints), in any case.
    Surrounding blanks are ignored.
    """
    match = _ECR.fullmatch((uri or "").strip())
    if not match:
        return None
    name, tag, digest = reference(match["rest"])
    return EcrReference(match["account"], match["region"].lower(), name, tag, digest)


def referrer_tag(tag: str) -> ReferrerTag | None:
    """Parse a tag that attaches one image to another; None for any other tag. cosign (``.sig``,
    ``.att``, ``.sbom``; sigstore/cosign, specs/SIGNATURE_SPEC.md), SOCI and the OCI referrers
    fallback write a digest with ``-`` for ``:``."""
    match = _REFERRER.fullmatch(tag) if tag.startswith("sha256-") else None
    return ReferrerTag(f"sha256:{match['hex']}", match["suffix"] or "") if match else None


def arn_of(text: str) -> Arn | None:
    """Parse ``arn:<partition>:<service>:<region>:<account>:<resource>``; None for any other
    text."""
    parts = text.split(":", 5)
    return Arn(*parts[1:]) if len(parts) == 6 and parts[0] == "arn" else None


def task_definition(arn: str) -> tuple[str, int]:
    """Parse ``arn:…:task-definition/<family>:<revision>``. Raises ValueError when the revision is
    missing."""
    family, _, revision = arn.rpartition("/")[2].rpartition(":")
    return family, int(revision)


def registry_host(account: str, region: str) -> str:
    """Return the host of an account's ECR registry in a region (ECR User Guide, endpoints)."""
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"{account}.dkr.ecr.{region}.{suffix}"


@_REMEMBERED
def lambda_target(arn: str) -> ResourceId | None:
    """Return the id of the function, version or alias in a Lambda ARN; None for any other text."""
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
    """Return the qualifier at the end of a function's ARN; empty where it has none."""
    match = _LAMBDA.fullmatch(arn)
    return (match["qualifier"] or "") if match else ""


def unqualified(arn: str) -> str:
    """Return a function's ARN without ``:$LATEST``; any other ARN unchanged."""
    return arn.removesuffix(":$LATEST")


@_REMEMBERED
def role_of(arn: str) -> ResourceId | None:
    """Return the id of the role in an ARN, path included; None for any other text."""
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
