"""The rules of a policy file, and their checks."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

from jotgraph.analysis.gates import DEPLOYED, RUNNING, STANDING, failed, unread
from jotgraph.analysis.health import FAILING, Code
from jotgraph.analysis.health.model import Fact
from jotgraph.analysis.lag import LagState
from jotgraph.analysis.usage.gaps import gap_words
from jotgraph.analysis.vulnerabilities import critical_running
from jotgraph.graph import ResourceGraph, about, of_kind, record
from jotgraph.policy_check.policy import Policy, options_of
from jotgraph.policy_check.tests_required import tests_required
from jotgraph.queries.answers.check import Checked, Violation
from jotgraph.queries.answers.orphans import Orphans
from jotgraph.queries.answers.staleness import StaleEntry
from jotgraph.queries.find import find_commit
from jotgraph.queries.orphans import orphans, unread_for
from jotgraph.queries.staleness import staleness
from jotgraph.queries.where import where
from jotgraph.records import (
    EcrImage,
    Kind,
    ResourceId,
    as_id,
    name_of,
    qualifier_of,
)
from jotgraph.records.ids import short
from jotgraph.records.phrases import age, counted, days
from jotgraph.records.titles import spellings_of


def check(graph: ResourceGraph, policy: Policy) -> Checked:
    """Check an inventory against a policy. Raises UnknownNameError for a commit that was not
    read."""
    judged = orphans(graph, options=options_of(policy))
    entries = staleness(graph, policy.ref).functions
    ages = _ages(policy, graph, entries)
    violations = [
        *_orphans(policy, graph, judged),
        *_stale(policy, entries),
        *ages.over,
        *_gaps(policy, judged),
    ]
    contained, unknown = _contained(policy, graph)
    unknown += [*ages.unknown, *_matchless(policy, graph, entries)]
    tests = tests_required(policy.require_tested, graph, policy.ref)
    scanned = _critical(policy, graph)
    violations += [*scanned.violations, *tests.violations]
    unknown += [*scanned.unknown, *tests.unknown]
    cannot_pass = sorted([*_failed(policy, judged), *scanned.failed, *tests.failed])
    return Checked(
        about=about(graph),
        rules=rules_of(policy),
        violations=tuple(sorted([*violations, *contained])),
        unknown=tuple(sorted([*unknown, *_unread(policy, entries), *cannot_pass])),
        failed=tuple(cannot_pass),
    )


_NOTHING = Policy()
_SETTINGS = frozenset(
    {
        "ref",
        "keep",
        "keep_last",
        "keep_images",
        "keep_days",
        "ignore",
        "assume_no",
        "allow_unscanned",
        "apply",
    }
)


def _orphans(policy: Policy, graph: ResourceGraph, judged: Orphans) -> Iterator[Violation]:
    count = len(judged.orphans)
    if policy.max_orphans is not None and count > policy.max_orphans:
        yield Violation(
            "max_orphans", "", f"{counted(count, 'orphan')}, {policy.max_orphans} allowed"
        )
    for kind, most in sorted(policy.max_orphans_of.items()):
        number = sum(orphan.kind == kind for orphan in judged.orphans)
        if number > most:
            yield Violation(
                "max_orphans_of", "", f"{counted(number, 'orphan')} of {kind}, {most} allowed"
            )
    size = judged.freed.ecr + judged.freed.local
    if policy.max_orphan_bytes is not None and size > policy.max_orphan_bytes:
        statement = f"orphans take {counted(size, 'byte')}, {policy.max_orphan_bytes:,} allowed"
        yield Violation("max_orphan_bytes", "", statement)
    for judgement in judged.orphans if policy.protect else ():
        names = spellings_of(record(graph, judgement.id))
        for pattern in policy.protect:
            if any(fnmatchcase(name, pattern) for name in names):
                yield Violation(
                    "protect", judgement.id, f"protected by {pattern}: {judgement.because}"
                )


def _asked(policy: Policy) -> dict[Code, str]:
    """The rules of the policy about findings, by code."""
    rules = {code: "no_broken" for code in FAILING if policy.no_broken}
    if policy.no_drift:
        rules[Code.DRIFT] = "no_drift"
    if policy.no_recreated_roles:
        rules[Code.ROLE_RECREATED] = "no_recreated_roles"
    return rules


def _stale(policy: Policy, entries: tuple[StaleEntry, ...]) -> Iterator[Violation]:
    asked = _asked(policy)
    for entry in entries:
        for finding in entry.findings:
            rule = asked.get(finding.code) if finding.known else None
            if rule and (rule != "no_drift" or _named(entry.id, policy.no_drift)):
                yield Violation(rule, entry.id, finding.statement)
        # What is behind by commits that touch nothing of it does not lag.
        lags = Code.LAG in entry.states and entry.lag.lags
        behind = (entry.lag.behind or 0) if lags else 0
        if policy.max_lag is not None and behind > policy.max_lag:
            yield Violation("max_lag", entry.id, f"{entry.lag.words()}, {policy.max_lag} allowed")


class _Ages(NamedTuple):
    """The result of ``max_image_age_days``."""

    over: tuple[Violation, ...] = ()
    unknown: tuple[Violation, ...] = ()


def _ages(policy: Policy, graph: ResourceGraph, entries: tuple[StaleEntry, ...]) -> _Ages:
    most, rule = policy.max_image_age_days, "max_image_age_days"
    if most is None:
        return _Ages()
    now = about(graph).taken_at
    over, unknown = list[Violation](), list[Violation]()
    for entry in entries:
        if not entry.runs and any(finding.unread is Fact.IMAGE for finding in entry.findings):
            unknown.append(Violation(rule, entry.id, "which image it runs was not read"))
    for image in sorted({image for entry in entries for image in entry.runs}):
        node = record(graph, image)
        if not isinstance(node, EcrImage) or node.pushed_at is None:
            unknown.append(Violation(rule, image, "when it was pushed was not read"))
            continue
        number = (now - node.pushed_at).total_seconds() / 86400
        if number > most:
            statement = f"pushed {age(number)}, {days(most)} allowed"
            over.append(Violation(rule, image, statement))
    return _Ages(tuple(over), tuple(unknown))


class _Scanned(NamedTuple):
    """The result of ``max_critical_running``."""

    violations: tuple[Violation, ...] = ()
    unknown: tuple[Violation, ...] = ()
    failed: tuple[Violation, ...] = ()


def _critical(policy: Policy, graph: ResourceGraph) -> _Scanned:
    """Check the number of critical vulnerabilities in what runs. An image without a valid scan has
    an unknown number: unless the policy allows that, the rule cannot pass."""
    most, rule = policy.max_critical_running, "max_critical_running"
    if most is None:
        return _Scanned()
    critical = critical_running(graph)
    over: tuple[Violation, ...] = ()
    if critical.count > most:
        statement = f"what runs has {critical.count:,} critical vulnerabilities, {most:,} allowed"
        of_images = (
            Violation(rule, image, f"it runs, and has {count:,} critical vulnerabilities")
            for image, count in critical.images
        )
        over = (Violation(rule, "", statement), *of_images)
    unknown = tuple(Violation(rule, resource, because) for resource, because in critical.unknown)
    if not unknown or policy.allow_unscanned:
        return _Scanned(over, unknown)
    several = counted(len(unknown), "resource")
    statement = (
        f"the vulnerabilities of {several} that run are not known ({unknown[0].because}); "
        "allow_unscanned = true lets them pass"
    )
    return _Scanned(over, unknown, (Violation(rule, "", statement),))


def _gaps(policy: Policy, judged: Orphans) -> Iterator[Violation]:
    if policy.no_gaps:
        for gap in failed(judged.about):
            yield Violation("no_gaps", as_id(gap.resource) or "", gap_words(gap))


_VERDICTS = ("max_orphans", "max_orphan_bytes", "protect")
_STANDINGS = ("no_drift", "no_broken", "no_recreated_roles", "max_lag", "max_image_age_days")


def _failed(policy: Policy, judged: Orphans) -> Iterator[Violation]:
    """Rules that cannot pass, because something they need was not read."""
    reasons = {
        **dict.fromkeys(_VERDICTS, lambda: unread_for(judged)),
        "max_orphans_of": lambda: unread_for(judged, tuple(map(Kind, policy.max_orphans_of))),
        **dict.fromkeys(_STANDINGS, lambda: unread(judged.about, STANDING)),
        "max_critical_running": lambda: unread(judged.about, RUNNING),
        "must_contain": lambda: unread(judged.about, DEPLOYED),
        "require_tested": lambda: unread(judged.about, DEPLOYED),
        "no_gaps": lambda: unread(judged.about, ()),
    }
    for rule in rules_of(policy):
        for reason in reasons[rule]():
            yield Violation(rule, "", reason)


def rules_of(policy: Policy) -> tuple[str, ...]:
    """Return the rules that a policy sets, in the order of its fields."""
    fields = (field for field in Policy.__struct_fields__ if field not in _SETTINGS)
    return tuple(field for field in fields if getattr(policy, field) != getattr(_NOTHING, field))


def _contained(policy: Policy, graph: ResourceGraph) -> tuple[list[Violation], list[Violation]]:
    lacking, unknown = [], []
    for rule in policy.must_contain:
        commit = find_commit(graph, rule.commit)
        names = sorted({qualifier_of(resource) for resource in of_kind(graph, Kind.ALIAS)})
        for name in (name for name in names if fnmatchcase(name, rule.alias)):
            answer = where(graph, commit, alias=name)
            wanted = f"{rule.commit} ({short(commit)})"
            lacking += [
                Violation("must_contain", holder.id, f"lacks {wanted}: {holder.because}")
                for holder in answer.lacks
            ]
            unknown += [
                Violation("must_contain", holder.id, f"may lack {wanted}: {holder.because}")
                for holder in answer.unknown
            ]
    return lacking, unknown


def _unread(policy: Policy, entries: tuple[StaleEntry, ...]) -> Iterator[Violation]:
    """What the rules could not judge: findings about something unread."""
    asked = _asked(policy)
    if policy.no_broken:
        asked[Code.IMAGE_UNREAD] = "no_broken"
    if policy.max_lag is not None:
        asked[Code.LAG] = "max_lag"
    for entry in entries:
        for finding in entry.findings:
            rule = asked.get(finding.code) if finding.unread else None
            if rule and (rule != "no_drift" or _named(entry.id, policy.no_drift)):
                yield Violation(rule, entry.id, finding.statement)
        if policy.max_lag is not None and entry.lag.state is LagState.NOT_CURRENT:
            yield Violation("max_lag", entry.id, f"its commit is not on {entry.lag.ref}")


def _matchless(
    policy: Policy, graph: ResourceGraph, entries: tuple[StaleEntry, ...]
) -> Iterator[Violation]:
    """Patterns that match nothing that was read: such a rule passes and proves nothing."""
    for pattern in policy.no_drift:
        if pattern != "*" and not any(_named(entry.id, (pattern,)) for entry in entries):
            yield Violation("no_drift", "", f"nothing is named {pattern}")
    for pattern in policy.protect:
        names = (
            spelled
            for resource in of_kind(graph, *Kind)
            for spelled in spellings_of(record(graph, resource))
        )
        if pattern != "*" and not any(fnmatchcase(name, pattern) for name in names):
            yield Violation("protect", "", f"nothing is named {pattern}")
    aliases = {qualifier_of(resource) for resource in of_kind(graph, Kind.ALIAS)}
    for rule in policy.must_contain:
        if rule.alias != "*" and not any(fnmatchcase(name, rule.alias) for name in aliases):
            statement = f"no alias is named {rule.alias}"
            yield Violation("must_contain", "", statement)


def _named(resource: ResourceId, patterns: tuple[str, ...]) -> bool:
    """``live`` names an alias, ``checkout`` a function, ``checkout:7`` a version or alias."""
    name = name_of(resource)
    own = qualifier_of(resource) or name
    return any(fnmatchcase(name, pattern) or fnmatchcase(own, pattern) for pattern in patterns)
