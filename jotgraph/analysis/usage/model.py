"""Verdicts, doubts, and the options that decide them."""

from __future__ import annotations

from difflib import get_close_matches
from enum import StrEnum
from typing import ClassVar

import msgspec

from jotgraph.errors import OptionError
from jotgraph.records.kinds import CONSUMERS, SERVICES


def code_of(service: str) -> str:
    """Return the code of the doubt about an unread service; for EKS the one about its pods."""
    return "cluster-unread" if service == "eks" else f"{service}-unread"


KEEP = ("latest", "main", "master", "prod*", "stable")
"""Shell patterns of tags that keep an image by default."""

DOUBTS = {
    **{code_of(service): f"what {service} runs was not read" for service in CONSUMERS},
    "age-unknown": "its time of creation was not read",
    "age-young": "pushed, created or changed too recently",
    "artifact": "no service that was read could run it, so nothing shows that it is unused",
    "container-new": "a container that was never started, or whose state is unknown",
    "copy-needed": "a function runs this image and no readable copy is in ECR",
    "digest-unread": "which digest of its repository a workload runs was not read",
    "durable-unread": "whether a durable execution waits in a version was not read",
    "edge": "Lambda@Edge replicas are not read",
    "gap": "something that could use it was not read",
    "in-doubt": "a resource that is itself in doubt uses it",
    "invocations-unread": "invocations were not read",
    "kept-newest": "among the newest of its repository or function (kept by policy)",
    "kept-recent": "pushed, pulled or published recently (kept by policy)",
    "kept-tag": "one of its tags matches a keep pattern",
    "log-shared": "something other than functions may write to a log group with this name",
    "may-run": "an older revision names it, and would run it if started",
    "managed": "managed by a stack or another tool",
    "manifest-unread": "an index whose children were not read",
    "no-caller-known": "direct calls by ARN leave no trace",
    "not-empty": "not empty",
    "only-copy": "the only known copy",
    "other-principal": "its repository admits a role or user that may run it anywhere",
    "outside-account": "its repository admits an account, organization or service not read",
    "policy-unread": "who may use it was not read",
    "provisioned-unread": "whether a version is kept ready for calls was not read",
    "pulled": "pulled recently",
    "pull-through": "filled by a pull-through cache rule",
    "pulls-hidden": "some pulls are not recorded, so it may have been pulled without a record",
    "quarantined": "in quarantine, to be released or swept",
    "regions-unread": "a function in a region that was not read may assume it",
    "registry-unread": "replication and pull-through rules were not read",
    "replication": "images of its registry are replicated",
    "restored": "restored from the archive recently",
    "role-instance-profile": "in an instance profile",
    "role-service-linked": "belongs to an AWS service",
    "role-trust": "something other than Lambda may assume it",
    "role-used": "used recently",
    "role-used-elsewhere": "last used in a region that was not read",
    "role-young": "created recently, and may be for something that is not deployed yet",
    "runs-unread": "which image, role or log group a function uses was not read",
    "tag-unread": "the tag that a function was deployed from was not read",
    "used-by-namespace": "the list of what a cluster runs covers one namespace only",
    "used-by-old": "a list of images in use is older than a day",
    "used-lately": "ECS or EKS used it recently, according to Inspector",
    "tags-unread": "whether a stack manages it was not read",
}
"""The meaning of every doubt, by code."""

CONSUMERS_UNREAD = frozenset(map(code_of, CONSUMERS))
"""Doubts that an unread service uses a resource; ``assume_no`` names services that do not."""

UNREAD = CONSUMERS_UNREAD | {
    "gap", "digest-unread", "durable-unread", "runs-unread", "manifest-unread", "tag-unread",
    "tags-unread", "policy-unread", "provisioned-unread", "regions-unread", "used-by-namespace",
}  # fmt: skip
"""Doubts about something unread, which make a plan incomplete."""

NEVER_IGNORED = UNREAD | {
    "registry-unread", "invocations-unread", "age-unknown", "in-doubt", "copy-needed",
}  # fmt: skip
"""Doubts that no option sets aside: a user may exist unread, and reading less must never turn what
is in use into an orphan."""


