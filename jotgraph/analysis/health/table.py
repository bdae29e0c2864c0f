"""The words and severities of all findings, in the one table that every view uses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from jotgraph.analysis.health.commands import ours
from jotgraph.analysis.health.model import Code, Fact, Finding, Severity


class CodeWords(NamedTuple):
    """The words for findings of one code."""

    severity: Severity
    word: str
    means: str
    """A general description for legends and help; each finding has its own sentence."""


_WRONG, _LOOK, _REMARK = Severity.WRONG, Severity.LOOK, Severity.REMARK

TABLE: Mapping[Code, CodeWords] = MappingProxyType(
    {
        Code.BROKEN: CodeWords(
            _WRONG,
            "broken",
            "the image it runs is gone from ECR, archived or invalid: the function fails when "
            "Lambda next loads it",
        ),
        Code.REFUSED: CodeWords(
            _WRONG, "refused", "Lambda may not read the image it runs: it fails on the next load"
        ),
        Code.FAILED: CodeWords(
            _WRONG, "failed", "Lambda reports that the function, or its last update, failed"
        ),
        Code.ROLE_MISSING: CodeWords(_WRONG, "role missing", "the role it assumes is gone"),
        Code.MISSING: CodeWords(_WRONG, "missing", "referenced, and not found where it should be"),
        Code.DRIFT: CodeWords(
            _WRONG, "drift", "the tag it was deployed from names another image than the one it runs"
        ),
        Code.CONFLICT: CodeWords(_WRONG, "conflict", "strong claims about its commit disagree"),
        Code.RESCUABLE: CodeWords(
            _LOOK, "rescuable", "the image it runs is lost, and a copy exists or may exist"
        ),
        Code.ONLY_COPY: CodeWords(
            _LOOK, "only copy", "neither an identical image nor a commit with its files is known"
        ),
        Code.TEST_FAILED: CodeWords(
            _LOOK, "test failed", "one of its tests failed when it last ran"
        ),
        Code.VULNERABLE: CodeWords(
            _LOOK,
            "vulnerable",
            "the last scan of the image that runs found critical vulnerabilities",
        ),
        Code.EXPIRING: CodeWords(
            _LOOK, "expiring", "a lifecycle policy will soon expire or archive the image in use"
        ),
        Code.ARCHIVED: CodeWords(_LOOK, "archived", "ECR archived it: it cannot be pulled"),
        Code.RESTORING: CodeWords(
            _LOOK, "restoring", "ECR is restoring the image from the archive; until then no pull"
        ),
        Code.ROLE_RECREATED: CodeWords(
            _LOOK,
            "role recreated",
            "its role was deleted and created again: grants to the old role are lost",
        ),
        Code.IMAGE_UNREAD: CodeWords(
            _LOOK, "image not read", "it runs an image from a place that was not read"
        ),
        Code.QUARANTINED: CodeWords(
            _LOOK,
            "quarantined",
            "a run of jotgraph put it in quarantine: release it, or sweep it later",
        ),
        Code.DIRTY_BUILD: CodeWords(_LOOK, "dirty build", "it was built from uncommitted changes"),
        Code.FILES_DIFFER: CodeWords(
            _LOOK, "files differ", "files of the image differ from those of every commit read"
        ),
        Code.LAG: CodeWords(_LOOK, "lag", "commits on the ref would change what it runs"),
        Code.ORPHAN: CodeWords(_LOOK, "orphan", "nothing that was read uses it"),
        Code.UNDEPLOYED: CodeWords(
            _REMARK,
            "newer image",
            "its repository holds a newer image than the one that runs, and nothing runs it",
        ),
        Code.UNPUSHED: CodeWords(
            _REMARK,
            "not pushed",
            "it was built after the last push to the repository with its name",
        ),
        Code.SOURCE_GONE: CodeWords(
            _REMARK, "source gone", "the folder it was built from is no longer in the repository"
        ),
        Code.IDLE: CodeWords(_REMARK, "idle", "nobody called it in the period that was read"),
        Code.UNREAD: CodeWords(_REMARK, "not read", "referenced, and not read"),
        Code.ELSEWHERE: CodeWords(
            _REMARK, "elsewhere", "a commit that is in no git repository that was read"
        ),
        Code.TESTED: CodeWords(
            Severity.GOOD, "tested", "each of its tests passed when it last ran"
        ),
    }
)

SCAN: Mapping[Fact, str] = MappingProxyType(
    {
        Fact.IMAGE: "",
        Fact.STATE: "--refresh",
        Fact.TAG: "--refresh",
        Fact.INDEX: "",
        Fact.POLICY: "",
        Fact.ROLE: "",
        Fact.COMMIT: "--content",
        Fact.INVOCATIONS: "--usage",
        Fact.TAGS: "--refresh",
        Fact.LIFECYCLE: "",
        Fact.VERSION: "",
        Fact.USES: "",
        Fact.CONTENT: "--content",
        Fact.VULNERABILITIES: "--vulnerabilities",
        Fact.TESTS: "",
    }
)
"""The option of ``scan`` that reads a fact which a plain scan may leave out."""

UNREAD = {fact: f"{fact.words} not read" for fact in SCAN}
"""A fact in a cell."""

READS = {fact: ours("scan", *filter(None, [option])) for fact, option in SCAN.items()}
"""The command that reads a fact."""

FAILING = frozenset({Code.BROKEN, Code.REFUSED, Code.FAILED, Code.ROLE_MISSING})
"""It does not work, or will fail when Lambda loads it again."""

RANKS = {code: rank for rank, code in enumerate(Code)}
"""The worst first."""

OUTDATED = FAILING | {Code.ROLE_RECREATED, Code.DRIFT, Code.LAG, Code.IDLE}
"""The codes that ``stale --check`` fails for: out of date, broken or not called."""


def states(findings: Iterable[Finding]) -> tuple[Code, ...]:
    """Return the codes of known findings, worst first."""
    return tuple(
        sorted({finding.code for finding in findings if finding.known}, key=RANKS.__getitem__)
    )


def order(finding: Finding) -> tuple[bool, int, str, str]:
    """A sort key for findings: known before unknown, then the worst first."""
    unknown = finding.severity is Severity.UNKNOWN
    return (unknown, RANKS[finding.code], finding.about, finding.statement)


def unread(findings: Iterable[Finding]) -> tuple[Fact, ...]:
    """Return the facts that were not read, so that something could not be judged."""
    missing = {finding.unread for finding in findings if finding.unread is not None}
    return tuple(fact for fact in Fact if fact in missing)
