"""The words of one row of the table of deployments."""

from __future__ import annotations

from typing import NamedTuple

from jotgraph.analysis.health.model import Code, Finding
from jotgraph.analysis.lag.model import Standing
from jotgraph.queries.answers.jots import AliasRoute, Jot, JotCommit
from jotgraph.records import key_of, name_of, qualifier_of
from jotgraph.records.ids import short
from jotgraph.records.phrases import counted
from jotgraph.render.answers.findings import SEVERITY_STYLE
from jotgraph.render.answers.labels import first_tag


def function_words(jot: Jot) -> str:
    """Return ``checkout:7`` or, for ``$LATEST``, ``checkout``; for a workload ``ecs prod/web``."""
    if not jot.function:
        return ""
    if jot.service:
        return f"{jot.service} {jot.function}"
    first = jot.qualifiers[0]
    return jot.function if first == "$LATEST" else f"{jot.function}:{first}"


def route_words(jot: Jot) -> str:
    """Return other versions of the same code, and aliases: ``=7, prod, canary 10%``."""
    same = [f"={qualifier}" for qualifier in jot.qualifiers[1:]]
    return ", ".join([*same, *(_route(route) for route in jot.routes)])


def commit_words(commit: JotCommit) -> str:
    """``1a2b3c4d5``, or ``1a2b3c4d5 +8`` for a set of nine."""
    return short(commit.commit) + (f" +{commit.more}" if commit.more else "")


def files_words(commit: JotCommit) -> str:
    """Return ``1 file differs, 2 untracked``; empty if the files are the commit's."""
    words = []
    if commit.modified:
        words.append(f"{counted(commit.modified, 'file')} differ{'s' * (commit.modified == 1)}")
    if commit.untracked:
        words.append(f"{commit.untracked:,} untracked")
    return ", ".join(words)


def whole_commit_words(commit: JotCommit) -> str:
    """``1a2b3c4d5 +8, 1 file differs``."""
    return ", ".join(filter(None, (commit_words(commit), files_words(commit))))


def image_words(jot: Jot) -> str:
    """``shop/checkout:1.4 @1a2b3c4d5``."""
    if jot.image is None:
        return ""
    tags = f":{','.join(jot.image.tags)}" if jot.image.tags else _untagged(jot)
    return f"{jot.image.repository}{tags} @{short(jot.image.digest)}"


def tag_words(jot: Jot) -> str:
    """Return ``:1.4 +2``: the first tag of the image and the number of others; empty without
    one."""
    return f":{first_tag(jot.image.tags)}" if jot.image and jot.image.tags else ""


def _untagged(jot: Jot) -> str:
    """A remark when it is unknown whether the image has a tag, because it is gone or was not
    read."""
    unseen = {Code.BROKEN, Code.RESCUABLE, Code.IMAGE_UNREAD}
    return "" if unseen.intersection(jot.states) else " untagged"


def local_words(jot: Jot) -> str:
    """The shortest local tag, or the image's id when it has none."""
    if jot.local_tags:
        return jot.local_tags[0]
    return short(key_of(jot.local_images[0])) if jot.local_images else ""


def role_words(jot: Jot) -> str:
    return name_of(jot.role) if jot.role else ""


def scan_words(jot: Jot) -> str:
    """Return ``3 critical, 12 high``, or why it is unknown; empty without a known image."""
    return jot.image.vulnerabilities.words() if jot.image else ""


def test_words(jot: Jot) -> str:
    """Return ``passed 3 cases, 2026-11-27``; empty without a known test."""
    return f"{jot.tests.words()}, {jot.tests.at:%Y-%m-%d}" if jot.tests.at else ""


def tests_state(jot: Jot) -> str | None:
    """Return ``passed`` or ``failed``; None without a known test."""
    if not jot.tests.cases:
        return None
    return "passed" if jot.tests.passed else "failed"


def date_words(name: str, jot: Jot) -> str:
    when = getattr(jot.dates, name)
    return f"{when:%Y-%m-%d %H:%M}" if when else ""


def state_words(jot: Jot) -> str:
    """Return ``drift → 1a2b3c4d5, idle (7)``: what the deployed tag names now, and the version if
    it is not true of all in the row."""
    return ", ".join(state.words for state in states_styled(jot))


class StateWords(NamedTuple):
    """One finding of a row in words."""

    words: str
    """``conflict: stale label``, ``drift → 1a2b3c4d5 (7)``."""
    brief: str
    """The word without details: ``conflict``, ``drift``."""
    style: str


_BY_NAME = frozenset({Code.CONFLICT})
"""Findings whose word contains more than their name."""


def states_styled(jot: Jot) -> list[StateWords]:
    """Return the words for a row's findings, worst first, each with its style."""
    shown: dict[str, list[Finding]] = {}
    for finding in jot.findings:
        if finding.known:
            shown.setdefault(_word(finding), []).append(finding)
    states = [
        StateWords(_state(jot, word, findings), _brief(findings[0]), _style(findings[0]))
        for word, findings in shown.items()
    ]
    if not jot.function:
        states.append(StateWords("not deployed", "not deployed", "yellow"))
    return states + ([StateWords("zip", "zip", "dim")] if jot.package == "zip" else [])


def _word(finding: Finding) -> str:
    """The word of a finding; for a lag without its number, which the commit's cell has."""
    return str(Code.LAG) if finding.code is Code.LAG else finding.word


def _brief(finding: Finding) -> str:
    return finding.label if finding.code in _BY_NAME and finding.label else _word(finding)


def _style(finding: Finding) -> str:
    return SEVERITY_STYLE[finding.severity]


def _state(jot: Jot, word: str, findings: list[Finding]) -> str:
    if findings[0].code is Code.DRIFT:
        word = f"drift → {', '.join(short(digest) for digest in jot.follows)}"
    of = {finding.resource for finding in findings}
    qualifiers = [qualifier_of(ending) or "$LATEST" for ending in sorted(of)]
    return f"{word} ({', '.join(qualifiers)})" if len(of) < len(jot.qualifiers) else word


def _route(route: AliasRoute) -> str:
    return route.alias if route.share == 1 else f"{route.alias} {route.share:.0%}"


def standing_words(standing: Standing) -> str:
    """``behind``, or ``dirty behind``, ``hint behind``, ``near behind``."""
    return " ".join(filter(None, ("dirty" if standing.dirty else standing.doubt, standing.state)))


def loud(words: str) -> str:
    return f"**{words}**" if words else ""
