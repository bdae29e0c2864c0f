"""Verdicts, staleness, impact, differences and violations -> JSON text (docs/json.md)."""

from __future__ import annotations

from collections.abc import Mapping

from jotgraph.queries.answers.check import Checked
from jotgraph.queries.answers.difference import Difference, Seen
from jotgraph.queries.answers.impact import Impact
from jotgraph.queries.answers.orphans import Judgement, Orphans
from jotgraph.queries.answers.staleness import Staleness
from jotgraph.queries.answers.where import Where
from jotgraph.records import ResourceId
from jotgraph.render.answers import json

_UNSEEN: Mapping[ResourceId, Seen] = {}


def orphans(
    answer: Orphans, *, everything: bool = False, seen: Mapping[ResourceId, Seen] = _UNSEEN
) -> str:
    """Orphans and unknown ones, and with ``everything`` what is in use; since when, by ``seen``."""
    body = {
        "orphans": [_judgement(each, seen) for each in answer.orphans],
        "unknown": [_judgement(each, seen) for each in answer.unknown],
        "in_use": [_judgement(each, seen) for each in answer.in_use] if everything else None,
        "blind_spots": answer.blind_spots,
        "frees": {
            "ecr": answer.freed.ecr,
            "ecr_at_most": answer.freed.ecr_at_most,
            "local": answer.freed.local,
            "local_at_most": answer.freed.local_at_most,
        },
    }
    return json.answer("orphans", answer.about, body)


def _judgement(each: Judgement, seen: Mapping[ResourceId, Seen]) -> dict[str, object]:
    age = None if each.age_days is None else round(each.age_days, 3)
    fields = {name: getattr(each, name) for name in each.__struct_fields__}
    past = seen.get(each.id)
    return {
        **fields,
        "age_days": age,
        "first_seen": past.first_seen if past else None,
        "orphan_since": past.orphan_since if past else None,
    }


def stale(answer: Staleness) -> str:
    """Every function, version and alias with its states."""
    return json.answer("stale", answer.about, {"ref": answer.ref, "functions": answer.functions})


def where(answer: Where) -> str:
    """Who contains a commit, who lacks it, and who may."""
    names = ("commit", "contains", "lacks", "unknown")
    return json.answer("where", answer.about, {name: getattr(answer, name) for name in names})


def impact(answer: Impact) -> str:
    """What follows if a resource goes."""
    names = ("resource", "breaks", "rebuilds", "left", "survives")
    return json.answer("impact", answer.about, {name: getattr(answer, name) for name in names})


def difference(answer: Difference) -> str:
    """What changed; scope is the later inventory's, gaps those of both."""
    names = ("before", "added", "removed", "changed", "unread")
    return json.answer("diff", answer.about, {name: getattr(answer, name) for name in names})


def checked(answer: Checked) -> str:
    """What a policy found."""
    names = ("rules", "violations", "unknown")
    return json.answer("check", answer.about, {name: getattr(answer, name) for name in names})