OUTSIDE = "outside-scope"
"""Prefix of doubts from a place that the scan was not asked to read."""


def service_of(code: str) -> str:
    """Return the service in a doubt of ``CONSUMERS_UNREAD``; empty for any other doubt."""
    return _SERVICES.get(code, "")


_SERVICES = {code_of(service): service for service in CONSUMERS}


class Verdict(StrEnum):
    """What is known about the use of a resource."""

    __hash__ = str.__hash__  # that of Enum is written in Python, and takes ten times as long

    IN_USE = "in-use"
    ORPHAN = "orphan"
    UNKNOWN = "unknown"


class Doubt(msgspec.Struct, frozen=True, order=True):
    """A reason why a resource may be in use unseen."""

    code: str
    """A code of ``DOUBTS``."""
    statement: str
    """The reason in one sentence, with what it is about."""
    gap: str = ""
    """The name of its gap, which ``--accept-gaps`` takes."""
    about: str = ""
    """What it is about, for doubts that can occur several times."""
    UNWRITTEN: ClassVar[frozenset[str]] = frozenset({"about"})
    """Fields that JSON leaves out, because the statement contains them."""

    @property
    def name(self) -> str:
        """The name by which a plan tells this doubt from others."""
        return f"{self.code}: {self.about}" if self.about else self.gap or self.code

    @property
    def unread(self) -> str:
        """What was not read, as ``--accept-gaps`` names it; empty for a doubt from something
        read."""
        return (self.gap or self.code) if self.code in UNREAD else ""

    @property
    def service(self) -> str:
        """The unread service that may use the resource; empty for any other doubt."""
        if self.gap == OUTSIDE or self.gap.startswith("lambda:"):
            return "lambda"
        return service_of(self.code)


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What keeps a resource from being an orphan. Days are counted back from the time of the
    scan."""

    keep: tuple[str, ...] = KEEP
    """Shell patterns; an image with a matching tag is kept, so its verdict is UNKNOWN."""
    young_days: float = 1
    pulled_days: float = 7
    """Days for which a pull keeps an image in doubt when every service that could run it was
    read."""
    pulled_days_elsewhere: float = 90
    """The same when some service was not read: a pull may then be the only sign of it."""
    role_young_days: float = 30
    role_used_days: float = 90
    keep_last: int | None = None
    """How many of the newest versions of each function to keep. None: no policy, and every version
    without a known caller is UNKNOWN."""
    keep_images: int | None = None
    """How many of the newest images of each ECR repository to keep for a rollback. None: the newest
    one of a repository that something runs from, since it may be about to be deployed."""
    keep_days: float = 0
    """The rollback window in days: images pushed or pulled, and versions published, within it are
    UNKNOWN. 0 keeps none. Lambda pulls an image when a function is created or updated, so recent
    deployments are within it."""
    idle_functions: bool = False
    """Whether to judge functions too; otherwise each function counts as used."""
    ignore: tuple[str, ...] = ()
    """Codes of doubts to ignore."""
    assume_no: tuple[str, ...] = ()
    """Services that the user declares to run no image of these accounts: their gaps raise no doubt.
    ``lambda`` is about the regions that were not scanned."""

    def check(self) -> None:
        """Check the options. Raises OptionError for an unknown doubt, one that cannot be ignored,
        or a negative number."""
        for name in ("keep_last", "keep_images", "keep_days"):
            if (getattr(self, name) or 0) < 0:
                raise OptionError(f"{name} is {getattr(self, name):g}; it must be 0 or more")
        for service in self.assume_no:
            if service not in SERVICES:
                known = ", ".join(SERVICES)
                raise OptionError(f"assume-no: unknown service {service!r}; known: {known}")
        for code in self.ignore:
            if code in NEVER_IGNORED:
                raise OptionError(f"the doubt {code!r} cannot be ignored: {DOUBTS[code]}")
            if code not in DOUBTS:
                near = get_close_matches(code, DOUBTS, n=1)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                raise OptionError(f"unknown doubt {code!r}{hint}")
