"""The check of an inventory against a policy file, a gate for continuous integration.

A policy is TOML (or YAML, where PyYAML is installed); docs/policy-file.md describes every key.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import msgspec

from jotgraph.analysis.gates import DEPLOYED, STANDING, unread
from jotgraph.analysis.health import FAILING, Code
from jotgraph.analysis.lag import State
from jotgraph.analysis.usage import KEEP, Options
from jotgraph.analysis.usage.gaps import gap_words
from jotgraph.errors import OptionError
from jotgraph.graph import ResourceGraph, about, of_kind, record
from jotgraph.queries.answers.check import Checked, Violation
from jotgraph.queries.answers.orphans import Orphans
from jotgraph.queries.answers.staleness import Entry
from jotgraph.queries.find import find_commit
from jotgraph.queries.orphans import orphans, unread_for
from jotgraph.queries.staleness import staleness
from jotgraph.queries.where import where
from jotgraph.records import (
    EcrImage,
    Kind,
    ResourceId,
    as_id,
    key_of,
    name_of,
    qualifier_of,
    spellings,
)
from jotgraph.records.phrases import age, counted, days


class MustContain(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something must be in what an alias runs."""

    commit: str
    """A commit-ish: branch, tag or SHA."""
    alias: str = "*"
    """Shell pattern of alias names."""


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What must hold. A rule that is not set is not checked."""

    max_orphans: int | None = None
    max_orphans_of: dict[str, int] = {}
    """By kind: ``ecr-image = 0``."""
    max_orphan_bytes: int | None = None
    no_drift: tuple[str, ...] = ()
    """Shell patterns of alias names, of functions (``name``) or versions (``name:7``)."""
    no_broken: bool = False
    no_recreated_roles: bool = False
    max_lag: int | None = None
    """Commits behind the ref."""
    ref: str | None = None
    max_image_age_days: float | None = None
    """Of images that run."""
    no_gaps: bool = False
    must_contain: tuple[MustContain, ...] = ()
    protect: tuple[str, ...] = ()
    """Shell patterns of resources that must not be orphans: names without the kind."""
    keep: tuple[str, ...] = KEEP
    keep_last: int | None = None
    keep_images: int | None = None
    keep_days: float = 0
    ignore: tuple[str, ...] = ()
    assume_no: tuple[str, ...] = ()
    """Services that run no image of these accounts."""


def read_policy(path: str | Path) -> Policy:
    """Read a policy file. Raises OptionError, naming a misspelt key and the nearest known one."""
    source = Path(path)
    try:
        text = source.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise OptionError(
            f"there is no policy file {source}; name one with --policy, or write a first one with: "
            "jotgraph check --init"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise OptionError(f"the policy {source} cannot be read: {error}") from error
    if source.suffix in (".yaml", ".yml"):
        found = _yaml(source, text)
    else:
        try:
            found = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise OptionError(f"{source} is not TOML: {error}") from error
    return parse_policy(found, str(source))


def parse_policy(found: Mapping[str, Any], source: str = "the policy") -> Policy:
    """A mapping as a policy; ``-`` in keys is read as ``_``. Raises OptionError."""
    spelt = {str(key).replace("-", "_"): value for key, value in found.items()}
    _known(spelt, Policy.__struct_fields__, source)
    asked, kinds = spelt.get("must_contain"), spelt.get("max_orphans_of")
    for entry in asked if isinstance(asked, list) else ():
        if isinstance(entry, Mapping):
            _known(entry, MustContain.__struct_fields__, f"{source}, must_contain")
    for kind in kinds if isinstance(kinds, Mapping) else ():
        _known({str(kind): 0}, tuple(Kind), f"{source}, max_orphans_of")
    try:
        policy = msgspec.convert(spelt, Policy)
    except msgspec.ValidationError as error:
        raise OptionError(f"{source}: {error}") from error
    _options(policy).check()
    return policy


def check(graph: ResourceGraph, policy: Policy) -> Checked:
    """Hold an estate to a policy. Raises UnknownNameError for a commit that was not read."""
    judged = orphans(graph, options=_options(policy))
    entries = staleness(graph, policy.ref).functions
    found = [
        *_orphans(policy, judged),
        *_stale(policy, entries),
        *_ages(policy, graph, entries),
        *_gaps(policy, judged),
    ]
    contained, unknown = _contained(policy, graph)
    unknown += _matchless(policy, graph, entries)
    failed = sorted(_failed(policy, judged))
    return Checked(
        about=about(graph),
        rules=_rules(policy),
        violations=tuple(sorted([*found, *contained])),
        unknown=tuple(sorted([*unknown, *_unread(policy, entries), *failed])),
        failed=tuple(failed),
    )


_NOTHING = Policy()
_SETTINGS = frozenset(
    {"ref", "keep", "keep_last", "keep_images", "keep_days", "ignore", "assume_no"}
)


def _options(policy: Policy) -> Options:
    return Options(
        keep=policy.keep,
        keep_last=policy.keep_last,
        keep_images=policy.keep_images,
        keep_days=policy.keep_days,
        ignore=policy.ignore,
        assume_no=policy.assume_no,
    )


def _orphans(policy: Policy, judged: Orphans) -> Iterator[Violation]:
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
        said = f"orphans take {counted(size, 'byte')}, {policy.max_orphan_bytes:,} allowed"
        yield Violation("max_orphan_bytes", "", said)
    for judgement in judged.orphans:
        for pattern in policy.protect:
            if any(fnmatchcase(spelled, pattern) for spelled in spellings(judgement.id)):
                yield Violation(
                    "protect", judgement.id, f"protected by {pattern}: {judgement.because}"
                )


def _asked(policy: Policy) -> dict[Code, str]:
    """The rules of the policy that are about findings, by the code of these."""
    rules = {code: "no_broken" for code in FAILING if policy.no_broken}
    if policy.no_drift:
        rules[Code.DRIFT] = "no_drift"
    if policy.no_recreated_roles:
        rules[Code.ROLE_RECREATED] = "no_recreated_roles"
    return rules


def _stale(policy: Policy, entries: tuple[Entry, ...]) -> Iterator[Violation]:
    asked = _asked(policy)
    for entry in entries:
        for finding in entry.findings:
            rule = asked.get(finding.code) if finding.known else None
            if rule and (rule != "no_drift" or _named(entry.id, policy.no_drift)):
                yield Violation(rule, entry.id, finding.statement)
        # What is behind by commits that touch nothing of it does not lag.
        behind = (entry.lag.behind or 0) if entry.lag.lags else 0
        if policy.max_lag is not None and behind > policy.max_lag:
            yield Violation("max_lag", entry.id, f"{entry.lag.words()}, {policy.max_lag} allowed")


def _ages(policy: Policy, graph: ResourceGraph, entries: tuple[Entry, ...]) -> Iterator[Violation]:
    most = policy.max_image_age_days
    if most is None:
        return
    now = about(graph).taken_at
    for image in sorted({image for entry in entries for image in entry.runs}):
        node = record(graph, image)
        if isinstance(node, EcrImage) and node.pushed_at:
            number = (now - node.pushed_at).total_seconds() / 86400
            if number > most:
                said = f"pushed {age(number)}, {days(most)} allowed"
                yield Violation("max_image_age_days", image, said)


def _gaps(policy: Policy, judged: Orphans) -> Iterator[Violation]:
    if policy.no_gaps:
        for gap in judged.about.gaps:
            yield Violation("no_gaps", as_id(gap.resource) or "", gap_words(gap))


_VERDICTS = ("max_orphans", "max_orphan_bytes", "protect")
_STANDINGS = ("no_drift", "no_broken", "no_recreated_roles", "max_lag", "max_image_age_days")


def _failed(policy: Policy, judged: Orphans) -> Iterator[Violation]:
    """Rules that cannot pass, because what they need was not read."""
    reasons = {
        **dict.fromkeys(_VERDICTS, lambda: unread_for(judged)),
        "max_orphans_of": lambda: unread_for(judged, tuple(map(Kind, policy.max_orphans_of))),
        **dict.fromkeys(_STANDINGS, lambda: unread(judged.about, STANDING)),
        "must_contain": lambda: unread(judged.about, DEPLOYED),
        "no_gaps": lambda: unread(judged.about, ()),
    }
    for rule in _rules(policy):
        for reason in reasons[rule]():
            yield Violation(rule, "", reason)


def _rules(policy: Policy) -> tuple[str, ...]:
    """The rules that a policy sets, in the order of its fields."""
    fields = (field for field in Policy.__struct_fields__ if field not in _SETTINGS)
    return tuple(field for field in fields if getattr(policy, field) != getattr(_NOTHING, field))


def _contained(policy: Policy, graph: ResourceGraph) -> tuple[list[Violation], list[Violation]]:
    lacking, unknown = [], []
    for rule in policy.must_contain:
        commit = find_commit(graph, rule.commit)
        names = sorted({qualifier_of(resource) for resource in of_kind(graph, Kind.ALIAS)})
        for name in (name for name in names if fnmatchcase(name, rule.alias)):
            answer = where(graph, commit, alias=name)
            said = f"{rule.commit} ({key_of(commit)[:12]})"
            lacking += [
                Violation("must_contain", holder.id, f"lacks {said}: {holder.because}")
                for holder in answer.lacks
            ]
            unknown += [
                Violation("must_contain", holder.id, f"may lack {said}: {holder.because}")
                for holder in answer.unknown
            ]
    return lacking, unknown


def _unread(policy: Policy, entries: tuple[Entry, ...]) -> Iterator[Violation]:
    """What the rules could not judge: findings that say what was not read."""
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
        if policy.max_lag is not None and entry.lag.state is State.NOT_CURRENT:
            yield Violation("max_lag", entry.id, f"its commit is not on {entry.lag.ref}")


def _matchless(
    policy: Policy, graph: ResourceGraph, entries: tuple[Entry, ...]
) -> Iterator[Violation]:
    """Patterns that nothing read is called by: a rule about nothing holds, and says nothing."""
    for pattern in policy.no_drift:
        if pattern != "*" and not any(_named(entry.id, (pattern,)) for entry in entries):
            yield Violation("no_drift", "", f"nothing is named {pattern}")
    for pattern in policy.protect:
        names = (spelled for resource in of_kind(graph, *Kind) for spelled in spellings(resource))
        if pattern != "*" and not any(fnmatchcase(name, pattern) for name in names):
            yield Violation("protect", "", f"nothing is named {pattern}")
    aliases = {qualifier_of(resource) for resource in of_kind(graph, Kind.ALIAS)}
    for rule in policy.must_contain:
        if rule.alias != "*" and not any(fnmatchcase(name, rule.alias) for name in aliases):
            said = f"no alias is named {rule.alias}"
            yield Violation("must_contain", "", said)


def _named(resource: ResourceId, patterns: tuple[str, ...]) -> bool:
    """``live`` names an alias, ``checkout`` a function, ``checkout:7`` a version or alias."""
    name = name_of(resource)
    own = qualifier_of(resource) or name
    return any(fnmatchcase(name, pattern) or fnmatchcase(own, pattern) for pattern in patterns)


def _known(found: Mapping[str, Any], known: tuple[str, ...], source: str) -> None:
    for key in found:
        if key not in known:
            near = get_close_matches(key, known, n=1)
            hint = f"; did you mean {str(near[0])!r}?" if near else f"; known: {', '.join(known)}"
            raise OptionError(f"{source}: unknown key {key!r}{hint}")


def _yaml(source: Path, text: str) -> Mapping[str, Any]:
    try:
        import yaml  # type: ignore[import-untyped,unused-ignore] # noqa: PLC0415 -- optional
    except ImportError as error:
        needs = "reading YAML needs PyYAML (pip install 'jotgraph[yaml]'); TOML works without"
        raise OptionError(f"{source}: {needs}") from error
    try:
        found = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise OptionError(f"{source} is not YAML: {error}") from error
    if not isinstance(found, Mapping):
        raise OptionError(f"{source} is not a mapping of rules")
    return found
