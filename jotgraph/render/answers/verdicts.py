"""Verdicts, staleness, impact, differences and violations -> rows about resources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jotgraph.queries.answers.check import Checked
from jotgraph.queries.answers.difference import Difference, Seen
from jotgraph.queries.answers.impact import Impact, Touched
from jotgraph.queries.answers.orphans import Judgement, Orphans
from jotgraph.queries.answers.staleness import Entry, Staleness
from jotgraph.queries.answers.where import Where
from jotgraph.records import ResourceId
from jotgraph.render.answers.grid import Grid, Row, writers
from jotgraph.render.words import size

__all__ = [
    "difference", "difference_note", "impact", "impact_note", "orphans", "orphans_note",
    "stale", "stale_note", "violations", "where", "where_note", "writers",
]  # fmt: skip

_SERVICES = 3


_UNSEEN: Mapping[ResourceId, Seen] = {}


def orphans(
    answer: Orphans, *, everything: bool = False, seen: Mapping[ResourceId, Seen] = _UNSEEN
) -> Grid:
    """Orphans and unknown ones; what is in use too, if ``everything``; since when, by ``seen``."""
    shown = [*answer.orphans, *answer.unknown, *(answer.in_use if everything else ())]
    headings = ("Frees", "Age", *(["Orphan since"] if seen else []))
    return Grid("Verdict", headings, [_judged(each, seen) for each in shown])


def _judged(each: Judgement, seen: Mapping[ResourceId, Seen]) -> Row:
    age = "" if each.age_days is None else f"{each.age_days:.0f} d"
    since = [_since(seen.get(each.id))] if seen else []
    cells = (size(each.bytes, each.at_most), age, *since)
    if len(each.witness) > 1:
        return Row(each.verdict.value, each.id, cells, before="used by", path=each.witness[:-1])
    because = "; ".join(doubt.statement for doubt in each.doubts) or each.because
    return Row(each.verdict.value, each.id, cells, because)


def _since(past: Seen | None) -> str:
    return f"{past.orphan_since:%Y-%m-%d}" if past and past.orphan_since else ""


def orphans_note(answer: Orphans) -> str:
    """What it comes to, in one line, with when and how far the scan looked: of a stored inventory
    that may be long ago, and the verdicts with it."""
    space = answer.freed
    parts = (
        (space.ecr, space.ecr_at_most, "in ECR"),
        (space.local, space.local_at_most, "on the engine"),
    )
    frees = ", ".join(f"{size(number, bound)} {where}" for number, bound, where in parts if number)
    places = ", ".join("/".join(each) for each in answer.about.scope.places) or "no AWS place"
    unseen = _few(sorted(answer.about.scope.not_scanned))
    return (
        f"{_count(len(answer.orphans), 'orphan')}{f' ({frees})' if frees else ''}, "
        f"{len(answer.unknown)} unknown, {len(answer.in_use)} in use; looked in {places} "
        f"on {answer.about.taken_at:%Y-%m-%d at %H:%M} UTC"
        f"{f'; not scanned: {unseen}' if unseen else ''}"
    )


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def _few(services: Sequence[str]) -> str:
    more = len(services) - _SERVICES
    return ", ".join(services[:_SERVICES]) + (f" and {more} other services" if more > 0 else "")


def stale(answer: Staleness, *, everything: bool = False) -> Grid:
    """What is out of date or broken; everything that runs, if ``everything``."""
    rows = [_stale(each) for each in answer.functions if everything or _said(each)]
    return Grid("State", ("Runs", "Stands"), rows)


def _stale(each: Entry) -> Row:
    runs = " ".join(image.rpartition("@")[2][7:16] for image in each.runs)
    stands = each.lag.words()
    lag = each.lag.words().split(",")[0]
    inputs = each.lag.inputs or each.lag.perhaps
    said = [found for found in _findings(each) if inputs or not found.startswith(lag)]
    because = "; ".join([*said, *(said.replace(": ", "? ", 1) for said in each.unread)])
    return Row(" ".join(each.states) or "ok", each.id, (runs, stands), because)


def stale_note(answer: Staleness) -> str:
    """How many are in each state."""
    states = [state for each in answer.functions for state in each.states]
    counted = ", ".join(f"{states.count(each)} {each}" for each in dict.fromkeys(sorted(states)))
    return f"{len(answer.functions)} looked at: {counted or 'nothing is out of date or broken'}"


def _said(each: Entry) -> bool:
    return bool(each.states) or each.lag.touching == 0


def _findings(each: Entry) -> list[str]:
    """What is wrong; and that commits which are missing touch nothing in the image."""
    told = [found.because for found in each.findings]
    quiet = each.lag.touching == 0 or each.lag.perhaps
    return told + ([each.lag_says] if quiet and each.lag_says not in told else [])


def where(answer: Where, *, lacks: bool = False) -> Grid:
    """Who contains the commit, lacks it, or may; only who lacks it, if ``lacks``."""
    lists = (
        ("lacks", answer.lacks),
        ("unknown", answer.unknown),
        ("contains", () if lacks else answer.contains),
    )
    rows = [Row(word, each.id, because=each.because) for word, some in lists for each in some]
    return Grid("Commit", (), rows)


def where_note(answer: Where) -> str:
    """How many contain it, lack it, or may."""
    counted = (len(answer.contains), len(answer.lacks), len(answer.unknown))
    return "{} contain it, {} lack it, {} unknown".format(*counted)


def impact(answer: Impact) -> Grid:
    """What breaks, fails later, is left alone, or survives, each with the way that says so."""
    rows = [_needing("breaks", each) for each in answer.breaks]
    rows += [_needing("next build fails", each) for each in answer.rebuilds]
    rows += [_used("left without use", "was used by", each) for each in answer.left]
    rows += [_used("survives", "is used by", each) for each in answer.survives]
    return Grid("Then", (), rows)


def _needing(word: str, each: Touched) -> Row:
    return Row(word, each.id, because=each.because, before="needs", path=each.path[1:])


def _used(word: str, by: str, each: Touched) -> Row:
    return Row(word, each.id, because=each.because, before=by, path=each.path[:-1])


def impact_note(answer: Impact) -> str:
    """How much breaks and how much is left alone."""
    breaks = len(answer.breaks) or "nothing"
    return (
        f"{breaks} break{'s' * (breaks in (1, 'nothing'))}, {len(answer.left)} left without use, "
        f"{len(answer.survives)} survive"
    )


def difference_note(answer: Difference) -> str:
    """How much differs."""
    return (
        f"{len(answer.added)} added, {len(answer.removed)} removed, {len(answer.changed)} changed"
        f"{f', {len(answer.unread)} not read in one of them' if answer.unread else ''}"
    )


def difference(answer: Difference) -> Grid:
    """What was added, removed and changed, and what one of the two did not read."""
    lists = (("added", answer.added), ("removed", answer.removed), ("not read", answer.unread))
    rows = [Row(word, each) for word, some in lists for each in some]
    rows += [Row("changed", each.id, because=", ".join(each.fields)) for each in answer.changed]
    return Grid("What", (), rows)


def violations(answer: Checked) -> Grid:
    """Rules that do not hold, then what could not be judged."""
    lists = (("violation", answer.violations), ("not read", answer.unknown))
    rows = [
        Row(word, ResourceId(each.resource) or None, (each.rule,), each.because)
        for word, some in lists
        for each in some
    ]
    return Grid("Result", ("Rule",), rows)
