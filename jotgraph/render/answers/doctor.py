"""A diagnosis as a table with sections, Markdown and JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from jotgraph.queries.answers.diagnosis import (
    Access,
    Assumption,
    Attempt,
    Diagnosis,
    ExaminationResult,
    Identity,
    Value,
    Words,
)
from jotgraph.records.phrases import counted
from jotgraph.render.answers.envelope import json_text
from jotgraph.render.answers.rich_table import rich_table
from jotgraph.render.answers.text_table import TextTable, markdown_text
from jotgraph.render.answers.writers import Writers
from jotgraph.render.words import clean

if TYPE_CHECKING:
    from rich.console import Group

FORMAT = "jotgraph/doctor/1"
_LONGEST = 300
_WORKS = {
    ExaminationResult.HOLDS: "works",
    ExaminationResult.FAILS: "does not work",
    ExaminationResult.UNTRIED: "not tried",
}
"""The word for a healthy part of this machine, which is no assumption that holds."""


class Section(NamedTuple):
    """One section of the report."""

    title: str
    table: TextTable
    key: str
    """Heading of the names."""
    sentence: str
    """Heading of the sentences."""
    out: tuple[str, ...] = ()
    """Columns that are left out when space is short."""


def writers() -> Writers[Diagnosis]:
    """A writer for each format."""
    return {"table": as_table, "json": as_json, "csv": as_csv, "md": as_markdown}


def as_table(diagnosis: Diagnosis) -> Group:
    """Return a table for each section; permissions list only what is denied, and counts of the
    rest."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    parts: list[Any] = []
    for part in sections(diagnosis, _briefly):
        rows = rich_table(
            part.table.headings,
            part.table.rows,
            key=part.key,
            sentence=part.sentence,
            out=part.out,
        )
        parts += [Text(part.title, style="bold"), rows, Text()]
    return Group(*parts[:-1])


def as_markdown(diagnosis: Diagnosis) -> str:
    """Return the report as Markdown, for an issue."""
    when = f"{diagnosis.taken_at:%Y-%m-%d %H:%M} UTC"
    head = f"# jotgraph doctor\n\njotgraph {diagnosis.program}, {when}"
    if diagnosis.redacted:
        head += "; names of the estate are replaced by hashes of this report alone"
    text = "".join(
        f"\n## {part.title}\n\n{markdown_text(part.table)}" for part in sections(diagnosis, _wholly)
    )
    return f"{head}\n{text}"


def as_json(diagnosis: Diagnosis) -> str:
    """Return every row, including granted permissions."""
    body = {
        name: [_plain(row) for row in getattr(diagnosis, name)]
        for name in ("identities", "access", "assumptions", "parts")
    }
    return json_text(
        {
            "format": FORMAT,
            "taken_at": diagnosis.taken_at,
            "program": diagnosis.program,
            "redacted": diagnosis.redacted,
            "failing": list(diagnosis.failing),
            **body,
        }
    )


def as_csv(diagnosis: Diagnosis) -> str:
    """Return a line for everything that was examined."""
    from jotgraph.render.answers.text_table import csv_text  # noqa: PLC0415 -- only here

    return csv_text(TextTable(("part", "name", "result", "detail"), list(_lines(diagnosis))))


def note(diagnosis: Diagnosis) -> str:
    """``3 of 32 assumptions hold, 1 does not, 28 not tried; 2 actions are denied``."""
    results = Counter(assumption.result for assumption in diagnosis.assumptions)
    states = Counter(row.state for row in diagnosis.access)
    many = counted(len(diagnosis.assumptions), "assumption")
    parts = [f"{many}: {results[ExaminationResult.HOLDS]} hold"]
    if failed := results[ExaminationResult.FAILS]:
        parts.append(f"{failed} {'does' if failed == 1 else 'do'} not hold")
    parts.append(f"{results[ExaminationResult.UNTRIED]} not tried")
    actions = f"{counted(states[Attempt.ALLOWED], 'action')} allowed"
    denied = ", ".join(
        f"{states[state]} {state}" for state in (Attempt.DENIED, Attempt.FAILED) if states[state]
    )
    return f"{', '.join(parts)}. {actions}{f', {denied}' if denied else ''}"


