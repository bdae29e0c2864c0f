"""The verdicts on resources: orphans, unknown ones, and those in use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial

from jotgraph.analysis.coverage import NO_ACCOUNT, coverage_lines
from jotgraph.analysis.usage.model import DOUBTS
from jotgraph.queries.answers.difference import Seen
from jotgraph.queries.answers.orphans import Judgement, Orphans
from jotgraph.records import KINDS, ResourceId
from jotgraph.records.phrases import counted
from jotgraph.records.titles import title
from jotgraph.render.answers.envelope import answer_text
from jotgraph.render.answers.grid import Grid, Named, Row, grid_writers, in_place_order
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.vulnerabilities import COLUMNS as SCAN_COLUMNS
from jotgraph.render.answers.vulnerabilities import scan_cells
from jotgraph.render.answers.writers import Writers
from jotgraph.render.words import size

_SERVICES = 3

CSV_COLUMNS = (
    "verdict", "kind", "resource", "bytes", "bytes_upper_bound", "age_days", "first_seen",
    "orphan_since", "doubts", "witness", "because", *SCAN_COLUMNS,
)  # fmt: skip
_UNSEEN: Mapping[ResourceId, Seen] = {}


def writers(
    named: Named = title,
    *,
    everything: bool = False,
    unfold: bool = False,
    seen: Mapping[ResourceId, Seen] = _UNSEEN,
) -> Writers[Orphans]:
    """Return a writer for each format. ``everything`` adds what is in use, ``unfold`` lists every
    unknown one, ``seen`` adds since when."""
    return grid_writers(
        partial(grid, named=named, everything=everything, unfold=unfold, seen=seen),
        partial(as_json, everything=everything, seen=seen),
        partial(csv_rows, everything=everything, seen=seen),
    )


def grid(
    answer: Orphans,
    *,
    named: Named = title,
    everything: bool = False,
    unfold: bool = False,
    seen: Mapping[ResourceId, Seen] = _UNSEEN,
) -> Grid:
    """Return rows for orphans, then unknown ones by reason unless ``unfold``, then with
    ``everything`` those in use. With ``seen`` there is a column for since when, and with known
    scans one for vulnerabilities."""
    shown = in_place_order(answer.orphans)
    shown += in_place_order(answer.unknown) if unfold else []
    used = in_place_order(answer.in_use) if everything else []
    scans = any(_scan(judgement) for judgement in (*shown, *used))
    headings = (
        "Frees",
        "Age",
        *(["Orphan since"] if seen else []),
        *(["Last scan"] if scans else []),
    )
    rows = [_judged(judgement, seen, scans) for judgement in shown]
    rows += [] if unfold else _folded(answer.unknown, len(headings))
    rows += [_judged(judgement, seen, scans) for judgement in used]
    return Grid("Verdict", headings, rows, named)


def _folded(unknown: Sequence[Judgement], cells: int) -> list[Row]:
    """A line for each first reason of doubt, the most frequent first, with the number of each
    kind."""
    by_code: dict[str, list[Judgement]] = {}
    for judgement in unknown:
        by_code.setdefault(judgement.doubts[0].code, []).append(judgement)
    groups = sorted(by_code.items(), key=lambda group: (-len(group[1]), group[0]))
    return [
        Row("unknown", None, ("",) * cells, _shared_reason(code, judged), name=_kinds(judged))
        for code, judged in groups
    ]


def _kinds(judged: Sequence[Judgement]) -> str:
    """``3 images, 1 repository``."""
    counts = Counter(judgement.kind for judgement in judged)
    return ", ".join(
        counted(counts[kind], KINDS[kind].title, KINDS[kind].plural) for kind in sorted(counts)
    )


def _shared_reason(code: str, judged: Sequence[Judgement]) -> str:
    """The reason itself if there is only one, else its general meaning."""
    statements = {judgement.doubts[0].statement for judgement in judged}
    return statements.pop() if len(statements) == 1 else DOUBTS[code]


def as_json(
    answer: Orphans, *, everything: bool = False, seen: Mapping[ResourceId, Seen] = _UNSEEN
) -> str:
    """Return orphans and unknown ones, with ``everything`` those in use, and with ``seen`` since
    when."""
    body = {
        "orphans": [_judgement(judgement, seen) for judgement in answer.orphans],
        "unknown": [_judgement(judgement, seen) for judgement in answer.unknown],
        "in_use": [_judgement(judgement, seen) for judgement in answer.in_use]
        if everything
        else None,
        "blind_spots": answer.blind_spots,
        "frees": {
            "ecr": answer.freed.ecr,
            "ecr_at_most": answer.freed.ecr_at_most,
            "local": answer.freed.local,
            "local_at_most": answer.freed.local_at_most,
        },
    }
    return answer_text("orphans", answer.about, body)


def csv_rows(
    answer: Orphans, *, everything: bool = False, seen: Mapping[ResourceId, Seen] = _UNSEEN
) -> TextTable:
    """Return a row for each verdict; ``bytes`` is empty when only an upper bound is known."""
    shown = [*answer.orphans, *answer.unknown, *(answer.in_use if everything else ())]
    rows = []
    for judgement in shown:
        past = seen.get(judgement.id)
        rows.append(
            (
                judgement.verdict,
                judgement.kind,
                judgement.id,
                None if judgement.at_most else judgement.bytes,
                judgement.bytes,
                None if judgement.age_days is None else round(judgement.age_days, 3),
                past.first_seen if past else None,
                past.orphan_since if past else None,
                [doubt.code for doubt in judgement.doubts],
                judgement.witness,
                "; ".join(doubt.statement for doubt in judgement.doubts) or judgement.because,
                *scan_cells(judgement.vulnerabilities),
            )
        )
    return TextTable(CSV_COLUMNS, rows)


def _places_words(places: Sequence[tuple[str, str]]) -> str:
    """The places that were read, by name if they are few."""
    if len(places) <= _PLACES_SHOWN:
        return ", ".join("/".join(place) for place in places)
    accounts, regions = {account for account, _ in places}, {region for _, region in places}
    return f"{counted(len(accounts), 'account')} in {counted(len(regions), 'region')}"


_PLACES_SHOWN = 6


def note(answer: Orphans) -> str:
    """Return the number of each verdict, what deleting the orphans frees, and how far the scan
    looked."""
    space = answer.freed
    parts = (
        (space.ecr, space.ecr_at_most, "in ECR"),
        (space.local, space.local_at_most, "on the engine"),
    )
    frees = ", ".join(f"{size(number, bound)} {where}" for number, bound, where in parts if number)
    places = _places_words(answer.about.scope.places)
    unseen = _few(sorted(answer.about.scope.not_scanned))
    summary = (
        f"{counted(len(answer.orphans), 'orphan')}{f' ({frees})' if frees else ''}, "
        f"{len(answer.unknown)} unknown, {len(answer.in_use)} in use; "
        f"{f'read {places}' if places else NO_ACCOUNT}"
    )
    lines = [summary, *coverage_lines(answer.about.scope)]
    return "\n".join([*lines, *([f"Images used by {unseen} would not be seen"] if unseen else [])])


def _judged(judgement: Judgement, seen: Mapping[ResourceId, Seen], scans: bool) -> Row:
    age = "" if judgement.age_days is None else f"{judgement.age_days:.0f} d"
    since = [_since(seen.get(judgement.id))] if seen else []
    scanned = [_scan(judgement)] if scans else []
    cells = (size(judgement.bytes, judgement.at_most), age, *since, *scanned)
    if len(judgement.witness) > 1:
        return Row(
            judgement.verdict.value,
            judgement.id,
            cells,
            before="used by",
            path=judgement.witness[:-1],
        )
    because = "; ".join(doubt.statement for doubt in judgement.doubts) or judgement.because
    return Row(judgement.verdict.value, judgement.id, cells, because)


def _scan(judgement: Judgement) -> str:
    scan = judgement.vulnerabilities
    return scan.words() if scan and scan.counts is not None else ""


def _since(past: Seen | None) -> str:
    if past is None or past.orphan_since is None:
        return ""
    return f"{'at least ' if past.orphan_at_least else ''}{past.orphan_since:%Y-%m-%d}"


def _judgement(judgement: Judgement, seen: Mapping[ResourceId, Seen]) -> dict[str, object]:
    age = None if judgement.age_days is None else round(judgement.age_days, 3)
    fields = {name: getattr(judgement, name) for name in judgement.__struct_fields__}
    past = seen.get(judgement.id)
    return {
        **fields,
        "age_days": age,
        "first_seen": past.first_seen if past else None,
        "orphan_since": past.orphan_since if past else None,
        "orphan_at_least": bool(past and past.orphan_at_least),
        "orphan_unread": past.orphan_unread if past else 0,
    }


def _few(services: Sequence[str]) -> str:
    more = len(services) - _SERVICES
    return ", ".join(services[:_SERVICES]) + (f" and {more} other services" if more > 0 else "")
