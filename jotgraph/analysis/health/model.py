"""What a finding is."""

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
    """It fails, or will; or it is not what people believe it to be."""
    LOOK = "look"
    """It deserves a look."""
    REMARK = "remark"
    GOOD = "good"
    """It speaks for it."""
    UNKNOWN = "unknown"
    """It could not be judged, because something was not read."""


class Code(StrEnum):
    """Everything that may be said of a resource, worst first; ``TABLE`` has the words."""

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
    """What a rule needs to judge a resource."""

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
    """One thing that is wrong with a resource, worth a look, or not known of it."""

    resource: ResourceId
    """Whose finding it is."""
    code: Code
    severity: Severity
    word: str
    """What a cell or a label has room for: ``broken``, ``12 behind``, ``conflict: stale label``."""
    statement: str
    """One sentence with the facts that were read; the resource is its subject."""
    next: Command = NO_COMMAND
    """The command to run next; none where there is nothing to do."""
    about: ResourceId
    """Where the fault lies: the image that is gone, the version an alias leads to, or the resource
    itself."""
    unread: Fact | None = None
    """What was not read, so that the rule could not judge."""
    version: str = ""
    """Of an alias: the version whose finding it is, or ``$LATEST``."""
    lag: Standing | None = None
    """Of a lag: where the commits stand that it tells of."""
    label: str = ""
    """Its word without a count or a reason, where it has one: ``behind``, ``conflict``."""
    UNWRITTEN: ClassVar[frozenset[str]] = frozenset({"version", "lag", "label"})
    """What JSON leaves out: word and statement say it."""

    @property
    def known(self) -> bool:
        """Whether it says what is, and not what could not be judged."""
        return self.severity is not Severity.UNKNOWN