def sections(diagnosis: Diagnosis, relied_on: Callable[[Assumption], str]) -> Iterator[Section]:
    """Return each section; ``relied_on`` describes the assumptions."""
    who = TextTable(("Profile", "Account", "As", "Regions"), _who(diagnosis.identities))
    yield Section("Who asks", who, "As", "Regions")
    if rows := list(_may(diagnosis.access)):
        may = TextTable(("Account", "Region", "Action", "", "Why"), rows)
        yield Section("What may be read", may, "Action", "Why", ("Account", "Region"))
    relied = TextTable(
        ("", "Assumption", "Samples", "What is relied on"),
        [
            (
                str(assumption.result),
                assumption.id,
                f"{assumption.samples:,}",
                relied_on(assumption),
            )
            for assumption in _worst_first(diagnosis.assumptions)
        ],
    )
    yield Section("Assumptions about AWS", relied, "Assumption", "What is relied on", ("Samples",))
    here = TextTable(
        ("", "Part", "State"),
        [(_WORKS[part.result], part.name, _cell(part.state)) for part in diagnosis.parts],
    )
    yield Section("This machine", here, "Part", "State")


def _who(identities: Iterable[Identity]) -> list[tuple[str, ...]]:
    return [
        (
            clean(identity.profile.text, 80) or "default",
            clean(identity.account.text, 80) or "unknown",
            _cell(identity.failure) or clean(identity.arn.text, 200),
            ", ".join(identity.regions),
        )
        for identity in identities
    ] or [("", "none", "AWS was not asked (--no-aws)", "")]


def _may(rows: Iterable[Access]) -> Iterator[tuple[str, ...]]:
    """Denied and failed permissions, a row each; then counts."""
    by_place: dict[tuple[str, str], list[Access]] = {}
    for row in rows:
        by_place.setdefault((row.account.text, row.region), []).append(row)
    for (account, region), place_rows in by_place.items():
        for row in place_rows:
            if row.state in (Attempt.DENIED, Attempt.FAILED):
                detail = _cell(row.detail)
                yield account, region, row.action, str(row.state), f"{detail} (to {row.because})"
        allowed = sum(row.state is Attempt.ALLOWED for row in place_rows)
        yield account, region, counted(allowed, "action"), str(Attempt.ALLOWED), ""
        untried: dict[str, list[str]] = {}
        for row in place_rows:
            if row.state is Attempt.UNTRIED:
                untried.setdefault(_cell(row.detail), []).append(row.action)
        for detail, actions in untried.items():
            yield account, region, counted(len(actions), "action"), str(Attempt.UNTRIED), detail


def _worst_first(assumptions: Iterable[Assumption]) -> list[Assumption]:
    order = (ExaminationResult.FAILS, ExaminationResult.HOLDS, ExaminationResult.UNTRIED)
    return sorted(assumptions, key=lambda assumption: order.index(assumption.result))


def _briefly(assumption: Assumption) -> str:
    """The claim, and why it does not hold or was not tested."""
    details = "; ".join(map(_cell, assumption.details))
    return f"{assumption.claim}: {details}" if details else assumption.claim


def _wholly(assumption: Assumption) -> str:
    """The claim with its reason and the module that relies on it."""
    return f"{_briefly(assumption)} ({assumption.used_in})"


def _lines(diagnosis: Diagnosis) -> Iterator[tuple[str, ...]]:
    for identity in diagnosis.identities:
        result = ExaminationResult.FAILS if identity.failure.template else ExaminationResult.HOLDS
        yield (
            "identity",
            identity.profile.text,
            str(result),
            str(identity.failure) or identity.arn.text,
        )
    for row in diagnosis.access:
        name = f"{row.account.text}/{row.region} {row.action}"
        yield "access", name, str(row.state), str(row.detail)
    for assumption in diagnosis.assumptions:
        yield (
            "assumption",
            assumption.id,
            str(assumption.result),
            "; ".join(map(str, assumption.details)),
        )
    for part in diagnosis.parts:
        yield "machine", part.name, str(part.result), str(part.state)


def _cell(text: Words) -> str:
    return clean(str(text), _LONGEST)


def _plain(value: Any) -> Any:
    match value:
        case Words():
            return str(value)
        case Value():
            return value.text
        case tuple():
            return [_plain(item) for item in value]
        case msgspec.Struct():
            return {name: _plain(getattr(value, name)) for name in value.__struct_fields__}
        case _:
            return value
