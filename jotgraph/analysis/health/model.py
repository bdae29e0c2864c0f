"""The type of findings."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

import msgspec

from jotgraph.analysis.health.commands import NO_COMMAND, Command
from jotgraph.analysis.lag.model import Standing
from jotgraph.records import ResourceId


class Severity(StrEnum):
    """How much a finding matters, worst first."""

    WRONG = "wrong"
    """It fails or will fail, or it is not what people believe it to be."""
    LOOK = "look"
    """It deserves a look."""
    REMARK = "remark"
    GOOD = "good"
    """It is a point in its favour."""
    UNKNOWN = "unknown"
    """It could not be judged, because something was not read."""


class Code(StrEnum):
    """Every kind of finding, worst first; ``TABLE`` has the words."""

    __hash__ = str.__hash__  # as of Relation

    BROKEN = "broken"
    REFUSED = "refused"
    FAILED = "failed"
    ROLE_MISSING = "role-missing"
    MISSING = "missing"
    DRIFT = "drift"
    CONFLICT = "conflict"
    RESCUABLE = "rescuable"
    ONLY_COPY = "only-copy"
    TEST_FAILED = "test-failed"
    VULNERABLE = "vulnerable"
    EXPIRING = "expiring"
    ARCHIVED = "archived"
    RESTORING = "restoring"
    ROLE_RECREATED = "role-recreated"
    IMAGE_UNREAD = "image-not-read"
    QUARANTINED = "quarantined"
    DIRTY_BUILD = "dirty-build"
    FILES_DIFFER = "files-differ"
    LAG = "lag"
    ORPHAN = "orphan"
    UNDEPLOYED = "undeployed"
    UNPUSHED = "unpushed"
    SOURCE_GONE = "source-gone"
    IDLE = "idle"
    UNREAD = "unread"
    ELSEWHERE = "elsewhere"
    TESTED = "tested"


class Fact(StrEnum):
    """A fact that rules need to judge a resource."""

    __hash__ = str.__hash__  # as of Relation

    IMAGE = "image"
    STATE = "state"
    TAG = "tag"
    INDEX = "index"
    POLICY = "policy"
    ROLE = "role"
    COMMIT = "commit"
    INVOCATIONS = "invocations"
    TAGS = "resource-tags"
    LIFECYCLE = "lifecycle-policy"
    VERSION = "version"
    USES = "uses"
    CONTENT = "files"
    VULNERABILITIES = "vulnerabilities"
    TESTS = "tests"

    @property
    def words(self) -> str:
        """For people."""
        return self.replace("-", " ")


class Finding(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One thing that is wrong with a resource, worth a look, or unknown."""

    resource: ResourceId
    """The resource that has the finding."""
    code: Code
    severity: Severity
    word: str
    """A few words for a cell or label: ``broken``, ``12 behind``, ``conflict: stale label``."""
    statement: str
    """One sentence with the facts that were read, whose subject is the resource."""
    next: Command = NO_COMMAND
    """The recommended command; empty when nothing is to be done."""
    about: ResourceId
    """Where the cause is: the missing image, the version an alias leads to, or the resource
    itself."""
    unread: Fact | None = None
    """The fact that was not read, if that kept the rule from judging."""
    version: str = ""
    """For an alias, the version that has the finding, or ``$LATEST``."""
    lag: Standing | None = None
    """For a lag, the place in history that it was measured from."""
    label: str = ""
    """The word without count and reason, where they differ: ``behind``, ``conflict``."""
    UNWRITTEN: ClassVar[frozenset[str]] = frozenset({"version", "lag", "label"})
    """Fields that JSON leaves out, because word and statement contain them."""

    @property
    def known(self) -> bool:
        """Whether it states a fact, rather than that something could not be judged."""
        return self.severity is not Severity.UNKNOWN
